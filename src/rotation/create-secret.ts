/**
 * The first step: the new secret, or what is known of it where its answer is of no use.
 */
import type { CreateGroupServiceAccountSecretResult } from "../../generated/client.js";
import { readCredentials } from "../auth/credentials.js";
import { internalsOf } from "../client-internals.js";
import { AtlasApiError, AtlasError, AtlasResponseError, type Outcome } from "../errors.js";
import { compensation } from "./compensation.js";
import { beginStep, inWords, isAbort, type Rotation, showable } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { createdUnderPreviousId, createdWithoutId, creationRefused, nothingCreated } from "./rotation-state.js";
import { type RotationFailure, SecretRotationError } from "./secret-rotation-error.js";

/** @throws SecretRotationError */
export async function createSecret(rotation: Rotation): Promise<NewSecret> {
  const { plan, signal, redactor } = rotation;
  if (signal.aborted) {
    const happened = `before create: ${inWords(rotation, signal.reason)}`;
    throw failure(rotation, { happened, outcome: "not-applied", cause: signal.reason, ...nothingCreated() });
  }
  beginStep(rotation, "create");
  const answer = await create(rotation);
  const { id, expiresAt, secret } = answer;
  if (id === plan.previousSecretId) {
    const happened = `at create: Atlas answered with the id of the previous secret, ${id}.`;
    const stopped = { happened, outcome: "unknown", cause: undefined, ...createdUnderPreviousId(plan) } as const;
    throw failure(rotation, { ...stopped, created: { id, expiresAt, now: "unknown" } });
  }
  if (!isUsable(secret)) {
    const happened = "at create: Atlas's answer has no secret that could be used.";
    throw await compensation(rotation, answer, { step: "create", happened, cause: undefined });
  }
  redactor.protect(secret);
  redactor.protect(Buffer.from(`${plan.clientId}:${secret}`).toString("base64"));
  return { ...answer, secret };
}

async function create(rotation: Rotation): Promise<CreateGroupServiceAccountSecretResult> {
  const { atlas, plan, signal } = rotation;
  try {
    return await atlas.createGroupServiceAccountSecret(plan.createArguments, { signal });
  } catch (error) {
    const id = error instanceof AtlasResponseError ? error.id : undefined;
    if (id === undefined || id === plan.previousSecretId) throw creationFailure(rotation, error);
    // Its value is in no one's hands, but what it is called is known.
    const happened = `at create: ${inWords(rotation, error)}`;
    throw await compensation(rotation, { id, expiresAt: undefined }, { step: "create", happened, cause: error });
  }
}

function isUsable(clientSecret: CreateGroupServiceAccountSecretResult["secret"]): clientSecret is string {
  return readCredentials({ clientId: "any", clientSecret }, []) !== undefined;
}

function creationFailure(rotation: Rotation, error: unknown): SecretRotationError {
  const { plan } = rotation;
  const outcome = creationOutcome(rotation, error);
  const certain = outcome === "applied";
  const ifNothing = error instanceof AtlasApiError ? creationRefused(plan) : nothingCreated();
  return failure(rotation, {
    happened: `at create: ${inWords(rotation, error)}`,
    outcome,
    cause: error instanceof AtlasError ? error : showable(rotation, error),
    ...(outcome === "not-applied" ? ifNothing : createdWithoutId(plan, certain)),
  });
}

function creationOutcome(rotation: Rotation, error: unknown): Outcome {
  // This library's client rejects with the reason only while it waits: it never gives a create up that has been sent.
  if (isAbort(rotation, error)) return internalsOf.has(rotation.atlas) ? "not-applied" : "unknown";
  return error instanceof AtlasError ? error.outcome : "unknown";
}

function failure(
  { plan }: Rotation,
  details: Pick<RotationFailure, "happened" | "outcome" | "cause" | "state" | "remedies"> & Partial<RotationFailure>,
): SecretRotationError {
  const { clientId } = plan;
  return new SecretRotationError({ clientId, step: "create", created: undefined, previous: "kept", ...details });
}
