/**
 * The last step: deletes the previous secret, now that the new one is stored.
 */
import { AtlasError } from "../errors.js";
import { afterFailedDeletion, asCause, beginStep, describeError, isAbort, type Rotation } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { previousLeft } from "./rotation-state.js";
import { type CreatedSecret, type PreviousSecret, SecretRotationError } from "./secret-rotation-error.js";

/** @throws SecretRotationError; the new secret is stored and stays alive */
export async function deletePreviousSecret(rotation: Rotation, secret: NewSecret): Promise<"deleted" | "kept"> {
  const { atlas, plan, signal } = rotation;
  const { previousSecretId } = plan;
  if (previousSecretId === undefined) return "kept";
  if (signal.aborted) {
    const happened = `before delete-previous: ${describeError(rotation, signal.reason)}`;
    throw failure(rotation, secret, "kept", happened, signal.reason);
  }
  beginStep(rotation, "delete-previous", secret.id);
  try {
    await atlas.deleteOrgServiceAccountSecret(plan.deleteArguments(previousSecretId), { signal });
    return "deleted";
  } catch (error) {
    const happened = `at delete-previous: ${describeError(rotation, error)}`;
    const now = isAbort(rotation, error) ? "unknown" : afterFailedDeletion(error);
    const cause = error instanceof AtlasError ? error : asCause(rotation, error);
    throw failure(rotation, secret, now === "alive" ? "kept" : now, happened, cause);
  }
}

function failure(
  { plan }: Rotation,
  { id, expiresAt }: NewSecret,
  previous: PreviousSecret,
  happened: string,
  cause: unknown,
): SecretRotationError {
  const created: CreatedSecret = { id, expiresAt, now: "alive" };
  return new SecretRotationError({
    clientId: plan.clientId,
    step: "delete-previous",
    created,
    previous,
    outcome: "applied",
    happened,
    cause,
    ...previousLeft(plan, created, previous),
  });
}
