/**
 * What is wrong with a fleet file, all of it. `fleet.schema.json` beside this file says the same for editors; a test
 * holds the two together. What only this check knows: no account and no file may be named twice.
 */
import { AtlasRequestError } from "../../index.js";
import { quote, shortName } from "../../safe/quote.js";
import { redactByForm } from "../../safe/redaction.js";
import { type Given, rotationIds } from "../commands/arguments.js";
import { pointerSegment } from "./json-document.js";

export interface FleetProblem {
  /** JSON pointer of the place in the file. */
  readonly pointer: string;
  readonly message: string;
}

/** One entry with the defaults put in; to be trusted only where there is no problem. */
export type FleetEntry = Given & { readonly secretFile?: unknown; readonly exec?: unknown };

const FLEET_NAMES = ["$schema", "defaults", "rotations"] as const;
const DEFAULT_NAMES = ["groupId", "orgId", "secretExpiresAfterHours", "exec"] as const;
const ID_NAMES = ["groupId", "orgId", "clientId", "secretExpiresAfterHours"] as const;
const ENTRY_NAMES = [...ID_NAMES, "previousSecretId", "secretFile", "exec"] as const;

type Members = Readonly<Record<string, unknown>>;

/** @param fleet what the file holds */
export function checkFleet(fleet: unknown): { readonly entries: FleetEntry[]; readonly problems: FleetProblem[] } {
  const problems: FleetProblem[] = [];
  const add = (pointer: string, message: string) => void problems.push({ pointer, message });
  if (!isObject(fleet)) {
    add("", expected("an object", fleet));
    return { entries: [], problems };
  }
  checkNames(fleet, FLEET_NAMES, "", add);
  const { $schema, defaults = {}, rotations } = fleet;
  if ($schema !== undefined && typeof $schema !== "string") add("/$schema", expected("a string", $schema));
  if (isObject(defaults)) checkMembers(defaults, DEFAULT_NAMES, "/defaults", add);
  else add("/defaults", expected("an object", defaults));
  if (!Array.isArray(rotations) || rotations.length === 0) {
    if (rotations === undefined) add("", "rotations is missing");
    else add("/rotations", expected("an array with at least one entry", rotations));
    return { entries: [], problems };
  }
  const entries = rotations.map((entry: unknown, index) =>
    checkEntry(entry, isObject(defaults) ? defaults : {}, `/rotations/${index}`, add),
  );
  addRepeated(entries, "clientId", (clientId) => clientId.toLowerCase(), add);
  return { entries, problems };
}

type Add = (pointer: string, message: string) => void;

function checkEntry(entry: unknown, defaults: Members, pointer: string, add: Add): FleetEntry {
  if (!isObject(entry)) {
    add(pointer, expected("an object", entry));
    return {};
  }
  checkMembers(entry, ENTRY_NAMES, pointer, add);
  for (const name of ID_NAMES) {
    if (entry[name] === undefined && defaults[name] === undefined) {
      const isDefault = DEFAULT_NAMES.some((known) => known === name);
      add(pointer, `${name} is missing${isDefault ? ", here and in /defaults" : ""}`);
    }
  }
  const { secretFile, exec } = entry;
  if (secretFile !== undefined && exec !== undefined) add(pointer, "expected secretFile or exec, got both");
  if (secretFile === undefined && exec === undefined && defaults["exec"] === undefined) {
    add(pointer, "secretFile or exec is missing, and there is no exec in /defaults");
  }
  return { ...defaults, ...(secretFile === undefined ? {} : { exec: undefined }), ...entry };
}

/** Names and values; each value by itself, whatever stands beside it. */
function checkMembers(members: Members, names: readonly string[], pointer: string, add: Add): void {
  checkNames(members, names, pointer, add);
  for (const name of names) {
    const value = members[name];
    if (value === undefined) continue;
    const wanted = name === "secretFile" || name === "exec" ? expectedText(value) : expectedByContract(name, value);
    if (wanted !== undefined) add(`${pointer}/${name}`, expected(wanted, value));
  }
}

function expectedText(value: unknown): string | undefined {
  const isText = typeof value === "string" && value.trim() !== "" && !value.includes("\0");
  return isText ? undefined : "text that is not blank";
}

/** Values that the contract allows, to try one of somebody else's among them. */
const ALLOWED: Given = {
  groupId: "0".repeat(24),
  orgId: "0".repeat(24),
  clientId: `mdb_sa_id_${"0".repeat(24)}`,
  secretExpiresAfterHours: 8,
};

function expectedByContract(name: string, value: unknown): string | undefined {
  try {
    rotationIds({ ...ALLOWED, [name]: value });
    return undefined;
  } catch (error) {
    if (!(error instanceof AtlasRequestError)) throw error;
    return error.violations.map((violation) => violation.expected).join(" and ");
  }
}

function checkNames(members: Members, names: readonly string[], pointer: string, add: Add): void {
  for (const name of Object.keys(members)) {
    if (names.includes(name)) continue;
    const shown = pointerSegment(shortName(name, redactByForm));
    add(`${pointer}${shown}`, `unknown name; expected one of ${names.join(", ")}`);
  }
}

/** @param same what two values that mean the same have in common */
export function addRepeated(
  entries: readonly FleetEntry[],
  name: "clientId" | "secretFile",
  same: (value: string) => string,
  add: Add,
): void {
  const firstOf = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const value = entry[name];
    if (typeof value !== "string") continue;
    const first = firstOf.get(same(value));
    if (first === undefined) firstOf.set(same(value), index);
    else add(`/rotations/${index}/${name}`, `the same as /rotations/${first}/${name}`);
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expected(what: string, received: unknown): string {
  return `expected ${what}, got ${quote(received, redactByForm)}`;
}
