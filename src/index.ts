/** The public face of the library. */
import {
  type AtlasApiError,
  type AtlasAuthError,
  AtlasError,
  type AtlasNetworkError,
  type AtlasRequestError,
  type AtlasResponseError,
} from "./errors.js";
import type { SecretRotationError } from "./rotation/secret-rotation-error.js";

export type { ApiVersion, ResponsePromise } from "../generated/client.js";
export type { OperationId } from "../generated/operations.js";
export type { components, operations, paths } from "../generated/schema.js";
// Arguments and result of each operation, whichever the contract has.
export type * from "../generated/types.js";
export type { AccessToken, AccessTokenCredentials, ApiKey, Credentials, ServiceAccount } from "./auth/credentials.js";
export { type AtlasClient, createAtlasClient, previewRequest } from "./client.js";
export type { AtlasErrorCode, Outcome, RequestViolation } from "./errors.js";
export { AtlasApiError, AtlasAuthError, AtlasNetworkError, AtlasRequestError, AtlasResponseError } from "./errors.js";
export type { CallOptions } from "./operation/arguments.js";
export type { RequestPreview } from "./operation/operation.js";
export type { AtlasClientOptions, LogLevel, OptionsFromEnv } from "./options/client-options.js";
export { DEFAULT_OPTIONS, optionsFromEnv, VERSION } from "./options/client-options.js";
export type { FetchBody, FetchBodyReader, FetchFunction, FetchHeaders, FetchInit, FetchResponse } from "./platform.js";
export type { RawClient } from "./raw/raw-client.js";
export {
  previewRotation,
  resumeRotation,
  resumeRotations,
  rotateSecret,
  rotateSecrets,
} from "./rotation/rotate-secret.js";
export type {
  NewSecret,
  ResumedRotation,
  RotationPlan,
  RotationResult,
  RotationStepEvent,
  StepContext,
} from "./rotation/rotation-plan.js";
export type { RecordedSecret, RotationRecord, StepUnderWay } from "./rotation/rotation-record.js";
export { fingerprintOf, matchesFingerprint, readRotationRecord } from "./rotation/rotation-record.js";
export type {
  Resumption,
  RotateSecretsOptions,
  RotationProgress,
  RotationStepPreview,
} from "./rotation/run-rotations.js";
export type { CreatedSecret, PreviousSecret, RotationRemedy, RotationStep } from "./rotation/secret-rotation-error.js";
export { SecretNotStoredError, SecretRotationError } from "./rotation/secret-rotation-error.js";
export type { LineRedactor, Redactor, ResponseHeaders, ResponseMetadata } from "./safe/redaction.js";
export { createLineRedactor, createRedactor } from "./safe/redaction.js";
export { finishOnceSent, outcomeOf } from "./transport/caller-abort.js";
export type { DeprecationEvent, DeviationEvent, Logger, RequestMessage } from "./transport/observe.js";
export type { RetryEvent, RetryOptions } from "./transport/retry.js";

/**
 * Any error that this library throws, a caller's own abort reason aside; `code` tells which.
 *
 * @example
 * if (error instanceof AtlasError && error.code === "ERR_ATLAS_API") console.error(error.status, error.outcome);
 */
type AnyAtlasError =
  | AtlasApiError
  | AtlasAuthError
  | AtlasNetworkError
  | AtlasRequestError
  | AtlasResponseError
  | SecretRotationError;
// The base class knows nothing of those who extend it, and there are no others. Under another name here, or it could not keep
// its own in the bundle.
const AnyAtlasError = AtlasError as unknown as abstract new (...args: never[]) => AnyAtlasError;

export { AnyAtlasError as AtlasError };
