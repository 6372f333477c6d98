/**
 * Operations that the project does not have: generated, type-checked and used without a change to the generator.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OperationDescription } from "../../generated/operations.js";
import { operationRequest } from "../../src/operation/request.js";
import type { TransportRequest } from "../../src/transport/pipeline.js";
import type { Json } from "./json-document.js";
import {
  contractText,
  type GeneratedProject,
  generatedProject,
  generateFrom,
  operation,
  parameter,
} from "./testing/contracts.js";

/** Compiles only if the types are what the contract says. */
const usage = `
import { createOperations, type RunOperation } from "./client.js";
import type { ListPartsResult } from "./types.js";
import type { ApiVersion } from "./client.js";
import { type OperationId, operations } from "./operations.js";
import { argumentValidators, responseValidators, type Violation } from "./validators.js";

declare const runOperation: RunOperation<{ signal?: AbortSignal }>;
const client = createOperations(runOperation);
const id = "oak" as const;
const trace = { "X-Trace-Id": "12-34", constructor: null };

const result: ListPartsResult = await client.listParts({ "shelf-id": id, limit: 1, kind: "big", ...trace });
const parts = Array.isArray(result) ? result : (result?.items ?? []);
export const first: { id: string; name: string; price: number; color?: "red" | "blue" | null } | undefined = parts[0];
// @ts-expect-error a response has no writeOnly property
export const secret = parts[0]?.secret;

await client.listParts(
  { "shelf-id": id, limit: 1, kind: "small", tag: ["a"], where: { color: "red" }, "x-flags": [1], ...trace },
  { signal: AbortSignal.timeout(1) },
);
// @ts-expect-error a required query parameter is missing
await client.listParts({ "shelf-id": id, kind: "big", ...trace });
// @ts-expect-error not of the enum
await client.listParts({ "shelf-id": id, limit: 1, kind: "huge", ...trace });
// @ts-expect-error left out, not undefined
await client.listParts({ "shelf-id": id, limit: 1, kind: "big", tag: undefined, ...trace });

const body = { name: "leg", price: 1, secret: "s", both: { tall: true, byName: { x: { branch: { trees: [] } } } } };
const changed = await client.changePart({ "shelf-id": id, body });
export const name: string | undefined = changed?.parent?.name;
// @ts-expect-error a request has no readOnly property
await client.changePart({ "shelf-id": id, body: { ...body, id: "x" } });
// @ts-expect-error the body is required
await client.changePart({ "shelf-id": id });

await client.plantTrees();
await client.plantTrees({ body: [{}, { branch: { trees: [] } }] });
// @ts-expect-error no such argument
await client.delete({ id });
export const nothing: void = await client.delete();
const pet = await client.größe({ body: { whatever: 1 } });
export const sound: boolean = pet.kind === "dog" ? pet.barks : pet.purrs;
await client.$options({ mood: null });
await client.toString();

const settings = await client.changeSettings({ toString: "x", body: ["a", { b: [null] }] });
settings.free?.["anything"] satisfies unknown;
settings.level satisfies "low" | null | undefined;
if ("b" in settings) settings.b satisfies string | undefined;

export const version: ApiVersion = "2020-01-01";
export const ids: OperationId[] = ["listParts", "größe"];
export const path: "/shelves/{shelf-id}/parts" = operations.listParts.path;
export const violations: readonly Violation[] | null | undefined = argumentValidators.listParts.errors;
export const valid: boolean | undefined = responseValidators.changePart[202]?.({});
`;

let project: GeneratedProject;

beforeAll(async () => {
  const files = await generateFrom(await readFile(new URL("testing/many-kinds.yaml", import.meta.url), "utf8"));
  project = await generatedProject(new Map([...files, ["usage.ts", usage]]));
});
afterAll(() => project.remove());

test("everything type-checks under the project's own options, and misuse does not", async () => {
  expect(await project.typeErrors()).toEqual([]);
});

test("operations.ts lists what goes over the wire, in contract order", async () => {
  const { operations } = await project.load("operations.ts");
  expect(operations).toMatchObject({
    listParts: {
      method: "GET",
      path: "/shelves/{shelf-id}/parts",
      parameters: [
        { name: "shelf-id", in: "path", required: true, pattern: "^[a-z]+$" },
        { name: "limit", in: "query", required: true },
        { name: "kind", in: "query", required: true },
        { name: "tag", in: "query", required: false },
        { name: "filter[owner]", in: "query", required: false },
        { name: "where", in: "query", required: false },
        { name: "X-Trace-Id", in: "header", required: true },
        { name: "x-flags", in: "header", required: false },
        { name: "constructor", in: "query", required: true },
      ],
      requestMediaTypes: [],
      responseMediaTypes: ["application/json", "application/vnd.acme.2020-01-01+json; charset=utf-8"],
      successStatuses: [200, 204, 206],
    },
    changePart: { method: "PATCH", requestMediaTypes: ["application/merge-patch+json"], successStatuses: [202] },
    plantTrees: { method: "PUT", path: "/trees", parameters: [], requestMediaTypes: ["application/json"] },
    toString: { method: "HEAD" },
    $options: { method: "OPTIONS" },
  });
});

describe("a request made from operations.ts", () => {
  const settings = { baseUrl: "https://example.com", userAgent: "test", apiVersion: undefined };

  async function requestOf(operationId: string, args: Readonly<Record<string, unknown>>): Promise<TransportRequest> {
    const { operations } = await project.load("operations.ts");
    // The project's own compiler has checked the file; what it holds is not known here.
    const { [operationId]: operation } = operations as Readonly<Record<string, OperationDescription>>;
    if (operation === undefined) expect.fail("no such operation");
    return operationRequest(operation, args, { headers: { accept: "text/made-up" } }, settings);
  }

  test("has each argument where the contract wants it", async () => {
    const args = { "shelf-id": "oak", limit: 5, kind: "big", tag: ["a", "b"], where: { color: "red" } };
    const more = { "filter[owner]": "me", "X-Trace-Id": "12-34", "x-flags": [1, 2], constructor: null };
    const { operation, url, headers, body } = await requestOf("listParts", { ...args, ...more });
    const query = "limit=5&kind=big&tag=a&tag=b&filter[owner]=me&where[color]=red";
    expect([operation.method, decodeURI(url)]).toEqual(["GET", `https://example.com/shelves/oak/parts?${query}`]);
    expect(headers).toEqual({ accept: "text/made-up", "user-agent": "test", "x-trace-id": "12-34", "x-flags": "1, 2" });
    expect(body).toBeUndefined();
  });

  test("has a body, and none if an optional one is left out", async () => {
    expect(await requestOf("plantTrees", { body: [{}] })).toMatchObject({
      url: "https://example.com/trees",
      headers: { "content-type": "application/json" },
      body: "[{}]",
    });
    const { headers, body } = await requestOf("plantTrees", {});
    expect([body, headers["content-type"]]).toEqual([undefined, undefined]);
  });

  test("is refused if a header cannot carry a value", async () => {
    const args = { "shelf-id": "oak", limit: 5, kind: "big", "X-Trace-Id": "12\r\nx-other: 34" };
    await expect(requestOf("listParts", args)).rejects.toThrow(
      "X-Trace-Id: contains characters that are not allowed in a header",
    );
  });
});

describe("client.ts and types.ts", () => {
  test.each([
    ["changePart", { "shelf-id": "oak", body: {} }],
    ["delete", {}],
    ["toString", {}],
    ["größe", { body: {} }],
  ])("%s names its operation and hands on what it was given", async (operationId, args) => {
    const { createOperations } = await project.load("client.ts");
    if (typeof createOperations !== "function") expect.fail("createOperations is no function");
    const functions = createOperations(async (...given: unknown[]) => given);
    expect(await functions[operationId](args, { signal: undefined })).toEqual([
      operationId,
      args,
      { signal: undefined },
    ]);
  });

  test("takes no arguments for none where none is required", async () => {
    const { createOperations } = await project.load("client.ts");
    if (typeof createOperations !== "function") expect.fail("createOperations is no function");
    expect(await createOperations(async (...given: unknown[]) => given).plantTrees()).toEqual([
      "plantTrees",
      {},
      undefined,
    ]);
  });
});

test("operations.ts knows the versions of an operation, a preview and the announced end of one", async () => {
  const content = {
    "application/vnd.acme.preview+json": { schema: {} },
    "application/vnd.acme.2020-01-01+json": { schema: {}, "x-sunset": "2027-01-01" },
    "application/vnd.acme.2024-05-30+csv": { schema: { type: "string" } },
  };
  const get = operation({ responses: { "200": { description: "OK", content } } });
  const files = await generateFrom(contractText({ "/a": { get } }));
  expect(files.get("client.ts")).toContain('export const API_VERSIONS = ["2020-01-01","preview"] as const;');
  expect(files.get("operations.ts")?.replaceAll(/\s+/g, " ")).toContain(
    '"responseMediaTypes": [ "application/vnd.acme.preview+json", "application/vnd.acme.2020-01-01+json" ], ' +
      '"sunsets": { "application/vnd.acme.2020-01-01+json": "2027-01-01" }, "successStatuses": [ 200 ]',
  );
});

/** References to places inside of components and paths: the types are those of what they lead to. */
const REFERENCES_USAGE = `
import { createOperations, type RunOperation } from "./client.js";

declare const run: RunOperation<object>;
const client = createOperations(run);
const [pet] = await client.listPets({ limit: 5 });
pet satisfies { name: string } | undefined;
pet?.child?.child?.name satisfies string | undefined;
pet?.kind satisfies "cat" | undefined;
pet?.weight satisfies number | undefined;
pet?.chip?.code satisfies string | undefined;
pet?.chip?.owner?.chips?.[0]?.code satisfies string | undefined;
(await client.addPet({ limit: 5, body: { name: "Tom", chip: { code: "1" } } })) satisfies { name: string }[];
// @ts-expect-error the schema's definitions are no property of its values
pet?.["$defs"];
// @ts-expect-error a number
await client.listPets({ limit: "5" });
`;

const json = (schema: Json) => ({ "application/json": { schema } });
const PET_SCHEMA = "#/paths/~1pets/get/responses/200/content/application~1json/schema/items";

test("types are written for references into paths, parameters, parts of schemas and $defs", async () => {
  const pet = {
    type: "object",
    required: ["name"],
    properties: {
      name: { type: "string" },
      child: { $ref: PET_SCHEMA },
      kind: { $ref: "#/components/schemas/Animal/properties/kind" },
      weight: { $ref: "#/components/schemas/Sized/allOf/1/properties/weight" },
      chip: { $ref: "#/components/schemas/Animal/$defs/Chip" },
    },
  };
  const limit = parameter({ name: "limit", required: true, schema: { $ref: "#/components/parameters/count/schema" } });
  const responses = { "200": { description: "OK", content: json({ type: "array", items: pet }) } };
  const paths = {
    "/pets": { get: operation({ operationId: "listPets", parameters: [limit], responses }) },
    "/others": {
      post: operation({
        operationId: "addPet",
        parameters: [{ $ref: "#/paths/~1pets/get/parameters/0" }],
        requestBody: { required: true, content: json({ $ref: PET_SCHEMA }) },
        responses: { "200": { $ref: "#/paths/~1pets/get/responses/200" } },
      }),
    },
  };
  const Chip = {
    type: "object",
    required: ["code"],
    properties: { code: { type: "string" }, owner: { $ref: "#/components/schemas/Animal/$defs/Owner" } },
  };
  const chips = { type: "array", items: { $ref: "#/components/schemas/Animal/$defs/Chip" } };
  const schemas = {
    Animal: {
      type: ["object", "null"],
      properties: { kind: { const: "cat" } },
      $defs: { Chip, Owner: { type: "object", properties: { chips } } },
    },
    Sized: { allOf: [{ type: "object" }, { type: "object", properties: { weight: { type: "number" } } }] },
  };
  const parameters = { count: parameter({ name: "count", schema: { type: "integer" } }) };
  const text = contractText(paths, { openapi: "3.1.0", components: { schemas, parameters } });
  const project = await generatedProject(new Map([...(await generateFrom(text)), ["usage.ts", REFERENCES_USAGE]]));
  try {
    expect(await project.typeErrors()).toEqual([]);
  } finally {
    await project.remove();
  }
});
