/** `--fleet`: the file that lists many rotations. Paths and commands are relative to it, for cron as for a shell. */
import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { hoursOf, type Options, type RotationIds, workingDirectory } from "../commands/options.js";
import type { Rotation } from "../commands/run-rotations.js";
import type { Session } from "../commands/session.js";
import { storesIn } from "../stores/store-command.js";
import { codeOf, UsageError } from "../terminal/exit-code.js";
import { isObject, parseJsonDocument, pointerSegment } from "./json-document.js";

/** One entry with the defaults filled in; its members are only certain once nothing wrong was found. */
type FleetEntry = Partial<Record<keyof RotationIds | "secretFile" | "exec", unknown>>;

/** @param isStoreNeeded whether it has to be tried if the secret of this account can be stored */
export async function readFleet(
  path: string,
  session: Session,
  isStoreNeeded: (clientId: string) => boolean,
): Promise<Rotation[]> {
  const { problems, options } = session;
  const directory = dirname(resolve(workingDirectory(), path));
  const document = readDocument(path, problems);
  if (document === undefined) return [];
  const { entries, problems: found } = checkFleet(document.value, directory, options);
  for (const pointer of document.repeated) found.push({ pointer, message: "another member has the same name" });
  const storeOf = storesIn(directory, session);
  const rotations: Rotation[] = [];
  /** What is wrong with each store: a command that many entries share is tried once. */
  const tried = new Map<string, string | undefined>();
  for (const [index, { secretFile, exec, secretExpiresAfterHours: life, ...account }] of entries.entries()) {
    const secretExpiresAfterHours = typeof life === "string" ? hoursOf(life) : life;
    // They are only used if nothing was found wrong with them.
    const ids = { ...account, secretExpiresAfterHours } as RotationIds;
    const destination = storeOf(secretFile, exec, `${ids.clientId}: `);
    if (destination === undefined) continue;
    rotations.push({ ids, destination });
    if (!isStoreNeeded(String(ids.clientId))) continue;
    const key = JSON.stringify(destination.name);
    if (!tried.has(key)) tried.set(key, await destination.check());
    const message = tried.get(key);
    const pointer = `/rotations/${index}/${Object.keys(destination.name)}`;
    if (message !== undefined) found.push({ pointer, message });
  }
  /** Of what is missing, it is the line of what would hold it. */
  const lineOf = (pointer: string): number =>
    document.lineOf.get(pointer) ?? lineOf(pointer.slice(0, pointer.lastIndexOf("/")));
  for (const { pointer, message } of found.toSorted((one, other) => lineOf(one.pointer) - lineOf(other.pointer))) {
    problems.push(`${path}:${lineOf(pointer)}: ${pointer === "" ? "" : `${pointer}: `}${message}`);
  }
  return found.length > 0 ? [] : rotations;
}

function readDocument(path: string, problems: Session["problems"]) {
  try {
    // Leaves out the byte order mark that some editors begin a file with.
    return parseJsonDocument(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    if (error instanceof UsageError) problems.push(`${path}:${error.message}`);
    else problems.push(`--fleet: cannot read ${path} (${error instanceof TypeError ? "not UTF-8" : codeOf(error)})`);
    return undefined;
  }
}

type Member = readonly [expected: string, fits: (value: unknown) => boolean];
type Members = Readonly<Record<string, Member>>;

const text = (expected: string, pattern: RegExp): Member => [
  expected,
  (value) => typeof value === "string" && pattern.test(value),
];
const ID = text("24 hexadecimal digits", /^[a-f0-9]{24}$/);
const NOT_BLANK = text("text that is not blank", /^[^\0]*[^\s\0][^\0]*$/);
const MOST_HOURS = 2 ** 31 - 1;
const [, isDuration] = text("", /^[1-9]\d{0,5}[dh]$/);
const HOURS: Member = [
  `an integer from 1 to ${MOST_HOURS}, or a duration such as 30d`,
  (value) => isDuration(value) || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_HOURS),
];

// What fleet.schema.json tells an editor; a test compares the two.
const FILE: Members = {
  $schema: text("text", /^/),
  defaults: ["an object", isObject],
  rotations: ["an array with at least one entry", (value) => Array.isArray(value) && value.length > 0],
};
const DEFAULTS: Members = { groupId: ID, orgId: ID, secretExpiresAfterHours: HOURS, exec: NOT_BLANK };
const ENTRY: Members = {
  ...{ groupId: ID, orgId: ID, clientId: text("mdb_sa_id_ and 24 hexadecimal digits", /^mdb_sa_id_[a-fA-F\d]{24}$/) },
  ...{ secretExpiresAfterHours: HOURS, previousSecretId: ID, secretFile: NOT_BLANK, exec: NOT_BLANK },
};

/** What is wrong with the file by itself: what its schema says, and that no account and no file may appear twice. */
export function checkFleet(file: unknown, directory: string, options: Pick<Options, "groupId" | "orgId"> = {}) {
  const { defaults, rotations } = membersOf(file);
  const { groupId = options.groupId, orgId = options.orgId, ...others } = membersOf(defaults);
  const { secretExpiresAfterHours, exec } = others;
  const own: readonly unknown[] = Array.isArray(rotations) ? rotations : [];
  const entries = own.map(membersOf).map((members): FleetEntry => {
    const isForCommand = exec !== undefined && members["secretFile"] === undefined;
    return { groupId, orgId, secretExpiresAfterHours, ...(isForCommand && { exec }), ...members };
  });
  const problems = [
    ...checkMembers(file, FILE, ""),
    ...(isObject(file) && rotations === undefined ? [{ pointer: "", message: "rotations is missing" }] : []),
    ...checkMembers({ groupId, orgId, ...others }, DEFAULTS, "/defaults"),
    ...own.flatMap((members, index) => checkMembers(members, ENTRY, `/rotations/${index}`)),
    ...entries.flatMap((entry, index) => {
      const messages = isObject(own[index]) ? missingIn(entry) : [];
      return messages.map((message) => ({ pointer: `/rotations/${index}`, message }));
    }),
    ...repeated(entries, "clientId", (clientId) => clientId.toLowerCase()),
    ...repeated(entries, "secretFile", (path) => trueName(resolve(directory, path))),
  ];
  return { entries, problems };
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

function checkMembers(value: unknown, members: Members, pointer: string) {
  if (!isObject(value)) return [{ pointer, message: `expected an object, got ${shown(value)}` }];
  return Object.entries(value).flatMap(([name, member]) => {
    const [expected, fits] = (Object.hasOwn(members, name) && members[name]) || [];
    if (member === undefined || fits?.(member)) return [];
    const names = Object.keys(members).join(", ");
    const message = fits ? `expected ${expected}, got ${shown(member)}` : `unknown name; expected one of ${names}`;
    return { pointer: pointer + pointerSegment(name), message };
  });
}

function missingIn({ clientId, secretFile, exec, ...entry }: FleetEntry): string[] {
  const names = (["groupId", "orgId", "secretExpiresAfterHours"] as const).filter((name) => entry[name] === undefined);
  const messages = names.map((name) => `${name} is missing, here and in /defaults`);
  const [hasFile, hasExec] = [secretFile !== undefined, exec !== undefined];
  if (!hasFile && !hasExec) messages.push("secretFile or exec is missing, and /defaults has no exec");
  if (hasFile && hasExec) messages.push("secretFile and exec cannot be used together");
  if (clientId === undefined) messages.push("clientId is missing");
  return messages;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** @param key what two values have in common that mean the same */
function repeated(entries: readonly FleetEntry[], name: "clientId" | "secretFile", key: (value: string) => string) {
  const firstOf = new Map<string, number>();
  return entries.flatMap(({ [name]: value }, index) => {
    if (typeof value !== "string") return [];
    const first = firstOf.get(key(value)) ?? index;
    firstOf.set(key(value), first);
    const pointer = (at: number) => `/rotations/${at}/${name}`;
    return first === index ? [] : { pointer: pointer(index), message: `the same as ${pointer(first)}` };
  });
}

/** Two spellings of a path may lead to one file: by links, and where letters are not told apart by their case. */
export function trueName(path: string, platform = process.platform): string {
  let directory = dirname(path);
  try {
    directory = realpathSync.native(directory);
  } catch {
    // There is no such directory, which is a problem of its own.
  }
  const name = join(directory, basename(path));
  return platform === "win32" || platform === "darwin" ? name.toLowerCase() : name;
}
