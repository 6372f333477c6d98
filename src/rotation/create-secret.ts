/**
 * The first step: creates the new secret. If the response is of no use, says what is known of the secret.
 */
import type { CreateGroupServiceAccountSecretResult } from "../../generated/client.js";
import { isClientSecret } from "../auth/credentials.js";
import { AtlasApiError, AtlasError, AtlasResponseError, type Outcome } from "../errors.js";
import { outcomeOf } from "../transport/caller-abort.js";
import { compensation } from "./compensation.js";
import { asCause, beginStep, describeError, isAbort, type Rotation } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { createdUnderPreviousId, createdWithoutId, creationRefused, nothingCreated } from "./rotation-state.js";
import { type RotationFailure, SecretRotationError } from "./secret-rotation-error.js";

/** @throws SecretRotationError */
export async function createSecret(rotation: Rotation): Promise<NewSecret> {
  const { plan, signal, redactor } = rotation;
  if (signal.aborted) {
    const happened = `before create: ${describeError(rotation, signal.reason)}`;
    throw failure(rotation, { happened, outcome: "not-applied", cause: signal.reason, ...nothingCreated() });
  }
  beginStep(rotation, "create");
  const response = await fetchSecret(rotation);
  const { id, expiresAt, secret } = response;
  if (id === plan.previousSecretId) {
    const happened = `at create: Atlas returned the id of the previous secret, ${id}.`;
    const stopped = { happened, outcome: "unknown", cause: undefined, ...createdUnderPreviousId(plan) } as const;
    throw failure(rotation, { ...stopped, created: { id, expiresAt, now: "unknown" } });
  }
  if (!isUsable(secret)) {
    const happened = "at create: Atlas's response has no usable secret.";
    throw await compensation(rotation, response, { step: "create", happened, cause: undefined });
  }
  redactor.protect(secret);
  redactor.protect(Buffer.from(`${plan.clientId}:${secret}`).toString("base64"));
  return { ...response, secret };
}

async function fetchSecret(rotation: Rotation): Promise<CreateGroupServiceAccountSecretResult> {
  const { atlas, plan, signal } = rotation;
  try {
    return await atlas.createGroupServiceAccountSecret(plan.createArguments, { signal });
  } catch (error) {
    const id = error instanceof AtlasResponseError ? error.id : undefined;
    if (id === undefined || id === plan.previousSecretId) throw creationFailure(rotation, error);
    // Its value is lost, but its id is known.
    const happened = `at create: ${describeError(rotation, error)}`;
    throw await compensation(rotation, { id, expiresAt: undefined }, { step: "create", happened, cause: error });
  }
}

function isUsable(clientSecret: CreateGroupServiceAccountSecretResult["secret"]): clientSecret is string {
  return isClientSecret(clientSecret);
}

function creationFailure(rotation: Rotation, error: unknown): SecretRotationError {
  const { plan } = rotation;
  const outcome = creationOutcome(rotation, error);
  const certain = outcome === "applied";
  const ifNothing = error instanceof AtlasApiError ? creationRefused(plan) : nothingCreated();
  return failure(rotation, {
    happened: `at create: ${describeError(rotation, error)}`,
    outcome,
    cause: error instanceof AtlasError ? error : asCause(rotation, error),
    ...(outcome === "not-applied" ? ifNothing : createdWithoutId(plan, certain)),
  });
}

function creationOutcome(rotation: Rotation, error: unknown): Outcome {
  // This library's client rejects with the reason only while it waits; it never gives up a create that has been sent.
  if (isAbort(rotation, error)) return outcomeOf(rotation.signal) ?? "unknown";
  return error instanceof AtlasError ? error.outcome : "unknown";
}

function failure(
  { plan }: Rotation,
  details: Pick<RotationFailure, "happened" | "outcome" | "cause" | "state" | "remedies"> & Partial<RotationFailure>,
): SecretRotationError {
  const { clientId } = plan;
  return new SecretRotationError({ clientId, step: "create", created: undefined, previous: "kept", ...details });
}
