/**
 * Runs the steps of a rotation whose plan has been checked, or what is left of them by its last record.
 */
import type { AtlasClient } from "../client.js";
import { AtlasApiError, AtlasError } from "../errors.js";
import { concealed } from "../safe/concealed.js";
import { createRedactor } from "../safe/redaction.js";
import { linkSignals } from "../signals.js";
import { finishOnceSent } from "../transport/caller-abort.js";
import {
  afterFailedDeletion,
  asCause,
  beginStep,
  deleteSecret,
  describeError,
  isAbort,
  type Rotation,
  stop,
  within,
} from "./rotation.js";
import type { AcceptedPlan, NewSecret } from "./rotation-plan.js";
import type { RecordedSecret, StepUnderWay } from "./rotation-record.js";
import { compensated, createdWithoutId, perhapsStored } from "./rotation-state.js";
import type { CreatedSecret, SecretRotationError } from "./secret-rotation-error.js";
import { createSecret, deletePreviousSecret, type SettledPrevious, storeSecret, verifySecret } from "./steps.js";

/** What a successful rotation returns. */
export interface RotationResult {
  /** The new secret, as `store` got it. Its value can be read, but neither JSON nor inspection shows it. */
  readonly secret: NewSecret;
  /**
   * `kept` if the plan names no previous secret. `gone` if Atlas no longer knew it after an attempt that may have deleted
   * it: a wrong organization or a wrong id would look the same.
   */
  readonly previous: SettledPrevious;
}

/** @param fleetSignal stops the rotation as the plan's own does */
export async function runRotation(
  atlas: AtlasClient,
  plan: AcceptedPlan,
  fleetSignal?: AbortSignal,
): Promise<RotationResult> {
  return withRotation(atlas, plan, fleetSignal, runSteps);
}

/** Runs something with what the steps of a rotation share. */
export async function withRotation<Result>(
  atlas: AtlasClient,
  plan: AcceptedPlan,
  fleetSignal: AbortSignal | undefined,
  run: (rotation: Rotation) => Promise<Result>,
): Promise<Result> {
  const { signal, release } = linkSignals([plan.signal, fleetSignal]);
  try {
    // Given up half-way, a create would leave a secret whose id nobody knows.
    return await run({ atlas, plan, signal: finishOnceSent(signal), redactor: createRedactor(atlas.redact) });
  } finally {
    release();
  }
}

export async function runSteps(rotation: Rotation): Promise<RotationResult> {
  const secret = await createSecret(rotation);
  await verifySecret(rotation, secret);
  await storeSecret(rotation, secret);
  const previous = await deletePreviousSecret(rotation, secret);
  return { secret: concealed(secret, ["secret"]), previous };
}

/** What a rotation has come to that was resumed. */
export interface ResumedRotation {
  /** The secret that is now in use; with its value only if it was created anew. */
  readonly secret: RecordedSecret & { readonly secret?: string };
  readonly previous: RotationResult["previous"];
}

/** What has been checked. */
export interface AcceptedResumption {
  /** Its previous secret is the one that the record names. */
  readonly plan: AcceptedPlan;
  readonly underWay: StepUnderWay;
  /** The new secret, if its id is known. */
  readonly created: RecordedSecret | undefined;
}

/** @param fleetSignal stops the rotation as the plan's own does */
export async function runResumption(
  atlas: AtlasClient,
  { plan, underWay, created }: AcceptedResumption,
  fleetSignal?: AbortSignal,
): Promise<ResumedRotation> {
  return withRotation(atlas, plan, fleetSignal, async (rotation) => {
    if (created === undefined) {
      if (plan.acceptUnknown !== true) throw await unknownCreation(rotation);
    } else {
      const again = underWay.step === "delete-previous";
      if (again || (underWay.step === "store" && (await askIfStored(rotation, created, underWay)))) {
        return { secret: created, previous: await deletePreviousSecret(rotation, created, again) };
      }
      await deleteLeftOver(rotation, created);
    }
    return runSteps(rotation);
  });
}

function unknownCreation(rotation: Rotation): Promise<SecretRotationError> {
  return stop(rotation, {
    step: "create",
    happened: "at create: an earlier run ended there.",
    created: undefined,
    previous: "kept",
    outcome: "unknown",
    cause: undefined,
    ...createdWithoutId(rotation.plan, false),
  });
}

/** @throws SecretRotationError if nobody can say */
async function askIfStored(
  rotation: Rotation,
  { id, expiresAt }: RecordedSecret,
  { fingerprint = "" }: StepUnderWay,
): Promise<boolean> {
  const { isStored, storeTimeoutMs } = rotation.plan;
  let happened = "at store: an earlier run ended there, and nothing says whether the secret was stored.";
  let cause: unknown;
  try {
    const stored = await within(storeTimeoutMs, "isStored", () => isStored?.(id, fingerprint));
    // Whoever has no types may return anything: only a clear word decides what is deleted.
    if (typeof stored === "boolean") return stored;
  } catch (error) {
    happened = `at store: an earlier run ended there, and isStored failed: ${describeError(rotation, error)}`;
    cause = asCause(rotation, error);
  }
  const created: CreatedSecret = { id, expiresAt, now: "alive" };
  const left = perhapsStored(rotation.plan, created);
  throw await stop(rotation, {
    step: "store",
    happened,
    created,
    previous: "kept",
    outcome: "applied",
    cause,
    ...left,
  });
}

/** Deletes the secret of a run that ended before anything had it; that it is gone is as good. */
async function deleteLeftOver(rotation: Rotation, secret: RecordedSecret): Promise<void> {
  const { plan, signal } = rotation;
  let now: CreatedSecret["now"] = "alive";
  try {
    await beginStep(rotation, "compensate", secret);
    now = "unknown";
    await deleteSecret(rotation, secret.id, signal);
  } catch (error) {
    if (error instanceof AtlasApiError && error.status === 404) return;
    if (now === "unknown" && !isAbort(rotation, error)) now = afterFailedDeletion(error);
    const { id, expiresAt } = secret;
    const failure = describeError(rotation, error);
    const created: CreatedSecret = { id, expiresAt, now };
    throw await stop(rotation, {
      step: "create",
      happened: `before create: the secret of an earlier run is in the way.`,
      created,
      previous: "kept",
      outcome: now === "alive" ? "applied" : "unknown",
      cause: error instanceof AtlasError ? error : asCause(rotation, error),
      ...compensated(plan, created, failure),
    });
  }
}
