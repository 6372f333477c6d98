/** What the state knows of one account, and what follows from it. */
import type { RecordedSecret, RotationRecord } from "../../index.js";

export interface StateEntry {
  /** How far its last rotation has come. */
  readonly record: RotationRecord;
  /** Secrets that are no longer in use and could not be deleted yet. */
  readonly kept: readonly RecordedSecret[];
  /** The secret in use, while a rotation is under way that does not name it; left over once that has succeeded. */
  readonly aside?: RecordedSecret | undefined;
  /** The file that the new secret is being written to: no other file can tell whether it was. */
  readonly secretFile?: string | undefined;
  /** When it was last rotated. */
  readonly rotatedAt?: string | undefined;
  /** Whether the last run could not finish what is half-done, so that a person has to look. */
  readonly needsPerson?: boolean | undefined;
}

export const HOUR_MS = 60 * 60 * 1000;

/** The entry after a step of a rotation, whose record knows nothing of the rotations before it. */
export function entryAfter(old: StateEntry | undefined, record: RotationRecord, now: number): StateEntry {
  const { current, previous, underWay } = record;
  const before = old?.record;
  const named = new Set([current?.id, previous?.id, underWay?.created?.id]);
  const unnamed = (secret: RecordedSecret | undefined) =>
    secret === undefined || named.has(secret.id) ? [] : [secret];
  const begins = before?.underWay === undefined;
  // Of the secret in use, a rotation that replaces another one by a person's wish knows nothing.
  const [aside] = unnamed(begins ? before?.current : old?.aside);
  const kept = [...(old?.kept ?? []), begins ? before?.previous : undefined].flatMap(unnamed);
  const dated = { ...record, ...(current && { current: withDates(current, old) }) };
  const entry = { record: dated, kept, rotatedAt: old?.rotatedAt };
  if (underWay !== undefined) return { ...entry, aside };
  const stored = before?.underWay?.step === "delete-previous" ? before.current : before?.underWay?.created;
  if (stored === undefined || stored.id !== current?.id) {
    // It was undone: what was in use still is.
    return aside === undefined ? entry : { ...entry, record: { ...record, current: aside } };
  }
  return { ...entry, kept: aside === undefined ? kept : [...kept, aside], rotatedAt: new Date(now).toISOString() };
}

/** The entry after a person has said which secret is in use. What certainly is not in use is still to be deleted. */
export function adopted(old: StateEntry | undefined, record: RotationRecord): StateEntry {
  const { previous, underWay } = old?.record ?? {};
  // Whether a secret is in use that was being stored, only the person knows.
  const neverStored = underWay?.step === "store" ? undefined : underWay?.created;
  const unused = [...(old?.kept ?? []), previous, neverStored].filter((secret) => secret !== undefined);
  const kept = unused.filter(({ id }) => id !== record.current?.id);
  return { record, kept, rotatedAt: old?.rotatedAt };
}

/** A rotation names the secret that it replaces by its id alone. */
function withDates(secret: RecordedSecret, old: StateEntry | undefined): RecordedSecret {
  const known = [old?.record.current, old?.record.previous].find((each) => each?.id === secret.id);
  if (known === undefined) return secret;
  const [expiresAt] = [secret.expiresAt, known.expiresAt].filter((date) => date !== undefined).sort();
  return { ...known, ...secret, ...(expiresAt && { expiresAt }) };
}

/** The secrets that can be deleted, because another one is in use. */
export function deletable({ record, kept = [] }: Partial<StateEntry> = {}): readonly RecordedSecret[] {
  return record?.previous !== undefined && record.underWay === undefined ? [...kept, record.previous] : kept;
}

/** The entry without a secret that has been deleted or has expired. */
export function withoutSecret(entry: StateEntry, id: string): StateEntry {
  const { previous, ...others } = entry.record;
  const record = previous?.id === id && others.underWay === undefined ? others : entry.record;
  return { ...entry, record, kept: entry.kept.filter((secret) => secret.id !== id) };
}

/** When a secret expires, in milliseconds since 1970; NaN if it is not known. */
export const expiryOf = (secret: Partial<RecordedSecret> = {}) => Date.parse(secret.expiresAt ?? "");

/** What there is to say about an account, the most urgent first; unless it is ok, there is something to do. */
export function conditionOf(entry: StateEntry | undefined, now: number, renewBeforeHours = Number.POSITIVE_INFINITY) {
  const { underWay, current } = entry?.record ?? {};
  if (underWay !== undefined) {
    // No run can know whether that secret exists.
    const isUnknown = underWay.step === "create" && underWay.created === undefined;
    return isUnknown || entry?.needsPerson === true ? "needs a person" : "half-done";
  }
  const leftMs = expiryOf(current) - now;
  if (leftMs <= 0) return "expired";
  return leftMs > renewBeforeHours * HOUR_MS ? "ok" : "due";
}
