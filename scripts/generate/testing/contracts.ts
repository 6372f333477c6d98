/**
 * Small contracts for the tests of the generator; and what is generated from one, in a directory of its own: type-checked
 * as the project is, imported, and its validators tried.
 */
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { typeErrors } from "../../../src/testing/type-errors.js";
import { generate, write } from "../generate.js";
import { ContractError, type Json, type JsonObject } from "../json-document.js";
import { readContract } from "../read-contract.js";

/** The text of a valid contract with these paths. JSON is YAML. */
export function contractText(paths: Json, more: JsonObject = {}): string {
  return JSON.stringify({ openapi: "3.0.3", info: { title: "Test", version: "1" }, paths, ...more });
}

/** An operation that responds with 204, with whatever else is given. */
export function operation(more: JsonObject = {}): JsonObject {
  return { operationId: "doIt", responses: { "204": { description: "Done" } }, ...more };
}

/** What is refused, the paths and components of the contract that has it, and the pointer and message that come. */
export type Refusal = readonly [
  what: string,
  paths: Json,
  pointer: string,
  message: string | RegExp,
  components?: JsonObject,
];

export const ok = { description: "OK" };

/** The paths of a contract with one operation, GET or POST, on /a. */
export const get = (more: JsonObject): JsonObject => ({ "/a": { get: operation(more) } });
export const post = (more: JsonObject): JsonObject => ({ "/a": { post: operation(more) } });

export function parameter(more: JsonObject): JsonObject {
  return { name: "p", in: "query", schema: { type: "string" }, ...more };
}

/** One test for each case: a ContractError with that pointer and that message, on one line. */
export function testRefusals(subject: string, refusals: readonly Refusal[]): void {
  describe(`refused: ${subject}`, () => {
    for (const [what, paths, pointer, message, components] of refusals) {
      test(what, () => expectRefusal(contractText(paths, components && { components }), pointer, message));
    }
  });
}

export async function expectRefusal(text: string, pointer: string, message: string | RegExp): Promise<void> {
  const error: unknown = await readContract(text).then(
    () => "nothing: it was read",
    (reason: unknown) => reason,
  );
  if (!(error instanceof ContractError)) expect.fail(`expected a ContractError, got ${error}`);
  for (const problem of error.problems) expect(problem.message).not.toContain("\n");
  const expected = typeof message === "string" ? message : expect.stringMatching(message);
  expect(error.problems).toEqual([{ pointer, message: expected }]);
}

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

/** Reads a contract and returns the generated files. */
export async function generateFrom(text: string): Promise<Map<string, string>> {
  return generate(await readContract(text));
}

export interface GeneratedProject {
  /** Whatever the compiler says against the files, under the project's own options; none is what a test wants. */
  typeErrors(): Promise<string[]>;
  /** The module of that name, to be looked at with care: its types are not known here. */
  load(file: string): Promise<Record<string, unknown>>;
  remove(): Promise<void>;
}

/** Writes the files, and others that use them, into a temporary directory from which the dependencies can be found. */
export async function generatedProject(files: ReadonlyMap<string, string>): Promise<GeneratedProject> {
  const directory = await mkdtemp(join(tmpdir(), "generated-project-"));
  await write(directory, files);
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  await symlink(join(REPOSITORY, "node_modules"), join(directory, "node_modules"), "dir");
  return {
    typeErrors: () => typeErrors(files),
    load: (file) => import(pathToFileURL(join(directory, file)).href),
    remove: () => rm(directory, { recursive: true }),
  };
}

export interface Validate {
  (data: unknown): boolean;
  errors?: readonly { instancePath: string; keyword: string; params: object; message?: string }[] | null;
}
export interface Validators {
  argumentValidators: Record<string, Validate>;
  responseValidators: Record<string, Record<number | "2XX", Validate>>;
}

/** `instancePath keyword` of every violation; none for a value that fits. */
export function violations(validate: Validate | undefined, data: unknown): string[] {
  if (validate === undefined) expect.fail("there is no such validator");
  const before = JSON.stringify(data);
  const fits = validate(data);
  expect(JSON.stringify(data)).toBe(before);
  expect(fits).toBe((validate.errors ?? []).length === 0);
  // That a value breaks a branch of a discriminator is said by what it breaks there.
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
  return errors.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`.trim()).sort();
}
