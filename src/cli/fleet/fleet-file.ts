/**
 * `--fleet`: the file that names many rotations. Paths in it and the working directory of its commands are relative to
 * the file itself, so that cron and an operator's shell mean the same.
 */
import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { rotationIds } from "../commands/arguments.js";
import type { Rotation } from "../commands/rotation.js";
import { commandStore, fileStore, type SecretStore } from "../stores/secret-store.js";
import type { CommandIo } from "../terminal/command-io.js";
import type { Problems } from "../terminal/problems.js";
import type { Words } from "../terminal/words.js";
import { addRepeated, checkFleet, type FleetEntry, type FleetProblem } from "./fleet-check.js";
import { type JsonDocument, JsonSyntaxError, parseJsonDocument } from "./json-document.js";

/** The rotations of the file; none where `problems` now says what is wrong with it. */
export function readFleet(path: string, io: Pick<CommandIo, "env">, words: Words, problems: Problems): Rotation[] {
  const document = readDocument(path, problems);
  if (document === undefined) return [];
  const directory = dirname(resolve(path));
  const { entries, problems: found } = checkFleet(document.value);
  for (const pointer of document.repeated) found.push({ pointer, message: "there is another member of this name" });
  addRepeated(
    entries,
    "secretFile",
    (file) => trueName(resolve(directory, file)),
    (pointer, message) => found.push({ pointer, message }),
  );
  const stores = entries.map((entry) => storeOf(entry, directory, io, words));
  found.push(...storeProblems(entries, stores));
  for (const problem of inOrder(found, document)) problems.add(`${path}${problem}`);
  if (found.length > 0) return [];
  return entries.flatMap((entry, index) => {
    const destination = stores[index];
    return destination === undefined ? [] : [{ ...rotationIds(entry), destination }];
  });
}

function readDocument(path: string, problems: Problems): JsonDocument | undefined {
  try {
    // Some editors begin a file with a byte order mark.
    return parseJsonDocument(readFileSync(path, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    if (error instanceof JsonSyntaxError) problems.add(`${path}:${error.line}: not JSON: ${error.message}`);
    else
      problems.add(
        `--fleet: ${path} cannot be read (${error instanceof Error && "code" in error ? error.code : error})`,
      );
    return undefined;
  }
}

function storeOf(
  { secretFile, exec }: FleetEntry,
  directory: string,
  io: Pick<CommandIo, "env">,
  words: Words,
): SecretStore | undefined {
  if (typeof secretFile === "string") return fileStore(secretFile, directory);
  return typeof exec === "string" ? commandStore(exec, directory, io, words) : undefined;
}

/** A command that many entries share is looked at once. */
function storeProblems(entries: readonly FleetEntry[], stores: readonly (SecretStore | undefined)[]): FleetProblem[] {
  const known = new Map<string, string | undefined>();
  return stores.flatMap((store, index) => {
    if (store === undefined) return [];
    const key = JSON.stringify(store.name);
    if (!known.has(key)) known.set(key, store.problem());
    const message = known.get(key);
    const member = entries[index]?.secretFile === undefined ? "exec" : "secretFile";
    return message === undefined ? [] : [{ pointer: `/rotations/${index}/${member}`, message }];
  });
}

/** Two ways to write a path may lead to one file. */
function trueName(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    // There is no such directory, which is a problem of its own.
    return path;
  }
}

/** Each with its line, in the order of the file. */
function inOrder(problems: readonly FleetProblem[], document: JsonDocument): string[] {
  return problems
    .map(({ pointer, message }) => ({ pointer, message, line: lineOf(pointer, document) }))
    .sort((one, other) => one.line - other.line)
    .map(({ pointer, message, line }) => `:${line}: ${pointer === "" ? "" : `${pointer}: `}${message}`);
}

/** Where a default is what is wrong, there is no such member in the entry: then the entry's line. */
function lineOf(pointer: string, { lineOf: lines }: JsonDocument): number {
  const line = lines.get(pointer);
  if (line !== undefined || pointer === "") return line ?? 1;
  return lineOf(pointer.slice(0, pointer.lastIndexOf("/")), { value: undefined, repeated: [], lineOf: lines });
}
