/**
 * What the generator names otherwise than the contract, or passes over, and says so.
 */
import { describe, expect, test } from "vitest";
import type { Operations } from "../../generated/client.js";
import type { AtlasClient } from "../../src/index.js";
import type { Json, JsonObject, Place, Remark } from "./json-document.js";
import { operationsOf } from "./operation-model.js";
import { readContract } from "./read-contract.js";
import { contractText, get, operation, parameter, post } from "./testing/contracts.js";

async function read(paths: Json, more?: JsonObject): Promise<{ document: Place; notes: Remark[] }> {
  const notes: Remark[] = [];
  const document = await readContract(contractText(paths, more), (remark) => notes.push(remark));
  return { document, notes };
}

/** The names of the functions, and what was said. */
async function namesOf(paths: Json): Promise<[names: string[], notes: Remark[]]> {
  const { document, notes } = await read(paths);
  return [operationsOf(document).map(({ operationId }) => operationId), notes];
}

/** What the client has beside its operations; the compiler knows whether one is missing here. */
const CLIENT_MEMBERS: Record<Exclude<keyof AtlasClient & string, keyof Operations<unknown>>, true> = {
  raw: true,
  clientId: true,
  updateClientSecret: true,
  verifySecret: true,
  redact: true,
  close: true,
};

describe("names of functions", () => {
  test.each([
    ["repos/get", "reposGet"],
    ["list-all", "listAll"],
    ["Get the {thing}!", "GetTheThing"],
    ["2fa", "_2fa"],
    ["größe", "größe"],
    ...[...Object.keys(CLIENT_MEMBERS), "then"].map((name) => [name, `${name}Operation`]),
  ])("%s is called %s", async (operationId, name) => {
    const [names, notes] = await namesOf(get({ operationId }));
    expect(names).toEqual([name]);
    const message = `the operationId "${operationId}" cannot be the name of a function; it is called ${name}`;
    expect(notes).toEqual(name === operationId ? [] : [{ pointer: "/paths/~1a/get", message }]);
  });

  test("an operation without operationId is called by its method and path", async () => {
    const { operationId: _none, ...rest } = operation();
    const [names, [note]] = await namesOf({
      "/users/{user-id}": {
        get: { ...rest, parameters: [parameter({ name: "user-id", in: "path", required: true })] },
      },
    });
    expect(names).toEqual(["getUsersUserId"]);
    expect(note?.message).toBe("the operation has no operationId; it is called getUsersUserId");
  });

  test("names that would have the same types differ by a number, and all of it is told once", async () => {
    const [names, notes] = await namesOf({
      "/a": { get: operation(), put: operation({ operationId: "DoIt" }), post: operation({ operationId: "do-it" }) },
    });
    expect(names).toEqual(["doIt", "DoIt2", "doIt3"]);
    expect(notes).toEqual([
      {
        pointer: "/paths/~1a/put",
        message:
          'the operationId "DoIt" cannot be the name of a function; it is called DoIt2 (and 1 more, named in the same way)',
      },
    ]);
  });
});

describe("passed over with a note", () => {
  const schema = (value: Json): [Json, JsonObject] => [get({}), { components: { schemas: { One: value } } }];
  const jsonBody = { content: { "application/json": {} } };
  test.each<[what: string, document: [Json, JsonObject?], pointer: string, message: string]>([
    [
      "a type that no alternative has",
      schema({ type: "object", oneOf: [{ enum: ["a"] }, { type: "string", enum: ["b"] }] }),
      "/components/schemas/One/type",
      "the type object contradicts the alternatives beside it and is passed over",
    ],
    [
      "a type that one alternative cannot have, behind references",
      schema({ type: "array", anyOf: [{ items: {} }, { oneOf: [{ const: 5 }, { type: "boolean" }] }] }),
      "/components/schemas/One/type",
      "the type array contradicts the alternatives beside it and is passed over",
    ],
    [
      "an enum of another type",
      schema({ type: "array", items: { type: "string" }, enum: ["a", "b"] }),
      "/components/schemas/One/enum",
      "no value of the enum is of type array; either is accepted",
    ],
    [
      "a pattern of another language",
      schema({ type: "string", pattern: "(?i)abc" }),
      "/components/schemas/One/pattern",
      "the pattern (?i)abc is not a regular expression of JavaScript and is not checked",
    ],
    [
      "servers of a path",
      [{ "/a": { servers: [{ url: "/b" }], get: operation() } }],
      "/paths/~1a/servers",
      "these servers are passed over: every call goes to the client's `baseUrl`",
    ],
    [
      "servers of an operation",
      [get({ servers: [{ url: "https://uploads.example.com" }] })],
      "/paths/~1a/get/servers",
      "these servers are passed over: every call goes to the client's `baseUrl`",
    ],
    [
      "a body of GET",
      [get({ requestBody: jsonBody })],
      "/paths/~1a/get/requestBody",
      "the platform's fetch cannot send a body with GET; give the client another one",
    ],
  ])("%s", async (_what, [paths, more = {}], pointer, message) => {
    const openapi = JSON.stringify(more).includes('"const"') ? "3.1.0" : "3.0.3";
    expect((await read(paths, { openapi, ...more })).notes).toEqual([{ pointer, message }]);
  });

  test("what needs none gets none", async () => {
    const { notes } = await read(post({ requestBody: jsonBody }), {
      components: {
        schemas: {
          Object: {
            type: "object",
            oneOf: [{ required: ["a"] }, { type: "object" }, { $ref: "#/components/schemas/Any" }],
          },
          Any: {},
          Number: { type: "number", enum: [1], anyOf: [{ type: "integer" }, { enum: ["a", 1] }] },
        },
      },
    });
    expect(notes).toEqual([]);
  });
});

test("a path by reference has what it refers to and what stands beside the reference", async () => {
  const { document } = await read(
    { "/a/{p}": { $ref: "#/components/pathItems/A", parameters: [parameter({ in: "path", required: true })] } },
    { openapi: "3.1.0", components: { pathItems: { A: { get: operation() } } } },
  );
  expect(operationsOf(document)).toMatchObject([{ operationId: "doIt", path: "/a/{p}", parameters: [{ name: "p" }] }]);
});

test("OpenAPI 3.1's keywords beside a reference become parts of one schema", async () => {
  const One = { $ref: "#/components/schemas/Two", description: "One", required: ["a"] };
  const { document } = await read(get({}), {
    openapi: "3.1.0",
    components: { schemas: { One, Two: { type: "object" } } },
  });
  expect(document.at("components", "schemas", "One")?.value).toEqual({
    description: "One",
    required: ["a"],
    allOf: [{ $ref: "#/components/schemas/Two" }],
  });
});
