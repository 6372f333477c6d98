/**
 * What the generator cannot do: each case is one ContractError with the JSON pointer of its place.
 */
import { describe, expect, test } from "vitest";
import type { Operations } from "../../generated/client.js";
import type { AtlasClient } from "../../src/index.js";
import type { Json, JsonObject } from "./json-document.js";
import { readContract } from "./read-contract.js";
import {
  contractText,
  expectRefusal,
  get,
  ok,
  operation,
  parameter,
  post,
  type Refusal,
  testRefusals,
} from "./testing/contracts.js";

const jsonBody = (schema: Json) => ({ content: { "application/json": { schema } } });
const withParameters = (...parameters: Json[]): JsonObject => get({ parameters });
const withResponse = (schema: Json): JsonObject => get({ responses: { "200": { ...ok, ...jsonBody(schema) } } });
const withId = (operationId: Json): JsonObject => get({ operationId });

/** What the client has beside its operations; the compiler knows whether one is missing here. */
const clientMembers: Record<Exclude<keyof AtlasClient, keyof Operations<unknown>>, true> = {
  raw: true,
  clientId: true,
  updateClientSecret: true,
  verifySecret: true,
  close: true,
};

testRefusals("operations", [
  ["no operation at all", {}, "/paths", "there is no operation"],
  [
    "no operationId",
    { "/a": { get: { responses: { "204": ok } } } },
    "/paths/~1a/get",
    "the operation has no operationId",
  ],
  ["an operationId with a dash", withId("list-all"), "/paths/~1a/get/operationId", /"list-all" is not an identifier/],
  ["an operationId that is a number", withId(5), "/paths/~1a/get/operationId", /5 is not an identifier/],
  ["an operationId that begins with a digit", withId("2fa"), "/paths/~1a/get/operationId", /not an identifier/],
  ...Object.keys(clientMembers).map(
    (name): Refusal => [
      `an operationId that the client uses: ${name}`,
      withId(name),
      "/paths/~1a/get/operationId",
      `the operationId ${name} is reserved`,
    ],
  ),
  ["an operationId that makes a client awaitable", withId("then"), "/paths/~1a/get/operationId", /then is reserved/],
  [
    "two operations of one name",
    { "/a": { get: operation() }, "/b/c": { put: operation() } },
    "/paths/~1b~1c/put/operationId",
    "the operationId doIt is also that of /paths/~1a/get",
  ],
  [
    "two operations whose types would have one name",
    { "/a": { get: operation() }, "/b": { put: operation({ operationId: "DoIt" }) } },
    "/paths/~1b/put/operationId",
    "the operationId DoIt is also that of /paths/~1a/get",
  ],
  [
    "a path by reference",
    { "/a": { $ref: "#/paths/~1b" }, "/b": { get: operation() } },
    "/paths/~1a/$ref",
    /by reference/,
  ],
  ["servers of a path", { "/a": { servers: [{ url: "/" }], get: operation() } }, "/paths/~1a/servers", /servers/],
  ["servers of an operation", get({ servers: [{ url: "/" }] }), "/paths/~1a/get/servers", /servers/],
]);

testRefusals("bodies", [
  [
    "a body that is not JSON",
    post({ requestBody: { content: { "application/json": {}, "multipart/form-data": {} } } }),
    "/paths/~1a/post/requestBody/content/multipart~1form-data",
    "the body is not JSON: multipart/form-data",
  ],
  [
    "a body by reference that is not JSON",
    post({ requestBody: { $ref: "#/components/requestBodies/Text" } }),
    "/components/requestBodies/Text/content/text~1plain",
    "the body is not JSON: text/plain",
    { requestBodies: { Text: { content: { "text/plain": {} } } } },
  ],
  [
    "a body without a media type",
    post({ requestBody: { content: {} } }),
    "/paths/~1a/post/requestBody",
    /no media type/,
  ],
  ["a body of GET", get({ requestBody: jsonBody({}) }), "/paths/~1a/get/requestBody", "GET cannot send a body"],
  ["only errors as responses", get({ responses: { default: ok } }), "/paths/~1a/get/responses", /no success response/],
  ["a range of success statuses", get({ responses: { "2XX": ok } }), "/paths/~1a/get/responses/2XX", /range/],
  [
    "a success that is not JSON",
    get({ responses: { "200": { ...ok, content: { "text/csv": {} } } } }),
    "/paths/~1a/get/responses/200/content/text~1csv",
    "the success response is not JSON: text/csv",
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
    "references in a circle",
    get({}),
    "/components/schemas/One/$ref",
    /leads in a circle/,
    { schemas: { One: { $ref: "#/components/schemas/Two" }, Two: { $ref: "#/components/schemas/One" } } },
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
    "a pattern that is no regular expression",
    withParameters(parameter({ schema: { type: "string", pattern: "(" } })),
    "/paths/~1a/get/parameters/0/schema/pattern",
    "the pattern ( is not a regular expression",
  ],
  [
    "a property named __proto__",
    // An object literal would set the prototype.
    withResponse({ properties: JSON.parse('{"__proto__":{}}') }),
    "/paths/~1a/get/responses/200/content/application~1json/schema/properties/__proto__",
    /__proto__ is not supported/,
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
    "/components/schemas/Bad",
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
    ["another version of OpenAPI", "openapi: 3.1.0", "/openapi", 'not OpenAPI 3.0: openapi is "3.1.0"'],
    ["a version that is a number", "openapi: 3.0", "/openapi", "not OpenAPI 3.0: openapi is 3"],
    ["Swagger 2.0", 'swagger: "2.0"', "/openapi", "not OpenAPI 3.0: openapi is missing"],
    ["no object", "- 1", "", "not an OpenAPI document: the contract is not an object"],
    ["nothing", "", "", "not an OpenAPI document: the contract is not an object"],
    ["broken YAML", "openapi: 3.0.3\ninfo:\n  title: 'x\npaths: {}\n", "", /^not YAML, line \d: \S/],
    ["one name twice", "openapi: 3.0.3\nopenapi: 3.0.3\n", "", "not YAML, line 2: Map keys must be unique"],
    ["an alias inside itself", "a: &a\n  b: *a\n", "", /^not JSON data: /],
    [
      "an invalid document",
      contractText(get({}), { info: {} }),
      "/info",
      /^not valid OpenAPI 3\.0: must have required/,
    ],
  ])("%s", (_what, text, pointer, message) => expectRefusal(text, pointer, message));
});

test("data and specification extensions may hold what would be wrong elsewhere", async () => {
  const data = { pattern: "(", properties: { hasOwnProperty: 1 }, discriminator: { mapping: { a: "#/nowhere" } } };
  const schema = { type: "object", default: data, example: data, enum: [data], "x-note": data };
  const text = contractText(
    { "/a": { get: operation({ "x-note": data }) } },
    { components: { schemas: { Data: schema } } },
  );
  expect(await readContract(text)).toMatchObject({ components: { schemas: { Data: { example: data } } } });
});
