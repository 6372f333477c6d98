/**
 * Where a new secret goes: a file, or a command.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { matchesFingerprint, SecretNotStoredError } from "../../index.js";
import { codeOf } from "../terminal/command-io.js";
import { type CheckedFile, checkSecretFile, type FileOptions, writeSecretFile } from "./secret-file.js";
import {
  type CommandOptions,
  type HandedSecret,
  LONGEST_END_MS,
  runStoreCommand,
  storeCommandProblem,
} from "./store-command.js";

export type { FileOptions } from "./secret-file.js";

export interface SecretStore {
  /** How reports name it; never holds a secret. */
  readonly name: { readonly secretFile: string } | { readonly exec: string };
  /** Tries whether a secret can be stored there, and returns why it cannot. Must be called before `store`. */
  check(): Promise<string | undefined>;
  /** @throws SecretNotStoredError if it certainly was not stored */
  store(secret: HandedSecret): Promise<void>;
  /** How long that may take, in milliseconds; undefined if there is no limit of its own. */
  readonly timeoutMs: number | undefined;
  /** Whether the secret with this fingerprint is what is stored there; undefined if that cannot be known. */
  isStored(fingerprint: string): boolean | undefined | Promise<boolean | undefined>;
}

/** @param path relative to `directory` */
export function fileStore(path: string, directory: string, options: FileOptions): SecretStore {
  const secretFile = resolve(directory, path);
  let file: CheckedFile | undefined;
  return {
    name: { secretFile },
    async check() {
      if (path === "") return "the path is empty";
      const checked = await checkSecretFile(secretFile, options);
      if ("problem" in checked) return checked.problem;
      file = checked;
      return undefined;
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

export function commandStore(exec: string, options: CommandOptions): SecretStore {
  return {
    name: { exec },
    check: async () => storeCommandProblem(exec, options),
    store: (secret) => runStoreCommand(exec, secret, options),
    timeoutMs: options.timeoutMs + LONGEST_END_MS,
    isStored: () => undefined,
  };
}
