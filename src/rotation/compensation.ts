/**
 * Deletes the new secret again if the rotation stops before anything has it.
 */
import type { CreateGroupServiceAccountSecretResult } from "../../generated/types.js";
import { AtlasAuthError, AtlasError } from "../errors.js";
import {
  afterFailedDeletion,
  announceStep,
  cleaned,
  deleteSecret,
  describeError,
  keepRecord,
  type Rotation,
  signIn,
  stop,
} from "./rotation.js";
import { type RecordedSecret, recordDuring, recordUnchanged } from "./rotation-record.js";
import { compensated } from "./rotation-state.js";
import type { CreatedSecret, RotationFailure, SecretRotationError } from "./secret-rotation-error.js";

/** The new secret, with its value if that is known. */
type UnusedSecret = RecordedSecret & Pick<CreateGroupServiceAccountSecretResult, "secret">;

/**
 * Deletes the new secret and returns the error that says why the rotation stopped and what is left. Nothing cancels the
 * deletion: neither the signal that stopped the rotation nor a record that cannot be kept must prevent it.
 */
export async function compensation(
  rotation: Rotation,
  secret: UnusedSecret,
  stopped: Pick<RotationFailure, "step" | "happened" | "cause">,
): Promise<SecretRotationError> {
  const { plan } = rotation;
  const recordError = await keepRecord(rotation, recordDuring(plan, "compensate", secret)).then(
    () => undefined,
    (error: unknown) => cleaned(rotation, error),
  );
  announceStep(rotation, "compensate", secret);
  const { now, failure, compensationError } = await deleteAgain(rotation, secret, stopped.step);
  const { id, expiresAt } = secret;
  const created = { id, expiresAt, now };
  const outcome = now === "alive" ? "applied" : "unknown";
  const left = compensated(plan, created, failure);
  const details = { ...stopped, created, previous: "kept", outcome, compensationError, recordError, ...left } as const;
  return stop(rotation, details, now === "deleted" ? recordUnchanged(plan, secret) : undefined);
}

/** A secret that has never signed in may be refused because it is not yet known everywhere. */
const UNTIL_KNOWN_MS = 5000;

interface Deletion {
  readonly now: CreatedSecret["now"];
  /** Why the secret was not deleted, as sentences. */
  readonly failure?: string;
  readonly compensationError?: Error;
}

async function deleteAgain(
  rotation: Rotation,
  { id, secret }: UnusedSecret,
  step: RotationFailure["step"],
): Promise<Deletion> {
  let failure = `Atlas found no such secret in organization ${rotation.plan.orgId}.`;
  let compensationError: Error | undefined;
  let now: CreatedSecret["now"] = "unknown";
  try {
    if ((await deleteSecret(rotation, id)) === "deleted") return { now: "deleted" };
  } catch (error) {
    now = afterFailedDeletion(error);
    failure = describeError(rotation, error);
    compensationError = error instanceof AtlasError ? error : cleaned(rotation, error);
  }
  if (now === "unknown" && secret !== undefined) {
    const hasSignedIn = step === "store" && rotation.plan.verify === undefined;
    now = await lookBySigningIn(rotation, secret, hasSignedIn ? 0 : UNTIL_KNOWN_MS);
  }
  return now === "deleted" ? { now } : { now, failure, ...(compensationError && { compensationError }) };
}

/** Only the secret itself can tell whether it is alive: a 404 comes for a wrong organization too. */
async function lookBySigningIn(
  { atlas, plan }: Rotation,
  clientSecret: string,
  patienceMs: number,
): Promise<CreatedSecret["now"]> {
  // Another implementation of the client may have no such function.
  if (typeof atlas.verifySecret !== "function") return "unknown";
  const { clientId, verifyTimeoutMs } = plan;
  try {
    await signIn(atlas, { clientId, clientSecret }, { timeoutMs: Math.min(patienceMs, verifyTimeoutMs) });
    return "alive";
  } catch (error) {
    const refused = error instanceof AtlasAuthError && (error.oauthError === "invalid_client" || error.status === 401);
    return refused ? "deleted" : "unknown";
  }
}
