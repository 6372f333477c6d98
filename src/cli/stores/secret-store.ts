/**
 * Where a new secret goes: a file, or a command.
 */
import { resolve } from "node:path";
import type { CommandIo } from "../terminal/command-io.js";
import type { Words } from "../terminal/words.js";
import { secretFileProblem, writeSecretFile } from "./secret-file.js";
import { type HandedSecret, runStoreCommand, storeCommandProblem } from "./store-command.js";

export interface SecretStore {
  /** How a report names it; never holds a secret. */
  readonly name: { readonly secretFile: string } | { readonly exec: string };
  /** Why nothing can be stored there, as far as that can be seen beforehand. */
  problem(): string | undefined;
  /** @throws SecretNotStoredError where it certainly was not stored */
  store(secret: HandedSecret): Promise<void>;
}

/** @param path relative to `directory` */
export function fileStore(path: string, directory: string): SecretStore {
  const secretFile = resolve(directory, path);
  return {
    name: { secretFile },
    problem: () => (path === "" ? "there is no path in it" : secretFileProblem(secretFile)),
    store: ({ secret }) => writeSecretFile(secretFile, secret),
  };
}

/** @param directory in which the command runs */
export function commandStore(
  exec: string,
  directory: string,
  { env }: Pick<CommandIo, "env">,
  words: Words,
): SecretStore {
  return {
    name: { exec },
    problem: () => storeCommandProblem(exec, { env, directory }),
    store: (secret) => runStoreCommand(exec, secret, { env, directory, onLine: words.pass }),
  };
}
