/**
 * The four steps of a rotation, and the compensation that deletes the new secret again if the rotation stops before
 * anything has it. Each throws the error that says why the rotation stopped and what is left.
 */
import { isClientSecret } from "../auth/credentials.js";
import { AtlasApiError, AtlasAuthError, AtlasError, AtlasResponseError } from "../errors.js";
import { base64Of, utf8 } from "../safe/bytes.js";
import { untilAborted } from "../signals.js";
import { outcomeOf } from "../transport/caller-abort.js";
import { type Rotation, signIn, type UnusedSecret, within } from "./rotation.js";
import {
  compensated,
  createdWithoutId,
  nothingCreated,
  perhapsStored,
  previousLeft,
  type Stop,
} from "./rotation-end.js";
import { creationOf, type NewSecret } from "./rotation-plan.js";
import { type RecordedSecret, recordAfter, recordDuring, recordUnchanged } from "./rotation-record.js";
import {
  type CreatedSecret,
  type PreviousSecret,
  SecretNotStoredError,
  type SecretRotationError,
} from "./secret-rotation-error.js";

/** @throws SecretRotationError */
export async function createSecret(rotation: Rotation): Promise<NewSecret> {
  const { atlas, plan, signal, redactor } = rotation;
  if (signal.aborted) {
    // Without a record: nothing has begun.
    throw await rotation.stopped(rotation.stopBy("create", "before", signal.reason), nothingCreated(plan));
  }
  const response = await rotation.runStep(
    "create",
    undefined,
    async () => atlas.createGroupServiceAccountSecret(creationOf(plan), { signal }),
    (stop, error) => creationFailed(rotation, stop, error),
  );
  const { id, secret } = response;
  const stop = (said: string): Stop => ({ step: "create", when: "at", said });
  if (id === plan.previousSecretId) {
    // The two could not be told apart.
    const said = `Atlas returned the id of the previous secret, ${id}.`;
    throw await rotation.stopped(stop(said), createdWithoutId(plan, "unknown"));
  }
  if (!isClientSecret(secret)) {
    throw await compensate(rotation, response, stop("Atlas's response has no usable secret."));
  }
  redactor.protect(secret);
  redactor.protect(base64Of(utf8(`${plan.clientId}:${secret}`)));
  return { ...response, secret };
}

async function creationFailed(rotation: Rotation, stop: Stop, error: unknown): Promise<SecretRotationError> {
  const { plan } = rotation;
  if (stop.when === "before") return rotation.stopped(stop, nothingCreated(plan), recordUnchanged(plan));
  const id = error instanceof AtlasResponseError ? error.id : undefined;
  // Its value is lost, but its id is known.
  if (id !== undefined && id !== plan.previousSecretId) return compensate(rotation, { id }, stop);
  const outcome = creationOutcome(rotation, error);
  // If a secret may have been created, the record still says that this step has begun.
  if (outcome !== "not-applied") return rotation.stopped(stop, createdWithoutId(plan, outcome));
  return rotation.stopped(stop, nothingCreated(plan, mayHaveTwoSecrets(error)), recordUnchanged(plan));
}

function creationOutcome(rotation: Rotation, error: unknown): SecretRotationError["outcome"] {
  // This library's client rejects with the reason only while it waits; it never gives up a create that has been sent.
  if (rotation.isAbort(error)) return outcomeOf(rotation.signal) ?? "unknown";
  return error instanceof AtlasError ? error.outcome : "unknown";
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

/** @throws SecretRotationError, after the compensation */
export async function verifySecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan, signal } = rotation;
  const { clientId, verify, verifyTimeoutMs: timeoutMs } = plan;
  if (verify === false) return;
  const run =
    verify === undefined
      ? () => signIn(atlas, { clientId, clientSecret: secret.secret }, { timeoutMs, signal })
      : () => within(timeoutMs, "verify", (timeUp) => verify({ ...secret }, { signal: timeUp }));
  const verifyUntilAborted = () => untilAborted(run(), signal);
  await rotation.runStep("verify", secret, verifyUntilAborted, (stop) => compensate(rotation, secret, stop));
}

/** @throws SecretRotationError, after the compensation if nothing can have the new secret */
export async function storeSecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan } = rotation;
  const store = async () => {
    // An abort does not end it: it could then not be known whether the secret was stored.
    await within(plan.storeTimeoutMs, "store", (signal) => plan.store({ ...secret }, { signal }));
    // Hexadecimal digits are the same in either case.
    const isOwnAccount = atlas.clientId?.toLowerCase() === plan.clientId.toLowerCase();
    if (isOwnAccount) atlas.updateClientSecret(secret.secret);
  };
  await rotation.runStep("store", secret, store, (stop) =>
    stop.when === "before" || stop.cause instanceof SecretNotStoredError
      ? compensate(rotation, secret, stop)
      : rotation.stopped(stop, perhapsStored(plan, secret)),
  );
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
  const { plan, signal } = rotation;
  const { previousSecretId } = plan;
  const left = (stop: Stop, previous: PreviousSecret) => rotation.stopped(stop, previousLeft(plan, secret, previous));
  let previous: SettledPrevious = "kept";
  if (previousSecretId !== undefined) {
    previous = await rotation.runStep(
      "delete-previous",
      secret,
      () => rotation.deleteSecret(previousSecretId, signal, again),
      (stop, error) => {
        const now = stop.when === "before" ? "alive" : rotation.afterFailedDeletion(error);
        return left(stop, now === "alive" ? "kept" : now);
      },
    );
  }
  try {
    await rotation.keepRecord(recordAfter(plan, secret, previous));
    return previous;
  } catch (error) {
    throw await left(rotation.stopBy("delete-previous", "after", error, rotation.notRecorded(error)), previous);
  }
}

/**
 * Deletes the new secret and returns the error that says why the rotation stopped and what is left. Nothing cancels the
 * deletion: neither the signal that stopped the rotation nor a record that cannot be kept must prevent it.
 */
export async function compensate(rotation: Rotation, secret: UnusedSecret, stop: Stop): Promise<SecretRotationError> {
  const { plan } = rotation;
  const recordError = await rotation.tryToKeepRecord(recordDuring(plan, "compensate", secret));
  rotation.announce("compensate", secret);
  let failure = `Atlas found no such secret in organization ${plan.orgId}.`;
  let compensationError: Error | undefined;
  let now: CreatedSecret["now"] = "unknown";
  try {
    if ((await rotation.deleteSecret(secret.id)) === "deleted") now = "deleted";
  } catch (error) {
    now = rotation.afterFailedDeletion(error);
    failure = rotation.describe(error);
    compensationError = error instanceof AtlasError ? error : rotation.cleaned(error);
  }
  if (now === "unknown") now = await lookBySigningIn(rotation, secret, stop.step);
  const end = compensated(plan, secret, now, failure);
  if (now !== "deleted") return rotation.stopped({ ...stop, compensationError, recordError }, end);
  return rotation.stopped(stop, end, recordUnchanged(plan, secret));
}

/** A secret that has never signed in may be refused because it is not yet known everywhere. */
const UNTIL_KNOWN_MS = 5000;

/** Only the secret itself can tell whether it is alive: a 404 comes for a wrong organization too. */
async function lookBySigningIn(
  { atlas, plan }: Rotation,
  { secret: clientSecret }: UnusedSecret,
  step: Stop["step"],
): Promise<CreatedSecret["now"]> {
  if (clientSecret === undefined) return "unknown";
  const { clientId, verify, verifyTimeoutMs } = plan;
  const hasSignedIn = step === "store" && verify === undefined;
  const timeoutMs = hasSignedIn ? 0 : Math.min(UNTIL_KNOWN_MS, verifyTimeoutMs);
  try {
    await signIn(atlas, { clientId, clientSecret }, { timeoutMs });
    return "alive";
  } catch (error) {
    const refused = error instanceof AtlasAuthError && (error.oauthError === "invalid_client" || error.status === 401);
    return refused ? "deleted" : "unknown";
  }
}
