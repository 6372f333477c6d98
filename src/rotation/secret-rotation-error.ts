/** How a rotation fails, as data; and how a caller's `store` says that it stored nothing. */
import { AtlasError, type AtlasErrorContext } from "../errors.js";
import { recognizeCopies } from "../safe/foreign-error.js";

/** In their order. `compensate` takes the place of those left: it deletes the new secret again, which nothing uses. */
export type RotationStep = "create" | "verify" | "store" | "delete-previous" | "compensate";

/** What a person has to do in Atlas. */
export interface RotationRemedy {
  /**
   * - `delete-secret`: delete `secretId`; nothing uses it.
   * - `look-in-atlas`: find out which secret of the account is in use and delete the other; `secretId`, if known, is
   * the new one.
   */
  readonly action: "delete-secret" | "look-in-atlas";
  /** Organization through which the secret is deleted. */
  readonly orgId: string;
  readonly clientId: string;
  readonly secretId?: string;
}

/** A secret without its value. */
export interface CreatedSecret {
  readonly id: string;
  /** As Atlas returned it; undefined if the response could not be read. */
  readonly expiresAt: string | undefined;
  /** `deleted` again, or `unknown` if that deletion may have failed. */
  readonly now: "alive" | "deleted" | "unknown";
}

/**
 * The secret that was to be replaced. `gone`: after an attempt that may have deleted it, Atlas did not know it; a wrong
 * organization or id looks the same.
 */
export type PreviousSecret = "kept" | "deleted" | "gone" | "unknown";

/** For a plan's `store` to throw: the new secret certainly was not stored, and is deleted again. */
export class SecretNotStoredError extends Error {
  static {
    recognizeCopies(SecretNotStoredError, "SecretNotStoredError");
  }
  override readonly name = "SecretNotStoredError";
  readonly code = "ERR_SECRET_NOT_STORED";
}

type RotationFailure = Pick<SecretRotationError, "clientId" | "step" | "created" | "previous" | "remedies"> &
  Partial<Pick<SecretRotationError, "recordError">>;

/**
 * A rotation stopped. `outcome` says what now exists in Atlas:
 *
 * - `not-applied`: no secret was created, Atlas is as before.
 * - `unknown`: a secret of unknown id may exist (`created` is undefined), or the new one has been deleted again, or may
 * have been (`created.now`). The previous one may expire sooner than before.
 * - `applied`: a new secret exists; its id is unknown if Atlas's response could not be read.
 */
export class SecretRotationError extends AtlasError {
  static {
    recognizeCopies(SecretRotationError, "SecretRotationError");
  }
  override readonly name = "SecretRotationError";
  readonly code = "ERR_SECRET_ROTATION";
  declare readonly clientId: string;
  /** The step that failed, or before which the rotation was stopped. */
  declare readonly step: Exclude<RotationStep, "compensate">;
  /** Undefined if no secret was created, or its id cannot be known. */
  declare readonly created: CreatedSecret | undefined;
  /** `kept` also if the plan names none. */
  declare readonly previous: PreviousSecret;
  /** Why `record` failed, after the rotation had stopped. */
  declare readonly recordError?: Error | undefined;
  /** In this order. The message says them in sentences, which `summary` leaves out. */
  declare readonly remedies: readonly RotationRemedy[];

  constructor(summary: string, failure: AtlasErrorContext & RotationFailure) {
    super(summary, failure);
  }
}
