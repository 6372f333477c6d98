/**
 * The first step: creates the new secret. If the response is of no use, says what is known of the secret.
 */
import type { CreateGroupServiceAccountSecretResult } from "../../generated/types.js";
import { isClientSecret } from "../auth/credentials.js";
import { AtlasApiError, AtlasError, AtlasResponseError, type Outcome } from "../errors.js";
import { base64Of, utf8 } from "../safe/bytes.js";
import { outcomeOf } from "../transport/caller-abort.js";
import { compensation } from "./compensation.js";
import { asCause, beginStep, describeError, isAbort, type Rotation, stop } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { recordUnchanged } from "./rotation-record.js";
import { createdUnderPreviousId, createdWithoutId, creationRefused, nothingCreated } from "./rotation-state.js";
import type { RotationFailure, SecretRotationError } from "./secret-rotation-error.js";

const STOPPED = { step: "create", created: undefined, previous: "kept" } as const;

/** @throws SecretRotationError */
export async function createSecret(rotation: Rotation): Promise<NewSecret> {
  const { plan, signal, redactor } = rotation;
  // Without a record: nothing has begun.
  if (signal.aborted) throw await stop(rotation, notBegun(rotation, signal.reason));
  try {
    await beginStep(rotation, "create");
  } catch (error) {
    throw await stop(rotation, notBegun(rotation, error), recordUnchanged(plan));
  }
  const response = await fetchSecret(rotation);
  const { id, expiresAt, secret } = response;
  if (id === plan.previousSecretId) {
    const happened = `at create: Atlas returned the id of the previous secret, ${id}.`;
    const created = { id, expiresAt, now: "unknown" } as const;
    const left = createdUnderPreviousId(plan);
    throw await stop(rotation, { ...STOPPED, happened, created, outcome: "unknown", cause: undefined, ...left });
  }
  if (!isClientSecret(secret)) {
    const happened = "at create: Atlas's response has no usable secret.";
    throw await compensation(rotation, response, { step: "create", happened, cause: undefined });
  }
  redactor.protect(secret);
  redactor.protect(base64Of(utf8(`${plan.clientId}:${secret}`)));
  return { ...response, secret };
}

async function fetchSecret(rotation: Rotation): Promise<CreateGroupServiceAccountSecretResult> {
  const { atlas, plan, signal } = rotation;
  try {
    return await atlas.createGroupServiceAccountSecret(plan.createArguments, { signal });
  } catch (error) {
    const id = error instanceof AtlasResponseError ? error.id : undefined;
    if (id === undefined || id === plan.previousSecretId) throw await creationFailure(rotation, error);
    // Its value is lost, but its id is known.
    const happened = `at create: ${describeError(rotation, error)}`;
    throw await compensation(rotation, { id }, { step: "create", happened, cause: error });
  }
}

function notBegun(rotation: Rotation, error: unknown): Omit<RotationFailure, "clientId"> {
  const happened = `before create: ${describeError(rotation, error)}`;
  return { ...STOPPED, happened, outcome: "not-applied", cause: asCause(rotation, error), ...nothingCreated() };
}

function creationFailure(rotation: Rotation, error: unknown): Promise<SecretRotationError> {
  const { plan } = rotation;
  const outcome = creationOutcome(rotation, error);
  const happened = `at create: ${describeError(rotation, error)}`;
  const cause = error instanceof AtlasError ? error : asCause(rotation, error);
  const failure = { ...STOPPED, happened, outcome, cause };
  // If a secret may have been created, the record still says that this step has begun.
  if (outcome !== "not-applied")
    return stop(rotation, { ...failure, ...createdWithoutId(plan, outcome === "applied") });
  const left = error instanceof AtlasApiError && error.status === 400 ? creationRefused(plan) : nothingCreated();
  return stop(rotation, { ...failure, ...left }, recordUnchanged(plan));
}

function creationOutcome(rotation: Rotation, error: unknown): Outcome {
  // This library's client rejects with the reason only while it waits; it never gives up a create that has been sent.
  if (isAbort(rotation, error)) return outcomeOf(rotation.signal) ?? "unknown";
  return error instanceof AtlasError ? error.outcome : "unknown";
}
