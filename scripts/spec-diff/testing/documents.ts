/**
 * Documents for the tests: a contract, copies of it to edit and what each edit is to be reported as, and small documents
 * made for one question.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import type { ContractDocument } from "../../../contract-tests/contract/document.js";
import { isObject, pointerTo } from "../../../contract-tests/contract/json.js";
import { FROZEN_CONTRACT } from "../../../contract-tests/contract/operations.js";
import { parseDocumentText } from "../../../contract-tests/contract/read-document.js";
import { runCommand } from "../../testing/run-command.js";
import { specDiff } from "../command.js";
import { compareDocuments } from "../compare.js";
import type { Difference, Verdict } from "../findings.js";

/** A JSON object that a test may change. */
export type Json = Record<string, unknown>;

/** The path of the contract that is compared: not the project's own, so that an edit there changes nothing here. */
export const contractPath = relative(process.cwd(), FROZEN_CONTRACT);

/** The template of the path of the create operation. */
export const createPath = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";

/** The template of the path of the delete operation. */
export const deletePath = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";

// As text: YAML's anchors make parts of it shared, and a copy must not change in two places at once.
const CONTRACT = JSON.stringify(parse(readFileSync(contractPath, "utf8")), (key, value: unknown) =>
  key === "x-documented-elsewhere" ? undefined : value,
);

/** A fresh copy of the contract without its `x-documented-elsewhere`, so that a test adds what it is about. */
export function contractCopy(): Json {
  const copy: unknown = JSON.parse(CONTRACT);
  if (!isJson(copy)) throw new Error("the contract is no object");
  return copy;
}

function isJson(value: unknown): value is Json {
  return isObject(value);
}

/** The pointer with these keys. */
export function at(...keys: readonly (string | number)[]): string {
  return keys.reduce<string>(pointerTo, "#");
}

function documentOf(json: Json, source = "test.json"): ContractDocument {
  return parseDocumentText(source, JSON.stringify(json));
}

/** What differs between two documents. */
export function differencesOf(ours: Json, theirs: Json): readonly Difference[] {
  return compareDocuments(documentOf(ours, "ours.json"), documentOf(theirs, "theirs.json")).differences;
}

/** A place in a document. */
export type Keys = readonly (string | number)[];

/** Changes a document in place. */
export interface Change {
  (copy: Json): void;
  /** Where it does; of several places the first. */
  readonly keys: Keys;
}

/** Where the edits go. */
export const places = {
  post: ["paths", createPath, "post"],
  del: ["paths", deletePath, "delete"],
  parameters: ["components", "parameters"],
  headers: ["components", "headers"],
  responses: ["components", "responses"],
  schemas: ["components", "schemas"],
  request: ["components", "schemas", "ServiceAccountSecretRequest"],
  hours: ["components", "schemas", "ServiceAccountSecretRequest", "properties", "secretExpiresAfterHours"],
  secret: ["components", "schemas", "ServiceAccountSecret"],
  apiError: ["components", "schemas", "ApiError"],
  schemes: ["components", "securitySchemes"],
} as const satisfies Readonly<Record<string, Keys>>;

/** The media types of the two versions. */
export const mediaTypes = {
  old: "application/vnd.atlas.2024-08-05+json",
  new: "application/vnd.atlas.2025-03-12+json",
} as const;

/** Puts a value there, in place of what was. */
export function set(keys: Keys, value: unknown): Change {
  return change(keys, (holder, last) => void Reflect.set(holder, last, value));
}

/** Takes away what is there. */
export function remove(keys: Keys): Change {
  return change(keys, (holder, last) => {
    if (!(last in holder)) throw new Error(`nothing at ${at(...keys)}`);
    if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else Reflect.deleteProperty(holder, last);
  });
}

/** Gives a member another name. */
export function rename(keys: Keys, to: string): Change {
  return change(keys, (holder, last) => {
    const value: unknown = Reflect.get(holder, last);
    Reflect.deleteProperty(holder, last);
    Reflect.set(holder, to, value);
  });
}

/** One change after the other. */
export function all(...changes: readonly Change[]): Change {
  const run = (copy: Json) => {
    for (const each of changes) each(copy);
  };
  return Object.assign(run, { keys: changes[0]?.keys ?? [] });
}

function change(keys: Keys, act: (holder: object, last: string | number) => void): Change {
  const run = (copy: Json) => {
    const last = keys.at(-1);
    const holder = keys
      .slice(0, -1)
      .reduce<unknown>((value, key) => (isHolder(value) ? Reflect.get(value, key) : undefined), copy);
    if (last === undefined || !isHolder(holder)) throw new Error(`nothing at ${at(...keys)}`);
    act(holder, last);
  };
  return Object.assign(run, { keys });
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An edit, and the words and places of its difference; by default where the edit is, and in theirs the same as in ours. */
type Edit = readonly [change: Change, what: string, ours?: Keys | undefined, theirs?: Keys];

/** Each edit to a copy of the contract is reported once, with this verdict. */
export function itReports(verdict: Verdict, edits: Readonly<Record<string, Edit>>): void {
  it.each(Object.entries(edits))(`%s: ${verdict}`, (_, [edit, what, ours = edit.keys, theirs = ours]) => {
    expect(differencesAfter(edit).map(essence)).toEqual([[verdict, what, at(...ours), at(...theirs)]]);
  });
}

/** What differs between the contract and a copy of it after a change. */
export function differencesAfter(edit: (copy: Json) => void): readonly Difference[] {
  const copy = contractCopy();
  edit(copy);
  return differencesOf(contractCopy(), copy);
}

/** Verdict, words and the two pointers. */
export function essence({ verdict, what, ours, theirs }: Difference): readonly string[] {
  return [verdict, what, ours.pointer, theirs.pointer];
}

/** The contract with the notes that make today's official document no surprise. */
export function explainedContract(): Json {
  const contract = contractCopy();
  const note = { reason: "The documentation page of the operation sends it." };
  all(
    set([...places.post, "requestBody", "content", "application/json", "x-documented-elsewhere"], note),
    set([...places.post, "responses", "201", "content", mediaTypes.new, "x-documented-elsewhere"], note),
    set([...places.del, "responses", "204", "content", mediaTypes.new, "x-documented-elsewhere"], note),
  )(contract);
  return contract;
}

/** What differs where one schema is used in the body of a request, or of a response. */
export function schemaDifferences(
  direction: "request" | "response",
  ours: unknown,
  theirs: unknown,
  more: Json = {},
): readonly Difference[] {
  return differencesOf(documentWith(direction, ours, more), documentWith(direction, theirs, more));
}

function documentWith(direction: "request" | "response", schema: unknown, more: Json): Json {
  const content = { "application/json": { schema } };
  return {
    openapi: "3.0.3",
    paths: {
      "/things": {
        post: {
          operationId: "makeThing",
          ...(direction === "request" && { requestBody: { content } }),
          responses: { "200": { description: "made", ...(direction === "response" && { content }) } },
        },
      },
    },
    ...more,
  };
}

/** A file with the document, JSON or YAML by its name, until the end of the test. */
export function fileWith(name: string, document: Json): string {
  const folder = mkdtempSync(join(tmpdir(), "spec-diff-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const yaml = () => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
  writeFileSync(join(folder, name), name.endsWith(".json") ? JSON.stringify(document, null, 2) : yaml());
  return join(folder, name);
}

/** Runs the command on the frozen contract, if no other is named. */
export async function run(...args: readonly string[]) {
  const contract = args.includes("--contract") ? [] : ["--contract", contractPath];
  const { exitCode, ...printed } = await runCommand(specDiff, [...args, ...contract], { columns: 120 });
  return { status: exitCode, ...printed };
}
