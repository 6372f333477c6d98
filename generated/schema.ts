// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.

export interface paths {
    "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create one secret for a service account of a project
         * @description Creates a secret for a service account that belongs to the project. This response holds its value, which can never be read again. A service account has at most two secrets; creating the second one shortens the life of the first to at most seven days. The request is not idempotent: repeating it after a lost response creates another secret.
         */
        post: operations["createGroupServiceAccountSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete one secret of a service account of an organization
         * @description Deletes a secret of a service account at once: whoever still signs in with it is refused from then on. If it is already gone, the response is 404.
         */
        delete: operations["deleteOrgServiceAccountSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Settings of a new secret. */
        ServiceAccountSecretRequest: {
            /**
             * Format: int32
             * @description Hours from now until the secret expires. The organization's settings limit it; Atlas itself allows 8 hours to 365 days.
             * @example 8
             */
            secretExpiresAfterHours: number;
        };
        /** @description One secret of a service account. */
        ServiceAccountSecret: {
            /**
             * Format: date-time
             * @description When the secret was created.
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description When the secret stops working.
             */
            readonly expiresAt: string;
            /**
             * @description Id of the secret, 24 hexadecimal digits; a deletion names it.
             * @example 32b6e34b3d91647abb20e7b8
             */
            readonly id: string;
            /**
             * Format: date-time
             * @description When the secret was last used to sign in; null or absent if it never was.
             */
            readonly lastUsedAt?: string | null;
            /**
             * @description The value with all but its beginning hidden, to recognize it by.
             * @example mdb_sa_sk_...
             */
            readonly maskedSecretValue?: string;
            /**
             * @description The value to sign in with. Only the response to the creation has it; if lost, it is gone.
             * @example mdb_sa_sk_...
             */
            readonly secret?: string;
        };
        /** @description Why Atlas refused a request or failed to run it. */
        ApiError: {
            badRequestDetail?: components["schemas"]["BadRequestDetail"];
            /** @description The reason in a sentence. */
            detail?: string | null;
            /**
             * Format: int32
             * @description The HTTP status code.
             */
            readonly error: number;
            /** @description Name of the kind of error, for programs. */
            readonly errorCode: string;
            /** @description Values that appear in the sentence in `detail`. */
            readonly parameters?: unknown[];
            /** @description The reason phrase of the HTTP status code. */
            readonly reason?: string | null;
        };
        /** @description Which fields of the request were refused. */
        BadRequestDetail: {
            /** @description One entry for each refused field. */
            fields?: components["schemas"]["FieldViolation"][];
        } | null;
        /** @description Why one field was refused. */
        FieldViolation: {
            /** @description What is wrong with it. */
            description: string;
            /** @description Name of the field. */
            field: string;
        };
    };
    responses: {
        /** @description The request breaks the schema or the organization's settings; nothing was changed. */
        badRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ApiError"];
            };
        };
        /** @description No credentials came with the request, or Atlas does not accept them; nothing was changed. */
        unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ApiError"];
            };
        };
        /** @description The credentials lack the role that the operation needs; nothing was changed. */
        forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ApiError"];
            };
        };
        /** @description Something that the path names does not exist; nothing was changed. */
        notFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ApiError"];
            };
        };
        /** @description The token bucket of this endpoint set is empty; nothing was changed. */
        tooManyRequests: {
            headers: {
                "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
                "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ApiError"];
            };
        };
        /** @description Atlas failed; whether the request took effect is unknown. */
        internalServerError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ApiError"];
            };
        };
    };
    parameters: {
        /**
         * @description Id of the project, 24 hexadecimal digits. Atlas also calls a project a group; both words mean the same.
         * @example 5f0c1a2b3c4d5e6f70819203
         */
        groupId: string;
        /**
         * @description Id of the organization that holds the projects, 24 hexadecimal digits.
         * @example 4e1b0a9f8d7c6b5a49382716
         */
        orgId: string;
        /**
         * @description Client id of the service account.
         * @example mdb_sa_id_65a1b2c3d4e5f60718293a4b
         */
        clientId: string;
        /**
         * @description Id of the secret, 24 hexadecimal digits. It is the id in the response to the creation, not the secret's value.
         * @example 32b6e34b3d91647abb20e7b8
         */
        secretId: string;
        /**
         * @description Whether the response comes with status 200 and its real status and body inside a JSON object, for programs that cannot read a response's status or headers.
         * @default false
         * @example false
         */
        envelope: boolean;
        /**
         * @description Whether the JSON of the response is indented for people to read.
         * @default false
         * @example false
         */
        pretty: boolean;
    };
    requestBodies: never;
    headers: {
        /**
         * @description How many requests the token bucket of this endpoint set holds.
         * @example 10
         */
        "RateLimit-Limit": number;
        /**
         * @description How many requests are left in the token bucket.
         * @example 9
         */
        "RateLimit-Remaining": number;
        /**
         * @description Seconds to wait, at least, before the next request.
         * @example 55
         */
        "Retry-After": number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createGroupServiceAccountSecret: {
        parameters: {
            query?: {
                /**
                 * @description Whether the response comes with status 200 and its real status and body inside a JSON object, for programs that cannot read a response's status or headers.
                 * @default false
                 * @example false
                 */
                envelope?: components["parameters"]["envelope"];
                /**
                 * @description Whether the JSON of the response is indented for people to read.
                 * @default false
                 * @example false
                 */
                pretty?: components["parameters"]["pretty"];
            };
            header?: never;
            path: {
                /**
                 * @description Id of the project, 24 hexadecimal digits. Atlas also calls a project a group; both words mean the same.
                 * @example 5f0c1a2b3c4d5e6f70819203
                 */
                groupId: components["parameters"]["groupId"];
                /**
                 * @description Client id of the service account.
                 * @example mdb_sa_id_65a1b2c3d4e5f60718293a4b
                 */
                clientId: components["parameters"]["clientId"];
            };
            cookie?: never;
        };
        /** @description How long the new secret is valid. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secretExpiresAfterHours": 8
                 *     }
                 */
                "application/vnd.atlas.2024-08-05+json": components["schemas"]["ServiceAccountSecretRequest"];
                /**
                 * @example {
                 *       "secretExpiresAfterHours": 8
                 *     }
                 */
                "application/json": components["schemas"]["ServiceAccountSecretRequest"];
            };
        };
        responses: {
            /** @description The secret was created; no other response ever holds its value. */
            201: {
                headers: {
                    "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
                    "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.atlas.2024-08-05+json": components["schemas"]["ServiceAccountSecret"];
                    "application/vnd.atlas.2025-03-12+json": components["schemas"]["ServiceAccountSecret"];
                };
            };
            400: components["responses"]["badRequest"];
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["notFound"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["internalServerError"];
        };
    };
    deleteOrgServiceAccountSecret: {
        parameters: {
            query?: {
                /**
                 * @description Whether the response comes with status 200 and its real status and body inside a JSON object, for programs that cannot read a response's status or headers.
                 * @default false
                 * @example false
                 */
                envelope?: components["parameters"]["envelope"];
                /**
                 * @description Whether the JSON of the response is indented for people to read.
                 * @default false
                 * @example false
                 */
                pretty?: components["parameters"]["pretty"];
            };
            header?: never;
            path: {
                /**
                 * @description Id of the organization that holds the projects, 24 hexadecimal digits.
                 * @example 4e1b0a9f8d7c6b5a49382716
                 */
                orgId: components["parameters"]["orgId"];
                /**
                 * @description Client id of the service account.
                 * @example mdb_sa_id_65a1b2c3d4e5f60718293a4b
                 */
                clientId: components["parameters"]["clientId"];
                /**
                 * @description Id of the secret, 24 hexadecimal digits. It is the id in the response to the creation, not the secret's value.
                 * @example 32b6e34b3d91647abb20e7b8
                 */
                secretId: components["parameters"]["secretId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secret is gone. The response has no body; the media types only name the versions of the resource. */
            204: {
                headers: {
                    "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
                    "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.atlas.2025-03-12+json": unknown;
                    "application/vnd.atlas.2024-08-05+json": unknown;
                };
            };
            401: components["responses"]["unauthorized"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["notFound"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["internalServerError"];
        };
    };
}
