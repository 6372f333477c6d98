/**
 * A rotation under way, and what its steps share: how an error is shown, and what a failed deletion leaves.
 */
import type { AtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError, AtlasError } from "../errors.js";
import { notify } from "../safe/notify.js";
import { cleanCause, type Redactor } from "../safe/redaction.js";
import { remediesDuring } from "./remedies.js";
import type { AcceptedPlan, RotationStep } from "./rotation-plan.js";
import { type CreatedSecret, SecretNotStoredError } from "./secret-rotation-error.js";

export interface Rotation {
  readonly atlas: AtlasClient;
  readonly plan: AcceptedPlan;
  /** The plan's and the fleet's; does not end a request that has been sent. */
  readonly signal: AbortSignal;
  /** Knows the new secret as soon as there is one. */
  readonly redactor: Redactor;
}

/** Calls the plan's `onStep`. */
export function beginStep({ plan }: Pick<Rotation, "plan">, step: RotationStep, secretId?: string): void {
  const remedies = remediesDuring(step, plan, secretId);
  notify(plan.onStep, { step, ...(secretId === undefined ? {} : { secretId }), remedies }, "onStep");
}

/** Whether the error is the reason with which the caller aborted the rotation. */
export function isAbort({ signal }: Rotation, error: unknown): boolean {
  return signal.aborted && error === signal.reason;
}

/** The error as a `cause`: the caller's own reason and this library's errors as they are, all others cleaned. */
export function asCause(rotation: Rotation, error: unknown): unknown {
  if (isAbort(rotation, error)) return error;
  if (error instanceof AtlasAuthError) return error;
  const cleaned = cleanCause(error, rotation.redactor.redact);
  if (!(error instanceof SecretNotStoredError)) return cleaned;
  return new SecretNotStoredError(cleaned.message, cleaned.cause === undefined ? undefined : { cause: cleaned.cause });
}

/** The error as the end of a sentence, with a full stop. */
export function describeError(rotation: Rotation, error: unknown): string {
  if (isAbort(rotation, error)) return `aborted by the caller (${nameAndMessage(rotation, error)}).`;
  if (error instanceof AtlasError) return error.message;
  return `${nameAndMessage(rotation, error)}.`;
}

function nameAndMessage({ redactor }: Rotation, error: unknown): string {
  const { name, message } = cleanCause(error, redactor.redact);
  return (error instanceof Error ? `${name}: ${message}` : message).replace(/[.:\s]+$/, "");
}

/** Whether the secret still exists after its deletion has failed. A 404 proves nothing: a wrong organization brings one too. */
export function afterFailedDeletion(error: unknown): CreatedSecret["now"] {
  if (!(error instanceof AtlasError)) return "unknown";
  if (error instanceof AtlasApiError && error.status === 404) return "unknown";
  return ({ applied: "deleted", "not-applied": "alive", unknown: "unknown" } as const)[error.outcome];
}
