// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.

export interface OperationParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  /** The regular expression that a value in the path fits. */
  readonly pattern?: string;
  /** How openapi-fetch is to write an array or an object; absent if as by default. */
  readonly style?: "form" | "spaceDelimited" | "pipeDelimited" | "deepObject";
  readonly explode?: boolean;
  /** Whether reserved characters are sent as they are. */
  readonly allowReserved?: boolean;
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
  /** The dates on which media types end, by media type. */
  readonly sunsets?: Readonly<Record<string, string>>;
  /** `2XX` for every status that is not listed. */
  readonly successStatuses: readonly (number | "2XX")[];
  /** The success statuses whose body is not JSON. */
  readonly bytesStatuses?: readonly (number | "2XX")[];
  /** Of which the caller needs one; absent if the contract names none. */
  readonly requiredRoles?: readonly string[];
}

export const operations = {
  "createGroupServiceAccountSecret": {
    "operationId": "createGroupServiceAccountSecret",
    "method": "POST",
    "path": "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets",
    "parameters": [
      {
        "name": "groupId",
        "in": "path",
        "required": true,
        "pattern": "^([a-f0-9]{24})$"
      },
      {
        "name": "clientId",
        "in": "path",
        "required": true,
        "pattern": "^mdb_sa_id_[a-fA-F\\d]{24}$"
      },
      {
        "name": "envelope",
        "in": "query",
        "required": false
      },
      {
        "name": "pretty",
        "in": "query",
        "required": false
      }
    ],
    "requestMediaTypes": [
      "application/vnd.atlas.2024-08-05+json",
      "application/json"
    ],
    "responseMediaTypes": [
      "application/vnd.atlas.2024-08-05+json",
      "application/vnd.atlas.2025-03-12+json"
    ],
    "successStatuses": [
      201
    ],
    "requiredRoles": [
      "Project Owner"
    ]
  },
  "deleteOrgServiceAccountSecret": {
    "operationId": "deleteOrgServiceAccountSecret",
    "method": "DELETE",
    "path": "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}",
    "parameters": [
      {
        "name": "orgId",
        "in": "path",
        "required": true,
        "pattern": "^([a-f0-9]{24})$"
      },
      {
        "name": "clientId",
        "in": "path",
        "required": true,
        "pattern": "^mdb_sa_id_[a-fA-F\\d]{24}$"
      },
      {
        "name": "secretId",
        "in": "path",
        "required": true,
        "pattern": "^([a-f0-9]{24})$"
      },
      {
        "name": "envelope",
        "in": "query",
        "required": false
      },
      {
        "name": "pretty",
        "in": "query",
        "required": false
      }
    ],
    "requestMediaTypes": [],
    "responseMediaTypes": [
      "application/vnd.atlas.2025-03-12+json",
      "application/vnd.atlas.2024-08-05+json"
    ],
    "successStatuses": [
      204
    ],
    "requiredRoles": [
      "Organization Owner"
    ]
  }
} as const satisfies Record<OperationId, OperationDescription>;

// Not `keyof typeof operations`, with which the package's declarations would have to describe them all.
export type OperationId = "createGroupServiceAccountSecret" | "deleteOrgServiceAccountSecret";
