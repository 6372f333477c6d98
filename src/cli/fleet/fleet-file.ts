/**
 * `--fleet`: the file that lists many rotations. Its paths and the working directory of its commands are relative to the
 * file, so that cron and an operator's shell mean the same.
 */
import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type FleetViolation, validateFleet } from "../../../generated/fleet-validator.js";
import { hoursOf, type Options, type RotationIds, workingDirectory } from "../commands/options.js";
import type { Rotation } from "../commands/run-rotations.js";
import type { Session } from "../commands/session.js";
import { storesIn } from "../stores/store-command.js";
import { codeOf, UsageError } from "../terminal/exit-code.js";
import { isObject, parseJsonDocument, pointerSegment } from "./json-document.js";

interface FleetProblem {
  readonly pointer: string;
  readonly message: string;
}

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
    problems.add(`${path}:${lineOf(pointer)}: ${pointer === "" ? "" : `${pointer}: `}${message}`);
  }
  return found.length > 0 ? [] : rotations;
}

function readDocument(path: string, problems: Session["problems"]) {
  try {
    // Leaves out the byte order mark that some editors begin a file with.
    return parseJsonDocument(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    if (error instanceof UsageError) problems.add(`${path}:${error.message}`);
    else problems.add(`--fleet: cannot read ${path} (${error instanceof TypeError ? "not UTF-8" : codeOf(error)})`);
    return undefined;
  }
}

/** The problems are what the schema says, and what no schema can: no account and no file may appear twice. */
export function checkFleet(
  file: unknown,
  directory: string,
  { groupId, orgId }: Pick<Options, "groupId" | "orgId"> = {},
): { readonly entries: readonly FleetEntry[]; readonly problems: FleetProblem[] } {
  const { defaults = {}, rotations } = membersOf(file);
  const given = { groupId, orgId };
  const fleet = isObject(file) && isObject(defaults) ? { ...file, defaults: { ...given, ...defaults } } : file;
  const violations = validateFleet(fleet) ? [] : (validateFleet.errors ?? []);
  const { exec, ...shared }: FleetEntry = { ...given, ...membersOf(defaults) };
  const entries = (Array.isArray(rotations) ? rotations : []).map((entry: unknown): FleetEntry => {
    const own = membersOf(entry);
    return { ...shared, ...(own["secretFile"] === undefined && exec !== undefined ? { exec } : {}), ...own };
  });
  return {
    entries,
    problems: [
      ...violations.flatMap(problemOf),
      ...repeated(entries, "clientId", (clientId) => clientId.toLowerCase()),
      ...repeated(entries, "secretFile", (path) => trueName(resolve(directory, path))),
    ],
  };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function problemOf(violation: FleetViolation): FleetProblem[] {
  const { keyword, instancePath: pointer, params, parentSchema, schemaPath, data } = violation;
  const problem = (message: string, at = pointer) => [{ pointer: at, message }];
  switch (keyword) {
    case "if":
      return [];
    case "anyOf":
      return problem("secretFile or exec is missing, and /defaults has no exec");
    case "not":
      return problem("secretFile and exec cannot be used together");
    case "required": {
      if (schemaPath.includes("/anyOf/")) return [];
      // What an entry and the defaults must have together.
      const where = schemaPath.startsWith("#/allOf/") ? ", here and in /defaults" : "";
      return problem(`${params["missingProperty"]} is missing${where}`);
    }
    case "additionalProperties": {
      const names = Object.keys(parentSchema?.properties ?? {}).join(", ");
      const name = pointerSegment(`${params["additionalProperty"]}`);
      return problem(`unknown name; expected one of ${names}`, pointer + name);
    }
    default: {
      const expected = (pointer !== "" && parentSchema?.title) || "an object";
      return problem(`expected ${expected}, got ${shown(data)}`);
    }
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** @param key what two values have in common that mean the same */
function repeated(
  entries: readonly FleetEntry[],
  name: "clientId" | "secretFile",
  key: (value: string) => string,
): FleetProblem[] {
  const firstOf = new Map<string, number>();
  return entries.flatMap(({ [name]: value }, index) => {
    if (typeof value !== "string") return [];
    const first = firstOf.get(key(value));
    if (first !== undefined) {
      return { pointer: `/rotations/${index}/${name}`, message: `the same as /rotations/${first}/${name}` };
    }
    firstOf.set(key(value), index);
    return [];
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
