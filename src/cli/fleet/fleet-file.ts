/** `--fleet`: the file that lists many rotations. Paths and commands are relative to it, for cron as for a shell. */
import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type FleetViolation, validateFleet } from "../../../generated/fleet-validator.js";
import { hoursOf, type Options, type RotationIds, workingDirectory } from "../commands/options.js";
import type { Rotation } from "../commands/run-rotations.js";
import type { Session } from "../commands/session.js";
import { storesIn } from "../stores/store-command.js";
import { codeOf, UsageError } from "../terminal/exit-code.js";
import { isObject, parseJsonDocument, pointerSegment } from "./json-document.js";

/** One entry with the defaults filled in; its members are only certain once the schema has found nothing wrong. */
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
    // They are only used if the schema has found nothing wrong with them.
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

/** The problems are what the schema says, and what no schema can: no account and no file may appear twice. */
export function checkFleet(file: unknown, directory: string, options: Pick<Options, "groupId" | "orgId"> = {}) {
  const { defaults = {}, rotations } = membersOf(file);
  const { exec, ...shared }: FleetEntry = { groupId: options.groupId, orgId: options.orgId, ...membersOf(defaults) };
  const entries = (Array.isArray(rotations) ? rotations : []).map((entry: unknown): FleetEntry => {
    const own = membersOf(entry);
    return { ...shared, ...(own["secretFile"] === undefined && exec !== undefined && { exec }), ...own };
  });
  const isComplete = isObject(file) && isObject(defaults);
  validateFleet(isComplete ? { ...file, defaults: { ...shared, ...(exec !== undefined && { exec }) } } : file);
  const problems = [
    ...(validateFleet.errors ?? []).flatMap(problemOf),
    ...repeated(entries, "clientId", (clientId) => clientId.toLowerCase()),
    ...repeated(entries, "secretFile", (path) => trueName(resolve(directory, path))),
  ];
  return { entries, problems };
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

function problemOf({ keyword, instancePath, params, parentSchema, data }: FleetViolation) {
  const name = String(params["missingProperty"] ?? params["additionalProperty"]);
  // Another violation says it.
  if (keyword === "if" || (keyword === "required" && (name === "secretFile" || name === "exec"))) return [];
  const where = name === "clientId" || name === "rotations" ? "" : ", here and in /defaults";
  const expected = (instancePath !== "" && parentSchema?.title) || "an object";
  const messages: Readonly<Record<string, string>> = {
    anyOf: "secretFile or exec is missing, and /defaults has no exec",
    not: "secretFile and exec cannot be used together",
    required: `${name} is missing${where}`,
    additionalProperties: `unknown name; expected one of ${Object.keys(parentSchema?.properties ?? {}).join(", ")}`,
  };
  const pointer = keyword === "additionalProperties" ? instancePath + pointerSegment(name) : instancePath;
  return [{ pointer, message: messages[keyword] ?? `expected ${expected}, got ${shown(data)}` }];
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
