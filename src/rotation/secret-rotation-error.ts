/**
 * How a rotation fails: what then exists, what a person has to do, as data and as sentences of the message; and how a
 * caller's `store` says that it stored nothing.
 */
import { AtlasError, type Outcome } from "../errors.js";
import { recognizeCopies } from "../safe/identity.js";

/**
 * The steps of a rotation, in their order. `compensate` takes the place of those that would have followed: it deletes
 * the new secret again, which nothing has.
 */
export type RotationStep = "create" | "verify" | "store" | "delete-previous" | "compensate";

/** Something to do in Atlas that no program can decide on, or that it tried and failed to do. */
export interface RotationRemedy {
  /**
   * - `delete-secret`: delete the secret `secretId`; nothing uses it.
   * - `look-in-atlas`: find out in Atlas which secrets the account has and which one is in use, then delete the other.
   *   `secretId`, if known, is the one that the rotation created.
   */
  readonly action: "delete-secret" | "look-in-atlas";
  /** Organization through which the secret is deleted. */
  readonly orgId: string;
  /** Service account that the secret belongs to. */
  readonly clientId: string;
  readonly secretId?: string;
}

/** The part of a plan that says whose secrets they are. */
export interface RotatedAccount {
  readonly orgId: string;
  readonly clientId: string;
  readonly previousSecretId?: string | undefined;
}

/** The secret that a rotation created, without its value. */
export interface CreatedSecret {
  readonly id: string;
  /** As Atlas returned it; undefined if the response could not be read. */
  readonly expiresAt: string | undefined;
  /** Whether it still exists: `deleted` once it has been deleted again, `unknown` if that deletion may have failed. */
  readonly now: "alive" | "deleted" | "unknown";
}

/**
 * What is known of the secret that was to be replaced. `gone`: Atlas no longer knew it after an attempt that may have
 * deleted it; a wrong organization or a wrong id looks the same.
 */
export type PreviousSecret = "kept" | "deleted" | "gone" | "unknown";

export interface RotationState {
  /** What exists, in sentences. */
  readonly state: string;
  readonly remedies: readonly RotationRemedy[];
}

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

export function deleteSecret({ orgId, clientId }: RotatedAccount, secretId: string): RotationRemedy {
  return { action: "delete-secret", orgId, clientId, secretId };
}

export function lookInAtlas({ orgId, clientId }: RotatedAccount, secretId?: string): RotationRemedy {
  return { action: "look-in-atlas", orgId, clientId, ...(secretId === undefined ? {} : { secretId }) };
}

/** What has to be done if the process ends during a step. */
export function remediesDuring(
  step: RotationStep,
  plan: RotatedAccount,
  secretId: string | undefined,
): readonly RotationRemedy[] {
  if (secretId === undefined || step === "store") return [lookInAtlas(plan, secretId)];
  if (step !== "delete-previous") return [deleteSecret(plan, secretId)];
  return plan.previousSecretId === undefined ? [] : [deleteSecret(plan, plan.previousSecretId)];
}

/** The remedy as a sentence, for somebody who writes a program with this library. */
export function describeRemedy({ action, orgId, clientId, secretId }: RotationRemedy): string {
  const deletion = (id: string) =>
    `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${id} })`;
  if (action === "delete-secret") return `Delete secret ${secretId} with ${deletion(`"${secretId}"`)}.`;
  if (secretId === undefined) {
    return (
      `Before rotating again, look in Atlas at the secrets of ${clientId} in organization ${orgId}, and delete the one ` +
      `that nothing uses with ${deletion("its id")}.`
    );
  }
  return `Find out which one is in use and delete the other; the new one with ${deletion(`"${secretId}"`)}.`;
}
