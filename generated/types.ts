// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.
/**
 * What the function of each operation takes and returns: the types that openapi-typescript wrote to schema.ts.
 */

import type { operations } from "./schema.js";

/** Arguments of `createGroupServiceAccountSecret`. */
export interface CreateGroupServiceAccountSecretArguments extends ParametersOf<"createGroupServiceAccountSecret"> {
  /** How long the new secret is valid. */
  body: NonNullable<operations["createGroupServiceAccountSecret"]["requestBody"]>["content"]["application/vnd.atlas.2024-08-05+json"];
}

/** Arguments of `deleteOrgServiceAccountSecret`. */
export interface DeleteOrgServiceAccountSecretArguments extends ParametersOf<"deleteOrgServiceAccountSecret"> {}

/** What `createGroupServiceAccountSecret` returns. */
export type CreateGroupServiceAccountSecretResult = operations["createGroupServiceAccountSecret"]["responses"]["201"]["content"]["application/vnd.atlas.2024-08-05+json"];

/** What `deleteOrgServiceAccountSecret` returns. */
export type DeleteOrgServiceAccountSecretResult = void;

/** The parameters of an operation by name, wherever they are sent. */
type ParametersOf<Id extends keyof operations> = Listed<operations[Id]["parameters"]["path"]> &
  Listed<operations[Id]["parameters"]["query"]> &
  Listed<operations[Id]["parameters"]["header"]>;
/** schema.ts has `never` if there are none. */
type Listed<Parameters> = [NonNullable<Parameters>] extends [never] ? unknown : NonNullable<Parameters>;
