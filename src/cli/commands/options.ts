/**
 * The options of the commands, read together with the environment: ids, and where a new secret goes.
 */
import { dirname, join, parse } from "node:path";
import type {
  CreateGroupServiceAccountSecretArguments,
  DeleteOrgServiceAccountSecretArguments,
  RotationPlan,
} from "../../index.js";
import { fileStore } from "../stores/secret-file.js";
import { type CommandOptions, commandStore, type SecretStore } from "../stores/store-command.js";
import { type CommandIo, CREDENTIAL_VARIABLES, credentialsIn } from "../terminal/command-io.js";
import { ID_VARIABLES, type Problems } from "../terminal/exit-code.js";
import type { Messages } from "../terminal/messages.js";

/** Where the state is, as it was typed. */
export interface StatePath {
  /** False for none. */
  readonly state?: string | false;
  readonly fleet?: string;
}

/** `NAME.state.json` beside a fleet file `NAME.json`, unless something else is asked for; undefined for none. */
export function statePath({ state, fleet }: StatePath): string | undefined {
  if (state === false) return undefined;
  return state ?? (fleet === undefined ? undefined : join(dirname(fleet), `${parse(fleet).name}.state.json`));
}

/** Whose secret, as it was typed. */
export interface IdOptions {
  readonly projectId?: string;
  /** The same as `projectId`. */
  readonly groupId?: string;
  readonly orgId?: string;
  readonly clientId?: string;
  readonly secretId?: string;
  readonly previousSecretId?: string;
  readonly expiresAfterHours?: string;
}

/** Where a new secret goes, as it was typed. */
export interface StoreOptions {
  readonly secretFile?: string;
  readonly exec?: string;
  readonly execTimeout?: string;
  readonly execInheritCredentials?: boolean;
}

/** What a rotation needs to know about the account. */
export type RotationIds = Pick<
  RotationPlan,
  "groupId" | "orgId" | "clientId" | "secretExpiresAfterHours" | "previousSecretId"
>;

/** What a timer can hold. */
const MOST_SECONDS = 2_147_483;
const DEFAULT_EXEC_SECONDS = 300;
/** What Atlas itself allows; an organization may allow less. */
const LEAST_HOURS = 8;
const MOST_HOURS = 365 * 24;

type Env = Pick<CommandIo, "env">;

export interface OptionContext {
  readonly io: CommandIo;
  readonly messages: Messages;
}

/** Not checked yet: `previewRotation` lists what is missing or wrong. */
export function rotationIds(options: IdOptions, { env }: Env): RotationIds {
  const { expiresAfterHours } = options;
  // An empty variable counts as not set; an empty option is wrong, because a script that lost a value must not use another.
  const idOf = (name: keyof typeof ID_VARIABLES) => options[name] ?? (env[ID_VARIABLES[name]] || undefined);
  return {
    groupId: options.projectId ?? idOf("groupId"),
    orgId: idOf("orgId"),
    clientId: idOf("clientId"),
    previousSecretId: idOf("previousSecretId"),
    // Text that is no duration stays text, and the contract refuses it.
    secretExpiresAfterHours:
      expiresAfterHours === undefined ? undefined : (hoursOf(expiresAfterHours) ?? expiresAfterHours),
    // What was typed may have any type until the caller has checked it.
  } as RotationIds;
}

/** Not checked yet: `previewRequest` lists what is missing or wrong. */
export function creationArguments(options: IdOptions, env: Env): CreateGroupServiceAccountSecretArguments {
  const { groupId, clientId, secretExpiresAfterHours } = rotationIds(options, env);
  return { groupId, clientId, body: { secretExpiresAfterHours } };
}

/** Not checked yet: `previewRequest` lists what is missing or wrong. */
export function deletionArguments(options: IdOptions, { env }: Env): DeleteOrgServiceAccountSecretArguments {
  const { orgId, clientId } = rotationIds(options, { env });
  const secretId = options.secretId ?? (env[ID_VARIABLES.secretId] || undefined);
  // As above.
  return { orgId, clientId, secretId } as DeleteOrgServiceAccountSecretArguments;
}

/** Hours, or a duration such as `30d` or `8h`, in hours; undefined for any other text. */
export function hoursOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([dh]?)$/.exec(text) ?? [];
  const hours = Number(digits) * (unit === "d" ? 24 : 1);
  return digits !== undefined && Number.isSafeInteger(hours) ? hours : undefined;
}

/** What is unusual about a lifetime, for `--dry-run`: Atlas would refuse it. */
export function lifetimeWarning(hours: number): string | undefined {
  if (hours >= LEAST_HOURS && hours <= MOST_HOURS) return undefined;
  return `Atlas allows ${LEAST_HOURS} hours to ${MOST_HOURS / 24} days, and refuses ${hours} hours`;
}

/** Where the new secret goes; undefined if nothing says where, or `problems` says why it cannot go there. */
export async function storeFor(
  options: StoreOptions,
  context: OptionContext,
  problems: Problems,
): Promise<SecretStore | undefined> {
  const { secretFile, exec } = options;
  const directory = process.cwd();
  const ofCommand = commandOptions(options, context, directory, problems);
  problems.refuseWithout("--exec", exec, {
    "--exec-timeout": options.execTimeout,
    "--exec-inherit-credentials": options.execInheritCredentials,
  });
  if (secretFile !== undefined && exec !== undefined) {
    problems.add("--secret-file and --exec cannot be used together");
    return undefined;
  }
  if (secretFile !== undefined) {
    return usable(
      "--secret-file",
      fileStore(secretFile, directory, { onLeftover: context.messages.print, rehearsed: new Set() }),
      problems,
    );
  }
  return exec === undefined ? undefined : usable("--exec", commandStore(exec, ofCommand), problems);
}

/** How a command that stores a secret is run. */
export function commandOptions(
  { execTimeout, execInheritCredentials }: StoreOptions,
  { io, messages }: OptionContext,
  directory: string,
  problems: Problems,
): CommandOptions {
  const ownCredentials = CREDENTIAL_VARIABLES.map((name) => [name, undefined] as const);
  return {
    env: execInheritCredentials === true ? io.env : { ...io.env, ...Object.fromEntries(ownCredentials) },
    directory,
    credentials: credentialsIn(io),
    onLine: messages.printRaw,
    timeoutMs: millisecondsOf("--exec-timeout", execTimeout, problems) ?? DEFAULT_EXEC_SECONDS * 1000,
  };
}

async function usable(option: string, store: SecretStore, problems: Problems): Promise<SecretStore | undefined> {
  const problem = await store.check();
  if (problem === undefined) return store;
  problems.add(`${option}: ${problem}`);
  return undefined;
}

/** Undefined if the option was not given, or `problems` says what is wrong with it. */
export function millisecondsOf(
  option: string,
  seconds: string | undefined,
  problems: Problems,
  { mayBeZero = false } = {},
): number | undefined {
  if (seconds === undefined) return undefined;
  const value = /^\d+(\.\d{1,3})?$/.test(seconds) ? Number(seconds) : Number.NaN;
  if (value <= MOST_SECONDS && (value > 0 || mayBeZero)) return Math.round(value * 1000);
  problems.add(`${option}: expected a number of seconds up to ${MOST_SECONDS}, got ${JSON.stringify(seconds)}`);
  return undefined;
}

/** In hours. Undefined if the option was not given, or `problems` says what is wrong with it. */
export function durationOption(option: string, text: string | undefined, problems: Problems): number | undefined {
  const hours = text === undefined ? undefined : hoursOf(text);
  if (text !== undefined && hours === undefined) {
    problems.add(`${option}: expected a duration such as 10d or 12h, got ${JSON.stringify(text)}`);
  }
  return hours;
}

/** Undefined if the option was not given, or `problems` says what is wrong with it. */
export function integerOption(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
  problems: Problems,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  problems.add(`${option}: expected an integer from ${least} to ${most}, got ${JSON.stringify(text)}`);
  return undefined;
}
