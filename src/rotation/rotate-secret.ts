/**
 * Rotates one secret: create, verify, store, delete the previous one. Wherever it stops, it leaves a stored secret that
 * works, and no secret that the error does not name.
 */
import type { AtlasClient } from "../client.js";
import { acceptPlan, type RotationPlan } from "./rotation-plan.js";
import type { RotationResult } from "./run-rotation.js";

/**
 * Rotates a secret in four steps: creates the new one, verifies that it works, calls `plan.store` with it, and deletes
 * the previous one, if the plan names one. If the client signs in with the account that is rotated, it switches to the
 * new secret as soon as it is stored.
 *
 * @throws AtlasRequestError listing everything in the plan that is wrong; nothing was sent
 * @throws SecretRotationError for every failure after that, an abort included
 * @example
 * const { secret, previous } = await rotateSecret(atlas, {
 *   groupId,
 *   orgId,
 *   clientId,
 *   secretExpiresAfterHours: 24 * 30,
 *   previousSecretId,
 *   store: ({ secret }) => vault.put("atlas", secret),
 * });
 */
export async function rotateSecret(atlas: AtlasClient, plan: RotationPlan): Promise<RotationResult> {
  // At once: the rotation follows the plan as it is now.
  const accepted = acceptPlan(atlas, plan);
  // Loaded by the first rotation: most programs only create and delete, or rotate once in their life.
  const { runRotation } = await import("./run-rotation.js");
  return runRotation(atlas, accepted);
}
