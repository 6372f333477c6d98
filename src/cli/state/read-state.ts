/**
 * Reads a state: the file, and the journal beside it if there is one.
 */
import { readFileSync, realpathSync } from "node:fs";
import { type RecordedSecret, readRotationRecord } from "../../index.js";
import { isObject } from "../fleet/json-document.js";
import { codeOf } from "../terminal/command-io.js";
import { UsageError } from "../terminal/exit-code.js";
import type { StateEntry } from "./state-entry.js";
import { StateLockedError } from "./state-lock.js";

export const VERSION = 1;

/** By client id, in small letters. */
export type Entries = Map<string, StateEntry>;

/** The state cannot be read, or another run is working with it; it is left as it is. */
export class StateError extends UsageError {
  override readonly name = "StateError";
}

/** The state as it is, whoever may be working with it. @throws StateError */
export function readState(path: string): ReadonlyMap<string, StateEntry> {
  try {
    return readFiles(resolved(path)).entries;
  } catch (error) {
    throw error instanceof StateError ? error : new StateError(messageOf(path, error));
  }
}

export function messageOf(path: string, error: unknown): string {
  if (error instanceof StateLockedError) return `${path} is ${error.message}`;
  const named = path === "" ? "--state: an empty path" : path;
  return `${named} cannot be used (${error instanceof Error && !("code" in error) ? error.message : codeOf(error)})`;
}

export function journalOf(path: string): string {
  return `${path}.journal`;
}

/** Through a symbolic link, so that the file behind it is what is replaced. */
export function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // There is no such file yet.
    return path;
  }
}

/** The first line of every journal. */
export const JOURNAL_HEADER = `${JSON.stringify({ version: VERSION })}\n`;

export function readFiles(path: string): { readonly entries: Entries; readonly hasJournal: boolean } {
  // In this order: a run that ends meanwhile moves changes from the journal into the file, and none is missed.
  const journal = textOf(journalOf(path));
  const snapshot = textOf(path);
  const entries: Entries = snapshot === undefined ? new Map() : readSnapshot(path, snapshot);
  if (journal !== undefined) readJournal(journalOf(path), journal, entries);
  return { entries, hasJournal: journal !== undefined };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function readSnapshot(path: string, text: string): Entries {
  const unreadable = (why: string) => new StateError(`${path} is not a state that can be read: ${why}`);
  const value = parsed(text);
  if (!isObject(value)) throw unreadable("it is not a JSON object");
  refuseVersion(path, value["version"]);
  const { accounts } = value;
  if (!isObject(accounts)) throw unreadable("it has no accounts");
  return new Map(Object.entries(accounts).map(([key, entry]) => [key, readEntry(path, key, entry)]));
}

function refuseVersion(path: string, version: unknown): void {
  if (version === VERSION) return;
  const isNewer = typeof version === "number" && version > VERSION;
  throw new StateError(
    isNewer
      ? `${path} was written by a newer version of atlas-secrets (its version is ${version})`
      : `${path} is not a state that can be read: its version is unknown`,
  );
}

/** Its last lines may be torn, if the system stopped while they were written; nothing depends on those yet. */
function readJournal(path: string, text: string, entries: Entries): void {
  const lines = text.split("\n").map((line, index, all) => (index < all.length - 1 ? parsed(line) : undefined));
  const last = lines.findLastIndex((line) => line !== undefined);
  const [header, ...changes] = lines.slice(0, last + 1);
  if (last < 0) {
    if (isTornHeader(text)) return;
    throw new StateError(`${path} is not a journal that can be read: line 1 is damaged`);
  }
  refuseVersion(path, isObject(header) ? header["version"] : undefined);
  for (const [index, change] of changes.entries()) {
    if (!Array.isArray(change) || typeof change[0] !== "string") {
      throw new StateError(`${path} is not a journal that can be read: line ${index + 2} is damaged`);
    }
    const [key, entry] = change;
    if (entry === null) entries.delete(key);
    else entries.set(key, readEntry(path, key, entry));
  }
}

/** Whether nothing but a part of the first line has come to the disk, and perhaps zeros in place of the rest. */
function isTornHeader(text: string): boolean {
  return JOURNAL_HEADER.startsWith(text.replace(/\0+$/, ""));
}

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readEntry(path: string, key: string, value: unknown): StateEntry {
  const unreadable = (why: string) => new StateError(`${path} is not a state that can be read: ${key}: ${why}`);
  if (!isObject(value)) throw unreadable("it is not an object");
  const { record: recorded, kept = [], aside, secretFile, rotatedAt, needsPerson, ...unknown } = value;
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw unreadable(`${name} is unknown`);
  if (!Array.isArray(kept)) throw unreadable("kept is not an array");
  const isDate = rotatedAt === undefined || (typeof rotatedAt === "string" && !Number.isNaN(Date.parse(rotatedAt)));
  if (!isDate) throw unreadable("rotatedAt is not a date");
  if (secretFile !== undefined && typeof secretFile !== "string") throw unreadable("secretFile is not a string");
  if (needsPerson !== undefined && typeof needsPerson !== "boolean") throw unreadable("needsPerson is not a boolean");
  try {
    const record = readRotationRecord(recorded);
    if (record.clientId.toLowerCase() !== key) throw new Error(`its record is that of ${record.clientId}`);
    const { underWay: _underWay, ...account } = record;
    const secretIn = (current: unknown): RecordedSecret | undefined =>
      readRotationRecord({ ...account, current }).current;
    const secrets = kept.map(secretIn);
    return {
      record,
      kept: secrets.filter((secret) => secret !== undefined),
      ...(aside === undefined ? {} : { aside: secretIn(aside) }),
      ...(secretFile === undefined ? {} : { secretFile }),
      ...(rotatedAt === undefined ? {} : { rotatedAt }),
      ...(needsPerson === undefined ? {} : { needsPerson }),
    };
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}
