/**
 * The state of many accounts in one file. A run appends each change to a journal beside it, and at its end writes the file
 * anew and removes the journal; after a run that was killed, the next one reads both.
 */
import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeSync,
} from "node:fs";
import { type RecordedSecret, readRotationRecord } from "../../index.js";
import { replaceFile } from "../stores/atomic-file.js";
import { codeOf } from "../terminal/command-io.js";
import type { StateEntry } from "./state-entry.js";
import { lockState, StateLockedError } from "./state-lock.js";

const VERSION = 1;

/** By client id, in small letters. */
type Entries = Map<string, StateEntry>;

/** The state cannot be read, or another run is working with it; it is left as it is. */
export class StateError extends Error {
  override readonly name = "StateError";
}

export class StateFile {
  readonly path: string;
  readonly #entries: Entries;
  readonly #release: () => void;
  readonly #waiting: Change[] = [];
  #journal: number | undefined;
  /** How much of the journal is whole; -1 if it cannot be written to any more. */
  #length = 0;
  #isWriting = false;

  /** @throws StateError */
  static async open(path: string, now: () => number, onMessage: (message: string) => void): Promise<StateFile> {
    const truePath = resolved(path);
    let release: (() => void) | undefined;
    try {
      release = lockState(truePath, now, (holder) => {
        onMessage(`took over the lock of ${path}, which was left behind by ${holder}`);
      });
      const { entries, hasJournal } = readFiles(truePath);
      const state = new StateFile(truePath, entries, release);
      if (hasJournal) await state.#compact();
      return state;
    } catch (error) {
      release?.();
      throw error instanceof StateError ? error : new StateError(messageOf(path, error));
    }
  }

  constructor(path: string, entries: Entries, release: () => void) {
    this.path = path;
    this.#entries = entries;
    this.#release = release;
  }

  get(clientId: string): StateEntry | undefined {
    return this.#entries.get(clientId.toLowerCase());
  }

  /** Resolves when the change is on the disk; rejects if it is not, and then the state is as before. */
  put(clientId: string, entry: StateEntry | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key: clientId.toLowerCase(), entry, resolve, reject });
      if (this.#isWriting) return;
      this.#isWriting = true;
      // Whatever else changes in this turn shares the sync.
      setImmediate(() => this.#writeWaiting());
    });
  }

  /** Writes the whole file, if anything has changed, and lets the next run in. */
  async close(): Promise<void> {
    try {
      if (this.#journal !== undefined) await this.#compact();
    } finally {
      this.#release();
    }
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const changes = this.#waiting.splice(0);
      try {
        await this.#append(changes.map(({ key, entry }) => `${JSON.stringify([key, entry ?? null])}\n`).join(""));
      } catch (error) {
        for (const { reject } of changes) reject(error);
        continue;
      }
      for (const { key, entry, resolve } of changes) {
        if (entry === undefined) this.#entries.delete(key);
        else this.#entries.set(key, entry);
        resolve();
      }
    }
    this.#isWriting = false;
  }

  async #append(text: string): Promise<void> {
    if (this.#journal === undefined) {
      const header = `${JSON.stringify({ version: VERSION })}\n`;
      await replaceFile(journalOf(this.path), header);
      this.#journal = openSync(journalOf(this.path), "r+");
      this.#length = header.length;
    }
    if (this.#length < 0) throw new Error("the journal is damaged, because an earlier change could not be taken back");
    const bytes = Buffer.from(text);
    const length = this.#length;
    // What is written of a change that fails must not stand in front of the next one.
    this.#length = -1;
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#journal, bytes, written, bytes.length - written, length + written);
      }
      fdatasyncSync(this.#journal);
      this.#length = length + bytes.length;
    } catch (error) {
      ftruncateSync(this.#journal, length);
      this.#length = length;
      throw error;
    }
  }

  async #compact(): Promise<void> {
    const accounts = Object.fromEntries([...this.#entries].sort(([one], [other]) => (one < other ? -1 : 1)));
    await replaceFile(this.path, `${JSON.stringify({ version: VERSION, accounts }, undefined, 1)}\n`);
    if (this.#journal !== undefined) closeSync(this.#journal);
    this.#journal = undefined;
    this.#length = 0;
    rmSync(journalOf(this.path), { force: true });
  }
}

interface Change {
  readonly key: string;
  /** Undefined drops it. */
  readonly entry: StateEntry | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The state as it is, whoever may be working with it. @throws StateError */
export function readState(path: string): ReadonlyMap<string, StateEntry> {
  try {
    return readFiles(resolved(path)).entries;
  } catch (error) {
    throw error instanceof StateError ? error : new StateError(messageOf(path, error));
  }
}

function messageOf(path: string, error: unknown): string {
  if (error instanceof StateLockedError) return `${path} is ${error.message}`;
  return `${path} cannot be used (${error instanceof Error && !("code" in error) ? error.message : codeOf(error)})`;
}

function journalOf(path: string): string {
  return `${path}.journal`;
}

/** Through a symbolic link, so that the file behind it is what is replaced. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // There is no such file yet.
    return path;
  }
}

function readFiles(path: string): { readonly entries: Entries; readonly hasJournal: boolean } {
  const [snapshot, journal] = [textOf(path), textOf(journalOf(path))];
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
  if (header === undefined && last < 0) return;
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

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readEntry(path: string, key: string, value: unknown): StateEntry {
  const unreadable = (why: string) => new StateError(`${path} is not a state that can be read: ${key}: ${why}`);
  if (!isObject(value)) throw unreadable("it is not an object");
  const { record: recorded, kept = [], aside, rotatedAt, needsPerson, ...unknown } = value;
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw unreadable(`${name} is unknown`);
  if (!Array.isArray(kept)) throw unreadable("kept is not an array");
  const isDate = rotatedAt === undefined || (typeof rotatedAt === "string" && !Number.isNaN(Date.parse(rotatedAt)));
  if (!isDate) throw unreadable("rotatedAt is not a date");
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
      ...(rotatedAt === undefined ? {} : { rotatedAt }),
      ...(needsPerson === undefined ? {} : { needsPerson }),
    };
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}
