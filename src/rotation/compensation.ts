/**
 * Deletes the new secret again if the rotation stops before anything has it.
 */
import { AtlasError } from "../errors.js";
import { cleanCause } from "../safe/redaction.js";
import { afterFailedDeletion, beginStep, describeError, type Rotation } from "./rotation.js";
import { compensated } from "./rotation-state.js";
import { type CreatedSecret, type RotationFailure, SecretRotationError } from "./secret-rotation-error.js";

/**
 * Deletes the new secret and returns the error that says why the rotation stopped and what is left. Nothing cancels the
 * deletion: the signal that stopped the rotation must not also keep it from cleaning up.
 */
export async function compensation(
  { atlas, plan, signal, redactor }: Rotation,
  { id, expiresAt }: Pick<CreatedSecret, "id" | "expiresAt">,
  stopped: Pick<RotationFailure, "step" | "happened" | "cause">,
): Promise<SecretRotationError> {
  beginStep({ plan }, "compensate", id);
  let now: CreatedSecret["now"] = "deleted";
  let failure: string | undefined;
  let compensationError: Error | undefined;
  try {
    await atlas.deleteOrgServiceAccountSecret(plan.deleteArguments(id));
  } catch (error) {
    now = afterFailedDeletion(error);
    failure = describeError({ atlas, plan, signal, redactor }, error);
    compensationError = error instanceof AtlasError ? error : cleanCause(error, redactor.redact);
  }
  const created = { id, expiresAt, now };
  return new SecretRotationError({
    ...stopped,
    clientId: plan.clientId,
    created,
    previous: "kept",
    outcome: now === "alive" ? "applied" : "unknown",
    compensationError,
    ...compensated(plan, created, failure),
  });
}
