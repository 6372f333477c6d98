/**
 * The four steps of a rotation. Each throws the error that says why the rotation stopped and what is left.
 */
import type { CreateGroupServiceAccountSecretResult } from "../../generated/types.js";
import { isClientSecret } from "../auth/credentials.js";
import { AtlasApiError, AtlasError, AtlasResponseError, type Outcome } from "../errors.js";
import { base64Of, utf8 } from "../safe/bytes.js";
import { untilAborted } from "../signals.js";
import { outcomeOf } from "../transport/caller-abort.js";
import { compensation } from "./compensation.js";
import {
  afterFailedDeletion,
  asCause,
  beginStep,
  deleteSecret,
  describeError,
  isAbort,
  keepRecord,
  type Rotation,
  signIn,
  stop,
  within,
} from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { type RecordedSecret, recordAfter, recordUnchanged } from "./rotation-record.js";
import {
  createdUnderPreviousId,
  createdWithoutId,
  creationRefused,
  nothingCreated,
  perhapsStored,
  previousLeft,
} from "./rotation-state.js";
import {
  type CreatedSecret,
  type PreviousSecret,
  type RotationFailure,
  SecretNotStoredError,
  type SecretRotationError,
} from "./secret-rotation-error.js";

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
  const left = mayHaveTwoSecrets(error) ? creationRefused(plan) : nothingCreated();
  return stop(rotation, { ...failure, ...left }, recordUnchanged(plan));
}

/** Atlas's words for an account with two secrets are not documented; these are of a number of secrets, not of their life. */
const TOO_MANY = /max|limit|exceed|too.?many|two|already|reach/i;
const LIFE = /expir|hour|valid|life|period|duration/i;

/** Whether an account with two secrets may be why the creation was refused: Atlas says so, or says nothing. */
function mayHaveTwoSecrets(error: unknown): boolean {
  if (!(error instanceof AtlasApiError) || error.status !== 400) return false;
  const { errorCode, detail, badRequestDetail } = error;
  if (detail === undefined && badRequestDetail === undefined) return true;
  const said = `${errorCode} ${detail} ${JSON.stringify(badRequestDetail)}`;
  return /secret/i.test(said) && TOO_MANY.test(said) && !LIFE.test(said);
}

function creationOutcome(rotation: Rotation, error: unknown): Outcome {
  // This library's client rejects with the reason only while it waits; it never gives up a create that has been sent.
  if (isAbort(rotation, error)) return outcomeOf(rotation.signal) ?? "unknown";
  return error instanceof AtlasError ? error.outcome : "unknown";
}

/** @throws SecretRotationError, after the compensation */
export async function verifySecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { plan, signal } = rotation;
  if (plan.verify === false) return;
  let when = "before";
  try {
    await beginStep(rotation, "verify", secret);
    when = "at";
    await untilAborted(runVerification(rotation, secret), signal);
  } catch (error) {
    const happened = `${when} verify: ${describeError(rotation, error)}`;
    throw await compensation(rotation, secret, { step: "verify", happened, cause: asCause(rotation, error) });
  }
}

async function runVerification(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan, signal } = rotation;
  const { clientId, verify, verifyTimeoutMs: timeoutMs } = plan;
  if (typeof verify !== "function")
    return signIn(atlas, { clientId, clientSecret: secret.secret }, { timeoutMs, signal });
  await within(timeoutMs, "verify", (timeUp) => verify({ ...secret }, { signal: timeUp }));
}

/** @throws SecretRotationError, after the compensation if nothing can have the new secret */
export async function storeSecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan } = rotation;
  let when = "before";
  try {
    await beginStep(rotation, "store", secret, secret.secret);
    when = "at";
    // An abort does not end it: it could then not be known whether the secret was stored.
    await within(plan.storeTimeoutMs, "store", (signal) => plan.store({ ...secret }, { signal }));
    if (isOwnAccount(rotation)) atlas.updateClientSecret(secret.secret);
  } catch (error) {
    const stopped = { step: "store", happened: `${when} store: ${describeError(rotation, error)}` } as const;
    const cause = asCause(rotation, error);
    if (when === "before" || cause instanceof SecretNotStoredError) {
      throw await compensation(rotation, secret, { ...stopped, cause });
    }
    const created: CreatedSecret = { id: secret.id, expiresAt: secret.expiresAt, now: "alive" };
    const left = perhapsStored(plan, created);
    throw await stop(rotation, { ...stopped, created, previous: "kept", outcome: "applied", cause, ...left });
  }
}

/** Whether the client signs in with the secret that is rotated; hexadecimal digits are the same in either case. */
function isOwnAccount({ atlas, plan }: Rotation): boolean {
  return atlas.clientId?.toLowerCase() === plan.clientId.toLowerCase();
}

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
    cause: error instanceof AtlasError ? error : asCause(rotation, error),
    ...previousLeft(rotation.plan, created, previous),
  });
}
