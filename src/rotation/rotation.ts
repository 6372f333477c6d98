/** One rotation: the steps that are left of it, and the compensation, which deletes again a secret that nothing has. */
import { isClientSecret } from "../auth/credentials.js";
import type { AtlasClient } from "../client.js";
import { AtlasApiError, AtlasError, AtlasResponseError } from "../errors.js";
import { defined } from "../options/read-options.js";
import { base64Of, utf8 } from "../safe/encodings.js";
import { notify } from "../safe/foreign-error.js";
import { concealSecret, createRedactor, type Redactor } from "../safe/redaction.js";
import { throwIfAborted } from "../signals.js";
import { finishOnceSent, outcomeOf } from "../transport/caller-abort.js";
import * as ends from "./rotation-end.js";
import { type AcceptedPlan, creationOf, deletionOf, type NewSecret, type ResumedRotation } from "./rotation-plan.js";
import { fingerprintOf, type RecordedSecret, type RotationRecord } from "./rotation-record.js";
import { type CreatedSecret, type RotationStep, SecretNotStoredError } from "./secret-rotation-error.js";
import { signIn, stateBySigningIn, within } from "./time-limits.js";

/** The new secret, with its value if that is known. */
type UnusedSecret = RecordedSecret & { readonly secret?: string | undefined };

const EARLIER_RUN = "an earlier run ended there";

export class Rotation {
  private step: RotationStep = "create";
  private when: ends.Stop["when"] = "before";
  /** The new secret, as soon as its id is known. */
  private created: UnusedSecret | undefined;
  private previous: ResumedRotation["previous"] = "kept";
  /** Why the rotation stops, if that is no error of a call. */
  private reason: Pick<ends.Stop, "said" | "cause"> | undefined;
  /** Knows the new secret as soon as there is one. */
  private readonly redactor: Redactor;

  /** @param signal the plan's and the fleet's */
  constructor(
    private readonly atlas: AtlasClient,
    private readonly plan: AcceptedPlan,
    private readonly signal: AbortSignal,
  ) {
    // Given up half-way, a create would leave a secret whose id nobody knows.
    finishOnceSent(signal);
    this.redactor = createRedactor(atlas.redact);
  }

  /** @throws SecretRotationError that says why the rotation stopped and what is left */
  async run(): Promise<ResumedRotation> {
    const { plan, signal } = this;
    const { created, underWay, acceptUnknown } = plan;
    if (created === undefined && underWay !== undefined && acceptUnknown !== true) {
      const end = ends.createdWithoutId(plan, "unknown");
      throw await this.stopped({ step: "create", when: "at", said: `${EARLIER_RUN}.` }, end);
    }
    if (created === undefined && signal.aborted) {
      const { said, cause } = this.read(signal.reason);
      // Without a record: nothing has begun.
      throw await this.stopped({ step: "create", when: "before", said, cause }, ends.nothingCreated(plan));
    }
    const isInUse = created !== undefined && (await this.isInUse(created));
    this.created = created;
    try {
      if (created !== undefined && !isInUse) {
        await this.begin("compensate");
        // That it is gone is as good.
        await this.deleteSecret(created.id, signal, true);
        this.created = undefined;
        this.step = "create";
        this.when = "before";
        throwIfAborted(signal);
      }
      const secret = isInUse ? created : await this.createAndStore();
      await this.deletePrevious(secret);
      return { secret, previous: this.previous };
    } catch (error) {
      throw await this.failed(error);
    }
  }

  /**
   * Whether the secret of an earlier run is in use.
   *
   * @throws SecretRotationError if nobody can say
   */
  private async isInUse(created: RecordedSecret): Promise<boolean> {
    const { isStored, storeTimeoutMs, underWay: { step, fingerprint = "" } = {} } = this.plan;
    if (step !== "store") return step === "delete-previous";
    let said = "nothing says whether the secret was stored.";
    let cause: unknown;
    try {
      const stored = await within(storeTimeoutMs, "isStored", () => isStored?.(created.id, fingerprint));
      // Whoever has no types may return anything: only a clear word decides what is deleted.
      if (typeof stored === "boolean") return stored;
    } catch (error) {
      const failure = this.read(error);
      said = `isStored failed: ${failure.said}`;
      cause = failure.cause;
    }
    const stop: ends.Stop = { step, when: "at", said: `${EARLIER_RUN}, and ${said}`, cause };
    throw await this.stopped(stop, ends.perhapsStored(this.plan, created));
  }

  private async createAndStore(): Promise<NewSecret> {
    const { atlas, plan, signal, redactor } = this;
    const { clientId, verify, verifyTimeoutMs, store, storeTimeoutMs } = plan;
    await this.begin("create");
    const response = await atlas.createGroupServiceAccountSecret(creationOf(plan), { signal });
    const { id, secret: clientSecret } = response;
    // The two could not be told apart.
    if (id === plan.previousSecretId) this.stopFor(`Atlas returned the id of the previous secret, ${id}.`);
    this.created = response;
    if (!isClientSecret(clientSecret)) this.stopFor("Atlas's response has no usable secret.");
    redactor.protect(clientSecret);
    redactor.protect(base64Of(utf8(`${clientId}:${clientSecret}`)));
    const secret = { ...response, secret: clientSecret };

    if (verify === undefined) {
      await this.begin("verify");
      await signIn(atlas, { clientId, clientSecret }, verifyTimeoutMs, signal);
    } else if (verify !== false) {
      await this.begin("verify");
      const check = (timeUp: AbortSignal): unknown => verify({ ...secret }, { signal: timeUp });
      // Whoever has no types may say so that it does not work.
      if ((await within(verifyTimeoutMs, "verify", check, signal)) === false) throw new Error("verify returned false");
    }

    await this.begin("store", clientSecret);
    // An abort does not end it: it could then not be known whether the secret was stored.
    await within(storeTimeoutMs, "store", (timeUp) => store({ ...secret }, { signal: timeUp }));
    // Hexadecimal digits are the same in either case.
    if (atlas.clientId?.toLowerCase() === clientId.toLowerCase()) atlas.updateClientSecret(clientSecret);
    return concealSecret(secret);
  }

  private async deletePrevious(secret: RecordedSecret): Promise<void> {
    const { previousSecretId, underWay } = this.plan;
    if (previousSecretId !== undefined) {
      await this.begin("delete-previous");
      this.previous = await this.deleteSecret(previousSecretId, this.signal, underWay?.step === "delete-previous");
    }
    this.step = "delete-previous";
    this.when = "after";
    await this.keepRecord(ends.recordAfter(this.plan, secret, this.previous));
  }

  /** @param toStore the value of the new secret, if it is going to be stored */
  private async begin(step: RotationStep, toStore?: string): Promise<void> {
    this.step = step;
    this.when = "before";
    const fingerprint = toStore && (await fingerprintOf(toStore));
    // Kept before an abort is looked at: what the step before it has done is in this record.
    await this.keepRecord(ends.recordDuring(this.plan, step, this.created, fingerprint));
    throwIfAborted(this.signal);
    this.announce(step, this.created?.id);
    this.when = "at";
  }

  private announce(step: RotationStep, secretId: string | undefined): void {
    const remedies = ends.remediesDuring(step, this.plan, secretId);
    notify(this.plan.onStep, { step, ...defined({ secretId }), remedies }, "onStep", this.redactor.redact);
  }

  private stopFor(said: string, cause?: unknown): never {
    this.reason = { said, cause };
    throw new Error(said);
  }

  private async keepRecord(entry: RotationRecord): Promise<void> {
    const failure = await this.tryToKeepRecord(entry);
    if (failure !== undefined) this.stopFor(`the record could not be kept: ${failure.said}`, failure.cause);
  }

  /** @returns why the record could not be kept, if it could not */
  private async tryToKeepRecord(entry: RotationRecord) {
    const { record, storeTimeoutMs } = this.plan;
    try {
      if (record !== undefined) await within(storeTimeoutMs, "record", () => record(entry));
      return undefined;
    } catch (error) {
      return this.read(error);
    }
  }

  /** @param again whether an earlier run may have deleted it, so that a 404 is what to expect */
  private async deleteSecret(secretId: string, signal?: AbortSignal, again = false): Promise<"deleted" | "gone"> {
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

  /** @returns the error that ends the rotation; what nothing uses yet is deleted again */
  private async failed(error: unknown) {
    const { plan, step, when } = this;
    // A function of the caller's may have put the secret into any error.
    const ofCaller = step === "store" || (step === "verify" && plan.verify !== undefined);
    const { said, cause } = this.reason ?? this.read(error, ofCaller);
    const { created } = this;
    if (created === undefined) {
      const stop: ends.Stop = { step: "create", when, said, cause };
      if (when === "before") return this.stopped(stop, ends.nothingCreated(plan), ends.recordUnchanged(plan));
      const id = error instanceof AtlasResponseError ? error.id : undefined;
      // Its value is lost, but its id is known.
      if (id !== undefined && id !== plan.previousSecretId) return this.compensate({ id }, stop);
      // This library's client rejects with the reason only while it waits; it never gives up a create that has been sent.
      const known = this.isAbort(error) ? outcomeOf(this.signal) : error instanceof AtlasError && error.outcome;
      const outcome = known || "unknown";
      // If a secret may have been created, the record still says that this step has begun.
      if (outcome !== "not-applied") return this.stopped(stop, ends.createdWithoutId(plan, outcome));
      return this.stopped(stop, ends.nothingCreated(plan, ends.mayHaveTwoSecrets(error)), ends.recordUnchanged(plan));
    }
    const now = when === "before" ? "alive" : this.afterFailedDeletion(error);
    if (step === "compensate") {
      const inTheWay = "the secret of an earlier run is in the way.";
      const end = ends.compensated(plan, created, now, said);
      return this.stopped({ step: "create", when: "before", said: inTheWay, cause }, end);
    }
    const stop = { step, when, said, cause };
    if (step === "delete-previous") {
      const left = now === "alive" ? "kept" : now;
      return this.stopped(stop, ends.previousLeft(plan, created, when === "after" ? this.previous : left));
    }
    const mayBeStored = step === "store" && when === "at" && !(cause instanceof SecretNotStoredError);
    return mayBeStored ? this.stopped(stop, ends.perhapsStored(plan, created)) : this.compensate(created, stop);
  }

  /** Deletes the new secret. Neither the signal that stopped the rotation prevents that, nor a record that cannot be kept. */
  async compensate(secret: UnusedSecret, stop: ends.Stop) {
    const { atlas, plan } = this;
    const recording = await this.tryToKeepRecord(ends.recordDuring(plan, "compensate", secret));
    this.announce("compensate", secret.id);
    let failure = `Atlas found no such secret in organization ${plan.orgId}.`;
    let now: CreatedSecret["now"] = "unknown";
    try {
      if ((await this.deleteSecret(secret.id)) === "deleted") now = "deleted";
    } catch (error) {
      now = this.afterFailedDeletion(error);
      failure = this.read(error).said;
    }
    // A 404 comes for a wrong organization too: only the secret itself can tell whether it is alive.
    if (now === "unknown" && secret.secret !== undefined) {
      const hasSignedIn = stop.step === "store" && plan.verify === undefined;
      const account = { clientId: plan.clientId, clientSecret: secret.secret };
      now = await stateBySigningIn(atlas, account, hasSignedIn ? 0 : plan.verifyTimeoutMs);
    }
    const end = ends.compensated(plan, secret, now, failure);
    if (now === "deleted") return this.stopped(stop, end, ends.recordUnchanged(plan, secret));
    return this.stopped({ ...stop, recordError: recording?.cleaned }, end);
  }

  /** Whether the secret exists after its deletion has failed. A 404 proves nothing: a wrong organization brings one too. */
  afterFailedDeletion(error: unknown): CreatedSecret["now"] {
    // The caller's reason may be another call's error.
    if (!(error instanceof AtlasError) || this.isAbort(error) || isNotFound(error)) return "unknown";
    return ({ applied: "deleted", "not-applied": "alive", unknown: "unknown" } as const)[error.outcome];
  }

  /** @param settled what is to be recorded, if nothing is half-done any more */
  private async stopped(stop: ends.Stop, end: ends.RotationEnd, settled?: RotationRecord) {
    const recordError = settled === undefined ? stop.recordError : (await this.tryToKeepRecord(settled))?.cleaned;
    return ends.rotationError(this.plan.clientId, { ...stop, recordError }, end);
  }

  /** Whether the error is the reason with which the caller aborted the rotation. */
  private isAbort(error: unknown): boolean {
    return this.signal.aborted && error === this.signal.reason;
  }

  private read(error: unknown, ofCaller = true) {
    return ends.readFailure(error, this.isAbort(error), ofCaller, this.redactor.redact);
  }
}

function isNotFound(error: unknown): error is AtlasApiError {
  return error instanceof AtlasApiError && error.status === 404;
}
