/**
 * A rotation under way, and what its steps share: how a step is run, how long the caller's functions may take, how an
 * error is shown, how a secret is deleted and signed in with.
 */
import type { ServiceAccount } from "../auth/credentials.js";
import type { AtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError, AtlasError } from "../errors.js";
import { readError } from "../safe/foreign-error.js";
import { notify } from "../safe/notify.js";
import { cleanCause, type Redactor } from "../safe/redaction.js";
import { sleep, throwIfAborted, untilAborted } from "../signals.js";
import { type RotationEnd, remediesDuring, rotationError, type Stop } from "./rotation-end.js";
import { type AcceptedPlan, deletionOf } from "./rotation-plan.js";
import { fingerprintOf, type RecordedSecret, type RotationRecord, recordDuring } from "./rotation-record.js";
import {
  type CreatedSecret,
  type RotationStep,
  SecretNotStoredError,
  type SecretRotationError,
} from "./secret-rotation-error.js";

export interface Rotation {
  readonly atlas: AtlasClient;
  readonly plan: AcceptedPlan;
  /** The plan's and the fleet's; does not end a request that has been sent. */
  readonly signal: AbortSignal;
  /** Knows the new secret as soon as there is one. */
  readonly redactor: Redactor;
}

/** The new secret, with its value if that is known. */
export type UnusedSecret = RecordedSecret & { readonly secret?: string | undefined };

/**
 * Keeps the record, calls the plan's `onStep` and runs the step.
 *
 * @param created the new secret, if its id is known
 * @param stopped returns the error, if something fails or the caller aborts
 */
export async function runStep<Result>(
  rotation: Rotation,
  step: RotationStep,
  created: UnusedSecret | undefined,
  run: () => Promise<Result>,
  stopped: (stop: Stop, error: unknown) => Promise<SecretRotationError>,
): Promise<Result> {
  const { plan, signal } = rotation;
  let reached: "record" | "before" | "at" = "record";
  try {
    // Kept before an abort is looked at: what the step before it has done is in this record.
    const stored = step === "store" && created?.secret !== undefined;
    await keepRecord(plan, recordDuring(plan, step, created, stored ? await fingerprintOf(created.secret) : undefined));
    reached = "before";
    throwIfAborted(signal);
    announceStep(rotation, step, created);
    reached = "at";
    return await run();
  } catch (error) {
    const stop =
      reached === "record"
        ? stopBy(rotation, step, "before", error, notRecorded(rotation, error))
        : stopBy(rotation, step, reached, error);
    throw await stopped(stop, error);
  }
}

export function announceStep({ plan, redactor }: Rotation, step: RotationStep, created?: RecordedSecret): void {
  const secretId = created?.id;
  const remedies = remediesDuring(step, plan, secretId);
  notify(plan.onStep, { step, ...(secretId === undefined ? {} : { secretId }), remedies }, "onStep", redactor.redact);
}

export async function keepRecord({ record, storeTimeoutMs }: AcceptedPlan, entry: RotationRecord): Promise<void> {
  if (record !== undefined) await within(storeTimeoutMs, "record", () => record(entry));
}

/** Why the record could not be kept, if it could not. */
export function tryToKeepRecord(rotation: Rotation, entry: RotationRecord): Promise<Error | undefined> {
  return keepRecord(rotation.plan, entry).then(
    () => undefined,
    (error: unknown) => cleaned(rotation, error),
  );
}

/** Why a rotation stops by an error. */
export function stopBy(
  rotation: Rotation,
  step: RotationStep,
  when: Stop["when"],
  error: unknown,
  said = describeError(rotation, error),
): Stop {
  // A function of the caller's may have put the secret into any other.
  const isClean = error instanceof (step === "verify" || step === "store" ? AtlasAuthError : AtlasError);
  const cause = isClean || isAbort(rotation, error) ? error : cleaned(rotation, error);
  // A compensation of its own takes place before the rotation is begun anew.
  return { step: step === "compensate" ? "create" : step, when, said, cause };
}

/**
 * The error of a rotation that stops here.
 *
 * @param settled what is to be recorded, if nothing is half-done any more
 */
export async function stopped(
  rotation: Rotation,
  stop: Stop,
  end: RotationEnd,
  settled?: RotationRecord,
): Promise<SecretRotationError> {
  const recordError = settled === undefined ? stop.recordError : await tryToKeepRecord(rotation, settled);
  return rotationError(rotation.plan.clientId, { ...stop, recordError }, end);
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
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the error is the reason with which the caller aborted the rotation. */
export function isAbort({ signal }: Rotation, error: unknown): boolean {
  return signal.aborted && error === signal.reason;
}

const NOT_STORED: SecretNotStoredError["code"] = "ERR_SECRET_NOT_STORED";

export function cleaned({ redactor }: Rotation, error: unknown): Error {
  const copy = cleanCause(error, redactor.redact);
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
  if (error instanceof AtlasError) return rotation.redactor.redact(error.summary);
  return `${nameAndMessage(rotation, error)}.`;
}

export function notRecorded(rotation: Rotation, error: unknown): string {
  return `the record could not be kept (${nameAndMessage(rotation, error)}).`;
}

function nameAndMessage({ redactor }: Rotation, error: unknown): string {
  const { name, message } = cleanCause(error, redactor.redact);
  return (readError(error) === undefined ? message : `${name}: ${message}`).replace(/[.:\s]+$/, "");
}

interface DeletionOptions {
  readonly signal?: AbortSignal;
  /** Whether it may have been deleted before, so that a 404 is what to expect. */
  readonly again?: boolean;
}

/**
 * @returns `gone` if Atlas no longer knows the secret after an attempt that may have been applied: it was deleted, or it
 *   was never in this organization
 */
export async function deleteSecret(
  { atlas, plan }: Rotation,
  secretId: string,
  { signal, again = false }: DeletionOptions = {},
): Promise<"deleted" | "gone"> {
  try {
    const call = atlas.deleteOrgServiceAccountSecret(deletionOf(plan, secretId), { signal });
    const { response } = await call.withResponse();
    return response.status === 404 ? "gone" : "deleted";
  } catch (error) {
    if (again && isNotFound(error)) return "gone";
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof AtlasApiError && error.status === 404;
}

/** Whether the secret still exists after its deletion has failed. A 404 proves nothing: a wrong organization brings one too. */
export function afterFailedDeletion(rotation: Rotation, error: unknown): CreatedSecret["now"] {
  // The caller's reason may be another call's error.
  if (!(error instanceof AtlasError) || isAbort(rotation, error) || isNotFound(error)) return "unknown";
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
