/**
 * The last step: the previous secret ends, now that the new one is where it is needed.
 */
import { AtlasError } from "../errors.js";
import { afterFailedDeletion, beginStep, inWords, isAbort, type Rotation, showable } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { previousLeft } from "./rotation-state.js";
import { type CreatedSecret, type PreviousSecret, SecretRotationError } from "./secret-rotation-error.js";

/** @throws SecretRotationError; the new secret is stored and stays alive */
export async function deletePreviousSecret(rotation: Rotation, secret: NewSecret): Promise<"deleted" | "kept"> {
  const { atlas, plan, signal } = rotation;
  const { previousSecretId } = plan;
  if (previousSecretId === undefined) return "kept";
  if (signal.aborted) {
    const happened = `before delete-previous: ${inWords(rotation, signal.reason)}`;
    throw failure(rotation, secret, "kept", happened, signal.reason);
  }
  beginStep(rotation, "delete-previous", secret.id);
  try {
    await atlas.deleteOrgServiceAccountSecret(plan.deleteArguments(previousSecretId), { signal });
    return "deleted";
  } catch (error) {
    const happened = `at delete-previous: ${inWords(rotation, error)}`;
    const now = isAbort(rotation, error) ? "unknown" : afterFailedDeletion(error);
    const cause = error instanceof AtlasError ? error : showable(rotation, error);
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
