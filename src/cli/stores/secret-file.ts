/** `--secret-file`: a new secret becomes the content of a file, in one move that was rehearsed before. */
import { closeSync, constants, lstatSync, openSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { matchesFingerprint, type NewSecret, SecretNotStoredError } from "../../index.js";
import { codeOf, UsageError } from "../terminal/exit-code.js";
import { removeLeftovers, removeTemporary, replaceFile, syncDirectory, temporaryName } from "./atomic-file.js";

export interface HandedSecret extends NewSecret {
  readonly clientId: string;
  readonly groupId: string;
}

export interface SecretStore {
  /** How reports name it; never holds a secret. */
  readonly name: { readonly secretFile?: string; readonly exec?: string };
  /** Tries whether a secret can be stored there, and returns why it cannot. Must be called before `store`. */
  check(): Promise<string | undefined>;
  /** Throws a SecretNotStoredError if it certainly was not stored, any other error if it may have been. */
  store(secret: HandedSecret): Promise<void>;
  /** How long that may take, in milliseconds; absent if it has no limit of its own. */
  readonly timeoutMs?: number;
  /** Whether the secret with this fingerprint is what is stored there; undefined, or absent, if that cannot be known. */
  isStored?(fingerprint: string): Promise<boolean | undefined>;
}

/** A file that is replaced keeps its mode, if it allows no more than this. */
const WIDEST_MODE = 0o640;
/** What fits proves that a secret will. */
const REHEARSED_BYTES = 4096;

/** The file holds the secret and not even a line end. Readers see the old secret or the new one, never a part. */
export function fileStore(
  path: string,
  { onLeftover, rehearsed }: { readonly onLeftover: (message: string) => void; readonly rehearsed: Set<string> },
): SecretStore {
  const directory = dirname(path);
  const look = () => {
    const existing = lstatSync(path, { throwIfNoEntry: false });
    const both = [statSync(directory), existing];
    return { existing, identity: both.map((each) => [each?.ino, each?.dev, each?.mode, each?.uid, each?.gid]).join() };
  };
  let checked: ReturnType<typeof look> | undefined;
  return {
    name: { secretFile: path },
    async check() {
      if (path === "") return "the path is empty";
      try {
        const found = look();
        const { existing } = found;
        const problem = existing && problemOf(path, existing);
        if (problem !== undefined) return problem;
        // A directory is tried once for each owner of files in it.
        const rehearsal = [directory, existing?.uid, existing?.gid, existing?.mode].join(" ");
        if (!rehearsed.has(rehearsal)) {
          await removeLeftovers(directory, onLeftover);
          await rehearse(path, existing);
          rehearsed.add(rehearsal);
        }
        checked = found;
        return undefined;
      } catch (error) {
        return error instanceof UsageError ? error.message : `cannot write to ${directory} (${codeOf(error)})`;
      }
    },
    async store({ secret }) {
      try {
        await replaceFile(path, secret, {
          like: checked?.existing,
          beforeMove() {
            const { existing, identity } = look();
            if (identity === checked?.identity && (existing?.nlink ?? 1) === 1) return;
            throw new SecretNotStoredError(`${path} has been changed by another program since it was checked`);
          },
        });
      } catch (error) {
        if (error instanceof SecretNotStoredError) throw error;
        throw new SecretNotStoredError(`${path} could not be written (${codeOf(error)})`);
      }
      await syncDirectory(directory).catch((error: unknown) => {
        throw new Error(`${path} was written, but whether it would outlast a power cut is unknown (${codeOf(error)})`);
      });
    },
    async isStored(fingerprint) {
      try {
        return await matchesFingerprint(readFileSync(path, "utf8"), fingerprint);
      } catch (error) {
        return codeOf(error) === "ENOENT" ? false : undefined;
      }
    },
  };
}

function problemOf(path: string, existing: Stats): string | undefined {
  // Likewise a junction on Windows. The link would be replaced, and whoever reads the file behind it would keep the old
  // secret; so would whoever reads it under another name.
  if (existing.isSymbolicLink()) return `${path} is a symbolic link; name the file itself`;
  if (!existing.isFile()) return `${path} is not a file`;
  if (isMountPoint(path)) return `${path} is a mount point and cannot be replaced; mount its directory`;
  const { nlink } = existing;
  if (nlink > 1) return `${path} has ${nlink} names (hard links); the others would keep the old secret`;
  const mode = existing.mode & 0o7777;
  // On Windows the mode says nothing about who may read: the directory's access list does.
  if (process.platform !== "win32" && (mode & ~WIDEST_MODE) !== 0) {
    const [found, widest] = [mode, WIDEST_MODE].map((each) => each.toString(8).padStart(4, "0"));
    return `${path} has mode ${found}; a file with a secret may have at most ${widest}`;
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

/** Everything that storing a secret will take, over a file of its own; nothing is left of that. */
async function rehearse(path: string, existing: Stats | undefined): Promise<void> {
  const probe = temporaryName(path);
  try {
    await replaceFile(probe, "");
    await replaceFile(probe, Buffer.alloc(REHEARSED_BYTES), { like: existing });
  } finally {
    removeTemporary(probe);
  }
}
