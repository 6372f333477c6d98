/** The state of many accounts: one file, and while a run changes it, a journal beside it that the next run may have to read. */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { readRotationRecord } from "../../index.js";
import { isObject } from "../fleet/json-document.js";
import { removeLeftovers, replaceFile, syncDirectory } from "../stores/atomic-file.js";
import { codeOf, UsageError } from "../terminal/exit-code.js";
import { messageOf } from "../terminal/report.js";
import type { StateEntry } from "./state-entry.js";
import { lockState, type StateLock } from "./state-lock.js";

const VERSION = 1;
/** The first line of every journal. */
const JOURNAL_HEADER = `${JSON.stringify({ version: VERSION })}\n`;

/** By client id, in small letters. */
type Entries = Map<string, StateEntry>;

/** Without an entry the account is dropped. */
type Change = readonly [key: string, entry: StateEntry | undefined];

/** A run appends each change to the journal, and at its end writes the file anew and removes the journal. */
export class StateFile {
  /** Changes that are not written yet. */
  readonly #waiting: Change[] = [];
  /** Settles when they are on the disk, or cannot be. */
  #written = Promise.resolve();
  #journal: number | undefined;
  /** How much of the journal is whole. */
  #length = 0;

  /** @throws UsageError if it cannot be read, or another run is working with it; it is left as it is */
  static async open(path: string, now: () => number, onMessage: (message: string) => void): Promise<StateFile> {
    let lock: StateLock | undefined;
    try {
      const truePath = resolved(path);
      lock = lockState(truePath, now, onMessage);
      await removeLeftovers(dirname(truePath), onMessage);
      const state = new StateFile(truePath, readFiles(truePath), lock);
      if (fs.existsSync(journalOf(truePath))) await state.#compact();
      return state;
    } catch (error) {
      lock?.release();
      throw unusable(path, error);
    }
  }

  private constructor(
    readonly path: string,
    private readonly entries: Entries,
    private readonly lock: StateLock,
  ) {}

  get(clientId: string): StateEntry | undefined {
    return this.entries.get(clientId.toLowerCase());
  }

  /** Resolves when the change is on the disk; rejects if it is not, and then the state is as before. */
  put(clientId: string, entry: StateEntry | undefined): Promise<void> {
    this.#waiting.push([clientId.toLowerCase(), entry]);
    // Whatever else changes in this turn, or while an earlier change is written, shares the sync.
    if (this.#waiting.length === 1) {
      const written = this.#written.catch(() => undefined);
      this.#written = written.then(() => setImmediate()).then(() => this.#writeWaiting());
    }
    return this.#written;
  }

  /** Writes the whole file, if anything has changed and no other run has taken over, and lets the next run in. */
  async close(onMessage: (message: string) => void): Promise<void> {
    try {
      if (this.#journal !== undefined && this.lock.isOwn()) await this.#compact();
    } catch (error) {
      onMessage(`${this.path} could not be written anew (${error}); the journal beside it holds the changes`);
    } finally {
      this.lock.release();
    }
  }

  async #writeWaiting(): Promise<void> {
    const changes = this.#waiting.splice(0);
    const text = changes.map(([key, entry]) => `${JSON.stringify([key, entry ?? null])}\n`).join("");
    // What this run knows is old as soon as another one has written.
    if (!this.lock.isOwn()) throw new Error(`another run has taken over ${this.path}, or its lock was removed`);
    if (this.#journal === undefined) {
      await replaceDurably(journalOf(this.path), JOURNAL_HEADER);
      this.#journal = fs.openSync(journalOf(this.path), "a");
      this.#length = JOURNAL_HEADER.length;
    }
    // Nothing of a change that failed may stay; if it cannot be taken back at once, then before the next one.
    fs.ftruncateSync(this.#journal, this.#length);
    try {
      fs.appendFileSync(this.#journal, text);
      fs.fdatasyncSync(this.#journal);
    } catch (error) {
      fs.ftruncateSync(this.#journal, this.#length);
      throw error;
    }
    this.#length += Buffer.byteLength(text);
    for (const change of changes) apply(this.entries, change);
  }

  async #compact(): Promise<void> {
    const accounts = Object.fromEntries([...this.entries].sort(([one], [other]) => (one < other ? -1 : 1)));
    await replaceDurably(this.path, `${JSON.stringify({ version: VERSION, accounts }, undefined, 1)}\n`);
    if (this.#journal !== undefined) fs.closeSync(this.#journal);
    this.#journal = undefined;
    fs.rmSync(journalOf(this.path), { force: true });
  }
}

async function replaceDurably(path: string, content: string): Promise<void> {
  await replaceFile(path, content);
  await syncDirectory(dirname(path));
}

/** The state as it is, whoever may be working with it. */
export function readState(path: string): ReadonlyMap<string, StateEntry> {
  try {
    return readFiles(resolved(path));
  } catch (error) {
    throw unusable(path, error);
  }
}

export function unusable(path: string, error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  const why = error instanceof Error && !("code" in error) ? error.message : codeOf(error);
  return new UsageError(`${path} cannot be used (${why})`);
}

export const journalOf = (path: string) => `${path}.journal`;

/** Through a symbolic link, so that the file behind it is what is replaced. */
export function resolved(path: string): string {
  if (path === "") throw new UsageError("--state: the path is empty");
  try {
    return fs.realpathSync.native(path);
  } catch {
    // There is no such file yet; the link itself would be replaced, and what it should lead to never be written.
    if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
    throw new UsageError(`${path} is a symbolic link that leads nowhere; name the file itself`);
  }
}

function readFiles(path: string): Entries {
  const entries: Entries = new Map();
  // In this order: a run that ends meanwhile moves changes from the journal into the file, and none is missed.
  const journal = textOf(journalOf(path));
  const snapshot = textOf(path);
  let file = `${path} is not a state`;
  try {
    if (snapshot !== undefined) readSnapshot(snapshot, entries);
    file = `${journalOf(path)} is not a journal`;
    if (journal !== undefined) readJournal(journal, entries);
    return entries;
  } catch (error) {
    throw new UsageError(`${file} that can be read: ${messageOf(error)}`);
  }
}

function textOf(path: string): string | undefined {
  try {
    // Leaves out the byte order mark that some editors begin a file with.
    return new TextDecoder().decode(fs.readFileSync(path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function readSnapshot(text: string, entries: Entries): void {
  const { accounts } = ofThisVersion(parsed(text));
  if (!isObject(accounts)) throw new UsageError("it has no accounts");
  for (const [key, entry] of Object.entries(accounts)) entries.set(key, readEntry(key, entry));
}

/** Its last lines may be torn, if the system stopped while they were written; nothing depends on those yet. */
function readJournal(text: string, entries: Entries): void {
  const lines = text.split("\n").slice(0, -1).map(parsed);
  const [header, ...changes] = lines.slice(0, lines.findLastIndex((line) => line !== undefined) + 1);
  // Nothing but a part of the first line has come to the disk, and perhaps zeros in place of the rest.
  if (header === undefined && JOURNAL_HEADER.startsWith(text.replace(/\0+$/, ""))) return;
  ofThisVersion(header);
  for (const [index, change] of changes.entries()) {
    if (!Array.isArray(change) || typeof change[0] !== "string") throw new UsageError(`line ${index + 2} is damaged`);
    const [key, entry] = change;
    apply(entries, [key, entry === null ? undefined : readEntry(key, entry)]);
  }
}

function ofThisVersion(value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw new UsageError("it is not a JSON object");
  const { version } = value;
  if (version === VERSION) return value;
  if (typeof version !== "number" || version < VERSION) throw new UsageError("its version is unknown");
  throw new UsageError(`it was written by a newer version of atlas-secrets (its version is ${version})`);
}

function apply(entries: Entries, [key, entry]: Change): void {
  if (entry === undefined) entries.delete(key);
  else entries.set(key, entry);
}

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an entry may have besides secrets, and what it has to be. */
const MEMBERS: Readonly<Record<string, readonly [expected: string, fits: (value: unknown) => boolean]>> = {
  rotatedAt: ["a date", (value) => typeof value === "string" && !Number.isNaN(Date.parse(value))],
  secretFile: ["a string", (value) => typeof value === "string"],
  needsPerson: ["a boolean", (value) => typeof value === "boolean"],
};

function readEntry(key: string, value: unknown): StateEntry {
  try {
    if (!isObject(value)) throw new UsageError("it is not an object");
    const { record: recorded, kept = [], aside, ...others } = value;
    for (const [name, member] of Object.entries(others)) {
      const [expected, fits] = (Object.hasOwn(MEMBERS, name) && MEMBERS[name]) || [];
      if (!fits?.(member)) throw new UsageError(`${name} is ${fits === undefined ? "unknown" : `not ${expected}`}`);
    }
    if (!Array.isArray(kept)) throw new UsageError("kept is not an array");
    const record = readRotationRecord(recorded);
    if (record.clientId.toLowerCase() !== key) throw new UsageError(`its record is that of ${record.clientId}`);
    const { underWay: _underWay, ...account } = record;
    const secretsIn = (secret: unknown) => readRotationRecord({ ...account, current: secret }).current ?? [];
    const [left] = [aside].flatMap(secretsIn);
    return { record, kept: kept.flatMap(secretsIn), aside: left, ...others };
  } catch (error) {
    throw new UsageError(`${key}: ${messageOf(error)}`);
  }
}
