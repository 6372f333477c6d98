/**
 * Small contracts for the tests of the generator.
 */
import { describe, expect, test } from "vitest";
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
