/**
 * The documentation, written down as data: what the two pages and MongoDB's published document say, put together as the
 * document that the contract has to be, without its prose. Nothing else may be in it.
 */
const hexadecimalId = { type: "string", pattern: "^([a-f0-9]{24})$" };
const flag = { type: "boolean", default: false };

const pathParameter = (name: string, schema: object, example: string) => {
  return { name, in: "path", required: true, schema, example };
};
const groupId = pathParameter("groupId", hexadecimalId, "5f0c1a2b3c4d5e6f70819203");
const orgId = pathParameter("orgId", hexadecimalId, "4e1b0a9f8d7c6b5a49382716");
const clientIdSchema = { type: "string", pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" };
const clientId = pathParameter("clientId", clientIdSchema, "mdb_sa_id_65a1b2c3d4e5f60718293a4b");
/** The page gives no pattern, only "24-hexadecimal digit string": the contract says that it is stricter. */
const secretIdSchema = { ...hexadecimalId, "x-stricter-than-documentation": { keyword: "pattern" } };
const secretId = pathParameter("secretId", secretIdSchema, "32b6e34b3d91647abb20e7b8");

const envelope = { name: "envelope", in: "query", required: false, schema: flag, example: false };
const pretty = { name: "pretty", in: "query", required: false, schema: flag, example: false };

const date = { type: "string", format: "date-time", readOnly: true };
const readOnlyText = { type: "string", readOnly: true };

const ServiceAccountSecretRequest = {
  type: "object",
  required: ["secretExpiresAfterHours"],
  properties: {
    secretExpiresAfterHours: { type: "integer", format: "int32", minimum: 0, exclusiveMinimum: true, example: 8 },
  },
};

const ServiceAccountSecret = {
  type: "object",
  required: ["createdAt", "expiresAt", "id"],
  properties: {
    createdAt: date,
    expiresAt: date,
    id: { ...readOnlyText, pattern: "^([a-f0-9]{24})$", example: "32b6e34b3d91647abb20e7b8" },
    lastUsedAt: { ...date, nullable: true },
    maskedSecretValue: { ...readOnlyText, example: "mdb_sa_sk_..." },
    secret: { ...readOnlyText, example: "mdb_sa_sk_...", "x-needed-by-client": {} },
  },
};

const FieldViolation = {
  type: "object",
  required: ["description", "field"],
  properties: { description: { type: "string" }, field: { type: "string" } },
};

const BadRequestDetail = {
  type: "object",
  nullable: true,
  readOnly: true,
  properties: { fields: { type: "array", items: FieldViolation } },
};

const ApiError = {
  type: "object",
  required: ["error", "errorCode"],
  properties: {
    badRequestDetail: BadRequestDetail,
    detail: { type: "string", nullable: true },
    error: { type: "integer", format: "int32", readOnly: true },
    errorCode: readOnlyText,
    // The published document has objects there; its own payload of an empty token bucket has none.
    parameters: { type: "array", readOnly: true, items: { "x-documented-elsewhere": { keyword: "type" } } },
    reason: { ...readOnlyText, nullable: true },
  },
};

export const createdSecret = {
  createdAt: "2025-05-04T09:42:00Z",
  expiresAt: "2025-05-04T09:42:00Z",
  id: "32b6e34b3d91647abb20e7b8",
  lastUsedAt: "2025-05-04T09:42:00Z",
  maskedSecretValue: "mdb_sa_sk_...",
  secret: "mdb_sa_sk_...",
};

const payload = (error: number, reason: string, errorCode: string, more = "") => {
  const unrelated = "(This is just an example, the exception may not be related to this endpoint)";
  return { error, detail: unrelated + more, reason, errorCode };
};

/** What the pages show for each status of an error. */
export const errorPayloads = {
  400: payload(400, "Bad Request", "VALIDATION_ERROR", " No provider AWS exists."),
  401: payload(401, "Unauthorized", "NOT_ORG_GROUP_CREATOR"),
  403: payload(403, "Forbidden", "CANNOT_CHANGE_GROUP_NAME"),
  404: payload(404, "Not Found", "RESOURCE_NOT_FOUND", " Cannot find resource AWS"),
  429: payload(429, "Too Many Requests", "RATE_LIMITED"),
  500: payload(500, "Internal Server Error", "UNEXPECTED_ERROR"),
};

/** A real 429, from the documentation of rate limits. */
const emptyTokenBucket = {
  detail:
    "Rate limit exceeded for api/atlas/v2/orgs. Please retry after 55 seconds. Request capacity: 10. Refill rate: 5 per 60 seconds.",
  error: 429,
  errorCode: "RATE_LIMITED_TOKEN_BUCKET",
  parameters: ["api/atlas/v2/orgs", 55, 10, 5, 60],
  reason: "Too Many Requests",
};

const rateLimitHeaders = {
  "RateLimit-Limit": { schema: { type: "integer" }, example: 10 },
  "RateLimit-Remaining": { schema: { type: "integer" }, example: 9 },
};
const headers = { ...rateLimitHeaders, "Retry-After": { schema: { type: "integer" }, example: 55 } };

/** With the payload, and with null wherever the published document says `nullable`. */
function errorResponse(value: ReturnType<typeof payload>, further = {}): object {
  const nulls = { badRequestDetail: null, detail: null, error: value.error, errorCode: value.errorCode, reason: null };
  const examples = { documented: { value }, ...further, nulls: { value: nulls } };
  return { content: { "application/json": { schema: ApiError, examples } } };
}

/** Of both operations. */
const errors = {
  "401": errorResponse(errorPayloads[401]),
  "403": errorResponse(errorPayloads[403]),
  "404": errorResponse(errorPayloads[404]),
  "429": { headers, ...errorResponse(errorPayloads[429], { tokenBucket: { value: emptyTokenBucket } }) },
  "500": errorResponse(errorPayloads[500]),
};

const createdContent = {
  schema: ServiceAccountSecret,
  examples: { documented: { value: createdSecret }, nulls: { value: { ...createdSecret, lastUsedAt: null } } },
};
const created = {
  headers: rateLimitHeaders,
  content: {
    "application/vnd.atlas.2024-08-05+json": createdContent,
    "application/vnd.atlas.2025-03-12+json": { "x-documented-elsewhere": {}, ...createdContent },
  },
};

/** No body: the media types only name the versions. */
const deleted = {
  headers: rateLimitHeaders,
  content: {
    "application/vnd.atlas.2025-03-12+json": { "x-documented-elsewhere": {} },
    "application/vnd.atlas.2024-08-05+json": {},
  },
};

/** What both operations have. */
const shared = {
  tags: ["Service Accounts"],
  security: [{ ServiceAccounts: [] }, { DigestAuth: [] }],
};
const eightHours = { schema: ServiceAccountSecretRequest, example: { secretExpiresAfterHours: 8 } };

export const createPath = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
const create = {
  ...shared,
  operationId: "createGroupServiceAccountSecret",
  "x-rolesRequirements": ["Project Owner"],
  "x-most-at-once": 2,
  parameters: [groupId, clientId, envelope, pretty],
  requestBody: {
    required: true,
    content: {
      // The published document lists it alone, and MongoDB's own programs send it: what the client sends.
      "application/vnd.atlas.2024-08-05+json": eightHours,
      // The pages' curl lines send it.
      "application/json": { "x-documented-elsewhere": {}, ...eightHours },
    },
  },
  // The deletion documents no 400.
  responses: { "201": created, "400": errorResponse(errorPayloads[400]), ...errors },
};

export const deletePath = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
const remove = {
  ...shared,
  operationId: "deleteOrgServiceAccountSecret",
  "x-rolesRequirements": ["Organization Owner"],
  parameters: [orgId, clientId, secretId, envelope, pretty],
  responses: { "204": deleted, ...errors },
};

export const document = {
  openapi: "3.0.3",
  info: {
    title: "MongoDB Atlas service account secrets",
    version: "2025-03-12",
    license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  },
  servers: [
    { url: "https://cloud.mongodb.com" },
    { url: "https://cloud.mongodbgov.com", "x-documented-elsewhere": {} },
  ],
  tags: [{ name: "Service Accounts" }],
  "x-version-negotiation": { required: true, unlisted: [406, 410] },
  paths: { [createPath]: { post: create }, [deletePath]: { delete: remove } },
  components: {
    securitySchemes: {
      ServiceAccounts: {
        type: "oauth2",
        flows: { clientCredentials: { tokenUrl: "https://cloud.mongodb.com/api/oauth/token", scopes: {} } },
      },
      DigestAuth: { type: "http", scheme: "digest" },
    },
  },
};
