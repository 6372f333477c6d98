/**
 * What the state knows of one account, and what follows from it.
 */
import type { RecordedSecret, RotationRecord } from "../../index.js";

export interface StateEntry {
  /** How far its last rotation has come. */
  readonly record: RotationRecord;
  /** Secrets that are no longer in use and could not be deleted yet. */
  readonly kept: readonly RecordedSecret[];
  /** When it was last rotated. */
  readonly rotatedAt?: string | undefined;
  /** Whether the last run could not finish what is half-done, so that a person has to look. */
  readonly needsPerson?: boolean | undefined;
}

const HOUR_MS = 60 * 60 * 1000;

/** The entry after a step of a rotation, whose record knows nothing of the rotations before it. */
export function entryAfter(old: StateEntry | undefined, record: RotationRecord, now: number): StateEntry {
  const { current, previous, underWay } = record;
  const before = old?.record;
  const named = new Set([current?.id, previous?.id, underWay?.created?.id]);
  // As long as nothing is half-done, a secret that the new record does not name is one that is left over.
  const leftOver = before?.underWay === undefined ? [before?.current, before?.previous] : [];
  const kept = [...(old?.kept ?? []), ...leftOver].filter((secret) => secret !== undefined && !named.has(secret.id));
  const wasStored = before?.underWay?.step === "store" || before?.underWay?.step === "delete-previous";
  const rotatedAt = wasStored && underWay === undefined ? new Date(now).toISOString() : old?.rotatedAt;
  return {
    record: current === undefined ? record : { ...record, current: withDates(current, old) },
    kept: kept.filter((secret): secret is RecordedSecret => secret !== undefined),
    ...(rotatedAt === undefined ? {} : { rotatedAt }),
  };
}

/** A rotation names the secret that it replaces by its id alone. */
function withDates(secret: RecordedSecret, old: StateEntry | undefined): RecordedSecret {
  const known = [old?.record.current, old?.record.previous].find((each) => each?.id === secret.id);
  if (known === undefined) return secret;
  const [expiresAt] = [secret.expiresAt, known.expiresAt].filter((date) => date !== undefined).sort();
  return { ...known, ...secret, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** The secrets that can be deleted, because another one is in use. */
export function deletable({ record, kept }: StateEntry): readonly RecordedSecret[] {
  return record.underWay === undefined && record.previous !== undefined ? [...kept, record.previous] : kept;
}

/** The entry without a secret that has been deleted or has expired. */
export function withoutSecret({ record, kept, ...entry }: StateEntry, id: string): StateEntry {
  const { previous, ...others } = record;
  return {
    ...entry,
    record: previous?.id === id && record.underWay === undefined ? others : record,
    kept: kept.filter((secret) => secret.id !== id),
  };
}

/** When the secret in use expires, in milliseconds since 1970; undefined if it is not known. */
export function expiryOf(entry: StateEntry | undefined): number | undefined {
  const expiresAt = entry?.record.current?.expiresAt;
  return expiresAt === undefined ? undefined : Date.parse(expiresAt);
}

export function hasExpired({ expiresAt }: RecordedSecret, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now;
}

/** @param renewBeforeHours undefined rotates whatever is asked for */
export function isDue(entry: StateEntry | undefined, renewBeforeHours: number | undefined, now: number): boolean {
  const expiry = expiryOf(entry);
  return renewBeforeHours === undefined || expiry === undefined || expiry - now <= renewBeforeHours * HOUR_MS;
}

export type Condition = "ok" | "due" | "expired" | "half-done" | "needs a person";

/** What there is to say about an account, the most urgent first. */
export function conditionOf(entry: StateEntry | undefined, renewBeforeHours: number, now: number): Condition {
  const underWay = entry?.record.underWay;
  if (underWay !== undefined) {
    // No run can know whether that secret exists.
    const isUnknown = underWay.step === "create" && underWay.created === undefined;
    return isUnknown || entry?.needsPerson === true ? "needs a person" : "half-done";
  }
  const expiry = expiryOf(entry);
  if (expiry !== undefined && expiry <= now) return "expired";
  return isDue(entry, renewBeforeHours, now) ? "due" : "ok";
}
