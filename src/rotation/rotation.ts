/**
 * A rotation under way, and what its steps share: how a step begins, how long it may take, how an error is
 * shown, how a secret is deleted and signed in with.
 */
import type { ServiceAccount } from "../auth/credentials.js";
import type { AtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError, AtlasError } from "../errors.js";
import { notify } from "../safe/notify.js";
import { cleanCause, type Redactor } from "../safe/redaction.js";
import { sleep, throwIfAborted, untilAborted } from "../signals.js";
import type { AcceptedPlan } from "./rotation-plan.js";
import { type RecordedSecret, type RotationRecord, recordDuring } from "./rotation-record.js";
import { fingerprintOf } from "./secret-fingerprint.js";
import {
  type CreatedSecret,
  type RotationFailure,
  type RotationStep,
  remediesDuring,
  SecretNotStoredError,
  SecretRotationError,
} from "./secret-rotation-error.js";

export interface Rotation {
  readonly atlas: AtlasClient;
  readonly plan: AcceptedPlan;
  /** The plan's and the fleet's; does not end a request that has been sent. */
  readonly signal: AbortSignal;
  /** Knows the new secret as soon as there is one. */
  readonly redactor: Redactor;
}

/**
 * Keeps the record, then calls the plan's `onStep`.
 *
 * @param created the new secret, if its id is known; its value only if it is about to be stored
 * @throws what stops the rotation before the step: the caller's abort reason, a RecordFailure
 */
export async function beginStep(
  rotation: Rotation,
  step: RotationStep,
  created?: RecordedSecret,
  value?: string,
): Promise<void> {
  // Kept before an abort is looked at: what the step before it has done is in this record.
  const fingerprint = value === undefined ? undefined : await fingerprintOf(value);
  await keepRecord(rotation, recordDuring(rotation.plan, step, created, fingerprint));
  throwIfAborted(rotation.signal);
  announceStep(rotation, step, created);
}

export function announceStep({ plan, redactor }: Rotation, step: RotationStep, created?: RecordedSecret): void {
  const secretId = created?.id;
  const remedies = remediesDuring(step, plan, secretId);
  notify(plan.onStep, { step, ...(secretId === undefined ? {} : { secretId }), remedies }, "onStep", redactor.redact);
}

/** The plan's `record` has failed; the cause is what it threw. */
class RecordFailure extends Error {}

/** @throws RecordFailure */
export async function keepRecord({ plan }: Rotation, entry: RotationRecord): Promise<void> {
  const { record, storeTimeoutMs } = plan;
  if (record === undefined) return;
  try {
    await within(storeTimeoutMs, "record", () => record(entry));
  } catch (cause) {
    throw new RecordFailure("record failed", { cause });
  }
}

/**
 * The error of a rotation that stops here.
 *
 * @param settled what is to be recorded, if nothing is half-done any more
 */
export async function stop(
  rotation: Rotation,
  failure: Omit<RotationFailure, "clientId">,
  settled?: RotationRecord,
): Promise<SecretRotationError> {
  let { recordError } = failure;
  if (settled !== undefined) {
    recordError = await keepRecord(rotation, settled).then(
      () => undefined,
      (error: unknown) => cleaned(rotation, error),
    );
  }
  return new SecretRotationError({ ...failure, clientId: rotation.plan.clientId, recordError });
}

/** Rejects if the caller's function has not ended in time; the function is then left to itself. */
export async function within<Value>(
  timeoutMs: number,
  what: string,
  run: (signal: AbortSignal) => Value | Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new Error(`${what} did not finish within ${timeoutMs / 1000} s`));
  }, timeoutMs);
  try {
    return await untilAborted((async () => run(controller.signal))(), controller.signal);
  } catch (error) {
    throw isReadable(error) ? error : new Error("An error that cannot be read.");
  } finally {
    clearTimeout(timer);
  }
}

/** Of a revoked proxy, for example, not even the class can be asked for. */
function isReadable(error: unknown): boolean {
  try {
    Object.getPrototypeOf(Object(error));
    return true;
  } catch {
    return false;
  }
}

/** Whether the error is the reason with which the caller aborted the rotation. */
export function isAbort({ signal }: Rotation, error: unknown): boolean {
  return signal.aborted && error === signal.reason;
}

/** The error as a `cause`: the caller's own reason and the client's errors as they are, all others cleaned. */
export function asCause(rotation: Rotation, error: unknown): unknown {
  return isAbort(rotation, error) || error instanceof AtlasAuthError ? error : cleaned(rotation, error);
}

const NOT_STORED: SecretNotStoredError["code"] = "ERR_SECRET_NOT_STORED";

export function cleaned({ redactor }: Rotation, error: unknown): Error {
  const thrown = error instanceof RecordFailure ? error.cause : error;
  const copy = cleanCause(thrown, redactor.redact);
  // By its code: it may be another copy's of this library.
  if (Reflect.get(copy, "code") !== NOT_STORED) return copy;
  return new SecretNotStoredError(copy.message, copy.cause === undefined ? undefined : { cause: copy.cause });
}

/**
 * The error as the end of a sentence, with a full stop. Without what it says of its outcome: that speaks of one call, and
 * a rotation is several.
 */
export function describeError(rotation: Rotation, error: unknown): string {
  if (isAbort(rotation, error)) return `aborted by the caller (${nameAndMessage(rotation, error)}).`;
  if (error instanceof RecordFailure) return `the record could not be kept (${nameAndMessage(rotation, error.cause)}).`;
  if (error instanceof AtlasError) return rotation.redactor.redact(error.summary);
  return `${nameAndMessage(rotation, error)}.`;
}

function nameAndMessage({ redactor }: Rotation, error: unknown): string {
  const { name, message } = cleanCause(error, redactor.redact);
  return (error instanceof Error ? `${name}: ${message}` : message).replace(/[.:\s]+$/, "");
}

/**
 * @returns `gone` if Atlas no longer knows the secret after an attempt that may have been applied: it was deleted, or it
 *   was never in this organization
 */
export async function deleteSecret(
  { atlas, plan }: Rotation,
  secretId: string,
  signal?: AbortSignal,
): Promise<"deleted" | "gone"> {
  const call = atlas.deleteOrgServiceAccountSecret(plan.deleteArguments(secretId), { signal });
  const { response } = await call.withResponse();
  return response.status === 404 ? "gone" : "deleted";
}

/** Whether the secret still exists after its deletion has failed. A 404 proves nothing: a wrong organization brings one too. */
export function afterFailedDeletion(error: unknown): CreatedSecret["now"] {
  if (!(error instanceof AtlasError)) return "unknown";
  if (error instanceof AtlasApiError && error.status === 404) return "unknown";
  return ({ applied: "deleted", "not-applied": "alive", unknown: "unknown" } as const)[error.outcome];
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 8000;

/**
 * Signs in with the new secret, if necessary again and again until its time is over: a secret may be known everywhere only
 * seconds after its creation.
 *
 * @throws AtlasAuthError of the last attempt
 */
export async function signIn(
  atlas: Pick<AtlasClient, "verifySecret">,
  account: ServiceAccount,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const begun = performance.now();
  let sleptMs = 0;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      return await atlas.verifySecret(account, signal && { signal });
    } catch (error) {
      // What was slept counts even if the clock says otherwise: a test may have faked the timers alone.
      const leftMs = timeoutMs - Math.max(sleptMs, performance.now() - begun);
      if (!(error instanceof AtlasAuthError) || leftMs <= 0) throw error;
      const nextMs = Math.min(waitMs, leftMs);
      await sleep(nextMs, signal);
      sleptMs += nextMs;
    }
  }
}
