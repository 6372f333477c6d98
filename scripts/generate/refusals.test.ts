/**
 * What the generator cannot do: each case is one ContractError with the JSON pointer of its place.
 */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ContractError, type Json, type JsonObject } from "./json-document.js";
import { readContract } from "./read-contract.js";
import { contractText, expectRefusal, get, ok, operation, parameter, testRefusals } from "./testing/contracts.js";

const jsonBody = (schema: Json) => ({ content: { "application/json": { schema } } });
const withParameters = (...parameters: Json[]): JsonObject => get({ parameters });
const withResponse = (schema: Json): JsonObject => get({ responses: { "200": { ...ok, ...jsonBody(schema) } } });
const withId = (operationId: Json): JsonObject => get({ operationId });

testRefusals("operations", [
  ["no operation at all", {}, "/paths", "there is no operation"],
  ["an operationId that is a number", withId(5), "/paths/~1a/get/operationId", "the operationId 5 is not a string"],
  [
    "two operations of one name",
    { "/a": { get: operation() }, "/b/c": { put: operation() } },
    "/paths/~1b~1c/put/operationId",
    "the operationId doIt is also that of /paths/~1a/get",
  ],
]);

testRefusals("references", [
  [
    "a reference that leads nowhere",
    withResponse({ $ref: "#/components/schemas/Nothing" }),
    "/paths/~1a/get/responses/200/content/application~1json/schema/$ref",
    "the reference #/components/schemas/Nothing leads nowhere",
    { schemas: {} },
  ],
  [
    "a reference to what every object inherits",
    withResponse({ $ref: "#/components/schemas/toString" }),
    "/paths/~1a/get/responses/200/content/application~1json/schema/$ref",
    /leads nowhere/,
    { schemas: {} },
  ],
  [
    "a reference nobody uses that leads nowhere",
    get({}),
    "/components/schemas/Unused/properties/example/$ref",
    /leads nowhere/,
    { schemas: { Unused: { properties: { example: { $ref: "#/nowhere" } } } } },
  ],
  [
    "a reference out of the document",
    withResponse({ $ref: "other.yaml#/Thing" }),
    "/paths/~1a/get/responses/200/content/application~1json/schema/$ref",
    /leaves the document/,
  ],
  [
    "a reference to itself",
    get({}),
    "/components/schemas/One/$ref",
    /leads in a circle/,
    { schemas: { One: { $ref: "#/components/schemas/One" } } },
  ],
  [
    "a mapping that leads nowhere",
    get({}),
    "/components/schemas/Pet/discriminator/mapping/dog",
    /#\/components\/schemas\/Dog leads nowhere/,
    { schemas: { Pet: { discriminator: { propertyName: "kind", mapping: { dog: "#/components/schemas/Dog" } } } } },
  ],
]);

testRefusals("schemas", [
  [
    "a schema that consists of itself",
    get({}),
    "/components/schemas/One",
    "the schema consists of itself",
    { schemas: { One: { anyOf: [{ type: "string" }, { not: { $ref: "#/components/schemas/One" } }] } } },
  ],
  [
    "a property named __proto__",
    // An object literal would set the prototype.
    withResponse({ properties: JSON.parse('{"__proto__":{}}') }),
    "/paths/~1a/get/responses/200/content/application~1json/schema/properties/__proto__",
    "the name __proto__ is not supported",
  ],
  [
    "data named like a method that every object has",
    withParameters(parameter({ example: { valueOf: 1 } })),
    "/paths/~1a/get/parameters/0/example/valueOf",
    "the name valueOf is not supported",
  ],
  [
    "a security scheme without what its type requires",
    get({}),
    "/components/securitySchemes/One",
    "not valid OpenAPI 3.0: must have required property 'scheme'",
    { securitySchemes: { One: { type: "http" } } },
  ],
  [
    "a security scheme of no type",
    get({}),
    "/components/securitySchemes/One/type",
    'not valid OpenAPI 3.0: type cannot be "oauth"',
    { securitySchemes: { One: { type: "oauth" } } },
  ],
  [
    "a media type that is null",
    get({ responses: { "200": { ...ok, content: { "text/plain": null } } } }),
    "/paths/~1a/get/responses/200/content/text~1plain",
    "not valid OpenAPI 3.0: must be object",
  ],
  [
    "an example beside examples",
    withParameters(parameter({ example: "a", examples: {} })),
    "/paths/~1a/get/parameters/0",
    "not valid OpenAPI 3.0: Example and examples are mutually exclusive",
  ],
  [
    "a type that does not exist",
    withParameters(parameter({ schema: { type: "text" } })),
    "/paths/~1a/get/parameters/0/schema/type",
    /^not valid OpenAPI 3\.0: must be equal to one of the allowed values: .*string/,
  ],
  [
    "something invalid behind a reference",
    withResponse({ $ref: "#/components/schemas/Bad" }),
    "/components/schemas/Bad/const",
    "not valid OpenAPI 3.0: must NOT have additional properties: const",
    { schemas: { Bad: { const: 1 } } },
  ],
  [
    "a response without a description",
    get({ responses: { "204": {} } }),
    "/paths/~1a/get/responses/204",
    "not valid OpenAPI 3.0: must have required property 'description'",
  ],
]);

describe("refused documents", () => {
  test.each([
    ["another version of OpenAPI", "openapi: 3.2.0", "/openapi", 'not OpenAPI 3.0 or 3.1: openapi is "3.2.0"'],
    ["a version that is a number", "openapi: 3.0", "/openapi", "not OpenAPI 3.0 or 3.1: openapi is 3"],
    ["Swagger 2.0", 'swagger: "2.0"', "/openapi", "not OpenAPI 3.0 or 3.1: openapi is missing"],
    ["no object", "- 1", "", "not an OpenAPI document: the contract is not an object"],
    ["nothing", "", "", "not an OpenAPI document: the contract is not an object"],
    ["broken YAML", "openapi: 3.0.3\ninfo:\n  title: 'x\npaths: {}\n", "", /^not YAML: \S.* at line \d, column \d$/],
    ["one name twice", "openapi: 3.0.3\nopenapi: 3.0.3\n", "", "not YAML: Map keys must be unique at line 2, column 1"],
    [
      "schemas that OpenAPI 3.1's own schema leaves to JSON Schema",
      contractText(get({}), { openapi: "3.1.0", components: { schemas: { One: { not: { required: true } } } } }),
      "/components/schemas/One/not/required",
      "not valid OpenAPI 3.1: must be array",
    ],
    ["an alias inside itself", "a: &a\n  b: *a\n", "", /^not JSON data: /],
    [
      "an invalid document",
      contractText(get({}), { info: {} }),
      "/info",
      /^not valid OpenAPI 3\.0: must have required/,
    ],
  ])("%s", (_what, text, pointer, message) => expectRefusal(text, pointer, message));
});

async function pointersOf(text: string): Promise<string[]> {
  const error: unknown = await readContract(text, () => expect.fail("nothing is passed over")).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof ContractError)) expect.fail(`expected a ContractError, got ${error}`);
  return error.problems.map(({ pointer }) => pointer);
}

test("everything that is wrong is said at once, once each", async () => {
  const twice = parameter({ in: "cookie" });
  const paths = {
    "/a/{id}": { parameters: [twice], get: operation(), put: operation({ operationId: "other" }) },
    "/b": { post: operation({ operationId: "third", requestBody: { content: { "multipart/form-data": {} } } }) },
    "/c": { get: operation({ operationId: "fourth", responses: { "204": {} } }) },
  };
  expect(await pointersOf(contractText(paths))).toEqual([
    "/paths/~1a~1{id}/parameters/0/in",
    "/paths/~1a~1{id}/get",
    "/paths/~1a~1{id}/put",
    "/paths/~1b/post/requestBody/content",
    "/paths/~1c/get/responses/204",
  ]);
});

test("a reference that leads nowhere hides nothing else, and what it was to bring is not missed", async () => {
  const requestBody = { content: { "multipart/form-data": {} } };
  const broken = { $ref: "#/components/parameters/id" };
  const paths = {
    "/a/{id}": { get: operation({ parameters: [broken], responses: { "200": { $ref: "#/nowhere" } } }) },
    "/b": { get: operation({ operationId: "raw", servers: [] }), post: operation({ requestBody }) },
    "/c": { get: operation({ operationId: "other", responses: { "204": {} } }) },
  };
  const mapping = { dog: "#/components/schemas/Dog", cat: "Cat" };
  const schemas = { Pet: { discriminator: { propertyName: "kind", mapping } } };
  expect(await pointersOf(contractText(paths, { components: { schemas } }))).toEqual([
    "/paths/~1a~1{id}/get/responses/200/$ref",
    "/paths/~1a~1{id}/get/parameters/0/$ref",
    "/components/schemas/Pet/discriminator/mapping/dog",
    "/components/schemas/Pet/discriminator/mapping/cat",
    "/paths/~1b/post/requestBody/content",
    "/paths/~1b/post/operationId",
    "/paths/~1c/get/responses/204",
  ]);
});

test("data and specification extensions may hold what would be wrong elsewhere", async () => {
  const data = { pattern: "(", properties: { one: 1 }, discriminator: { mapping: { a: "#/nowhere" } } };
  const schema = { type: "object", default: data, example: data, enum: [data], "x-note": data };
  const text = contractText(
    { "/a": { get: operation({ "x-note": data }) } },
    { components: { schemas: { Data: schema } } },
  );
  expect((await readContract(text)).value).toMatchObject({ components: { schemas: { Data: { example: data } } } });
});

describe("a document with anything in any place", () => {
  const odd = [
    null,
    5,
    "x",
    [],
    {},
    true,
    { $ref: "#/components/schemas/Tree" },
    { $ref: {} },
    ["a", 5],
    [{ $ref: "#/" }],
  ];
  test.each(["many-kinds", "petstore-3.0", "petstore-3.1"])("%s is read, or refused with places", async (name) => {
    const text = await readFile(new URL(`testing/${name}.yaml`, import.meta.url), "utf8");
    const places = placesIn(parse(text)).length;
    const property = fc.asyncProperty(fc.nat(places - 1), fc.constantFrom(...odd), async (index, value) => {
      const document: unknown = parse(text);
      const [owner, key] = placesIn(document)[index] ?? [{}, ""];
      Reflect.set(owner, key, value);
      const error: unknown = await readContract(JSON.stringify(document)).catch((reason: unknown) => reason);
      if (error instanceof Error) expect(error).toBeInstanceOf(ContractError);
    });
    await fc.assert(property, { numRuns: 15 });
  });
});

/** Every member of every object and array. */
function placesIn(value: unknown): [owner: object, key: string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [[value, key] as [object, string], ...placesIn(child)]);
}
