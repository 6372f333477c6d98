/**
 * The options of the commands, read together with the environment: numbers, ids, and where a new secret goes.
 */
import { dirname, join, parse } from "node:path";
import { DEFAULT_OPTIONS, type RotationPlan } from "../../index.js";
import { fileStore } from "../stores/secret-file.js";
import { type CommandOptions, commandStore, type SecretStore } from "../stores/store-command.js";
import { type CommandIo, CREDENTIAL_VARIABLES, codeOf, credentialsIn, type Messages } from "../terminal/command-io.js";
import { ID_VARIABLES, type Problems, UsageError } from "../terminal/exit-code.js";

/** Options as commander hands them over: as they were typed. */
export type TypedOptions = Readonly<Record<string, string | boolean | undefined>>;

interface NumberReader {
  readonly expected: string;
  /** Undefined for text that is not expected. */
  read(text: string): number | undefined;
}

/** A timer can hold 2,147,483, and a command of --exec gets some more to end in. */
const MOST_SECONDS = 2_000_000;
/** More would only be a slip of the finger. */
const MOST_RETRIES = 1000;
const MOST_AT_ONCE = 1000;
const MOST_FAILURES = 1_000_000;

/** Times are read as milliseconds, durations as hours. */
const NUMBERS = {
  timeout: seconds(),
  maxWait: seconds({ mayBeZero: true }),
  jitter: seconds({ mayBeZero: true }),
  execTimeout: seconds(),
  retries: integer(0, MOST_RETRIES),
  concurrency: integer(1, MOST_AT_ONCE),
  maxFailures: integer(1, MOST_FAILURES),
  renewBefore: { expected: "a duration such as 10d or 12h", read: hoursOf },
} as const satisfies Readonly<Record<string, NumberReader>>;

/** Options that do nothing without another one. */
const NEEDS = {
  execTimeout: "--exec",
  execInheritCredentials: "--exec",
  concurrency: "--fleet",
  maxFailures: "--fleet",
  renewBefore: "--state",
  acceptUnknown: "--state",
} as const;

type Members<Names extends string, Value> = { readonly [Name in Names]?: Value | undefined };

/** The options of all commands; each command has its own of them. */
export type Options = Members<
  keyof typeof ID_VARIABLES | "baseUrl" | "secretFile" | "exec" | "fleet" | "state" | "expiresAt",
  string
> &
  Members<keyof typeof NUMBERS, number> &
  Members<"dryRun" | "execInheritCredentials" | "acceptUnknown" | "json" | "prometheus", boolean> & {
    /** Text that is no duration stays text, and the contract refuses it. */
    readonly secretExpiresAfterHours?: string | number | undefined;
    /** Whether the previous secret counts even if the state knows a later one. */
    readonly overrulesState: boolean;
  };

/** What the options are read with. */
export interface OptionContext {
  readonly io: CommandIo;
  readonly messages: Messages;
  readonly options: Options;
  readonly problems: Problems;
}

/** Adds to the problems what is wrong with single options; ids are checked by those who use them. */
export function readOptions(typed: TypedOptions, env: CommandIo["env"], problems: Problems): Options {
  const numbers = Object.entries(NUMBERS).map(([name, { expected, read }]) => {
    const text = typed[name];
    if (typeof text !== "string") return [name, undefined];
    const value = read(text);
    if (value === undefined) problems.add(`${flagOf(name)}: expected ${expected}, got ${JSON.stringify(text)}`);
    return [name, value];
  });
  for (const [name, text] of Object.entries(typed)) {
    // Node.js puts this in place of bytes that it cannot read, and a file of that name would be another one.
    if (String(text).includes("\ufffd")) problems.add(`${flagOf(name)}: expected UTF-8, got ${JSON.stringify(text)}`);
  }
  // An empty variable counts as not set; an empty option is wrong, because a script that lost a value must not use another.
  const ids = Object.entries(ID_VARIABLES).map(([name, variable]) => [
    name,
    typed[name] ?? (env[variable] || undefined),
  ]);
  const { expiresAfterHours: life, projectId, previousSecretId } = typed;
  const options = {
    ...typed,
    ...Object.fromEntries([...ids, ...numbers]),
    ...(projectId !== undefined && { groupId: projectId }),
    secretExpiresAfterHours: typeof life === "string" ? (hoursOf(life) ?? life) : undefined,
    state: statePath(typed),
    // A variable stays set from night to night, and then names a secret that has long been deleted.
    overrulesState: previousSecretId !== undefined,
    // commander has seen to it that each is text or a switch.
  } as Options;
  const { fleet, exec = fleet, state } = options;
  const given = { "--exec": exec, "--fleet": fleet, "--state": state };
  for (const [name, needed] of Object.entries(NEEDS)) {
    if (typed[name] !== undefined && given[needed] === undefined) problems.add(`${flagOf(name)} needs ${needed}`);
  }
  return options;
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function seconds({ mayBeZero = false } = {}): NumberReader {
  return {
    expected: `a number of seconds ${mayBeZero ? "from 0" : "above 0,"} up to ${MOST_SECONDS}`,
    read(text) {
      const value = /^\d+(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
      return value <= MOST_SECONDS && (value > 0 || mayBeZero) ? Math.round(value * 1000) : undefined;
    },
  };
}

function integer(least: number, most: number): NumberReader {
  return {
    expected: `an integer from ${least} to ${most}`,
    read(text) {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

/** Hours, or a duration such as `30d` or `8h`, in hours; undefined for any other text. */
export function hoursOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([dh]?)$/.exec(text) ?? [];
  const hours = Number(digits) * (unit === "d" ? 24 : 1);
  return digits !== undefined && Number.isSafeInteger(hours) ? hours : undefined;
}

/** `NAME.state.json` beside a fleet file `NAME.json`, unless something else is asked for; undefined for none. */
function statePath({ state, fleet }: TypedOptions): string | undefined {
  if (typeof state === "string") return state;
  const isBeside = state === undefined && typeof fleet === "string";
  return isBeside ? join(dirname(fleet), `${parse(fleet).name}.state.json`) : undefined;
}

export const BASE_URL_VARIABLE = "MONGODB_ATLAS_BASE_URL";

/** Where requests are sent. */
export function baseUrlOf({ options, io }: Pick<OptionContext, "options" | "io">): string {
  return options.baseUrl ?? (io.env[BASE_URL_VARIABLE] || DEFAULT_OPTIONS.baseUrl);
}

/** What a rotation needs to know about the account. */
export type RotationIds = Pick<
  RotationPlan,
  "groupId" | "orgId" | "clientId" | "secretExpiresAfterHours" | "previousSecretId"
>;

/** Not checked yet: `previewRotation` lists what is missing or wrong. */
export function rotationIds(options: Options): RotationIds {
  const { groupId, orgId, clientId, previousSecretId, secretExpiresAfterHours } = options;
  // What was typed may have any type until the caller has checked it.
  return { groupId, orgId, clientId, previousSecretId, secretExpiresAfterHours } as RotationIds;
}

/** What Atlas itself allows; an organization may allow less. */
const LEAST_HOURS = 8;
const MOST_HOURS = 365 * 24;

/** What is unusual about a lifetime, for `--dry-run`: Atlas would refuse it. */
export function lifetimeWarning(hours: number): string | undefined {
  if (hours >= LEAST_HOURS && hours <= MOST_HOURS) return undefined;
  return `Atlas allows ${LEAST_HOURS} hours to ${MOST_HOURS / 24} days, and refuses ${hours} hours`;
}

/** @throws UsageError if it has been removed */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new UsageError(`the working directory cannot be used (${codeOf(error)})`);
  }
}

/** Where the new secret goes; undefined if nothing says where, or the problems say why it cannot go there. */
export async function storeFor(context: OptionContext): Promise<SecretStore | undefined> {
  const { options, messages, problems } = context;
  const { secretFile, exec } = options;
  const directory = workingDirectory();
  if (secretFile !== undefined && exec !== undefined) {
    problems.add("--secret-file and --exec cannot be used together");
    return undefined;
  }
  const files = { onLeftover: messages.print, rehearsed: new Set<string>() };
  const ofFile = secretFile === undefined ? undefined : fileStore(secretFile, directory, files);
  const ofCommand = exec === undefined ? undefined : commandStore(exec, commandOptions(context, directory));
  const store = ofFile ?? ofCommand;
  const problem = await store?.check();
  if (problem !== undefined) problems.add(`${ofFile === undefined ? "--exec" : "--secret-file"}: ${problem}`);
  return problem === undefined ? store : undefined;
}

const DEFAULT_EXEC_MS = 300_000;

/** How a command that stores a secret is run. */
export function commandOptions({ options, messages, io }: OptionContext, directory: string): CommandOptions {
  const ownCredentials = CREDENTIAL_VARIABLES.map((name) => [name, undefined] as const);
  return {
    env: options.execInheritCredentials === true ? io.env : { ...io.env, ...Object.fromEntries(ownCredentials) },
    directory,
    credentials: credentialsIn(io),
    onLine: messages.printRaw,
    timeoutMs: options.execTimeout ?? DEFAULT_EXEC_MS,
  };
}
