/**
 * The last step: deletes the previous secret, now that the new one is stored.
 */
import { AtlasApiError, AtlasError } from "../errors.js";
import {
  afterFailedDeletion,
  asCause,
  beginStep,
  deleteSecret,
  describeError,
  isAbort,
  keepRecord,
  type Rotation,
  stop,
} from "./rotation.js";
import { type RecordedSecret, recordAfter } from "./rotation-record.js";
import { type CreatedSecret, type PreviousSecret, previousLeft } from "./rotation-state.js";
import type { SecretRotationError } from "./secret-rotation-error.js";

/** What became of the previous secret in a rotation that succeeded. */
export type SettledPrevious = Exclude<PreviousSecret, "unknown">;

/**
 * @param again whether an earlier run may have deleted it already, so that a 404 is what to expect
 * @throws SecretRotationError; the new secret is stored and stays alive
 */
export async function deletePreviousSecret(
  rotation: Rotation,
  secret: RecordedSecret,
  again = false,
): Promise<SettledPrevious> {
  const previous = await deletePrevious(rotation, secret, again);
  try {
    await keepRecord(rotation, recordAfter(rotation.plan, secret, previous));
    return previous;
  } catch (error) {
    throw await failure(rotation, secret, previous, "after", error);
  }
}

async function deletePrevious(rotation: Rotation, secret: RecordedSecret, again: boolean): Promise<SettledPrevious> {
  const { plan, signal } = rotation;
  const { previousSecretId } = plan;
  if (previousSecretId === undefined) return "kept";
  try {
    await beginStep(rotation, "delete-previous", secret);
  } catch (error) {
    throw await failure(rotation, secret, "kept", "before", error);
  }
  try {
    return await deleteSecret(rotation, previousSecretId, signal);
  } catch (error) {
    if (again && error instanceof AtlasApiError && error.status === 404) return "gone";
    const now = isAbort(rotation, error) ? "unknown" : afterFailedDeletion(error);
    throw await failure(rotation, secret, now === "alive" ? "kept" : now, "at", error);
  }
}

function failure(
  rotation: Rotation,
  { id, expiresAt }: RecordedSecret,
  previous: PreviousSecret,
  when: "before" | "at" | "after",
  error: unknown,
): Promise<SecretRotationError> {
  const created: CreatedSecret = { id, expiresAt, now: "alive" };
  return stop(rotation, {
    step: "delete-previous",
    happened: `${when} delete-previous: ${describeError(rotation, error)}`,
    created,
    previous,
    outcome: "applied",
    cause: error instanceof AtlasError && !isAbort(rotation, error) ? error : asCause(rotation, error),
    ...previousLeft(rotation.plan, created, previous),
  });
}
