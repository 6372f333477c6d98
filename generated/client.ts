// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.
/**
 * One typed function for each operation of the contract.
 *
 * In what `runOperation` sends, openapi-fetch writes the queries (`createQuerySerializer`), and lists and objects in paths
 * (`defaultPathSerializer`). Its own client over the same pipeline is `raw`.
 */

import type { OperationId } from "./operations.js";
import type {
  CreateGroupServiceAccountSecretArguments,
  CreateGroupServiceAccountSecretResult,
  DeleteOrgServiceAccountSecretArguments,
  DeleteOrgServiceAccountSecretResult,
} from "./types.js";

/** The versions of the API that the contract's media types name. */
export const API_VERSIONS = ["2024-08-05","2025-03-12"] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** The result of a call, and on demand what else the response says. */
export interface ResponsePromise<Result, Response> extends Promise<Result> {
  /** Resolves when the call does, and rejects as it does. */
  withResponse(): Promise<{ readonly data: Result; readonly response: Response }>;
}

/** The operations of the contract. `CallOptions` is the second argument of every call. */
export interface Operations<CallOptions, Response = unknown> {
  /**
   * Create one secret for a service account of a project
   *
   * Creates a secret for a service account that belongs to the project. This response holds its value, which can never be read again. A service account has at most two secrets; creating the second one shortens the life of the first to at most seven days. The request is not idempotent: repeating it after a lost response creates another secret.
   *
   * Required role: Project Owner
   *
   * @see {@link https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupserviceaccountsecret | Atlas reference, create one project service account secret}
   */
  createGroupServiceAccountSecret(args: CreateGroupServiceAccountSecretArguments, options?: CallOptions): ResponsePromise<CreateGroupServiceAccountSecretResult, Response>;

  /**
   * Delete one secret of a service account of an organization
   *
   * Deletes a secret of a service account at once: whoever still signs in with it is refused from then on. If it is already gone, the response is 404.
   *
   * Required role: Organization Owner
   *
   * @see {@link https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-deleteorgserviceaccountsecret | Atlas reference, delete one organization service account secret}
   */
  deleteOrgServiceAccountSecret(args: DeleteOrgServiceAccountSecretArguments, options?: CallOptions): ResponsePromise<DeleteOrgServiceAccountSecretResult, Response>;
}

/** Runs one operation: checks the arguments, sends the request and reads the response. */
export type RunOperation<CallOptions, Response = unknown> = <Result>(
  operationId: OperationId,
  args: object,
  options: CallOptions | undefined,
) => ResponsePromise<Result, Response>;

/** The operations of the contract, each run by `runOperation`. */
export function createOperations<CallOptions, Response>(
  runOperation: RunOperation<CallOptions, Response>,
): Operations<CallOptions, Response> {
  return {
    createGroupServiceAccountSecret: (args, options) => runOperation("createGroupServiceAccountSecret", args, options),
    deleteOrgServiceAccountSecret: (args, options) => runOperation("deleteOrgServiceAccountSecret", args, options),
  };
}
