/** One run at a time: a file beside the state says who is working with it. */
import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { isAlive, removeTemporary, temporaryName } from "../stores/atomic-file.js";
import { codeOf, UsageError } from "../terminal/exit-code.js";

/** Of a file that cannot be read: its holder is about to write it, or it was torn long ago. */
const UNKNOWN = { pid: 0, host: "", since: "an unknown time", token: "unreadable", processStart: "" };

type Holder = typeof UNKNOWN;

export type StateLock = ReturnType<typeof lockState>;

/** A holder on another host cannot be looked at; it shows that it is alive by touching the file. */
const BEAT_MS = 10_000;
const SILENT_MS = 6 * BEAT_MS;
const NEW_FILE = { mode: 0o600, flag: "wx" };

export const lockOf = (path: string) => `${path}.lock`;

/** Takes the lock, if need be from a holder that has ended. @throws UsageError if another run holds it */
export function lockState(path: string, now: () => number, onMessage: (message: string) => void) {
  const lock = lockOf(path);
  const takeover = `${lock}.takeover`;
  const { pid } = process;
  const since = new Date(now()).toISOString();
  const own: Holder = { pid, host: hostname(), since, token: randomUUID(), processStart: processStartOf(pid) };
  const refuseHeld = (holder: Holder, file: string) => {
    if (!isHeld(holder, file)) return;
    throw new UsageError(`${path} is in use by ${named(holder)}; if that has ended, remove ${file}`);
  };
  while (!create(lock, own)) {
    const holder = readHolder(lock);
    // It has just been given back.
    if (holder === undefined) continue;
    refuseHeld(holder, lock);
    // Of all that find the same dead holder, one gets to replace it.
    if (!create(takeover, own)) {
      const other = readHolder(takeover);
      if (other !== undefined) refuseHeld(other, takeover);
    } else if (readHolder(lock)?.token === holder.token) {
      fs.renameSync(takeover, lock);
      onMessage(`took over the lock of ${path}, which was left behind by ${named(holder)}`);
      break;
    }
    fs.rmSync(takeover, { force: true });
  }
  // Of a run that was killed while it took the lock over.
  const left = readHolder(takeover);
  if (left !== undefined && !isHeld(left, takeover)) fs.rmSync(takeover, { force: true });
  /** If it no longer is this run's, another one may be working with the state. */
  const isOwn = () => readHolder(lock)?.token === own.token;
  const file = fs.openSync(lock, "r+");
  const { size } = fs.fstatSync(file);
  const beat = setInterval(() => {
    try {
      // To what it was: so it is the file system's clock that says when, and never another run's lock that is touched.
      fs.ftruncateSync(file, size);
    } catch {
      // It is gone, which the next change of the state will find.
    }
  }, BEAT_MS).unref();
  /** The end of the process does so too. */
  const release = () => {
    clearInterval(beat);
    process.off("exit", release);
    try {
      fs.closeSync(file);
      if (isOwn()) fs.rmSync(lock, { force: true });
    } catch {
      // What stays of a run that has ended, the next one takes over.
    }
  };
  process.once("exit", release);
  return { isOwn, release };
}

/** @returns false if the file exists already */
function create(name: string, holder: Holder): boolean {
  try {
    fs.writeFileSync(name, JSON.stringify(holder), NEW_FILE);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // It may have been created, and only its content did not fit on the disk.
    fs.rmSync(name, { force: true });
    throw error;
  }
}

/** Undefined if there is none. */
function readHolder(lock: string): Holder | undefined {
  try {
    return { ...UNKNOWN, ...JSON.parse(fs.readFileSync(lock, "utf8")) };
  } catch {
    // A symbolic link that leads nowhere is there too.
    return fs.lstatSync(lock, { throwIfNoEntry: false }) && UNKNOWN;
  }
}

function isHeld({ pid, host, processStart }: Holder, lock: string): boolean {
  if (host === hostname()) return pid > 0 && isAlive(pid) && processStartOf(pid) === processStart;
  // The clocks of two hosts may differ: a new file tells the file system's own time.
  const probe = temporaryName(lock);
  try {
    fs.writeFileSync(probe, "", NEW_FILE);
    return fs.statSync(probe).mtimeMs - (fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) < SILENT_MS;
  } finally {
    removeTemporary(probe);
  }
}

const named = ({ pid, host, since }: Holder) => `process ${pid} on ${host || "an unknown host"} since ${since}`;

/** When the system started the process, in its own units: another one may get the same number later. Empty if not on Linux. */
function processStartOf(pid: number): string {
  try {
    // The name of the program, in parentheses, may hold anything; the start is the twentieth field behind it.
    const [, fields = ""] = /^.*\) (.*)$/s.exec(fs.readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    const bootId = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${bootId} ${fields.split(" ")[19]}`;
  } catch {
    return "";
  }
}
