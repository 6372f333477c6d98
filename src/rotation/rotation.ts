/**
 * One rotation on its way, and what its steps share: how an error is shown, and what a failed deletion leaves.
 */
import { TokenFailure } from "../auth/token-endpoint.js";
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
  /** The plan's and the fleet's; a request that has been sent is not cut by it. */
  readonly signal: AbortSignal;
  /** Knows the new secret as soon as there is one. */
  readonly redactor: Redactor;
}

/** Tells the plan's observer that a step begins. */
export function beginStep({ plan }: Pick<Rotation, "plan">, step: RotationStep, secretId?: string): void {
  const remedies = remediesDuring(step, plan, secretId);
  notify(plan.onStep, { step, ...(secretId === undefined ? {} : { secretId }), remedies }, "onStep");
}

/** Whether the error is the caller's own wish to stop. */
export function isAbort({ signal }: Rotation, error: unknown): boolean {
  return signal.aborted && error === signal.reason;
}

/** What may become a `cause`: the caller's own reason and this library's errors as they are, anybody else's cleaned. */
export function showable(rotation: Rotation, error: unknown): unknown {
  if (isAbort(rotation, error)) return error;
  if (error instanceof TokenFailure) return new AtlasAuthError(`${NO_TOKEN}${error.message}`, tokenContext(error));
  const cleaned = cleanCause(error, rotation.redactor.redact);
  if (!(error instanceof SecretNotStoredError)) return cleaned;
  return new SecretNotStoredError(cleaned.message, cleaned.cause === undefined ? undefined : { cause: cleaned.cause });
}

const NO_TOKEN = "no access token could be had with the new secret: ";

function tokenContext({ status, oauthError, oauthErrorDescription, cause }: TokenFailure) {
  return { outcome: "not-applied", status, oauthError, oauthErrorDescription, cause } as const;
}

/** An error as part of a sentence; its own words end with a full stop. */
export function inWords(rotation: Rotation, error: unknown): string {
  if (isAbort(rotation, error)) return `the caller aborted it (${inWordsOf(rotation, error)}).`;
  if (error instanceof AtlasError) return error.message;
  if (error instanceof TokenFailure) return `${NO_TOKEN}${error.message}.`;
  return `${inWordsOf(rotation, error)}.`;
}

function inWordsOf({ redactor }: Rotation, error: unknown): string {
  const { name, message } = cleanCause(error, redactor.redact);
  return (error instanceof Error ? `${name}: ${message}` : message).replace(/[.:\s]+$/, "");
}

/** What exists after a deletion has failed. A 404 proves nothing: a wrong organization is answered in the same way. */
export function afterFailedDeletion(error: unknown): CreatedSecret["now"] {
  if (!(error instanceof AtlasError)) return "unknown";
  if (error instanceof AtlasApiError && error.status === 404) return "unknown";
  return ({ applied: "deleted", "not-applied": "alive", unknown: "unknown" } as const)[error.outcome];
}
