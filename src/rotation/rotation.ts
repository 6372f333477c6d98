/** What a rotation's steps share: how one is run, how it fails, how a secret is deleted and signed in with. */
import type { ServiceAccount } from "../auth/credentials.js";
import type { AtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError, AtlasError } from "../errors.js";
import { defined } from "../options/read-options.js";
import { cleanCause, notify, readError } from "../safe/foreign-error.js";
import { createRedactor, type Redactor } from "../safe/redaction.js";
import { sleep, throwIfAborted, untilAborted } from "../signals.js";
import { finishOnceSent } from "../transport/caller-abort.js";
import { type RotationEnd, remediesDuring, rotationError, type Stop } from "./rotation-end.js";
import { type AcceptedPlan, deletionOf } from "./rotation-plan.js";
import { fingerprintOf, type RecordedSecret, type RotationRecord, recordDuring } from "./rotation-record.js";
import {
  type CreatedSecret,
  type RotationStep,
  SecretNotStoredError,
  type SecretRotationError,
} from "./secret-rotation-error.js";

/** The new secret, with its value if that is known. */
export type UnusedSecret = RecordedSecret & { readonly secret?: string | undefined };

export class Rotation {
  /** The plan's and the fleet's; does not end a request that has been sent. */
  readonly signal: AbortSignal;
  /** Knows the new secret as soon as there is one. */
  readonly redactor: Redactor;

  constructor(
    readonly atlas: AtlasClient,
    readonly plan: AcceptedPlan,
    signal: AbortSignal,
  ) {
    // Given up half-way, a create would leave a secret whose id nobody knows.
    this.signal = finishOnceSent(signal);
    this.redactor = createRedactor(atlas.redact);
  }

  /**
   * Keeps the record, calls the plan's `onStep` and runs the step.
   *
   * @param created the new secret, if its id is known
   * @param stopped returns the error, if something fails or the caller aborts
   */
  async runStep<Result>(
    step: RotationStep,
    created: UnusedSecret | undefined,
    run: () => Promise<Result>,
    stopped: (stop: Stop, error: unknown) => Promise<SecretRotationError>,
  ): Promise<Result> {
    let when: Stop["when"] = "before";
    let isRecorded = false;
    try {
      // Kept before an abort is looked at: what the step before it has done is in this record.
      const stored = step === "store" && created?.secret !== undefined;
      const fingerprint = stored ? await fingerprintOf(created.secret) : undefined;
      await this.keepRecord(recordDuring(this.plan, step, created, fingerprint));
      isRecorded = true;
      throwIfAborted(this.signal);
      this.announce(step, created?.id);
      when = "at";
      return await run();
    } catch (error) {
      throw await stopped(this.stopBy(step, when, error, isRecorded ? undefined : this.notRecorded(error)), error);
    }
  }

  announce(step: RotationStep, secretId: string | undefined): void {
    const remedies = remediesDuring(step, this.plan, secretId);
    notify(this.plan.onStep, { step, ...defined({ secretId }), remedies }, "onStep", this.redactor.redact);
  }

  async keepRecord(entry: RotationRecord): Promise<undefined> {
    const { record, storeTimeoutMs } = this.plan;
    if (record !== undefined) await within(storeTimeoutMs, "record", () => record(entry));
  }

  /** @returns why the record could not be kept, if it could not */
  tryToKeepRecord(entry: RotationRecord): Promise<Error | undefined> {
    return this.keepRecord(entry).catch((error: unknown) => this.cleaned(error));
  }

  /** @param said in place of what the error says; if a function of the caller's has failed that is no step */
  stopBy(step: RotationStep, when: Stop["when"], error: unknown, said?: string): Stop {
    // A function of the caller's may have put the secret into any error.
    const ofCaller = said !== undefined || step === "store" || (step === "verify" && this.plan.verify !== undefined);
    const isClean = !ofCaller && error instanceof AtlasError;
    const cause = isClean || this.isAbort(error) ? error : this.cleaned(error);
    // A compensation of its own takes place before the rotation is begun anew.
    return { step: step === "compensate" ? "create" : step, when, said: said ?? this.describe(error), cause };
  }

  /**
   * The error, if the rotation stops here.
   *
   * @param settled what is to be recorded, if nothing is half-done any more
   */
  async stopped(stop: Stop, end: RotationEnd, settled?: RotationRecord): Promise<SecretRotationError> {
    const recordError = settled === undefined ? stop.recordError : await this.tryToKeepRecord(settled);
    return rotationError(this.plan.clientId, { ...stop, recordError }, end);
  }

  /** Whether the error is the reason with which the caller aborted the rotation. */
  isAbort(error: unknown): boolean {
    return this.signal.aborted && error === this.signal.reason;
  }

  cleaned(error: unknown): Error {
    const copy = cleanCause(error, this.redactor.redact);
    // By its code: it may be another copy's of this library.
    if (copy.code !== ("ERR_SECRET_NOT_STORED" satisfies SecretNotStoredError["code"])) return copy;
    return new SecretNotStoredError(copy.message, copy.cause === undefined ? undefined : { cause: copy.cause });
  }

  /**
   * The error as the end of a sentence, with a full stop. Without what it says of its outcome: that speaks of one call, and
   * a rotation is several.
   */
  describe(error: unknown): string {
    if (this.isAbort(error)) return `aborted by the caller (${this.nameAndMessage(error)}).`;
    if (error instanceof AtlasError) return this.redactor.redact(error.summary);
    return `${this.nameAndMessage(error)}.`;
  }

  notRecorded(error: unknown): string {
    return `the record could not be kept (${this.nameAndMessage(error)}).`;
  }

  private nameAndMessage(error: unknown): string {
    const { name, message } = cleanCause(error, this.redactor.redact);
    return (readError(error) === undefined ? message : `${name}: ${message}`).replace(/[.:\s]+$/, "");
  }

  /**
   * @param again whether it may have been deleted before, so that a 404 is what to expect
   * @returns `gone` if Atlas no longer knows the secret after an attempt that may have been applied: it was deleted, or it
   *   was never in this organization
   */
  async deleteSecret(secretId: string, signal?: AbortSignal, again = false): Promise<"deleted" | "gone"> {
    try {
      const call = this.atlas.deleteOrgServiceAccountSecret(deletionOf(this.plan, secretId), { signal });
      const { response } = await call.withResponse();
      return response.status === 404 ? "gone" : "deleted";
    } catch (error) {
      // Without Atlas's name for it, it may be the page of a load balancer that has lost its servers.
      if (again && isNotFound(error) && error.errorCode !== undefined) return "gone";
      throw error;
    }
  }

  /** Whether the secret still exists after its deletion has failed. A 404 proves nothing: a wrong organization brings one too. */
  afterFailedDeletion(error: unknown, when: Stop["when"] = "at"): CreatedSecret["now"] {
    if (when === "before") return "alive";
    // The caller's reason may be another call's error.
    if (!(error instanceof AtlasError) || this.isAbort(error) || isNotFound(error)) return "unknown";
    return ({ applied: "deleted", "not-applied": "alive", unknown: "unknown" } as const)[error.outcome];
  }
}

function isNotFound(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && error.status === 404;
}

/**
 * Rejects if the caller's function has not ended in time, or when the signal aborts; the function is then left to itself, and
 * nothing of this keeps the program from ending.
 */
export async function within<Value>(
  timeoutMs: number,
  what: string,
  run: (signal: AbortSignal) => Value | Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  const controller = new AbortController();
  const timeUp = () => controller.abort(new Error(`${what} did not finish within ${timeoutMs / 1000} s`));
  const timer = setTimeout(timeUp, timeoutMs);
  try {
    const done = untilAborted((async () => run(controller.signal))(), controller.signal);
    return await untilAborted(done, signal);
  } finally {
    clearTimeout(timer);
  }
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
