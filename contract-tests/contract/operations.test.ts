import { expect, it } from "vitest";
import { ContractError } from "./document.js";
import { CONTRACT_FILE, contractOf, readContract } from "./operations.js";
import { documentOf } from "./read-document.js";

const scheme = { type: "http", scheme: "Digest" };
const document = documentOf({
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
  const [get, put, ...others] = contractOf(document).operations;
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
