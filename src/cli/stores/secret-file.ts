/**
 * `--secret-file`: a new secret becomes the content of a file, in one move that was rehearsed before.
 */
import { closeSync, constants, lstatSync, openSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { matchesFingerprint, SecretNotStoredError } from "../../index.js";
import { codeOf } from "../terminal/command-io.js";
import { UsageError } from "../terminal/exit-code.js";
import { moveInto, removeLeftovers, removeTemporary, syncDirectory, writeTemporary } from "./atomic-file.js";
import type { SecretStore } from "./store-command.js";

/** A path that can be written to, as it was when that was tried. */
export interface CheckedFile {
  readonly path: string;
  readonly directory: Stats;
  /** The file that will be replaced, if there is one. */
  readonly existing: Stats | undefined;
}

export interface FileOptions {
  /** Called with a message about every temporary file of an earlier run that was killed. */
  readonly onLeftover: (message: string) => void;
  /** What has been rehearsed already: a directory is tried once for each owner of files in it. */
  readonly rehearsed: Set<string>;
}

/** A file that is replaced keeps its mode, if it allows no more than this. */
const WIDEST_MODE = 0o640;
/** What fits proves that a secret will. */
const REHEARSED_BYTES = 4096;

/** @param path relative to `directory` */
export function fileStore(path: string, directory: string, options: FileOptions): SecretStore {
  const secretFile = resolve(directory, path);
  let file: CheckedFile | undefined;
  return {
    name: { secretFile },
    async check() {
      if (path === "") return "the path is empty";
      try {
        file = await checkSecretFile(secretFile, options);
        return undefined;
      } catch (error) {
        if (error instanceof UsageError) return error.message;
        throw error;
      }
    },
    async store({ secret }) {
      if (file === undefined) throw new SecretNotStoredError(`${secretFile} was not checked`);
      await writeSecretFile(file, secret);
    },
    timeoutMs: undefined,
    isStored: (fingerprint) => holdsSecret(secretFile, fingerprint),
  };
}

async function holdsSecret(path: string, fingerprint: string): Promise<boolean | undefined> {
  try {
    return await matchesFingerprint(readFileSync(path, "utf8"), fingerprint);
  } catch (error) {
    return codeOf(error) === "ENOENT" ? false : undefined;
  }
}

/**
 * Tries everything that storing a secret there will take, with a file beside it. Nothing is left of that.
 *
 * @throws UsageError if no secret can be written there
 */
export async function checkSecretFile(path: string, { onLeftover, rehearsed }: FileOptions): Promise<CheckedFile> {
  const directory = dirname(path);
  try {
    const checked = { path, directory: statSync(directory), existing: statOf(path) };
    if (!checked.directory.isDirectory()) throw new UsageError(`${directory} is not a directory`);
    const problem = checked.existing && problemOf(path, checked.existing);
    if (problem !== undefined) throw new UsageError(problem);
    const { uid, gid, mode } = checked.existing ?? { uid: "", gid: "", mode: "" };
    const rehearsal = `${directory} ${uid} ${gid} ${mode}`;
    if (rehearsed.has(rehearsal)) return checked;
    await removeLeftovers(directory, onLeftover);
    await rehearse(checked);
    rehearsed.add(rehearsal);
    return checked;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot write to ${directory} (${codeOf(error)})`);
  }
}

function problemOf(path: string, existing: Stats): string | undefined {
  // Likewise a junction on Windows. The link would be replaced, and whoever reads the file behind it would keep the old
  // secret; so would whoever reads it under another name.
  if (existing.isSymbolicLink()) return `${path} is a symbolic link; name the file itself`;
  if (!existing.isFile()) return `${path} is not a file`;
  if (isMountPoint(path)) return `${path} is a mount point and cannot be replaced; mount its directory`;
  if (existing.nlink > 1)
    return `${path} has ${existing.nlink} names (hard links); the others would keep the old secret`;
  const mode = existing.mode & 0o7777;
  // On Windows the mode says nothing about who may read: the directory's access list does.
  if (process.platform !== "win32" && (mode & ~WIDEST_MODE) !== 0) {
    return `${path} has mode ${octal(mode)}; a file with a secret may have at most ${octal(WIDEST_MODE)}`;
  }
  try {
    // Of an immutable file not even the owner may do this; anybody else's permission does not matter for replacing it.
    closeSync(openSync(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0)));
  } catch (error) {
    if (codeOf(error) === "EPERM") return `${path} cannot be changed (EPERM): it may be immutable`;
  }
  return undefined;
}

function isMountPoint(path: string): boolean {
  try {
    const truePath = join(realpathSync.native(dirname(path)), basename(path));
    // In mountinfo, white space and backslashes are octal escapes.
    const escaped = truePath.replace(/[ \t\n\\]/g, (each) => `\\${each.charCodeAt(0).toString(8).padStart(3, "0")}`);
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    return mounts.some((line) => line.split(" ")[4] === escaped);
  } catch {
    // Not Linux: there, a file is no mount point.
    return false;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** Everything that `writeSecretFile` does, over a file of its own. */
async function rehearse({ path, existing }: CheckedFile): Promise<void> {
  const probe = await writeTemporary(path, "", undefined);
  try {
    await moveInto(await writeTemporary(probe, Buffer.alloc(REHEARSED_BYTES), existing), probe);
  } finally {
    removeTemporary(probe);
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
  try {
    const temporary = await writeTemporary(path, secret, checked.existing);
    try {
      refuseChanged(checked);
      await moveInto(temporary, path);
    } finally {
      removeTemporary(temporary);
    }
  } catch (error) {
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
function refuseChanged({ path, directory, existing }: CheckedFile): void {
  const [directoryNow, existingNow] = [statSync(dirname(path)), statOf(path)];
  const isSame = (one: Stats | undefined, other: Stats | undefined) =>
    (["ino", "dev", "mode", "uid", "gid"] as const).every((name) => one?.[name] === other?.[name]);
  if (isSame(directory, directoryNow) && isSame(existing, existingNow) && (existingNow?.nlink ?? 1) === 1) return;
  throw new SecretNotStoredError(`${path} has been changed by another program since it was checked`);
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
