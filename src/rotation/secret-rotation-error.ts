/**
 * How a rotation fails, and how a caller's `store` says that it stored nothing.
 */
import { AtlasError, type Outcome } from "../errors.js";
import { recognizeCopies } from "../safe/identity.js";
import { describeRemedy, type RotationRemedy, type RotationStep } from "./remedies.js";
import type { CreatedSecret, PreviousSecret, RotationState } from "./rotation-state.js";

/**
 * For a plan's `store` to throw: the new secret certainly was not stored, so the rotation deletes it again. After any
 * other error it may have been stored, and it stays alive.
 */
export class SecretNotStoredError extends Error {
  static {
    recognizeCopies(SecretNotStoredError, "SecretNotStoredError");
  }
  override readonly name = "SecretNotStoredError";
  readonly code = "ERR_SECRET_NOT_STORED";
}

/** What a `SecretRotationError` is made from. */
export interface RotationFailure extends RotationState {
  readonly clientId: string;
  readonly step: Exclude<RotationStep, "compensate">;
  readonly created: CreatedSecret | undefined;
  readonly previous: PreviousSecret;
  readonly outcome: Outcome;
  /** Already cleaned, or the caller's own abort reason. */
  readonly cause: unknown;
  readonly compensationError?: Error | undefined;
  readonly recordError?: Error | undefined;
  /** Where it stopped and why: "at create: …", "before store: …". */
  readonly happened: string;
}

/**
 * A rotation stopped. `outcome` says what now exists in Atlas:
 *
 * - `not-applied`: no secret was created, Atlas is as before.
 * - `unknown`: a secret may have been created whose id cannot be known (`created` is undefined), or the one that was
 *   created has been deleted again, or may have been (`created.now`). The previous secret may expire sooner than before.
 * - `applied`: a new secret exists. `created` names it, unless Atlas's response could not be read.
 */
export class SecretRotationError extends AtlasError {
  static {
    recognizeCopies(SecretRotationError, "SecretRotationError");
  }
  override readonly name = "SecretRotationError";
  readonly code = "ERR_SECRET_ROTATION";
  /** The service account whose secret was to be rotated. */
  readonly clientId: string;
  /** The step that failed, or before which the rotation was stopped. */
  readonly step: Exclude<RotationStep, "compensate">;
  /** The secret that was created; undefined if none was, or if its id cannot be known. */
  readonly created: CreatedSecret | undefined;
  /** The secret that was to be replaced; `kept` also if the plan names none. */
  readonly previous: PreviousSecret;
  /** Why the new secret could not be deleted again, if that was tried and failed. */
  readonly compensationError: Error | undefined;
  /** Why the last record could not be kept, if `record` failed after the rotation had stopped. */
  readonly recordError: Error | undefined;
  /** What a person has to do now, in this order; empty if there is nothing. The message says the same in sentences. */
  readonly remedies: readonly RotationRemedy[];
  /** The message without the remedies, for programs that word these themselves. */
  override readonly summary: string;

  constructor(failure: RotationFailure) {
    const { clientId, outcome, cause, happened, state, remedies } = failure;
    const stopped = `Rotating the secret of ${clientId} stopped ${happened}`;
    super(stopped, { outcome, cause, effect: [state, ...remedies.map(describeRemedy)].join(" ") });
    this.clientId = clientId;
    this.step = failure.step;
    this.created = failure.created;
    this.previous = failure.previous;
    this.compensationError = failure.compensationError;
    this.recordError = failure.recordError;
    this.remedies = remedies;
    this.summary = `${stopped} ${state}`;
  }
}
