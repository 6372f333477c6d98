// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.

/** The versions of the API that the contract's media types name. */
export type ApiVersion = "2024-08-05" | "2025-03-12";

export interface OperationParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  /** The regular expression that a value in the path fits. */
  readonly pattern?: string;
}

/** One operation as the contract describes it. */
export interface OperationDescription {
  readonly operationId: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | "OPTIONS" | "HEAD" | "PATCH" | "TRACE";
  /** Path template, with the names of the parameters in braces. */
  readonly path: string;
  readonly parameters: readonly OperationParameter[];
  /** In contract order; none if the operation has no body. */
  readonly requestMediaTypes: readonly string[];
  /** Of the success responses, in contract order. */
  readonly responseMediaTypes: readonly string[];
  readonly successStatuses: readonly number[];
}

export const operations = {
  createGroupServiceAccountSecret: {
    operationId: "createGroupServiceAccountSecret",
    method: "POST",
    path: "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets",
    parameters: [
      { name: "groupId", in: "path", required: true, pattern: "^([a-f0-9]{24})$" },
      { name: "clientId", in: "path", required: true, pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" },
      { name: "envelope", in: "query", required: false },
      { name: "pretty", in: "query", required: false },
    ],
    requestMediaTypes: ["application/vnd.atlas.2024-08-05+json", "application/json"],
    responseMediaTypes: ["application/vnd.atlas.2024-08-05+json", "application/vnd.atlas.2025-03-12+json"],
    successStatuses: [201],
  },
  deleteOrgServiceAccountSecret: {
    operationId: "deleteOrgServiceAccountSecret",
    method: "DELETE",
    path: "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}",
    parameters: [
      { name: "orgId", in: "path", required: true, pattern: "^([a-f0-9]{24})$" },
      { name: "clientId", in: "path", required: true, pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" },
      { name: "secretId", in: "path", required: true, pattern: "^([a-f0-9]{24})$" },
      { name: "envelope", in: "query", required: false },
      { name: "pretty", in: "query", required: false },
    ],
    requestMediaTypes: [],
    responseMediaTypes: ["application/vnd.atlas.2025-03-12+json", "application/vnd.atlas.2024-08-05+json"],
    successStatuses: [204],
  },
} as const satisfies Record<string, OperationDescription>;

export type OperationId = keyof typeof operations;
