// Small contracts for the tests of the generator.
import type { Json, JsonObject } from "../json-document.js";

/** The text of a valid contract with these paths. JSON is YAML. */
export function contractText(paths: Json, more: JsonObject = {}): string {
  return JSON.stringify({ openapi: "3.0.3", info: { title: "Test", version: "1" }, paths, ...more });
}

/** An operation that answers 204, with whatever else is given. */
export function operation(more: JsonObject = {}): JsonObject {
  return { operationId: "doIt", responses: { "204": { description: "Done" } }, ...more };
}
