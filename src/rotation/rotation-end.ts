/**
 * What is left after each step of a rotation: as its record says it, and, if it ends there, in words, with the reason and what
 * a person has to do.
 */
import { AtlasApiError, AtlasError, type Outcome } from "../errors.js";
import { defined } from "../options/read-options.js";
import { cleanCause, readError } from "../safe/foreign-error.js";
import { excerpt, type Redact, redactByForm } from "../safe/redaction.js";
import type { RotationPlan } from "./rotation-plan.js";
import { isDate, RECORD_VERSION, type RecordedSecret, type RotationRecord } from "./rotation-record.js";
import {
  type CreatedSecret,
  type PreviousSecret,
  type RotationRemedy,
  type RotationStep,
  SecretNotStoredError,
  SecretRotationError,
} from "./secret-rotation-error.js";

export interface RotationEnd extends Pick<SecretRotationError, "outcome" | "created" | "previous" | "remedies"> {
  /** What exists, in sentences. */
  readonly state: string;
}

export interface Stop extends Partial<Pick<SecretRotationError, "recordError">> {
  readonly step: SecretRotationError["step"];
  /** On which side of what the step does. */
  readonly when: "before" | "at" | "after";
  /** What happened, as a sentence. */
  readonly said: string;
  /** Already cleaned, or the caller's own abort reason. */
  readonly cause?: unknown;
}

export function rotationError(clientId: string, { when, said, ...stop }: Stop, { state, ...end }: RotationEnd) {
  const effect = end.remedies.map(describeRemedy).join(" ");
  const summary = `Rotating the secret of ${clientId} stopped ${when} ${stop.step}: ${said} ${state}`;
  return new SecretRotationError(summary, { ...end, ...stop, clientId, effect });
}

/**
 * What an error says, without its outcome (that is of one call, and a rotation is several), and what of it can be shown.
 *
 * @param ofCaller whether a function of the caller's may have thrown it, with the secret in it
 */
export function readFailure(error: unknown, isAbort: boolean, ofCaller: boolean, redact: Redact) {
  let cleaned = cleanCause(error, redact);
  const { name, message, code, cause: inner } = cleaned;
  // By its code: it may be another copy's of this library.
  if (code === ("ERR_SECRET_NOT_STORED" satisfies SecretNotStoredError["code"])) {
    cleaned = new SecretNotStoredError(message, inner === undefined ? undefined : { cause: inner });
  }
  const named = (readError(error) === undefined ? message : `${name}: ${message}`).replace(/[.:\s]+$/, "");
  if (isAbort) return { said: `aborted by the caller (${named}).`, cleaned, cause: error };
  if (!(error instanceof AtlasError)) return { said: `${named}.`, cleaned, cause: cleaned };
  return { said: redact(error.summary), cleaned, cause: ofCaller ? cleaned : error };
}

type RotatedAccount = Pick<RotationPlan, "orgId" | "clientId" | "previousSecretId">;

const NOTHING = { outcome: "not-applied", created: undefined, previous: "kept" } as const;

/** Whatever an earlier run has left is as it was. */
export const NOTHING_SENT: RotationEnd = { ...NOTHING, state: "Nothing was sent for it.", remedies: [] };

/** Atlas's words for an account with two secrets are not documented; these are of a number of secrets, not of their life. */
const TOO_MANY = /max|limit|exceed|too.?many|two|already|reach/i;
const LIFE = /expir|hour|valid|life|period|duration/i;

/** Whether an account with two secrets may be why the creation was refused: Atlas says so, or says nothing. */
export function mayHaveTwoSecrets(error: unknown): boolean {
  if (!(error instanceof AtlasApiError) || error.status !== 400) return false;
  const { errorCode, detail, badRequestDetail } = error;
  if (detail === undefined && badRequestDetail === undefined) return true;
  const said = `${errorCode} ${detail} ${JSON.stringify(badRequestDetail)}`;
  return /secret/i.test(said) && TOO_MANY.test(said) && !LIFE.test(said);
}

/** @param mayHaveTwo whether the creation may have been refused because the account has two secrets */
export function nothingCreated(plan: RotatedAccount, mayHaveTwo = false): RotationEnd {
  const atMostTwo = " A service account holds at most two secrets, and this one may have two already.";
  const state = `No secret was created, and Atlas is as before.${mayHaveTwo ? atMostTwo : ""}`;
  return { ...NOTHING, state, remedies: mayHaveTwo ? remediesDuring("create", plan) : [] };
}

/** The id of what was created, if anything, was in a response that did not come or cannot be read. */
export function createdWithoutId(plan: RotatedAccount, outcome: Outcome): RotationEnd {
  const created = `A secret ${outcome === "applied" ? "was" : "may have been"} created`;
  const state = `${created}, and neither its id nor its value can be known. ${shortened(plan)}`;
  return { outcome, created: undefined, previous: "kept", state, remedies: remediesDuring("create", plan) };
}

/** Nothing has the new secret, and its deletion was tried. */
export function compensated(
  plan: RotatedAccount,
  secret: RecordedSecret,
  now: CreatedSecret["now"],
  failure: string,
): RotationEnd {
  const { id } = secret;
  const [outcome, isLeft] = now === "alive" ? (["applied", "is"] as const) : (["unknown", "may be"] as const);
  const what =
    now === "deleted"
      ? "has been deleted again, and the"
      : `could not be deleted again: ${failure} It ${isLeft} left over ${until(secret)}, and nothing uses it. The`;
  const state = `The new secret ${id} ${what} ${previous(plan)} still works. ${shortened(plan)}`;
  const remedies = now === "deleted" ? [] : remediesDuring("compensate", plan, id);
  return { outcome, created: createdOf(secret, now), previous: "kept", state, remedies };
}

export function perhapsStored(plan: RotatedAccount, secret: RecordedSecret): RotationEnd {
  const both = `the new one ${secret.id} ${until(secret)}, and the ${previous(plan)}`;
  const state = `The new secret may have been stored, so both stay alive: ${both}. ${shortened(plan)}`;
  const remedies = remediesDuring("store", plan, secret.id);
  return { outcome: "applied", created: createdOf(secret, "alive"), previous: "kept", state, remedies };
}

const WHAT_IS_LEFT: Readonly<Record<PreviousSecret, (plan: RotatedAccount) => string>> = {
  kept: (plan) => `is alive as well. ${shortened(plan)}`,
  unknown: (plan) =>
    `may be alive as well. ${shortened(plan)} If deleting it returns 404, it is gone, or its id or the organization's is wrong.`,
  deleted: () => "has been deleted.",
  gone: () => "is gone, unless its id or the organization's is wrong.",
};

/** The new secret is stored. */
export function previousLeft(plan: RotatedAccount, secret: RecordedSecret, left: PreviousSecret): RotationEnd {
  const stored = `The new secret ${secret.id} is stored and lives ${until(secret)}.`;
  const state = `${stored} The ${previous(plan)} ${WHAT_IS_LEFT[left](plan)}`;
  const remedies = mayLive(left) ? remediesDuring("delete-previous", plan, secret.id) : [];
  return { outcome: "applied", created: createdOf(secret, "alive"), previous: left, state, remedies };
}

function mayLive(left: PreviousSecret): boolean {
  return left === "kept" || left === "unknown";
}

function createdOf({ id, expiresAt }: RecordedSecret, now: CreatedSecret["now"]): CreatedSecret {
  return { id, expiresAt, now };
}

function shortened(plan: RotatedAccount): string {
  return `Atlas may now let the ${previous(plan)} expire within ${SHORTENED_LIFE_DAYS} days.`;
}

function previous({ previousSecretId }: RotatedAccount): string {
  return `previous secret${previousSecretId === undefined ? "" : ` ${previousSecretId}`}`;
}

function until({ expiresAt }: RecordedSecret): string {
  return isDate(expiresAt) ? `until ${excerpt(expiresAt, 40, redactByForm)}` : "until it expires";
}

/** What has to be done after a step that may have been taken or not. */
export function remediesDuring(
  step: RotationStep,
  { orgId, clientId, previousSecretId }: RotatedAccount,
  created?: string,
): readonly RotationRemedy[] {
  if (created === undefined || step === "store") {
    return [{ action: "look-in-atlas", orgId, clientId, ...defined({ secretId: created }) }];
  }
  const secretId = step === "delete-previous" ? previousSecretId : created;
  return secretId === undefined ? [] : [{ action: "delete-secret", orgId, clientId, secretId }];
}

/** The remedy as a sentence, for somebody who writes a program with this library. */
export function describeRemedy({ action, orgId, clientId, secretId }: RotationRemedy): string {
  const id = secretId === undefined ? "its id" : `"${secretId}"`;
  const deletion = `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${id} })`;
  if (action === "delete-secret") return `Delete secret ${secretId} with ${deletion}.`;
  if (secretId !== undefined) return `Find out which one is in use and delete the other; the new one with ${deletion}.`;
  const look = `look in Atlas at the secrets of ${clientId} in organization ${orgId}`;
  return `Before rotating again, ${look}, and delete the one that nothing uses with ${deletion}.`;
}

/** @see https://www.mongodb.com/docs/atlas/tutorial/rotate-service-account-secrets/ */
const SHORTENED_LIFE_DAYS = 7;
/** There is no date after it; in milliseconds since 1970. */
const LAST_DATE = 8.64e15;

type RecordedAccount = RotatedAccount & Pick<RotationPlan, "groupId">;

/** As a step begins. `create` begins without a new secret, `delete-previous` with the new one in use. */
export function recordDuring(plan: RecordedAccount, step: RotationStep, secret?: RecordedSecret, fingerprint?: string) {
  if (step === "delete-previous" && secret) return { ...recordAfter(plan, secret, "kept"), underWay: { step } };
  const created = secret && withoutValue(secret);
  return { ...recordUnchanged(plan, secret), underWay: { step, ...defined({ created, fingerprint }) } };
}

/** The new secret is in use. */
export function recordAfter(plan: RecordedAccount, created: RecordedSecret, left: PreviousSecret): RotationRecord {
  const previous = mayLive(left) ? previousOf(plan, created) : undefined;
  return { ...accountOf(plan), current: withoutValue(created), ...defined({ previous }) };
}

/** The previous secret is still in use; its life is shortened if another has been created. */
export function recordUnchanged(plan: RecordedAccount, created?: RecordedSecret): RotationRecord {
  return { ...accountOf(plan), ...defined({ current: previousOf(plan, created) }) };
}

function accountOf({ groupId, orgId, clientId }: RecordedAccount) {
  return { version: RECORD_VERSION, groupId, orgId, clientId } as const;
}

function previousOf({ previousSecretId: id }: RecordedAccount, created?: RecordedSecret): RecordedSecret | undefined {
  if (id === undefined || created === undefined) return id === undefined ? undefined : { id };
  // Atlas's date may be missing or unreadable; it is a moment ago.
  const shortenedAt = isDate(created.createdAt) ? Date.parse(created.createdAt) : Date.now();
  const expiry = Math.min(shortenedAt + SHORTENED_LIFE_DAYS * 24 * 3_600_000, LAST_DATE);
  return { id, expiresAt: new Date(expiry).toISOString() };
}

function withoutValue({ id, createdAt, expiresAt }: RecordedSecret): RecordedSecret {
  // What cannot be read again would make the whole record useless.
  return { id, ...(isDate(createdAt) && { createdAt }), ...(isDate(expiresAt) && { expiresAt }) };
}
