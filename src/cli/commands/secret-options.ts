/**
 * The options that say whose secret it is and where a new one goes.
 */

import { commandStore, fileStore, type SecretStore } from "../stores/secret-store.js";
import type { CommandIo } from "../terminal/command-io.js";
import { ID_VARIABLES, type Problems } from "../terminal/problems.js";
import type { Words } from "../terminal/words.js";
import type { Given } from "./arguments.js";
import { wholeNumber } from "./client-options.js";

export interface IdOptions {
  readonly groupId?: string;
  readonly orgId?: string;
  readonly clientId?: string;
  readonly secretId?: string;
  readonly previousSecretId?: string;
  /** As it was typed. */
  readonly expiresAfterHours?: string;
}

export interface StoreOptions {
  readonly secretFile?: string;
  readonly exec?: string;
}

/**
 * Option, else variable. A variable that is set to nothing counts as not set; an option that is given as nothing is
 * wrong, because a script that lost a value must not go on with another.
 */
export function givenIds(options: IdOptions, { env }: Pick<CommandIo, "env">): Given {
  const idOf = (name: keyof typeof ID_VARIABLES) => options[name] ?? (env[ID_VARIABLES[name]] || undefined);
  const { expiresAfterHours } = options;
  return {
    groupId: idOf("groupId"),
    orgId: idOf("orgId"),
    clientId: idOf("clientId"),
    secretId: idOf("secretId"),
    previousSecretId: idOf("previousSecretId"),
    // What is no number stays text, and the contract refuses it.
    secretExpiresAfterHours:
      expiresAfterHours === undefined ? undefined : (wholeNumber(expiresAfterHours) ?? expiresAfterHours),
  };
}

/** Where the new secret goes; undefined where that is not said, or `problems` now says what is wrong with it. */
export function storeFor(
  { secretFile, exec }: StoreOptions,
  io: Pick<CommandIo, "env">,
  words: Words,
  problems: Problems,
): SecretStore | undefined {
  const here = process.cwd();
  if (secretFile !== undefined && exec !== undefined) problems.add("--secret-file and --exec: expected one of them");
  else if (secretFile !== undefined) return checked("--secret-file", fileStore(secretFile, here), problems);
  else if (exec !== undefined) return checked("--exec", commandStore(exec, here, io, words), problems);
  return undefined;
}

function checked(option: string, store: SecretStore, problems: Problems): SecretStore | undefined {
  const problem = store.problem();
  if (problem === undefined) return store;
  problems.add(`${option}: ${problem}`);
  return undefined;
}
