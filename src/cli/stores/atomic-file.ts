/** Files that are replaced in one move: written to a temporary name beside them, synced, renamed; no such name stays. */
import { randomBytes } from "node:crypto";
import { constants, rmSync, type Stats } from "node:fs";
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, UsageError } from "../terminal/exit-code.js";

/** Of a new file: for the owner alone. */
const NEW_MODE = 0o600;
/** Never through a name that is already there. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** On Windows, a virus scanner or an indexer that has a file open keeps it from being replaced, for a moment. */
const HELD_OPEN = ["EPERM", "EACCES", "EBUSY"];
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1000;

interface Replacement {
  /** The file whose owner, group and mode the new one gets. */
  readonly like?: Stats | undefined;
  /** Called when everything is on the disk; if it throws, the file stays as it is. */
  readonly beforeMove?: () => void;
  /** Tests try here what Windows does; on Windows itself nothing of this project is tested. */
  readonly platform?: NodeJS.Platform;
}

/** Replaces a file, or creates it, whole or not at all; `syncDirectory` makes that last. */
export async function replaceFile(
  path: string,
  content: string | Buffer,
  { like, beforeMove, platform = process.platform }: Replacement = {},
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeNewFile(temporary, content, like);
    beforeMove?.();
    for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      try {
        return await rename(temporary, path);
      } catch (error) {
        if (platform !== "win32" || waitMs > LONGEST_WAIT_MS || !HELD_OPEN.includes(codeOf(error))) throw error;
        await sleep(waitMs);
      }
    }
  } finally {
    removeTemporary(temporary);
  }
}

async function writeNewFile(path: string, content: string | Buffer, like: Stats | undefined): Promise<void> {
  const file = await open(path, CREATE, NEW_MODE);
  try {
    await file.writeFile(content);
    const { uid, gid } = await file.stat();
    if (like !== undefined && (like.uid !== uid || like.gid !== gid)) {
      await file.chown(like.uid, like.gid).catch((error: unknown) => {
        const what = `the file's owner and group (${like.uid}:${like.gid}) cannot be kept (${codeOf(error)})`;
        throw new UsageError(`${what}; run the command as its owner`);
      });
    }
    await file.chmod(like === undefined ? NEW_MODE : like.mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The new name is part of the directory, and would otherwise be lost with it. */
export async function syncDirectory(path: string): Promise<void> {
  let directory: FileHandle | undefined;
  try {
    directory = await open(path, "r");
    await directory.sync();
  } catch (error) {
    // Not every file system can sync a directory, and Windows cannot even open one.
    if (!["EINVAL", "ENOTSUP", "EISDIR", "EPERM", "EACCES"].includes(codeOf(error))) throw error;
  } finally {
    await directory?.close();
  }
}

/** Begins with the process that the file belongs to. */
const TEMPORARY = /^\.atlas-secrets-(\d+)-[0-9a-f]{16}\.tmp$/;
/** Those of this process; none outlives it. */
const temporaries = new Set<string>();
process.once("exit", () => temporaries.forEach(removeTemporary));

export function temporaryName(path: string): string {
  const name = join(dirname(path), `.atlas-secrets-${process.pid}-${randomBytes(8).toString("hex")}.tmp`);
  temporaries.add(name);
  return name;
}

export function removeTemporary(name: string): void {
  try {
    rmSync(name, { force: true });
  } catch {
    // The next run finds it.
  }
  temporaries.delete(name);
}

/** Removes the temporary files of processes that have ended; one that cannot be removed is another user's to remove. */
export async function removeLeftovers(directory: string, onLeftover: (message: string) => void): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, pid] = TEMPORARY.exec(name) ?? [];
    const path = join(directory, name);
    // In a container, the process of the next run often has the same number.
    const isOwn = Number(pid) === process.pid;
    if (pid === undefined || (isOwn ? temporaries.has(path) : isAlive(Number(pid)))) continue;
    const what = await rm(path).then(
      () => "removed",
      () => "could not remove",
    );
    onLeftover(`${what} ${path}, which a run that was killed had left behind`);
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
