/**
 * The options of the commands, read together with the environment: numbers, ids and paths.
 */
import { dirname, join, parse } from "node:path";
import type { RotationPlan } from "../../index.js";
import { type CommandIo, codeOf } from "../terminal/command-io.js";
import { ID_OPTIONS, type Problems, UsageError } from "../terminal/exit-code.js";

export type TypedOptions = Readonly<Record<string, string | boolean | undefined>>;

/** A timer can hold 2,147,483, and a command of --exec gets some more to end in. */
const MOST_SECONDS = 2_000_000;
const WAIT = [`a number of seconds from 0 up to ${MOST_SECONDS}`, millisecondsOf] as const;
const TIMEOUT = [
  `a number of seconds above 0, up to ${MOST_SECONDS}`,
  (text: string) => millisecondsOf(text) || undefined,
] as const;

/** What is expected, and how it is read: times and dates as milliseconds, durations as hours; undefined for any other text. */
const NUMBERS = {
  timeout: TIMEOUT,
  maxWait: WAIT,
  jitter: WAIT,
  execTimeout: TIMEOUT,
  // More would only be a slip of the finger.
  retries: integer(0, 1000),
  concurrency: integer(1, 1000),
  maxFailures: integer(1, 1_000_000),
  renewBefore: ["a duration such as 10d or 12h", hoursOf],
  // `Date.parse` takes a 1 for a month of 2001.
  expiresAt: [
    "a date such as 2026-12-24T18:00:00Z",
    (text) => (/^\d{4}-\d\d-\d\d/.test(text) && Date.parse(text) > 0 ? Date.parse(text) : undefined),
  ],
} as const satisfies Readonly<Record<string, readonly [expected: string, read: (text: string) => number | undefined]>>;

/** Options that do nothing without another one. */
const NEEDS = {
  execTimeout: "--exec",
  execInheritCredentials: "--exec",
  concurrency: "--fleet",
  maxFailures: "--fleet",
  renewBefore: "--state",
  acceptUnknown: "--state",
} as const;

/** The options of all commands; each command has its own of them. */
export type Options = Readonly<
  Partial<
    Record<keyof typeof ID_OPTIONS | "baseUrl" | "secretFile" | "exec" | "fleet" | "state", string | undefined> &
      Record<keyof typeof NUMBERS, number | undefined> &
      Record<"dryRun" | "execInheritCredentials" | "acceptUnknown" | "json" | "prometheus", boolean | undefined>
  >
> & {
  /** Text that is no duration stays text, and the contract refuses it. */
  readonly secretExpiresAfterHours?: string | number | undefined;
  /** Whether the previous secret counts even if the state knows a later one. */
  readonly overrulesState: boolean;
};

/** Adds to the problems what is wrong with single options; ids are checked by those who use them. */
export function readOptions(typed: TypedOptions, env: CommandIo["env"], problems: Problems): Options {
  const numbers = Object.entries(NUMBERS).map(([name, [expected, read]]) => {
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
  const { expiresAfterHours: life, projectId, previousSecretId } = typed;
  const given: TypedOptions = { ...typed, groupId: projectId ?? typed["groupId"] };
  // An empty variable counts as not set; an empty option is wrong, because a script that lost a value must not use another.
  const ids = Object.entries(ID_OPTIONS).map(([name, [, variable]]) => [
    name,
    given[name] ?? (env[variable] || undefined),
  ]);
  const { fleet } = typed;
  const beside = typeof fleet === "string" ? join(dirname(fleet), `${parse(fleet).name}.state.json`) : undefined;
  const options = {
    ...typed,
    ...Object.fromEntries([...ids, ...numbers]),
    secretExpiresAfterHours: typeof life === "string" ? (hoursOf(life) ?? life) : undefined,
    state: typed["state"] === false ? undefined : (typed["state"] ?? beside),
    // A variable stays set from night to night, and then names a secret that has long been deleted.
    overrulesState: previousSecretId !== undefined,
    // commander has seen to it that each is text or a switch.
  } as Options;
  const { exec = fleet, state } = options;
  const present = { "--exec": exec, "--fleet": fleet, "--state": state };
  for (const [name, needed] of Object.entries(NEEDS)) {
    if (typed[name] !== undefined && present[needed] === undefined) problems.add(`${flagOf(name)} needs ${needed}`);
  }
  return options;
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function millisecondsOf(text: string): number | undefined {
  const seconds = /^\d+(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  return seconds <= MOST_SECONDS ? Math.round(seconds * 1000) : undefined;
}

function integer(least: number, most: number) {
  const read = (text: string) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
  return [`an integer from ${least} to ${most}`, read] as const;
}

export function hoursOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([dh]?)$/.exec(text) ?? [];
  const hours = Number(digits) * (unit === "d" ? 24 : 1);
  return Number.isSafeInteger(hours) ? hours : undefined;
}

export type RotationIds = Pick<
  RotationPlan,
  "groupId" | "orgId" | "clientId" | "secretExpiresAfterHours" | "previousSecretId"
>;

/** Not checked yet: `previewRotation` lists what is missing or wrong. */
export function rotationIds(options: Options): RotationIds {
  const { groupId, orgId, clientId, previousSecretId, secretExpiresAfterHours } = options;
  return { groupId, orgId, clientId, previousSecretId, secretExpiresAfterHours } as RotationIds;
}

/** For `--dry-run`: what Atlas itself would refuse; an organization may allow less. */
export function lifetimeWarning(hours: number): string | undefined {
  const isAllowed = hours >= 8 && hours <= 365 * 24;
  return isAllowed ? undefined : `Atlas allows 8 hours to 365 days, and refuses ${hours} hours`;
}

/** @throws UsageError if it has been removed */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new UsageError(`the working directory cannot be used (${codeOf(error)})`);
  }
}
