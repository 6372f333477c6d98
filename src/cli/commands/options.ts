/** The options of the commands, read together with the environment: numbers, ids and paths. */
import { dirname, join, parse } from "node:path";
import type { RotationPlan } from "../../index.js";
import type { CommandIo } from "../terminal/command-io.js";
import { codeOf, ID_OPTIONS, UsageError } from "../terminal/exit-code.js";

export type TypedOptions = Readonly<Record<string, string | boolean | undefined>>;

/** What is expected of a text, and how it is read: undefined for any other. */
type NumberOption = readonly [expected: string, read: (text: string) => number | undefined];

function numberOf(expected: string, pattern: RegExp, factor: number, least: number, most: number): NumberOption {
  const read = (text: string) => {
    const value = pattern.test(text) ? Math.round(Number(text) * factor) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
  return [expected, read];
}

const integer = (least: number, most: number) =>
  numberOf(`an integer from ${least} to ${most}`, /^\d+$/, 1, least, most);

/** A timer can hold 2,147,483, and a command of --exec gets some more to end in. */
const MOST_SECONDS = 2_000_000;

/** Read as milliseconds. */
const seconds = (from: string, least: number) => {
  const expected = `a number of seconds ${from} up to ${MOST_SECONDS}`;
  return numberOf(expected, /^\d+(\.\d{1,3})?$/, 1000, least, MOST_SECONDS * 1000);
};

/** Of dates milliseconds, of durations hours. */
const NUMBERS = {
  timeout: seconds("above 0,", 1),
  maxWait: seconds("from 0", 0),
  jitter: seconds("from 0", 0),
  execTimeout: seconds("above 0,", 1),
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
} as const satisfies Readonly<Record<string, NumberOption>>;

/** Options that do nothing without another one. */
const NEEDS = {
  execTimeout: "--exec",
  execInheritCredentials: "--exec",
  concurrency: "--fleet",
  maxFailures: "--fleet",
  renewBefore: "--state",
  acceptUnknown: "--state",
} as const;

export type RotationIds = Pick<
  RotationPlan,
  "groupId" | "orgId" | "clientId" | "secretExpiresAfterHours" | "previousSecretId"
>;

/** The options of all commands; each command has its own of them. */
export type Options = Readonly<
  Partial<
    Record<keyof typeof ID_OPTIONS | "baseUrl" | "secretFile" | "exec" | "fleet" | "state", string | undefined> &
      Record<keyof typeof NUMBERS, number | undefined> &
      Record<"dryRun" | "execInheritCredentials" | "acceptUnknown" | "json" | "prometheus", boolean | undefined>
  >
> & {
  /** Not checked yet: `previewRotation` lists what is missing or wrong, a life that is no duration too. */
  readonly ids: RotationIds;
  /** Whether the previous secret counts even if the state knows a later one. */
  readonly overrulesState: boolean;
};

/** Adds to the problems what is wrong with single options; ids are checked by those who use them. */
export function readOptions(typed: TypedOptions, env: CommandIo["env"], problems: string[]): Options {
  const refuse = (name: string, expected: string) =>
    problems.push(`${flagOf(name)}: expected ${expected}, got ${JSON.stringify(typed[name])}`);
  const { expiresAfterHours: life, projectId, fleet } = typed;
  const read: Record<string, string | number | boolean | undefined> = { groupId: projectId, ...typed };
  for (const [name, [expected, readNumber]] of Object.entries(NUMBERS)) {
    const text = typed[name];
    if (typeof text !== "string") continue;
    read[name] = readNumber(text);
    if (read[name] === undefined) refuse(name, expected);
  }
  // Node.js puts this in place of bytes that it cannot read, and a file of that name would be another one.
  for (const [name, text] of Object.entries(typed)) if (String(text).includes("\ufffd")) refuse(name, "UTF-8");
  // An empty variable counts as not set; an empty option is wrong, because a script that lost a value must not use another.
  for (const [name, [, variable]] of Object.entries(ID_OPTIONS)) read[name] ??= env[variable] || undefined;
  const beside = typeof fleet === "string" ? join(dirname(fleet), `${parse(fleet).name}.state.json`) : undefined;
  const { groupId, orgId, clientId, previousSecretId } = read;
  const secretExpiresAfterHours = typeof life === "string" ? (hoursOf(life) ?? life) : undefined;
  const options = {
    ...read,
    ids: { groupId, orgId, clientId, previousSecretId, secretExpiresAfterHours },
    state: typed["state"] === false ? undefined : (typed["state"] ?? beside),
    // A variable stays set from night to night, and then names a secret that has long been deleted.
    overrulesState: typed["previousSecretId"] !== undefined,
    // commander has seen to it that each is text or a switch.
  } as Options;
  const present = { "--exec": options.exec ?? fleet, "--fleet": fleet, "--state": options.state };
  for (const [name, needed] of Object.entries(NEEDS)) {
    if (typed[name] !== undefined && present[needed] === undefined) problems.push(`${flagOf(name)} needs ${needed}`);
  }
  return options;
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function hoursOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([dh]?)$/.exec(text) ?? [];
  const hours = Number(digits) * (unit === "d" ? 24 : 1);
  return Number.isSafeInteger(hours) ? hours : undefined;
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
