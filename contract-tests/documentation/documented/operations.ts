/** The two operations. */
import * as answers from "./answers.js";
import { clientId, envelope, groupId, orgId, pretty, secretId } from "./parameters.js";
import { ServiceAccountSecretRequest } from "./schemas.js";

const bothSchemes = [{ ServiceAccounts: [] }, { DigestAuth: [] }];
const eightHours = { schema: ServiceAccountSecretRequest, example: { secretExpiresAfterHours: 8 } };

export const createPath = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
export const create = {
  operationId: "createGroupServiceAccountSecret",
  tags: ["Service Accounts"],
  "x-required-roles": ["Project Owner"],
  security: bothSchemes,
  parameters: [groupId, clientId, envelope, pretty],
  requestBody: {
    required: true,
    content: {
      // The pages' curl lines send it; the published document lists the versioned type alone.
      "application/json": { "x-documented-elsewhere": {}, ...eightHours },
      "application/vnd.atlas.2024-08-05+json": eightHours,
    },
  },
  responses: {
    "201": answers.created,
    "400": answers.badRequest,
    "401": answers.unauthorized,
    "403": answers.forbidden,
    "404": answers.notFound,
    "429": answers.tooManyRequests,
    "500": answers.internalServerError,
  },
};

export const deletePath = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
/** It documents no 400. */
export const remove = {
  operationId: "deleteOrgServiceAccountSecret",
  tags: ["Service Accounts"],
  "x-required-roles": ["Organization Owner"],
  security: bothSchemes,
  parameters: [orgId, clientId, secretId, envelope, pretty],
  responses: {
    "204": answers.deleted,
    "401": answers.unauthorized,
    "403": answers.forbidden,
    "404": answers.notFound,
    "429": answers.tooManyRequests,
    "500": answers.internalServerError,
  },
};
