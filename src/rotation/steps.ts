/**
 * The four steps of a rotation, and the compensation that deletes the new secret again if the rotation stops before anything
 * has it. Each throws the error that says why the rotation stopped and what is left.
 */
import { isClientSecret } from "../auth/credentials.js";
import { AtlasApiError, AtlasAuthError, AtlasError, AtlasResponseError } from "../errors.js";
import { base64Of, utf8 } from "../safe/encodings.js";
import { concealed } from "../safe/redaction.js";
import { outcomeOf } from "../transport/caller-abort.js";
import { type Rotation, signIn, type UnusedSecret, within } from "./rotation.js";
import type { Stop } from "./rotation-end.js";
import * as ends from "./rotation-end.js";
import { creationOf, type NewSecret } from "./rotation-plan.js";
import { type RecordedSecret, recordAfter, recordDuring, recordUnchanged } from "./rotation-record.js";
import {
  type CreatedSecret,
  type PreviousSecret,
  SecretNotStoredError,
  type SecretRotationError,
} from "./secret-rotation-error.js";

/** What a successful rotation returns. */
export interface RotationResult {
  /** The new secret, as `store` got it. Its value can be read, but neither JSON nor inspection shows it. */
  readonly secret: NewSecret;
  /** `kept` if the plan names no previous secret. */
  readonly previous: Exclude<PreviousSecret, "unknown">;
}

/** What a resumed rotation returns. */
export interface ResumedRotation {
  /** The secret that is now in use; with its value only if it was created anew. */
  readonly secret: RecordedSecret & { readonly secret?: string };
  readonly previous: RotationResult["previous"];
}

/** What is left of the steps by the record of an earlier run, if there is one. */
export async function runSteps(rotation: Rotation): Promise<ResumedRotation> {
  const { acceptUnknown, underWay, created } = rotation.plan;
  if (created !== undefined && underWay !== undefined) {
    const again = underWay.step === "delete-previous";
    if (again || (underWay.step === "store" && (await askIfStored(rotation, created, underWay.fingerprint)))) {
      return { secret: created, previous: await deletePreviousSecret(rotation, created, again) };
    }
    await deleteLeftOver(rotation, created);
  } else if (underWay !== undefined && acceptUnknown !== true) {
    const stop: Stop = { step: "create", when: "at", said: "an earlier run ended there." };
    throw await rotation.stopped(stop, ends.createdWithoutId(rotation.plan, "unknown"));
  }
  const secret = await createSecret(rotation);
  await verifySecret(rotation, secret);
  await storeSecret(rotation, secret);
  const previous = await deletePreviousSecret(rotation, secret);
  return { secret: concealed(secret, ["secret"]), previous };
}

/** @throws SecretRotationError if nobody can say */
async function askIfStored(rotation: Rotation, created: RecordedSecret, fingerprint = ""): Promise<boolean> {
  const { isStored, storeTimeoutMs } = rotation.plan;
  const ended = "an earlier run ended there, and";
  let stop: Stop = { step: "store", when: "at", said: `${ended} nothing says whether the secret was stored.` };
  try {
    const stored = await within(storeTimeoutMs, "isStored", () => isStored?.(created.id, fingerprint));
    // Whoever has no types may return anything: only a clear word decides what is deleted.
    if (typeof stored === "boolean") return stored;
  } catch (error) {
    stop = rotation.stopBy("store", "at", error, `${ended} isStored failed: ${rotation.describe(error)}`);
  }
  throw await rotation.stopped(stop, ends.perhapsStored(rotation.plan, created));
}

/** Deletes the secret of a run that ended before anything had it; that it is gone is as good. */
async function deleteLeftOver(rotation: Rotation, secret: RecordedSecret): Promise<void> {
  const deletion = () => rotation.deleteSecret(secret.id, rotation.signal, true);
  await rotation.runStep("compensate", secret, deletion, (stop, error) => {
    const end = ends.compensated(rotation.plan, secret, rotation.afterFailedDeletion(error, stop.when), stop.said);
    return rotation.stopped({ ...stop, when: "before", said: "the secret of an earlier run is in the way." }, end);
  });
}

async function createSecret(rotation: Rotation): Promise<NewSecret> {
  const { atlas, plan, signal, redactor } = rotation;
  if (signal.aborted) {
    // Without a record: nothing has begun.
    throw await rotation.stopped(rotation.stopBy("create", "before", signal.reason), ends.nothingCreated(plan));
  }
  const creation = async () => atlas.createGroupServiceAccountSecret(creationOf(plan), { signal });
  const failed = (stop: Stop, error: unknown) => creationFailed(rotation, stop, error);
  const response = await rotation.runStep("create", undefined, creation, failed);
  const { id, secret } = response;
  const stop = (said: string): Stop => ({ step: "create", when: "at", said });
  if (id === plan.previousSecretId) {
    // The two could not be told apart.
    const said = `Atlas returned the id of the previous secret, ${id}.`;
    throw await rotation.stopped(stop(said), ends.createdWithoutId(plan, "unknown"));
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
  if (stop.when === "before") return rotation.stopped(stop, ends.nothingCreated(plan), recordUnchanged(plan));
  const id = error instanceof AtlasResponseError ? error.id : undefined;
  // Its value is lost, but its id is known.
  if (id !== undefined && id !== plan.previousSecretId) return compensate(rotation, { id }, stop);
  // This library's client rejects with the reason only while it waits; it never gives up a create that has been sent.
  const known = rotation.isAbort(error) ? outcomeOf(rotation.signal) : error instanceof AtlasError && error.outcome;
  const outcome = known || "unknown";
  // If a secret may have been created, the record still says that this step has begun.
  if (outcome !== "not-applied") return rotation.stopped(stop, ends.createdWithoutId(plan, outcome));
  return rotation.stopped(stop, ends.nothingCreated(plan, mayHaveTwoSecrets(error)), recordUnchanged(plan));
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

async function verifySecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan, signal } = rotation;
  const { clientId, verify, verifyTimeoutMs: timeoutMs } = plan;
  if (verify === false) return;
  const check = async (timeUp: AbortSignal) => {
    const worked: unknown = await verify?.({ ...secret }, { signal: timeUp });
    // Whoever has no types may say so that it does not work.
    if (worked === false) throw new Error("verify returned false");
  };
  const run =
    verify === undefined
      ? () => signIn(atlas, { clientId, clientSecret: secret.secret }, { timeoutMs, signal })
      : () => within(timeoutMs, "verify", check, signal);
  await rotation.runStep("verify", secret, run, (stop) => compensate(rotation, secret, stop));
}

async function storeSecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan } = rotation;
  const store = async () => {
    // An abort does not end it: it could then not be known whether the secret was stored.
    await within(plan.storeTimeoutMs, "store", (signal) => plan.store({ ...secret }, { signal }));
    // Hexadecimal digits are the same in either case.
    if (atlas.clientId?.toLowerCase() === plan.clientId.toLowerCase()) atlas.updateClientSecret(secret.secret);
  };
  await rotation.runStep("store", secret, store, (stop) =>
    stop.when === "before" || stop.cause instanceof SecretNotStoredError
      ? compensate(rotation, secret, stop)
      : rotation.stopped(stop, ends.perhapsStored(plan, secret)),
  );
}

/**
 * @param again whether an earlier run may have deleted it already, so that a 404 is what to expect
 * @throws SecretRotationError; the new secret is stored and stays alive
 */
async function deletePreviousSecret(
  rotation: Rotation,
  secret: RecordedSecret,
  again = false,
): Promise<RotationResult["previous"]> {
  const { plan, signal } = rotation;
  const { previousSecretId } = plan;
  const left = (stop: Stop, previous: PreviousSecret) =>
    rotation.stopped(stop, ends.previousLeft(plan, secret, previous));
  let previous: RotationResult["previous"] = "kept";
  if (previousSecretId !== undefined) {
    const deletion = () => rotation.deleteSecret(previousSecretId, signal, again);
    previous = await rotation.runStep("delete-previous", secret, deletion, (stop, error) => {
      const now = rotation.afterFailedDeletion(error, stop.when);
      return left(stop, now === "alive" ? "kept" : now);
    });
  }
  await rotation.keepRecord(recordAfter(plan, secret, previous)).catch(async (error: unknown) => {
    throw await left(rotation.stopBy("delete-previous", "after", error, rotation.notRecorded(error)), previous);
  });
  return previous;
}

/**
 * Deletes the new secret and returns the error that says why the rotation stopped and what is left. Nothing cancels the
 * deletion: neither the signal that stopped the rotation nor a record that cannot be kept must prevent it.
 */
export async function compensate(rotation: Rotation, secret: UnusedSecret, stop: Stop): Promise<SecretRotationError> {
  const { plan } = rotation;
  const recordError = await rotation.tryToKeepRecord(recordDuring(plan, "compensate", secret));
  rotation.announce("compensate", secret.id);
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
  const end = ends.compensated(plan, secret, now, failure);
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
    // A page is a proxy's or a portal's, and says nothing of the secret.
    return refused && !/^text\/html\b/i.test(error.headers?.["content-type"] ?? "") ? "deleted" : "unknown";
  }
}
