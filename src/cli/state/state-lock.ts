/**
 * One run at a time: a file beside the state says who is working with it.
 */
import { randomUUID } from "node:crypto";
import {
  constants,
  copyFileSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { isAlive } from "../stores/atomic-file.js";
import { codeOf } from "../terminal/command-io.js";

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** Of this holder and no other. */
  readonly token: string;
  /** When the system started the process, in its own units: another process may get the same number later. */
  readonly processStart?: string;
}

/** A holder on another host cannot be looked at; it shows that it is alive by touching the file. */
const BEAT_MS = 10_000;
const SILENT_MS = 6 * BEAT_MS;

export class StateLockedError extends Error {
  override readonly name = "StateLockedError";
}

export function lockOf(path: string): string {
  return `${path}.lock`;
}

/**
 * Takes the lock, if need be from a holder that has ended.
 *
 * @param onTakeover called with who held it
 * @returns gives it back; the end of the process does so too
 * @throws StateLockedError if another run holds it
 */
export function lockState(path: string, now: () => number, onTakeover: (holder: string) => void): () => void {
  const lock = lockOf(path);
  const own: Holder = {
    ...{ pid: process.pid, host: hostname(), since: new Date(now()).toISOString(), token: randomUUID() },
    ...processStartOf(process.pid),
  };
  const temporary = `${lock}.${own.token}`;
  try {
    writeFileSync(temporary, JSON.stringify(own), { mode: 0o600, flag: "wx" });
    take(lock, temporary, onTakeover);
  } finally {
    rmSync(temporary, { force: true });
  }
  removeLeftovers(lock);
  const beat = setInterval(() => touch(lock), BEAT_MS).unref();
  const release = () => {
    clearInterval(beat);
    process.off("exit", release);
    if (readHolder(lock)?.token === own.token) rmSync(lock, { force: true });
  };
  process.once("exit", release);
  return release;
}

function take(lock: string, temporary: string, onTakeover: (holder: string) => void): void {
  while (!created(temporary, lock)) {
    const holder = readHolder(lock);
    // It has just been given back.
    if (holder === undefined) continue;
    if (isHeld(holder, lock)) throw new StateLockedError(`in use by ${named(holder)}`);
    // Of all that find the same dead holder, one gets to replace it.
    const takeover = `${lock}.takeover-${holder.token}`;
    if (!created(temporary, takeover)) {
      const other = readHolder(takeover);
      if (other !== undefined && isHeld(other, takeover)) throw new StateLockedError(`in use by ${named(other)}`);
      rmSync(takeover, { force: true });
      continue;
    }
    try {
      if (readHolder(lock)?.token !== holder.token) continue;
      renameSync(takeover, lock);
      onTakeover(named(holder));
      return;
    } finally {
      rmSync(takeover, { force: true });
    }
  }
}

/** Of runs that were killed while they took the lock. */
function removeLeftovers(lock: string): void {
  for (const name of readdirSync(dirname(lock))) {
    const path = join(dirname(lock), name);
    const holder = name.startsWith(`${basename(lock)}.`) ? readHolder(path) : undefined;
    if (holder !== undefined && !isHeld(holder, path)) rmSync(path, { force: true });
  }
}

/** Gives a complete file a second name, unless that exists. */
function created(temporary: string, name: string): boolean {
  try {
    linkSync(temporary, name);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    return copied(temporary, name);
  }
}

/** For file systems without hard links. */
function copied(temporary: string, name: string): boolean {
  try {
    copyFileSync(temporary, name, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Undefined if there is none. Whatever cannot be read is nobody's. */
function readHolder(lock: string): Holder | undefined {
  try {
    const holder: Partial<Holder> = JSON.parse(readFileSync(lock, "utf8"));
    return { pid: 0, host: "", since: "an unknown time", token: "unreadable", ...holder };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    return { pid: 0, host: "", since: "an unknown time", token: "unreadable" };
  }
}

function isHeld({ pid, host, processStart }: Holder, lock: string): boolean {
  if (host !== hostname()) return Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) < SILENT_MS;
  return pid > 0 && isAlive(pid) && processStartOf(pid).processStart === processStart;
}

function named({ pid, host, since }: Holder): string {
  return `process ${pid} on ${host || "an unknown host"} since ${since}`;
}

/** Nothing on systems other than Linux; there, the number of the process has to do. */
function processStartOf(pid: number): Pick<Holder, "processStart"> {
  try {
    // The name of the program, in parentheses, may hold anything; the start is the twentieth field behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { processStart: `${bootId} ${fields[19]}` };
  } catch {
    return {};
  }
}

function touch(lock: string): void {
  try {
    const now = new Date();
    utimesSync(lock, now, now);
  } catch {
    // It has been taken away by hand; who needs it will say so.
  }
}
