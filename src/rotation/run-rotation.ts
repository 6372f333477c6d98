/**
 * Runs the steps of a rotation whose plan has been checked.
 */
import type { AtlasClient } from "../client.js";
import { concealed } from "../safe/concealed.js";
import { createRedactor } from "../safe/redaction.js";
import { linkSignals } from "../signals.js";
import { finishOnceSent } from "../transport/caller-abort.js";
import { createSecret } from "./create-secret.js";
import { deletePreviousSecret, type SettledPrevious } from "./delete-previous-secret.js";
import type { Rotation } from "./rotation.js";
import type { AcceptedPlan, NewSecret } from "./rotation-plan.js";
import { storeSecret } from "./store-secret.js";
import { verifySecret } from "./verify-secret.js";

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
