/**
 * Parameters and bodies that the generator cannot write: each case is one ContractError with the JSON pointer of its place.
 */
import type { Json, JsonObject } from "./json-document.js";
import { get, operation, parameter, post, testRefusals } from "./testing/contracts.js";

const withParameters = (...parameters: Json[]): JsonObject => get({ parameters });

testRefusals("parameters", [
  [
    "one name for a path and a query parameter",
    {
      "/a/{id}": {
        get: operation({
          parameters: [parameter({ name: "id", in: "path", required: true }), parameter({ name: "id" })],
        }),
      },
    },
    "/paths/~1a~1{id}/get/parameters/1",
    "two parameters have the name id, here and at /paths/~1a~1{id}/get/parameters/0",
  ],
  [
    "one name for two parameters, one of them of the path item",
    { "/a": { parameters: [parameter({ in: "header" })], get: operation({ parameters: [parameter({})] }) } },
    "/paths/~1a/get/parameters/0",
    "two parameters have the name p, here and at /paths/~1a/parameters/0",
  ],
  [
    "one query parameter twice",
    withParameters(parameter({}), parameter({ description: "again" })),
    "/paths/~1a/get/parameters/1",
    "two parameters have the name p",
  ],
  ["a parameter named body", withParameters(parameter({ name: "body" })), "/paths/~1a/get/parameters/0", /named body/],
  [
    "a parameter named body, by reference",
    withParameters({ $ref: "#/components/parameters/body" }),
    "/paths/~1a/get/parameters/0",
    /named body/,
    { parameters: { body: parameter({ name: "body" }) } },
  ],
  [
    "a parameter named __proto__",
    withParameters(parameter({ name: "__proto__" })),
    "/paths/~1a/get/parameters/0",
    /__proto__/,
  ],
  ["a cookie parameter", withParameters(parameter({ in: "cookie" })), "/paths/~1a/get/parameters/0/in", /cookie/],
  [
    "a parameter in the body",
    withParameters(parameter({ in: "formData" })),
    "/paths/~1a/get/parameters/0/in",
    /not in "formData"/,
  ],
  [
    "a header without a name that it can have",
    withParameters(parameter({ in: "header", name: "a b" })),
    "/paths/~1a/get/parameters/0",
    '"a b" is not the name of a header',
  ],
  [
    "one header in two cases",
    withParameters(parameter({ in: "header", name: "x-a" }), parameter({ in: "header", name: "X-A" })),
    "/paths/~1a/get/parameters/1",
    "two parameters have the name X-A",
  ],
  [
    "a query name that a URL does not keep",
    withParameters(parameter({ name: "a\nb" })),
    "/paths/~1a/get/parameters/0",
    /encoded/,
  ],
  [
    "deepObject for an array",
    withParameters(parameter({ style: "deepObject", schema: { type: "array", items: {} } })),
    "/paths/~1a/get/parameters/0/style",
    "style deepObject is not supported for an array",
  ],
  [
    "an array inside of a part of an object",
    withParameters(parameter({ schema: { allOf: [{ properties: { a: { type: "array" } } }] } })),
    "/paths/~1a/get/parameters/0/schema/allOf/0/properties/a",
    /parts are arrays or objects/,
  ],
  ["a query name to be encoded", withParameters(parameter({ name: "a&b" })), "/paths/~1a/get/parameters/0", /encoded/],
  [
    "a parameter without a schema",
    withParameters({ name: "p", in: "query" }),
    "/paths/~1a/get/parameters/0",
    /no schema/,
  ],
  [
    "another style in the path",
    { "/a/{p}": { get: operation({ parameters: [parameter({ in: "path", required: true, style: "label" })] }) } },
    "/paths/~1a~1{p}/get/parameters/0/style",
    "style label is not supported here, only simple",
  ],
  [
    "an object between spaces, behind a reference",
    withParameters({ $ref: "#/components/parameters/where" }),
    "/components/parameters/where/style",
    "style spaceDelimited is not supported for an object",
    { parameters: { where: parameter({ style: "spaceDelimited", schema: { type: "object" } }) } },
  ],
  [
    "an object in a header",
    withParameters(parameter({ in: "header", schema: { allOf: [{ properties: { a: {} } }] } })),
    "/paths/~1a/get/parameters/0/schema",
    /an object in header/,
  ],
  [
    "an array of objects",
    withParameters(parameter({ schema: { type: "array", items: { $ref: "#/components/schemas/Item" } } })),
    "/paths/~1a/get/parameters/0/schema/items",
    /parts are arrays or objects/,
    { schemas: { Item: { type: "object" } } },
  ],
  [
    "a placeholder without a parameter",
    { "/a/{id}": { get: operation() } },
    "/paths/~1a~1{id}/get",
    "no path parameter is described for {id} of /a/{id}",
  ],
  [
    "a path parameter without a placeholder",
    withParameters(parameter({ in: "path", required: true })),
    "/paths/~1a/get/parameters/0",
    "the path /a has no {p} for the path parameter p",
  ],
  [
    "a path parameter that is not required",
    { "/a/{p}": { get: operation({ parameters: [parameter({ in: "path" })] }) } },
    "/paths/~1a~1{p}/get/parameters/0",
    "the path parameter p must be required",
  ],
  ["a placeholder without an end", { "/a/{p": { get: operation() } }, "/paths/~1a~1{p", /not a template/],
  ["a query in the path", { "/a?b": { get: operation() } }, "/paths/~1a?b", /not a template/],
]);

testRefusals("bodies", [
  [
    "a body in parts",
    post({ requestBody: { content: { "multipart/form-data": {} } } }),
    "/paths/~1a/post/requestBody/content",
    "a body of multipart/form-data is not supported",
  ],
  [
    "a body in parts, by reference",
    post({ requestBody: { $ref: "#/components/requestBodies/Parts" } }),
    "/components/requestBodies/Parts/content",
    "a body of multipart/mixed is not supported",
    { requestBodies: { Parts: { content: { "multipart/mixed": {} } } } },
  ],
  [
    "a body without a media type",
    post({ requestBody: { content: {} } }),
    "/paths/~1a/post/requestBody",
    /no media type/,
  ],
  [
    "a body whose media type is none",
    post({ requestBody: { content: { json: {} } } }),
    "/paths/~1a/post/requestBody/content/json",
    "json is not a media type, such as application/json",
  ],
  [
    "a form that is nested deeper in a part of its schema",
    post({
      requestBody: {
        content: {
          "application/x-www-form-urlencoded": {
            schema: { allOf: [{ properties: { a: { allOf: [{ items: { type: "array" } }] } } }] },
          },
        },
      },
    }),
    "/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/schema/allOf/0/properties/a/allOf/0/items",
    "a part of a form's part is an array or an object",
  ],
  [
    "a form that is nested deeper than openapi-fetch writes it",
    post({
      requestBody: {
        content: {
          "application/x-www-form-urlencoded": {
            schema: { type: "object", properties: { a: { type: "object", properties: { b: { type: "object" } } } } },
          },
        },
      },
    }),
    "/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/schema/properties/a/properties/b",
    "a part of a form's part is an array or an object",
  ],
]);

testRefusals("forms", [
  [
    "an array that is written in one",
    post({
      requestBody: {
        content: {
          "application/x-www-form-urlencoded": {
            schema: { type: "object", properties: { a: { type: "array", items: { type: "string" } } } },
            encoding: { a: { explode: false } },
          },
        },
      },
    }),
    "/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded/encoding/a",
    "a form's arrays are written as a=1&a=2 and its objects as a[b]=1, not otherwise",
  ],
]);
