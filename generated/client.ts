// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.
/**
 * One typed function for each operation of the contract.
 *
 * What `runOperation` sends is written by openapi-fetch: `defaultPathSerializer` fills in the path and
 * `createQuerySerializer` writes the query of every call. Its own client over the same pipeline is `raw`.
 */

import type { OperationId } from "./operations.js";
import type {
  CreateGroupServiceAccountSecretArguments,
  CreateGroupServiceAccountSecretResult,
  DeleteOrgServiceAccountSecretArguments,
  DeleteOrgServiceAccountSecretResult,
} from "./types.js";

/** The operations of the contract. `CallOptions` is the second argument of every call. */
export interface Operations<CallOptions> {
  /**
   * Create one secret for a service account of a project
   *
   * Creates a secret for a service account that belongs to the project. This response holds its value, which can never
   * be read again. A service account has at most two secrets; creating the second one shortens the life of the first to
   * at most seven days. The request is not idempotent: repeating it after a lost response creates another secret.
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
   * Deletes a secret of a service account at once: whoever still signs in with it is refused from then on. A secret
   * that is already gone is 404.
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
