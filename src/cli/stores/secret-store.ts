/**
 * Where a new secret goes: a file, or a command.
 */
import { resolve } from "node:path";
import type { CommandIo } from "../terminal/command-io.js";
import type { Messages } from "../terminal/messages.js";
import { secretFileProblem, writeSecretFile } from "./secret-file.js";
import { type HandedSecret, runStoreCommand, storeCommandProblem } from "./store-command.js";

export interface SecretStore {
  /** How reports name it; never holds a secret. */
  readonly name: { readonly secretFile: string } | { readonly exec: string };
  /** Why nothing can be stored there, as far as that can be known beforehand. */
  problem(): string | undefined;
  /** @throws SecretNotStoredError if it certainly was not stored */
  store(secret: HandedSecret): Promise<void>;
}

/** @param path relative to `directory` */
export function fileStore(path: string, directory: string): SecretStore {
  const secretFile = resolve(directory, path);
  return {
    name: { secretFile },
    problem: () => (path === "" ? "the path is empty" : secretFileProblem(secretFile)),
    store: ({ secret }) => writeSecretFile(secretFile, secret),
  };
}

/** @param directory in which the command runs */
export function commandStore(
  exec: string,
  directory: string,
  { env }: Pick<CommandIo, "env">,
  messages: Pick<Messages, "printRaw">,
): SecretStore {
  return {
    name: { exec },
    problem: () => storeCommandProblem(exec, { env, directory }),
    store: (secret) => runStoreCommand(exec, secret, { env, directory, onLine: messages.printRaw }),
  };
}
