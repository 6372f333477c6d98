/**
 * `--secret-file`: a new secret becomes the content of a file, in one move that was rehearsed before.
 */
import { randomBytes } from "node:crypto";
import { constants, readFileSync, realpathSync, rmSync, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SecretNotStoredError } from "../../index.js";
import { codeOf } from "../terminal/command-io.js";

/** A path that can be written to, as it was when that was tried. */
export interface CheckedFile {
  readonly path: string;
  readonly directory: Stats;
  /** The file that will be replaced, if there is one. */
  readonly existing: Stats | undefined;
}

export interface FileOptions {
  /** Called with every temporary file of an earlier run that was killed; it has been removed. */
  readonly onLeftover: (path: string) => void;
  /** What has been rehearsed already: a directory is tried once for each owner of files in it. */
  readonly rehearsed: Set<string>;
}

/** Of a new file: for the owner alone. */
const NEW_MODE = 0o600;
/** A file that is replaced keeps its mode, if it allows no more than this. */
const WIDEST_MODE = 0o640;
/** What fits proves that a secret will. */
const REHEARSED_BYTES = 4096;
/** Never through a name that is already there. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Tries everything that storing a secret there will take, with a file beside it. Nothing is left of that.
 *
 * @returns why no secret can be written there, or the path to write to
 */
export async function checkSecretFile(
  path: string,
  { onLeftover, rehearsed }: FileOptions,
): Promise<CheckedFile | { readonly problem: string }> {
  const directory = dirname(path);
  try {
    const checked = { path, directory: await stat(directory), existing: await statOf(path) };
    if (!checked.directory.isDirectory()) return { problem: `${directory} is not a directory` };
    const problem = checked.existing && (await problemOf(path, checked.existing));
    if (problem !== undefined) return { problem };
    const { uid, gid, mode } = checked.existing ?? { uid: "", gid: "", mode: "" };
    const rehearsal = `${directory} ${uid} ${gid} ${mode}`;
    if (rehearsed.has(rehearsal)) return checked;
    for (const leftover of await leftoversIn(directory)) {
      await rm(leftover);
      onLeftover(leftover);
    }
    await rehearse(checked);
    rehearsed.add(rehearsal);
    return checked;
  } catch (error) {
    return { problem: error instanceof OwnerError ? error.message : `cannot write to ${directory} (${codeOf(error)})` };
  }
}

async function problemOf(path: string, existing: Stats): Promise<string | undefined> {
  // The link would be replaced, and whoever reads the file behind it would keep the old secret; likewise another name.
  if (existing.isSymbolicLink()) return `${path} is a symbolic link; name the file itself`;
  if (!existing.isFile()) return `${path} is not a file`;
  if (isMountPoint(path)) return `${path} is a mount point and cannot be replaced; mount its directory`;
  if (existing.nlink > 1)
    return `${path} has ${existing.nlink} names (hard links); the others would keep the old secret`;
  const mode = existing.mode & 0o7777;
  if ((mode & ~WIDEST_MODE) !== 0) {
    return `${path} has mode ${octal(mode)}; a file with a secret may have at most ${octal(WIDEST_MODE)}`;
  }
  try {
    // Of an immutable file not even the owner may do this; anybody else's permission does not matter for replacing it.
    await (await open(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0))).close();
  } catch (error) {
    if (codeOf(error) === "EPERM") return `${path} cannot be changed (EPERM): it may be immutable`;
  }
  return undefined;
}

function isMountPoint(path: string): boolean {
  try {
    const truePath = join(realpathSync(dirname(path)), basename(path));
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    return mounts.some((line) => unescaped(line.split(" ")[4] ?? "") === truePath);
  } catch {
    // Not Linux: there, a file is no mount point.
    return false;
  }
}

/** In mountinfo, white space and backslashes are octal escapes. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_escape, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** Everything that `writeSecretFile` does, over a file of its own. */
async function rehearse({ path, existing }: CheckedFile): Promise<void> {
  const probe = temporaryName(path);
  try {
    await (await open(probe, CREATE, NEW_MODE)).close();
    const temporary = await writeTemporary(probe, Buffer.alloc(REHEARSED_BYTES), existing);
    await rename(temporary, probe);
    temporaries.delete(temporary);
  } finally {
    await removeTemporary(probe);
  }
}

/**
 * Writes a secret and nothing else, not even a line end: to a temporary name beside the file, synced, renamed. A file
 * that is replaced keeps its owner, group and mode. Readers see the old secret or the new one, never a part.
 *
 * @throws SecretNotStoredError if the file is as it was
 * @throws Error if it has been replaced, and only the last sync failed
 */
export async function writeSecretFile(checked: CheckedFile, secret: string): Promise<void> {
  const { path } = checked;
  let temporary: string | undefined;
  try {
    temporary = await writeTemporary(path, secret, checked.existing);
    await refuseChanged(checked);
    await rename(temporary, path);
    temporaries.delete(temporary);
  } catch (error) {
    if (temporary !== undefined) await removeTemporary(temporary);
    if (error instanceof SecretNotStoredError) throw error;
    throw new SecretNotStoredError(`${path} could not be written (${codeOf(error)})`);
  }
  try {
    await syncDirectory(dirname(path));
  } catch (error) {
    throw new Error(`${path} was written, but whether it would outlast a power cut is unknown (${codeOf(error)})`);
  }
}

/** @throws SecretNotStoredError if the path leads to something else than what was checked */
async function refuseChanged({ path, directory, existing }: CheckedFile): Promise<void> {
  const [directoryNow, existingNow] = [await stat(dirname(path)), await statOf(path)];
  const isSame = (one: Stats | undefined, other: Stats | undefined) =>
    one?.ino === other?.ino &&
    one?.dev === other?.dev &&
    one?.mode === other?.mode &&
    one?.uid === other?.uid &&
    one?.gid === other?.gid;
  if (isSame(directory, directoryNow) && isSame(existing, existingNow) && (existingNow?.nlink ?? 1) === 1) return;
  throw new SecretNotStoredError(`${path} has been changed by another program since it was checked`);
}

/** The owner and group of a file that is replaced cannot be kept. */
class OwnerError extends Error {
  override readonly name = "OwnerError";
}

/** @returns the name of a new file beside the path, complete and on the disk */
async function writeTemporary(path: string, content: string | Buffer, like: Stats | undefined): Promise<string> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, CREATE, NEW_MODE);
    try {
      await file.writeFile(content);
      if (like !== undefined) await keepOwner(file, like, path);
      await file.chmod(like === undefined ? NEW_MODE : like.mode & 0o7777);
      await file.sync();
    } finally {
      await file.close();
    }
    return temporary;
  } catch (error) {
    await removeTemporary(temporary);
    throw error;
  }
}

async function keepOwner(file: FileHandle, { uid, gid }: Stats, path: string): Promise<void> {
  const own = await file.stat();
  if (own.uid === uid && own.gid === gid) return;
  try {
    await file.chown(uid, gid);
  } catch (error) {
    throw new OwnerError(`the owner and group of ${path} (${uid}:${gid}) cannot be kept (${codeOf(error)})`);
  }
}

/** The new name is part of the directory, and would otherwise be lost with it. */
async function syncDirectory(path: string): Promise<void> {
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

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Begins with the process that the file belongs to. */
const TEMPORARY = /^\.atlas-secrets-(\d+)-[0-9a-f]{16}\.tmp$/;
/** Those of this process; none outlives it. */
const temporaries = new Set<string>();
let removesAtExit = false;

function temporaryName(path: string): string {
  const name = join(dirname(path), `.atlas-secrets-${process.pid}-${randomBytes(8).toString("hex")}.tmp`);
  if (!removesAtExit) process.once("exit", removeTemporaries);
  removesAtExit = true;
  temporaries.add(name);
  return name;
}

async function removeTemporary(name: string): Promise<void> {
  await rm(name, { force: true }).catch(() => undefined);
  temporaries.delete(name);
}

function removeTemporaries(): void {
  for (const name of temporaries) {
    try {
      rmSync(name, { force: true });
    } catch {
      // The process is ending; the next run finds it.
    }
  }
}

/** Temporary files of processes that have ended. */
async function leftoversIn(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => {
      const pid = TEMPORARY.exec(name)?.[1];
      return pid !== undefined && !isAlive(Number(pid));
    })
    .map((name) => join(directory, name));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
