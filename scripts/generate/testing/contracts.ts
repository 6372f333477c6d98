// Small contracts for the tests of the generator.
import { generate } from "../generate.js";
import type { Json, JsonObject } from "../json-document.js";
import { readContract } from "../read-contract.js";

/** The text of a valid contract with these paths. JSON is YAML. */
export function contractText(paths: Json, more: JsonObject = {}): string {
  return JSON.stringify({ openapi: "3.0.3", info: { title: "Test", version: "1" }, paths, ...more });
}

/** An operation that answers 204, with whatever else is given. */
export function operation(more: JsonObject = {}): JsonObject {
  return { operationId: "doIt", responses: { "204": { description: "Done" } }, ...more };
}

/** Reads a contract and answers the generated files. */
export async function generateFrom(text: string): Promise<Map<string, string>> {
  return generate(await readContract(text));
}
