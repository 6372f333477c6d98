/**
 * The state of many accounts in one file. A run appends each change to a journal beside it, and at its end writes the file
 * anew and removes the journal; after a run that was killed, the next one reads both.
 */
import { closeSync, fdatasyncSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { removeLeftovers, replaceFile } from "../stores/atomic-file.js";
import {
  type Entries,
  JOURNAL_HEADER,
  journalOf,
  messageOf,
  readFiles,
  resolved,
  StateError,
  VERSION,
} from "./read-state.js";
import type { StateEntry } from "./state-entry.js";
import { lockState } from "./state-lock.js";

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
      await removeLeftovers(dirname(truePath), onMessage);
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
      await replaceFile(journalOf(this.path), JOURNAL_HEADER);
      this.#journal = openSync(journalOf(this.path), "r+");
      this.#length = JOURNAL_HEADER.length;
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
