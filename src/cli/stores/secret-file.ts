/**
 * `--secret-file`: a new secret becomes the content of a file, in one move.
 */
import { randomBytes } from "node:crypto";
import { accessSync, constants, lstatSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SecretNotStoredError } from "../../index.js";
import { codeOf } from "../terminal/command-io.js";

/** For the owner alone. */
const MODE = 0o600;

/** Why no secret can be written there, checked before one is created; undefined if it can. */
export function secretFileProblem(path: string): string | undefined {
  const directory = dirname(path);
  try {
    if (!statSync(directory).isDirectory()) return `${directory} is not a directory`;
    accessSync(directory, constants.W_OK | constants.X_OK);
    const existing = lstatSync(path, { throwIfNoEntry: false });
    return existing && problemOfExisting(path, existing);
  } catch (error) {
    return `${directory} cannot be written to (${codeOf(error)})`;
  }
}

function problemOfExisting(path: string, existing: Stats): string | undefined {
  // The link would be replaced, and whoever reads the file behind it would go on with the old secret.
  if (existing.isSymbolicLink()) return `${path} is a symbolic link; name the file itself`;
  if (!existing.isFile()) return `${path} is not a file`;
  const me = process.geteuid?.();
  if (me === undefined || me === 0 || existing.uid === me) return undefined;
  return `${path} belongs to another user (${existing.uid}), who could not read the new one`;
}

/**
 * Writes a secret and nothing else, not even a line end: to a temporary name beside the file, synced, renamed. A file
 * that is replaced keeps its owner. Readers see the old secret or the new one, never a part.
 *
 * @throws SecretNotStoredError if the file is as it was
 * @throws Error if it has been replaced, and only the last sync failed
 */
export async function writeSecretFile(path: string, secret: string): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.atlas-secrets-${randomBytes(8).toString("hex")}.tmp`);
  try {
    await writeTemporary(temporary, secret, await stat(path).catch(() => undefined));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new SecretNotStoredError(`${path} could not be written (${codeOf(error)})`);
  }
  try {
    await syncDirectory(directory);
  } catch (error) {
    throw new Error(`${path} was written, but whether it would outlast a power cut is unknown (${codeOf(error)})`);
  }
}

async function writeTemporary(temporary: string, secret: string, replaced: Stats | undefined): Promise<void> {
  // "wx": never through something that is already there.
  const file = await open(temporary, "wx", MODE);
  try {
    await file.writeFile(secret);
    await file.chmod(MODE);
    if (replaced !== undefined && replaced.uid !== process.geteuid?.()) await file.chown(replaced.uid, replaced.gid);
    await file.sync();
  } finally {
    await file.close();
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
