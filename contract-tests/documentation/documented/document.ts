/** The whole document, put together from everything that is documented: nothing else may be in it. */
import * as answers from "./answers.js";
import * as operations from "./operations.js";
import * as parameters from "./parameters.js";
import * as schemas from "./schemas.js";

export const securitySchemes = {
  ServiceAccounts: {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: "https://cloud.mongodb.com/api/oauth/token", scopes: {} } },
  },
  DigestAuth: { type: "http", scheme: "digest" },
};

/** What stands beside the paths and the components. */
export const frame = {
  openapi: "3.0.3",
  info: {
    title: "MongoDB Atlas service account secrets",
    version: "2025-03-12",
    license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  },
  servers: [{ url: "https://cloud.mongodb.com" }, { url: "https://cloud.mongodbgov.com" }],
  tags: [{ name: "Service Accounts" }],
};

const { badRequest, unauthorized, forbidden, notFound, tooManyRequests, internalServerError } = answers;

export const components = {
  securitySchemes,
  parameters: { ...parameters },
  headers: answers.headers,
  schemas: { ...schemas },
  responses: { badRequest, unauthorized, forbidden, notFound, tooManyRequests, internalServerError },
};

export const document = {
  ...frame,
  paths: {
    [operations.createPath]: { post: operations.create },
    [operations.deletePath]: { delete: operations.remove },
  },
  components,
};
