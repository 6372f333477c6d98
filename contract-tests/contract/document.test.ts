/** Reading a contract: the text of its document, the places in it, its operations. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ContractError, type Place } from "./document.js";
import { CONTRACT_FILE, contractOf, readContract } from "./operations.js";
import { documentOf, parseDocumentText, readDocument } from "./read-document.js";

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "contract-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "spec"), text);
  return join(folder, "spec");
}

async function problemOf(path: string): Promise<string> {
  const error: unknown = await readDocument(path).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ContractError);
  const message = error instanceof ContractError ? error.message : "";
  expect(message).not.toContain("\n");
  return message;
}

describe("a document from a file", () => {
  const minimal = '{"openapi":"3.0.1","paths":{}}';

  it("is read as JSON and as YAML, with or without a byte order mark", async () => {
    const yaml = "openapi: 3.1.0\npaths: {}";
    for (const text of [minimal, `\uFEFF${minimal}`, `\n\n${minimal}`, yaml, `\uFEFF${yaml}`]) {
      expect((await readDocument(await fileWith(text))).root.get("paths")?.value).toEqual({});
    }
  });

  it("has what YAML merges into it", async () => {
    const merging = 'openapi: "3.0.1"\nx-one: &one { a: 1 }\npaths: { <<: *one, b: 2 }\n';
    expect((await readDocument(await fileWith(merging))).root.get("paths")?.value).toEqual({ a: 1, b: 2 });
  });

  it("is refused in one line if there is none", async () => {
    expect(await problemOf("no/such/file.yaml")).toBe("cannot read no/such/file.yaml: no such file or directory");
    expect(await problemOf("contract-tests")).toBe("cannot read contract-tests: illegal operation on a directory");
  });

  const unfolding = Array.from(
    { length: 20 },
    (_, level) =>
      `k${level}: &b${level} [${Array(9)
        .fill(level === 0 ? "*a" : `*b${level - 1}`)
        .join()}]`,
  );
  it.each([
    ["nothing", " \n", "is empty"],
    ["packed by gzip", "\u001f\ufffd\b", "is compressed; unpack it first"],
    ["a web page", "<!doctype html><title>404</title>", "is not an OpenAPI document: it looks like a web page"],
    ["broken JSON", '{"openapi": "3.0.1",', "is not JSON: "],
    ["broken YAML", "openapi: 3.0.1\npaths: {", "is not YAML: "],
    ["a YAML that unfolds without end", ["a: &a [x]", ...unfolding].join("\n"), "is not YAML: "],
    [
      "two documents",
      "openapi: 3.0.1\npaths: {}\n---\nopenapi: 3.0.1\npaths: {}\n",
      "is not YAML: Source contains multiple documents at line 3",
    ],
    [
      "a YAML that holds itself",
      "openapi: 3.0.1\npaths: &a\n  /a: *a",
      "is not YAML: Converting circular structure to JSON",
    ],
    ["a list", "- openapi", "is not an OpenAPI document: it holds no object"],
    ["a word", "openapi", "is not an OpenAPI document: it holds no object"],
    ["Swagger 2", '{"swagger":"2.0","paths":{}}', "is a Swagger 2.0 document; OpenAPI 3 is needed"],
    ["OpenAPI 4", '{"openapi":"4.0.0","paths":{}}', 'is not an OpenAPI 3 document: its "openapi" is "4.0.0"'],
    ["another JSON", '{"name":"x"}', 'is not an OpenAPI 3 document: its "openapi" is "missing"'],
    ["no paths", '{"openapi":"3.0.1"}', 'is not an OpenAPI 3 document: it has no "paths"'],
  ])("is refused in one line if it holds %s", async (_, text, problem) => {
    const path = await fileWith(text);
    expect(await problemOf(path)).toContain(`${path} ${problem}`);
  });
});

describe("line numbers", () => {
  const yaml =
    'openapi: "3.0.1"\npaths:\n  /a:\n    get:\n      tags: &tags\n        - one\n        - two\n    put:\n      tags: *tags\n';
  const value = {
    openapi: "3.0.1",
    info: { text: 'a "quote", {brackets] and \\' },
    paths: { "/a": { get: { tags: ["one", "two"] } } },
  };

  it("are those of what a pointer names, or of its nearest parent", () => {
    const document = parseDocumentText("a.yaml", yaml);
    const pointers = [
      "#",
      "#/paths",
      "#/paths/~1a/get/tags/1",
      "#/paths/~1a/put/tags/0",
      "#/paths/~1a/get/nothing/here",
    ];
    expect(pointers.map((pointer) => document.lineOf(pointer))).toEqual([1, 2, 7, 6, 4]);
  });

  it("are found in JSON too", () => {
    const document = documentOf(value);
    const lines = JSON.stringify(value, undefined, 2).split("\n");
    const lineWith = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
    expect(document.lineOf("#")).toBe(1);
    expect(document.lineOf("#/paths/~1a/get/tags/1")).toBe(lineWith('"two"'));
    expect(document.lineOf("#/paths/~1a/get")).toBe(lineWith('"get"'));
    expect(document.lineOf("#/paths/~1a/get/nothing/here")).toBe(lineWith('"get"'));
    expect(document.lineOf("#/info/text")).toBe(lineWith("quote"));
    expect(parseDocumentText("b.json", JSON.stringify(value)).lineOf("#/paths/~1a/get")).toBe(1);
  });
});

function documentWith(schemas: unknown, openapi = "3.0.3") {
  return documentOf(
    {
      openapi,
      paths: { "/a": { $ref: "#/components/x-items/a" } },
      components: { schemas, "x-items": { a: { get: {} } } },
    },
    "spec",
  );
}

function schemaOf(document: ReturnType<typeof documentWith>, name: string): Place {
  const place = document.root.get("components", "schemas", name);
  if (place === undefined) throw new Error(`no schema ${name}`);
  return place;
}

describe("a place", () => {
  it("knows its value, its pointer behind references, where it is used, and its line", () => {
    const place = documentWith({}).root.get("paths", "/a");
    expect(place).toMatchObject({ value: { get: {} }, pointer: "#/components/x-items/a", usedAt: "#/paths/~1a" });
    expect(place?.line).toBe(11);
  });

  it("takes null for absent when a member is asked for, and keeps it among the members and items", () => {
    const schema = schemaOf(documentWith({ a: { example: null, enum: ["x", null] } }), "a");
    expect(schema.get("example")).toBeUndefined();
    expect(schema.has("example")).toBe(true);
    expect(schema.entries().map(([key, { value }]) => [key, value])).toEqual([
      ["example", null],
      ["enum", ["x", null]],
    ]);
    expect(
      schema
        .get("enum")
        ?.items()
        .map(({ value }) => value),
    ).toEqual(["x", null]);
  });

  it("reaches only its own members, whatever their names", () => {
    const document = documentWith(JSON.parse('{"a": {"__proto__": {"type": "string"}, "a/b~c%d": 1}}'));
    expect(schemaOf(document, "a").get("toString")).toBeUndefined();
    expect(schemaOf(document, "a").get("__proto__", "type")?.text).toBe("string");
    const odd = schemaOf(document, "a").get("a/b~c%d");
    expect(document.follow({ $ref: odd?.pointer }, "#").value).toBe(1);
  });

  it("keeps what stands beside a reference in OpenAPI 3.1, and drops it in 3.0", () => {
    const schemas = { a: { $ref: "#/components/schemas/b", title: "here" }, b: { type: "string" } };
    expect(schemaOf(documentWith(schemas), "a").siblings).toEqual([]);
    const [sibling, ...others] = schemaOf(documentWith(schemas, "3.1.0"), "a").siblings;
    expect(sibling).toMatchObject({ value: schemas.a, pointer: "#/components/schemas/a" });
    expect(others).toEqual([]);
  });
});

describe("a reference is refused in one line if it leads", () => {
  it.each([
    [
      "out of the document",
      "other.yaml#/a",
      'the reference "other.yaml#/a" leads out of the document; only local ones are followed',
    ],
    ["nowhere", "#/components/schemas/none", 'the reference "#/components/schemas/none" leads nowhere'],
    ["in a circle", "#/components/schemas/a", 'the reference "#/components/schemas/a" goes in a circle'],
  ])("%s", (_, $ref, problem) => {
    const read = (): unknown => schemaOf(documentWith({ a: { $ref } }), "a");
    expect(read).toThrow(ContractError);
    expect(read).toThrow(new ContractError(`spec: ${problem} (line 10, #/components/schemas/a)`));
  });
});

const scheme = { type: "http", scheme: "Digest" };
const contractDocument = documentOf({
  openapi: "3.0.3",
  security: [{ Keys: [] }],
  components: {
    parameters: { id: { name: "id", in: "path", required: true, schema: { type: "string" } } },
    securitySchemes: { Keys: scheme, Tokens: { type: "oauth2" }, Cookie: { type: "apiKey" } },
  },
  paths: {
    "/a/{id}": {
      parameters: [{ $ref: "#/components/parameters/id" }, { name: "both", in: "query", schema: { type: "string" } }],
      put: {
        parameters: [
          { name: "both", in: "query", required: true, schema: { type: "integer" } },
          { name: "Accept", in: "header", schema: { type: "string" } },
        ],
        requestBody: { required: true, content: { "application/json": { schema: { type: "object" } } } },
        responses: {
          "200": { headers: { "X-Count": { schema: { type: "integer" } } } },
          "4XX": {},
          default: {},
          "x-note": {},
        },
      },
      get: { operationId: "getA", security: [{}, { Tokens: [], Cookie: [] }] },
    },
    "x-note": { get: {} },
  },
});

it("an operation is read with what its path, its document and OpenAPI itself say of it", () => {
  const [get, put, ...others] = contractOf(contractDocument).operations;
  expect(others).toEqual([]);
  expect(put).toMatchObject({
    operationId: "PUT /a/{id}",
    method: "PUT",
    path: "/a/{id}",
    parameters: [
      { name: "id", in: "path", required: true, at: { pointer: "#/components/parameters/id" } },
      { name: "both", in: "query", required: true, schema: { value: { type: "integer" } } },
    ],
    body: { required: true, mediaTypes: [{ name: "application/json", schema: { value: { type: "object" } } }] },
    responses: [{ status: "200", headers: [{ name: "X-Count" }] }, { status: "4XX" }, { status: "default" }],
    security: [[{ name: "Keys", kind: "digest" }]],
    open: false,
    at: { pointer: "#/paths/~1a~1{id}/put" },
  });
  expect(put?.parameters).toHaveLength(2);
  expect(get).toMatchObject({
    operationId: "getA",
    body: undefined,
    security: [[], [{ kind: "bearer" }, { kind: "other" }]],
    open: true,
  });
});

it("a document without operations is no contract", () => {
  const empty = documentOf({ openapi: "3.0.3", paths: {} }, "spec.json");
  expect(() => contractOf(empty)).toThrow(new ContractError("spec.json describes no operation"));
});

it("the project's own contract is read if no other is named", async () => {
  const { document, operations } = await readContract();
  expect(document.source).toBe(CONTRACT_FILE);
  expect(operations.map(({ operationId }) => operationId)).toContain("createGroupServiceAccountSecret");
});
