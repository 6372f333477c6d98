/** The answers with their example payloads: the pages' own, word for word. */
import { ApiError, ServiceAccountSecret } from "./schemas.js";

const unrelated = "(This is just an example, the exception may not be related to this endpoint)";

export const createdSecret = {
  createdAt: "2025-05-04T09:42:00Z",
  expiresAt: "2025-05-04T09:42:00Z",
  id: "32b6e34b3d91647abb20e7b8",
  lastUsedAt: "2025-05-04T09:42:00Z",
  maskedSecretValue: "mdb_sa_sk_...",
  secret: "mdb_sa_sk_...",
};

/** What the pages show for each status of an error. */
export const errorPayloads = {
  400: {
    error: 400,
    detail: `${unrelated} No provider AWS exists.`,
    reason: "Bad Request",
    errorCode: "VALIDATION_ERROR",
  },
  401: { error: 401, detail: unrelated, reason: "Unauthorized", errorCode: "NOT_ORG_GROUP_CREATOR" },
  403: { error: 403, detail: unrelated, reason: "Forbidden", errorCode: "CANNOT_CHANGE_GROUP_NAME" },
  404: {
    error: 404,
    detail: `${unrelated} Cannot find resource AWS`,
    reason: "Not Found",
    errorCode: "RESOURCE_NOT_FOUND",
  },
  429: { error: 429, detail: unrelated, reason: "Too Many Requests", errorCode: "RATE_LIMITED" },
  500: { error: 500, detail: unrelated, reason: "Internal Server Error", errorCode: "UNEXPECTED_ERROR" },
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

export const headers = {
  "RateLimit-Limit": { schema: { type: "integer" }, example: 10 },
  "RateLimit-Remaining": { schema: { type: "integer" }, example: 9 },
  "Retry-After": { schema: { type: "integer" }, example: 55 },
};

const rateLimitHeaders = {
  "RateLimit-Limit": headers["RateLimit-Limit"],
  "RateLimit-Remaining": headers["RateLimit-Remaining"],
};

function errorAnswer(example: unknown): unknown {
  return { content: { "application/json": { schema: ApiError, example } } };
}

export const badRequest = errorAnswer(errorPayloads[400]);
export const unauthorized = errorAnswer(errorPayloads[401]);
export const forbidden = errorAnswer(errorPayloads[403]);
export const notFound = errorAnswer(errorPayloads[404]);
export const internalServerError = errorAnswer(errorPayloads[500]);
export const tooManyRequests = {
  headers,
  content: {
    "application/json": {
      schema: ApiError,
      examples: { rateLimited: { value: errorPayloads[429] }, tokenBucket: { value: emptyTokenBucket } },
    },
  },
};

export const created = {
  headers: rateLimitHeaders,
  content: {
    "application/vnd.atlas.2024-08-05+json": { schema: ServiceAccountSecret, example: createdSecret },
    "application/vnd.atlas.2025-03-12+json": {
      "x-documented-elsewhere": {},
      schema: ServiceAccountSecret,
      example: createdSecret,
    },
  },
};

/** No body: the media types only name the versions. */
export const deleted = {
  headers: rateLimitHeaders,
  content: {
    "application/vnd.atlas.2025-03-12+json": { "x-documented-elsewhere": {} },
    "application/vnd.atlas.2024-08-05+json": {},
  },
};
