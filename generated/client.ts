// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.
/**
 * One typed function for each operation of the contract. The types are those that openapi-typescript wrote to schema.ts.
 *
 * What `runOperation` sends is written by openapi-fetch: `defaultPathSerializer` fills in the path and
 * `createQuerySerializer` writes the query of every call. Its own client over the same pipeline is `raw`.
 */

import type { OperationId } from "./operations.js";
import type { operations } from "./schema.js";

/** Arguments of `createGroupServiceAccountSecret`. */
export interface CreateGroupServiceAccountSecretArguments {
  /**
   * Id of the project, 24 hexadecimal digits. Atlas also calls a project a group; both words mean the same.
   *
   * Pattern: `^([a-f0-9]{24})$`
   */
  groupId: operations["createGroupServiceAccountSecret"]["parameters"]["path"]["groupId"];
  /**
   * Client id of the service account.
   *
   * Pattern: `^mdb_sa_id_[a-fA-F\d]{24}$`
   */
  clientId: operations["createGroupServiceAccountSecret"]["parameters"]["path"]["clientId"];
  /** How long the new secret is to live. */
  body: operations["createGroupServiceAccountSecret"]["requestBody"]["content"]["application/vnd.atlas.2024-08-05+json"];
  /**
   * Whether the answer comes with status 200 and its real status and body inside a JSON object, for programs that
   * cannot read a response's status or headers.
   *
   * @defaultValue `false`
   */
  envelope?: ParameterType<operations["createGroupServiceAccountSecret"]["parameters"]["query"], "envelope">;
  /**
   * Whether the JSON of the answer is indented for people to read.
   *
   * @defaultValue `false`
   */
  pretty?: ParameterType<operations["createGroupServiceAccountSecret"]["parameters"]["query"], "pretty">;
}

/** Arguments of `deleteOrgServiceAccountSecret`. */
export interface DeleteOrgServiceAccountSecretArguments {
  /**
   * Id of the organization that holds the projects, 24 hexadecimal digits.
   *
   * Pattern: `^([a-f0-9]{24})$`
   */
  orgId: operations["deleteOrgServiceAccountSecret"]["parameters"]["path"]["orgId"];
  /**
   * Client id of the service account.
   *
   * Pattern: `^mdb_sa_id_[a-fA-F\d]{24}$`
   */
  clientId: operations["deleteOrgServiceAccountSecret"]["parameters"]["path"]["clientId"];
  /**
   * Id of the secret, 24 hexadecimal digits. It is the id in the answer to the creation, not the secret's value.
   *
   * Pattern: `^([a-f0-9]{24})$`
   */
  secretId: operations["deleteOrgServiceAccountSecret"]["parameters"]["path"]["secretId"];
  /**
   * Whether the answer comes with status 200 and its real status and body inside a JSON object, for programs that
   * cannot read a response's status or headers.
   *
   * @defaultValue `false`
   */
  envelope?: ParameterType<operations["deleteOrgServiceAccountSecret"]["parameters"]["query"], "envelope">;
  /**
   * Whether the JSON of the answer is indented for people to read.
   *
   * @defaultValue `false`
   */
  pretty?: ParameterType<operations["deleteOrgServiceAccountSecret"]["parameters"]["query"], "pretty">;
}

/** What `createGroupServiceAccountSecret` returns. */
export type CreateGroupServiceAccountSecretResult =
  operations["createGroupServiceAccountSecret"]["responses"][201]["content"]["application/vnd.atlas.2024-08-05+json"];

/** What `deleteOrgServiceAccountSecret` returns. */
export type DeleteOrgServiceAccountSecretResult = void;

/** The operations of the contract. `CallOptions` is the second argument of every call. */
export interface Operations<CallOptions> {
  /**
   * Create one secret for a service account of a project
   *
   * Makes a new secret for a service account that belongs to the project. The value is in this answer and can never be
   * read again. A service account holds two secrets at most; making the second one shortens the life of the first to no
   * more than seven days. The request is not idempotent: repeating it after a lost answer makes another secret.
   *
   * Required role: Project Owner
   *
   * @see {@link https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupserviceaccountsecret | Atlas reference, create one project service account secret}
   */
  createGroupServiceAccountSecret(
    args: CreateGroupServiceAccountSecretArguments,
    options?: CallOptions,
  ): Promise<CreateGroupServiceAccountSecretResult>;

  /**
   * Delete one secret of a service account of an organization
   *
   * Ends a secret of a service account at once: whoever still signs in with it is refused from then on. Deleting a
   * secret that is already gone is answered with 404.
   *
   * Required role: Organization Owner
   *
   * @see {@link https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-deleteorgserviceaccountsecret | Atlas reference, delete one organization service account secret}
   */
  deleteOrgServiceAccountSecret(
    args: DeleteOrgServiceAccountSecretArguments,
    options?: CallOptions,
  ): Promise<DeleteOrgServiceAccountSecretResult>;
}

/** Runs one operation: checks the arguments, sends the request and reads the response. */
export type RunOperation<CallOptions> = <Result>(
  operationId: OperationId,
  args: object,
  options: CallOptions | undefined,
) => Promise<Result>;

/** The operations of the contract, each run by `runOperation`. */
export function createOperations<CallOptions>(runOperation: RunOperation<CallOptions>): Operations<CallOptions> {
  return {
    createGroupServiceAccountSecret: (args, options) => runOperation("createGroupServiceAccountSecret", args, options),
    deleteOrgServiceAccountSecret: (args, options) => runOperation("deleteOrgServiceAccountSecret", args, options),
  };
}

/** The type of one parameter; without undefined, since what is optional is left out instead. */
type ParameterType<Parameters, Name extends keyof NonNullable<Parameters>> = Exclude<
  NonNullable<Parameters>[Name],
  undefined
>;
