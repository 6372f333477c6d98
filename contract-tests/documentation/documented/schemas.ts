/** The bodies that go and come, property by property. */

const date = { type: "string", format: "date-time", readOnly: true };
const readOnlyText = { type: "string", readOnly: true };

export const ServiceAccountSecretRequest = {
  type: "object",
  required: ["secretExpiresAfterHours"],
  properties: {
    secretExpiresAfterHours: { type: "integer", format: "int32", minimum: 0, exclusiveMinimum: true, example: 8 },
  },
};

export const ServiceAccountSecret = {
  type: "object",
  required: ["createdAt", "expiresAt", "id"],
  properties: {
    createdAt: date,
    expiresAt: date,
    id: { ...readOnlyText, pattern: "^([a-f0-9]{24})$", example: "32b6e34b3d91647abb20e7b8" },
    lastUsedAt: date,
    maskedSecretValue: { ...readOnlyText, example: "mdb_sa_sk_..." },
    secret: { ...readOnlyText, example: "mdb_sa_sk_..." },
  },
};

export const FieldViolation = {
  type: "object",
  required: ["description", "field"],
  properties: { description: { type: "string" }, field: { type: "string" } },
};

export const BadRequestDetail = {
  type: "object",
  readOnly: true,
  properties: { fields: { type: "array", items: FieldViolation } },
};

export const ApiError = {
  type: "object",
  required: ["error", "errorCode"],
  properties: {
    badRequestDetail: BadRequestDetail,
    detail: readOnlyText,
    error: { type: "integer", format: "int32", readOnly: true },
    errorCode: readOnlyText,
    parameters: { type: "array", readOnly: true, items: {} },
    reason: readOnlyText,
  },
};
