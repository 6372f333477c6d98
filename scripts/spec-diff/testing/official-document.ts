/**
 * A document built like MongoDB's published one (OpenAPI 3.0.1, sorted keys, some hundred operations, about 3 MB): our two
 * operations as it describes them, under its own operationIds, among much that is none of our business and partly broken.
 */

type Json = Record<string, unknown>;

/** How big the rest is; the defaults make about 3 MB of JSON. */
interface OfficialDocumentSize {
  readonly resources?: number;
  readonly schemas?: number;
}

const objectId = "^([a-f0-9]{24})$";
const errors: Json = {
  "401": "unauthorized",
  "403": "forbidden",
  "404": "notFound",
  "429": "tooManyRequests",
  "500": "internalServerError",
};
const version = "application/vnd.atlas.2024-08-05+json";

/** The document, as `JSON.parse` would give it. */
export function officialDocument({ resources = 100, schemas = 950 }: OfficialDocumentSize = {}): Json {
  return {
    components: {
      headers: {
        HeaderRateLimitLimit: header("tokens in the bucket"),
        HeaderRateLimitRemaining: header("tokens left"),
        HeaderRetryAfter: header("seconds to wait"),
      },
      parameters: { envelope: flag("envelope"), groupId: id("groupId"), orgId: id("orgId"), pretty: flag("pretty") },
      responses: errorResponses(),
      schemas: { ...ownSchemas(), ...otherSchemas(schemas) },
      securitySchemes: {
        DigestAuth: { scheme: "digest", type: "http" },
        ServiceAccounts: {
          description:
            "Learn more about [Service Accounts](https://www.mongodb.com/docs/atlas/api/service-accounts-overview).",
          flows: { clientCredentials: { scopes: {}, tokenUrl: "/api/oauth/token" } },
          type: "oauth2",
        },
      },
    },
    info: {
      title: "MongoDB Atlas Administration API",
      version: "2.0",
      "x-xgen-sha": "0000000000000000000000000000000000000000",
    },
    openapi: "3.0.1",
    paths: { ...otherPaths(resources), ...ownPaths() },
    security: [{ ServiceAccounts: [] }, { DigestAuth: [] }],
    servers: [{ url: "https://cloud.mongodb.com" }],
    tags: [{ description: "Endpoints for managing Service Accounts and secrets.", name: "Service Accounts" }],
    "x-externalLinks": [{ label: "Back to Atlas Docs", url: "https://www.mongodb.com/docs/atlas/" }],
  };
}

function ownPaths(): Json {
  const clientId = {
    description: "The Client ID of the Service Account.",
    in: "path",
    name: "clientId",
    required: true,
    schema: { example: "mdb_sa_id_1234567890abcdef12345678", pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$", type: "string" },
  };
  const secretId = {
    description: "Unique 24-hexadecimal digit string that identifies the secret.",
    in: "path",
    name: "secretId",
    required: true,
    schema: { type: "string" },
  };
  return {
    "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets": {
      post: {
        description: "Create a secret for the specified Service Account in the specified Project.",
        operationId: "createGroupSecret",
        "x-rolesRequirements": ["Project Owner"],
        parameters: [parameter("groupId"), clientId, parameter("envelope"), parameter("pretty")],
        requestBody: {
          content: { [version]: { schema: schema("ServiceAccountSecretRequest") } },
          description: "Details for the new secret.",
          required: true,
        },
        responses: {
          "201": {
            content: { [version]: { schema: schema("ServiceAccountSecret"), "x-xgen-version": "2024-08-05" } },
            description: "Created",
            headers: rateLimits(),
          },
          "400": { $ref: "#/components/responses/badRequest" },
          ...errorAnswers(),
        },
        summary: "Create One Project Service Account Secret",
        tags: ["Service Accounts"],
        "x-xgen-docs-url": "https://mongodb.com/docs/atlas/reference/api-resources-spec/v2/",
        "x-xgen-owner-team": "apix",
      },
      "x-xgen-IPA-exception": { "xgen-IPA-104-resource-has-GET": "API predates IPA validation" },
    },
    "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}": {
      delete: {
        description: "Deletes the specified Service Account secret.",
        operationId: "deleteOrgSecret",
        "x-rolesRequirements": ["Organization Owner"],
        parameters: [clientId, secretId, parameter("orgId"), parameter("envelope"), parameter("pretty")],
        responses: {
          "204": {
            content: { [version]: { "x-xgen-version": "2024-08-05" } },
            description: "This endpoint does not return a response body.",
            headers: rateLimits(),
          },
          ...errorAnswers(),
        },
        summary: "Delete One Organization Service Account Secret",
        tags: ["Service Accounts"],
        "x-xgen-owner-team": "apix",
      },
    },
  };
}

function ownSchemas(): Json {
  const readOnly = (type: string, more: Json = {}) => ({
    description: "Says what it is.",
    readOnly: true,
    type,
    ...more,
  });
  return {
    ApiError: {
      externalDocs: { url: "https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/" },
      properties: {
        badRequestDetail: schema("BadRequestDetail"),
        detail: readOnly("string"),
        error: {
          ...readOnly("integer", { format: "int32" }),
          externalDocs: { url: "https://developer.mozilla.org/en-US/docs/Web/HTTP/Status" },
        },
        errorCode: readOnly("string"),
        parameters: { items: { readOnly: true }, readOnly: true, type: "array" },
        reason: readOnly("string"),
      },
      required: ["error", "errorCode"],
      type: "object",
    },
    BadRequestDetail: {
      properties: { fields: { items: schema("FieldViolation"), type: "array" } },
      readOnly: true,
      type: "object",
    },
    FieldViolation: {
      properties: { description: { type: "string" }, field: { type: "string" } },
      required: ["description", "field"],
      type: "object",
    },
    ServiceAccountSecret: {
      properties: {
        createdAt: readOnly("string", { format: "date-time" }),
        expiresAt: readOnly("string", { format: "date-time" }),
        id: readOnly("string", { example: "32b6e34b3d91647abb20e7b8", pattern: objectId }),
        lastUsedAt: readOnly("string", { format: "date-time" }),
        maskedSecretValue: readOnly("string", { example: "mdb_sa_sk_..." }),
        secret: readOnly("string", { example: "mdb_sa_sk_..." }),
      },
      required: ["createdAt", "expiresAt", "id"],
      type: "object",
    },
    ServiceAccountSecretRequest: {
      properties: {
        secretExpiresAfterHours: { example: 8, exclusiveMinimum: true, format: "int32", minimum: 0, type: "integer" },
      },
      required: ["secretExpiresAfterHours"],
      type: "object",
    },
  };
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
        pattern: objectId,
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
        ...errorAnswers(),
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

function errorAnswers(): Json {
  return Object.fromEntries(
    Object.entries(errors).map(([status, name]) => [status, { $ref: `#/components/responses/${String(name)}` }]),
  );
}

function errorResponses(): Json {
  const content = {
    "application/json": { example: { error: 400, errorCode: "VALIDATION_ERROR" }, schema: schema("ApiError") },
  };
  const plain = Object.fromEntries(
    ["badRequest", ...Object.values(errors).map(String)].map((name) => [name, { content, description: name }]),
  );
  return {
    ...plain,
    noBody: { description: "No body." },
    tooManyRequests: {
      content,
      description: "Too Many Requests.",
      headers: { ...rateLimits(), "Retry-After": { $ref: "#/components/headers/HeaderRetryAfter" } },
    },
  };
}

function rateLimits(): Json {
  return {
    "RateLimit-Limit": { $ref: "#/components/headers/HeaderRateLimitLimit" },
    "RateLimit-Remaining": { $ref: "#/components/headers/HeaderRateLimitRemaining" },
  };
}

function header(description: string): Json {
  return { description, schema: { type: "integer" } };
}

function id(name: string): Json {
  return {
    description: longText(0, 0),
    in: "path",
    name,
    required: true,
    schema: { example: "32b6e34b3d91647abb20e7b8", pattern: objectId, type: "string" },
  };
}

function flag(name: string): Json {
  return { description: "A flag.", in: "query", name, schema: { default: false, type: "boolean" } };
}

function parameter(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

function schema(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}
