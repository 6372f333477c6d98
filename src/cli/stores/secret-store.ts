/**
 * Where a new secret goes: a file, or a command.
 */
import { resolve } from "node:path";
import { SecretNotStoredError } from "../../index.js";
import { type CheckedFile, checkSecretFile, type FileOptions, writeSecretFile } from "./secret-file.js";
import { type CommandOptions, type HandedSecret, runStoreCommand, storeCommandProblem } from "./store-command.js";

export type { FileOptions } from "./secret-file.js";

export interface SecretStore {
  /** How reports name it; never holds a secret. */
  readonly name: { readonly secretFile: string } | { readonly exec: string };
  /** Tries whether a secret can be stored there, and returns why it cannot. Must be called before `store`. */
  check(): Promise<string | undefined>;
  /** @throws SecretNotStoredError if it certainly was not stored */
  store(secret: HandedSecret): Promise<void>;
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
  };
}

export function commandStore(exec: string, options: CommandOptions): SecretStore {
  return {
    name: { exec },
    check: async () => storeCommandProblem(exec, options),
    store: (secret) => runStoreCommand(exec, secret, options),
  };
}
