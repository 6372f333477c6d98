/**
 * A document built like MongoDB's published one (OpenAPI 3.0.1, some hundred operations, about 3 MB): our two
 * operations as it describes them, under its own operationIds, among much that is none of our business and partly broken.
 */
import { parse } from "yaml";

type Json = Record<string, unknown>;

/** How big the rest is. */
interface OfficialDocumentSize {
  readonly resources: number;
  readonly schemas: number;
}

const OBJECT_ID = "^([a-f0-9]{24})$";

/** What it says of our two operations. */
const OWN = `
openapi: 3.0.1
info: { title: MongoDB Atlas Administration API, version: "2.0", x-xgen-sha: "0000000000000000000000000000000000000000" }
servers: [{ url: "https://cloud.mongodb.com" }]
security: [{ ServiceAccounts: [] }, { DigestAuth: [] }]
tags: [{ name: Service Accounts, description: Endpoints for managing Service Accounts and secrets. }]
x-externalLinks: [{ label: Back to Atlas Docs, url: "https://www.mongodb.com/docs/atlas/" }]
paths:
  /api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets:
    post:
      operationId: createGroupSecret
      summary: Create One Project Service Account Secret
      description: Create a secret for the specified Service Account in the specified Project.
      tags: [Service Accounts]
      x-rolesRequirements: [Project Owner]
      x-xgen-docs-url: https://mongodb.com/docs/atlas/reference/api-resources-spec/v2/
      x-xgen-owner-team: apix
      parameters:
        - { $ref: "#/components/parameters/groupId" }
        - &clientId
          name: clientId
          in: path
          required: true
          description: The Client ID of the Service Account.
          schema: { type: string, pattern: '^mdb_sa_id_[a-fA-F\\d]{24}$', example: mdb_sa_id_1234567890abcdef12345678 }
        - { $ref: "#/components/parameters/envelope" }
        - { $ref: "#/components/parameters/pretty" }
      requestBody:
        required: true
        description: Details for the new secret.
        content:
          application/vnd.atlas.2024-08-05+json: { schema: { $ref: "#/components/schemas/ServiceAccountSecretRequest" } }
      responses:
        "201":
          description: Created
          headers: &rateLimits
            RateLimit-Limit: { $ref: "#/components/headers/HeaderRateLimitLimit" }
            RateLimit-Remaining: { $ref: "#/components/headers/HeaderRateLimitRemaining" }
          content:
            application/vnd.atlas.2024-08-05+json:
              schema: { $ref: "#/components/schemas/ServiceAccountSecret" }
              x-xgen-version: "2024-08-05"
        "400": { $ref: "#/components/responses/badRequest" }
        <<: &errors
          "401": { $ref: "#/components/responses/unauthorized" }
          "403": { $ref: "#/components/responses/forbidden" }
          "404": { $ref: "#/components/responses/notFound" }
          "429": { $ref: "#/components/responses/tooManyRequests" }
          "500": { $ref: "#/components/responses/internalServerError" }
    x-xgen-IPA-exception: { xgen-IPA-104-resource-has-GET: API predates IPA validation }
  /api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}:
    delete:
      operationId: deleteOrgSecret
      summary: Delete One Organization Service Account Secret
      description: Deletes the specified Service Account secret.
      tags: [Service Accounts]
      x-rolesRequirements: [Organization Owner]
      x-xgen-owner-team: apix
      parameters:
        - *clientId
        - name: secretId
          in: path
          required: true
          description: Unique 24-hexadecimal digit string that identifies the secret.
          schema: { type: string }
        - { $ref: "#/components/parameters/orgId" }
        - { $ref: "#/components/parameters/envelope" }
        - { $ref: "#/components/parameters/pretty" }
      responses:
        "204":
          description: This endpoint does not return a response body.
          headers: *rateLimits
          content: { application/vnd.atlas.2024-08-05+json: { x-xgen-version: "2024-08-05" } }
        <<: *errors
components:
  headers:
    HeaderRateLimitLimit: { description: tokens in the bucket, schema: { type: integer } }
    HeaderRateLimitRemaining: { description: tokens left, schema: { type: integer } }
    HeaderRetryAfter: { description: seconds to wait, schema: { type: integer } }
  parameters:
    envelope: { name: envelope, in: query, description: A flag., schema: { type: boolean, default: false } }
    pretty: { name: pretty, in: query, description: A flag., schema: { type: boolean, default: false } }
    groupId: { name: groupId, in: path, required: true, schema: &id { type: string, pattern: "${OBJECT_ID}" } }
    orgId: { name: orgId, in: path, required: true, schema: *id }
  responses:
    noBody: { description: No body. }
    badRequest: &error
      description: It went wrong.
      content:
        application/json:
          example: { error: 400, errorCode: VALIDATION_ERROR }
          schema: { $ref: "#/components/schemas/ApiError" }
    unauthorized: *error
    forbidden: *error
    notFound: *error
    internalServerError: *error
    tooManyRequests:
      <<: *error
      headers: { <<: *rateLimits, Retry-After: { $ref: "#/components/headers/HeaderRetryAfter" } }
  schemas:
    ApiError:
      type: object
      required: [error, errorCode]
      externalDocs: { url: "https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/" }
      properties:
        badRequestDetail: { $ref: "#/components/schemas/BadRequestDetail" }
        detail: { type: string, readOnly: true, description: Says what it is. }
        error: { type: integer, format: int32, readOnly: true, externalDocs: { url: "https://developer.mozilla.org/" } }
        errorCode: { type: string, readOnly: true }
        parameters: { type: array, readOnly: true, items: { readOnly: true } }
        reason: { type: string, readOnly: true }
    BadRequestDetail:
      type: object
      readOnly: true
      properties: { fields: { type: array, items: { $ref: "#/components/schemas/FieldViolation" } } }
    FieldViolation:
      type: object
      required: [description, field]
      properties: { description: { type: string }, field: { type: string } }
    ServiceAccountSecret:
      type: object
      required: [createdAt, expiresAt, id]
      properties:
        createdAt: { type: string, format: date-time, readOnly: true }
        expiresAt: { type: string, format: date-time, readOnly: true }
        id: { type: string, pattern: "${OBJECT_ID}", readOnly: true, example: 32b6e34b3d91647abb20e7b8 }
        lastUsedAt: { type: string, format: date-time, readOnly: true }
        maskedSecretValue: { type: string, readOnly: true, example: mdb_sa_sk_... }
        secret: { type: string, readOnly: true, example: mdb_sa_sk_... }
    ServiceAccountSecretRequest:
      type: object
      required: [secretExpiresAfterHours]
      properties:
        secretExpiresAfterHours: { type: integer, format: int32, minimum: 0, exclusiveMinimum: true, example: 8 }
  securitySchemes:
    DigestAuth: { type: http, scheme: digest }
    ServiceAccounts:
      type: oauth2
      description: Learn more about [Service Accounts](https://www.mongodb.com/docs/atlas/api/service-accounts-overview).
      flows: { clientCredentials: { tokenUrl: /api/oauth/token, scopes: {} } }
`;

/** The document, as `JSON.parse` would give it. */
export function officialDocument({ resources, schemas }: OfficialDocumentSize): Json {
  const { paths, components, ...own } = parse(OWN, { merge: true });
  const document = {
    ...own,
    components: { ...components, schemas: { ...components.schemas, ...otherSchemas(schemas) } },
    paths: { ...otherPaths(resources), ...paths },
  };
  // Without what the anchors share.
  return JSON.parse(JSON.stringify(document));
}

/** Discriminated unions, inheritance, cycles, and references that lead nowhere. */
function otherSchemas(howMany: number): Json {
  const all: Json = {};
  for (let number = 0; number < howMany; number++) {
    const [next, after] = [schema(`Thing${(number + 1) % howMany}`), schema(`Thing${(number + 7) % howMany}`)];
    const properties: Json = {
      self: schema(`Thing${number}`),
      next,
      links: { items: after, readOnly: true, type: "array" },
    };
    for (let field = 0; field < 5; field++) {
      properties[`field${field}`] = {
        description: longText(number, field),
        example: "32b6e34b3d91647abb20e7b8",
        pattern: OBJECT_ID,
        type: "string",
      };
    }
    const kind = number % 4;
    if (kind === 0)
      all[`Thing${number}`] = {
        discriminator: { mapping: { A: after }, propertyName: "type" },
        oneOf: [next, after],
        properties,
        type: "object",
      };
    else if (kind === 1)
      all[`Thing${number}`] = {
        allOf: [next, { properties, type: "object" }],
        description: longText(number, 9),
        title: `Thing ${number}`,
      };
    else if (kind === 2)
      all[`Thing${number}`] = {
        anyOf: [next, { type: "string", enum: ["AWS", "GCP", "AZURE"] }, { $ref: "#/components/schemas/Gone" }],
      };
    else all[`Thing${number}`] = { additionalProperties: after, properties, required: ["field0"], type: "object" };
  }
  return all;
}

function otherPaths(howMany: number): Json {
  const all: Json = { "x-paths-note": "not a path" };
  for (let number = 0; number < howMany; number++) {
    const operation = (verb: string): Json => ({
      description: longText(number, 1),
      operationId: `${verb}Thing${number}`,
      parameters: [
        parameter("groupId"),
        parameter("envelope"),
        parameter("pretty"),
        { $ref: "other-file.yaml#/components/parameters/elsewhere" },
      ],
      ...(verb === "create" && {
        requestBody: {
          content: {
            "application/vnd.atlas.2023-01-01+json": { schema: schema(`Thing${number}`), "x-sunset": "2026-07-31" },
          },
        },
      }),
      responses: {
        "200": {
          content: {
            "application/vnd.atlas.2023-01-01+json": {
              schema: schema(`Thing${number}`),
              "x-xgen-version": "2023-01-01",
            },
          },
          description: "OK",
        },
        "404": { $ref: "#/components/responses/notFound" },
        "500": { $ref: "#/components/responses/internalServerError" },
      },
      security: verb === "list" ? [] : [{ DigestAuth: [] }],
      "x-xgen-changelog": { "2023-09-11": "Is now part of private preview." },
    });
    all[`/api/atlas/v2/groups/{groupId}/things${number}`] = { get: operation("list"), post: operation("create") };
    all[`/api/atlas/v2/groups/{groupId}/things${number}/{thingId}`] = {
      delete: operation("delete"),
      get: operation("get"),
      patch: operation("update"),
    };
    all[`/api/atlas/v2/groups/{groupId}/things${number}/{thingId}:invite`] = {
      post: operation("create"),
      parameters: null,
    };
  }
  return all;
}

function longText(a: number, b: number): string {
  return `Human-readable label that identifies part ${b} of thing ${a}. To use this resource, the requesting Service Account or API Key must have the Project Read Only role. See [/groups](#tag/Projects/operation/listProjects).\n\n**NOTE**: Groups and projects are synonymous terms.`;
}

function parameter(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

function schema(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}
