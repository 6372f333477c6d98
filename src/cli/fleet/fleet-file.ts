/**
 * `--fleet`: the file that lists many rotations. Its paths and the working directory of its commands are relative to the
 * file, so that cron and an operator's shell mean the same.
 */
import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type FleetViolation, validateFleet } from "../../../generated/fleet-validator.js";
import { commandOptions, hoursOf, type OptionContext, type RotationIds } from "../commands/options.js";
import type { Rotation } from "../commands/run-rotations.js";
import { type FileOptions, fileStore } from "../stores/secret-file.js";
import { type CommandOptions, commandStore, type SecretStore } from "../stores/store-command.js";
import { codeOf } from "../terminal/command-io.js";
import { isObject, type JsonDocument, JsonSyntaxError, parseJsonDocument, pointerSegment } from "./json-document.js";

export interface FleetProblem {
  /** JSON pointer of the place in the file. */
  readonly pointer: string;
  readonly message: string;
}

/** One entry with the defaults filled in; its members are only certain once the schema has found nothing wrong. */
export type FleetEntry = Partial<Record<keyof RotationIds | "secretFile" | "exec", unknown>>;

/** Ids that apply to every entry, unless the file has its own. */
export type FleetDefaults = Pick<RotationIds, "groupId" | "orgId">;

/**
 * The rotations of the file; none if the problems say what is wrong with it.
 *
 * @param isStoreNeeded whether it has to be tried if the secret of this account can be stored
 */
export async function readFleet(
  path: string,
  context: OptionContext,
  isStoreNeeded: (clientId: string) => boolean,
): Promise<Rotation[]> {
  const { problems, messages, options } = context;
  const directory = dirname(resolve(path));
  const document = readDocument(path, problems);
  if (document === undefined) return [];
  const { groupId, orgId } = options;
  const given = Object.entries({ groupId, orgId }).filter(([, id]) => id !== undefined);
  const { entries, problems: found } = checkFleet(document.value, directory, Object.fromEntries(given));
  for (const pointer of document.repeated) found.push({ pointer, message: "another member has the same name" });
  const files = { onLeftover: messages.print, rehearsed: new Set<string>() };
  const commands = commandOptions(context, directory);
  const stores = entries.map((entry) => storeOf(entry, directory, files, commands));
  found.push(...(await storeProblems(entries, stores, isStoreNeeded)));
  for (const problem of inOrder(found, document)) problems.add(`${path}${problem}`);
  if (found.length > 0) return [];
  return entries.flatMap(({ secretFile: _file, exec: _exec, secretExpiresAfterHours: life, ...account }, index) => {
    const destination = stores[index];
    const secretExpiresAfterHours = typeof life === "string" ? hoursOf(life) : life;
    // The schema has found nothing wrong with the ids and the lifetime.
    const ids = { ...account, secretExpiresAfterHours } as RotationIds;
    const place = `/rotations/${index}`;
    return destination === undefined ? [] : [{ ids, destination, place, overrulesState: false }];
  });
}

function readDocument(path: string, problems: OptionContext["problems"]): JsonDocument | undefined {
  try {
    // Some editors begin a file with a byte order mark.
    return parseJsonDocument(readFileSync(path, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    if (error instanceof JsonSyntaxError) problems.add(`${path}:${error.line}: not JSON: ${error.message}`);
    else problems.add(`--fleet: cannot read ${path} (${codeOf(error)})`);
    return undefined;
  }
}

/**
 * What is wrong with the content of a fleet file: what its schema says, and what no schema can say, that no account and no
 * file may appear twice.
 *
 * @param directory that its paths are relative to
 */
export function checkFleet(
  file: unknown,
  directory: string,
  given: Partial<FleetDefaults> = {},
): { readonly entries: FleetEntry[]; readonly problems: FleetProblem[] } {
  const fleet = withDefaults(file, given);
  const violations = validateFleet(fleet) ? [] : (validateFleet.errors ?? []);
  const entries = entriesOf(fleet);
  return {
    entries,
    problems: [
      ...violations.flatMap(problemOf),
      ...repeated(entries, "clientId", (clientId) => clientId.toLowerCase()),
      ...repeated(entries, "secretFile", (file) => trueName(resolve(directory, file))),
    ],
  };
}

function withDefaults(file: unknown, given: Partial<FleetDefaults>): unknown {
  const { defaults = {}, ...fleet } = membersOf(file);
  const isUsable = isObject(file) && isObject(defaults);
  return isUsable && Object.keys(given).length > 0 ? { ...fleet, defaults: { ...given, ...defaults } } : file;
}

function entriesOf(fleet: unknown): FleetEntry[] {
  const { defaults, rotations } = membersOf(fleet);
  if (!Array.isArray(rotations)) return [];
  const { exec, ...shared } = membersOf(defaults);
  return rotations.map((entry: unknown) => {
    const own = membersOf(entry);
    return { ...shared, ...(own["secretFile"] === undefined && exec !== undefined ? { exec } : {}), ...own };
  });
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function problemOf(violation: FleetViolation): FleetProblem[] {
  const { keyword, instancePath: pointer, params, parentSchema, schemaPath, data } = violation;
  const problem = (message: string, at = pointer) => [{ pointer: at, message }];
  // What an entry and the defaults must have together; the entry itself is described elsewhere in the schema.
  const isShared = schemaPath.startsWith("#/allOf/");
  switch (keyword) {
    case "if":
      return [];
    case "anyOf":
      // An entry that is no object has a violation of its own.
      return typeof data !== "object" || data === null
        ? []
        : problem("secretFile or exec is missing, and /defaults has no exec");
    case "not":
      return problem("secretFile and exec cannot be used together");
    case "required":
      if (schemaPath.includes("/anyOf/")) return [];
      return problem(`${params["missingProperty"]} is missing${isShared ? ", here and in /defaults" : ""}`);
    case "additionalProperties": {
      const names = Object.keys(parentSchema?.properties ?? {}).join(", ");
      return problem(
        `unknown name; expected one of ${names}`,
        pointer + pointerSegment(`${params["additionalProperty"]}`),
      );
    }
    default: {
      if (isShared) return [];
      const expected = pointer === "" ? undefined : parentSchema?.title;
      return problem(`expected ${expected ?? "an object"}, got ${shown(data)}`);
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
    if (first === undefined) firstOf.set(key(value), index);
    return first === undefined
      ? []
      : [{ pointer: `/rotations/${index}/${name}`, message: `the same as /rotations/${first}/${name}` }];
  });
}

/** Two spellings of a path may lead to one file: by links, and where letters are not told apart by their case. */
export function trueName(path: string, platform = process.platform): string {
  const named = (directory: string) => {
    const name = join(directory, basename(path));
    return platform === "win32" || platform === "darwin" ? name.toLowerCase() : name;
  };
  try {
    return named(realpathSync.native(dirname(path)));
  } catch {
    // There is no such directory, which is a problem of its own.
    return named(dirname(path));
  }
}

function storeOf(
  { clientId, secretFile, exec }: FleetEntry,
  directory: string,
  files: FileOptions,
  commands: CommandOptions,
): SecretStore | undefined {
  if (typeof secretFile === "string") return fileStore(secretFile, directory, files);
  if (typeof exec !== "string") return undefined;
  return commandStore(exec, { ...commands, onLine: (line) => commands.onLine(`${clientId}: ${line}`) });
}

/** A command that many entries share is checked once. */
async function storeProblems(
  entries: readonly FleetEntry[],
  stores: readonly (SecretStore | undefined)[],
  isStoreNeeded: (clientId: string) => boolean,
): Promise<FleetProblem[]> {
  const known = new Map<string, string | undefined>();
  const problems: FleetProblem[] = [];
  for (const [index, store] of stores.entries()) {
    if (store === undefined || !isStoreNeeded(String(entries[index]?.clientId))) continue;
    const key = JSON.stringify(store.name);
    if (!known.has(key)) known.set(key, await store.check());
    const message = known.get(key);
    if (message !== undefined)
      problems.push({ pointer: `/rotations/${index}/${Object.keys(store.name).join()}`, message });
  }
  return problems;
}

/** Each with its line, in the order of the file. */
function inOrder(problems: readonly FleetProblem[], document: JsonDocument): string[] {
  return problems
    .map(({ pointer, message }) => ({ pointer, message, line: nearestLine(pointer, document) }))
    .sort((one, other) => one.line - other.line)
    .map(({ pointer, message, line }) => `:${line}: ${pointer === "" ? "" : `${pointer}: `}${message}`);
}

/** Of what is missing, it is the line of what would hold it. */
function nearestLine(pointer: string, document: JsonDocument): number {
  const line = document.lineOf.get(pointer);
  if (line !== undefined || pointer === "") return line ?? 1;
  return nearestLine(pointer.slice(0, pointer.lastIndexOf("/")), document);
}
