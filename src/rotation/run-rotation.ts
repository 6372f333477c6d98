/**
 * Runs the steps of a rotation whose plan has been checked, or what is left of them by its last record.
 */
import type { AtlasClient } from "../client.js";
import { concealed } from "../safe/concealed.js";
import { linkSignals } from "../signals.js";
import { Rotation, within } from "./rotation.js";
import { compensated, createdWithoutId, perhapsStored, type Stop } from "./rotation-end.js";
import type { AcceptedPlan, NewSecret } from "./rotation-plan.js";
import type { RecordedSecret, StepUnderWay } from "./rotation-record.js";
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

/** What a rotation has come to that was resumed. */
export interface ResumedRotation {
  /** The secret that is now in use; with its value only if it was created anew. */
  readonly secret: RecordedSecret & { readonly secret?: string };
  readonly previous: RotationResult["previous"];
}

/** A plan that has been checked, with what its record says, if it is resumed. */
export interface AcceptedRotation {
  /** If it is resumed, its previous secret is the one that the record names. */
  readonly plan: AcceptedPlan;
  readonly underWay?: StepUnderWay | undefined;
  /** The new secret, if its id is known. */
  readonly created?: RecordedSecret | undefined;
}

/** @param fleetSignal stops the rotation as the plan's own does */
export async function runRotation(
  atlas: AtlasClient,
  { plan, underWay, created }: AcceptedRotation,
  fleetSignal?: AbortSignal,
): Promise<ResumedRotation> {
  const { signal, release } = linkSignals([plan.signal, fleetSignal]);
  const rotation = new Rotation(atlas, plan, signal);
  try {
    return await (underWay === undefined ? runSteps(rotation) : resumeSteps(rotation, underWay, created));
  } finally {
    release();
  }
}

async function runSteps(rotation: Rotation): Promise<RotationResult> {
  const secret = await createSecret(rotation);
  await verifySecret(rotation, secret);
  await storeSecret(rotation, secret);
  const previous = await deletePreviousSecret(rotation, secret);
  return { secret: concealed(secret, ["secret"]), previous };
}

async function resumeSteps(
  rotation: Rotation,
  underWay: StepUnderWay,
  created: RecordedSecret | undefined,
): Promise<ResumedRotation> {
  const { plan } = rotation;
  if (created === undefined) {
    const stop: Stop = { step: "create", when: "at", said: "an earlier run ended there." };
    if (plan.acceptUnknown !== true) throw await rotation.stopped(stop, createdWithoutId(plan, "unknown"));
  } else {
    const again = underWay.step === "delete-previous";
    if (again || (underWay.step === "store" && (await askIfStored(rotation, created, underWay)))) {
      return { secret: created, previous: await deletePreviousSecret(rotation, created, again) };
    }
    await deleteLeftOver(rotation, created);
  }
  return runSteps(rotation);
}

/** @throws SecretRotationError if nobody can say */
async function askIfStored(
  rotation: Rotation,
  created: RecordedSecret,
  { fingerprint = "" }: StepUnderWay,
): Promise<boolean> {
  const { isStored, storeTimeoutMs } = rotation.plan;
  const ended = "an earlier run ended there, and";
  let stop: Stop = { step: "store", when: "at", said: `${ended} nothing says whether the secret was stored.` };
  try {
    const stored = await within(storeTimeoutMs, "isStored", () => isStored?.(created.id, fingerprint));
    // Whoever has no types may return anything: only a clear word decides what is deleted.
    if (typeof stored === "boolean") return stored;
  } catch (error) {
    stop = rotation.stopBy("store", "at", error, `${ended} isStored failed: ${rotation.describe(error)}`);
  }
  throw await rotation.stopped(stop, perhapsStored(rotation.plan, created));
}

/** Deletes the secret of a run that ended before anything had it; that it is gone is as good. */
async function deleteLeftOver(rotation: Rotation, secret: RecordedSecret): Promise<void> {
  const { plan, signal } = rotation;
  const deletion = () => rotation.deleteSecret(secret.id, signal, true);
  await rotation.runStep("compensate", secret, deletion, ({ when, said, ...stop }, error) => {
    const now = when === "before" ? "alive" : rotation.afterFailedDeletion(error);
    const inTheWay: Stop = { ...stop, when: "before", said: "the secret of an earlier run is in the way." };
    return rotation.stopped(inTheWay, compensated(plan, secret, now, said));
  });
}
