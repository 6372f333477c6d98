/** Values that the contract admits: its own examples, or the plainest value where it gives none. */
import type { Constraint } from "../contract/constraints.js";
import { examplesOf, type Operation, type Parameter } from "../contract/contract.js";
import { isObject, type JsonObject, listOf, objectOf, textOf, valueAt, withValueAt } from "../contract/json.js";
import { type Direction, travels, violationsOf } from "../contract/validation.js";

/** Arguments of an operation as its client function takes them: flat, a body as `body`. */
export type Arguments = JsonObject;

/** A list of one value, so that `undefined` is never mistaken for one; empty where none can be told. */
export type Found<Value> = readonly [] | readonly [Value];

/** A value that the schema admits, the `given` ones tried first. */
export function admitted(schema: JsonObject, given: readonly unknown[], direction: Direction): Found<unknown> {
  const candidates = [...given, ...examplesOf(schema), ...standardOf(schema), ...plain(schema, direction)];
  for (const candidate of candidates) {
    if (violationsOf(schema, candidate, direction).length === 0) return [candidate];
  }
  return [];
}

function standardOf(schema: JsonObject): unknown[] {
  return [...(Object.hasOwn(schema, "default") ? [schema["default"]] : []), ...listOf(schema["enum"])];
}

function plain(schema: JsonObject, direction: Direction): unknown[] {
  switch (schema["type"]) {
    case "boolean":
      return [true];
    case "integer":
    case "number":
      return [1, schema["minimum"], schema["maximum"], Number(schema["minimum"]) + 1, schema["multipleOf"]];
    case "string":
      return ["text", "text".padEnd(Number(schema["minLength"] ?? 0), "t"), "t", "2025-05-04T09:42:00Z", "2025-05-04"];
    case "array":
      return [admitted(objectOf(schema["items"]), [], direction), []];
    default:
      return [plainObject(schema, direction), ...choices(schema).flatMap((choice) => plain(choice, direction)), "text"];
  }
}

function choices(schema: JsonObject): JsonObject[] {
  return [...listOf(schema["oneOf"]), ...listOf(schema["anyOf"])].map(objectOf);
}

/** What is required and nothing more, that of each part of an `allOf` included. */
function plainObject(schema: JsonObject, direction: Direction): JsonObject {
  const members = listOf(schema["required"]).flatMap((name): [string, unknown][] => {
    const property = objectOf(objectOf(schema["properties"])[String(name)]);
    return travels(direction, property) ? admitted(property, [], direction).map((value) => [String(name), value]) : [];
  });
  const parts = listOf(schema["allOf"]).map((part) => plainObject(objectOf(part), direction));
  return Object.assign({}, ...parts, Object.fromEntries(members));
}

export function admittedParameter(parameter: Parameter): Found<unknown> {
  return admitted(parameter.schema, examplesOf(parameter.source), "request");
}

/** The required arguments alone, with values that the contract admits; and what could not be given one. */
export function requiredArguments(operation: Operation): { args: Arguments; without: readonly string[] } {
  const wanted = operation.parameters
    .filter((parameter) => parameter.required)
    .map((parameter) => ({ name: parameter.name, found: admittedParameter(parameter) }));
  const body = operation.body?.mediaTypes[0];
  if (body !== undefined) {
    wanted.push({ name: "body", found: admitted(body.schema ?? {}, body.examples, "request") });
  }
  return {
    args: Object.fromEntries(wanted.flatMap(({ name, found }) => found.map((value) => [name, value]))),
    without: wanted.filter(({ found }) => found.length === 0).map(({ name }) => name),
  };
}

/** `whole` with a value at the place of the constraint, if it has none there; nothing where none can be told. */
export function reaching(
  constraint: Constraint,
  schema: JsonObject,
  whole: unknown,
  direction: Direction,
): Found<unknown> {
  let reached = whole;
  for (let depth = 1; depth <= constraint.schemaAt.length; depth += 1) {
    const schemaHere = valueAt(schema, constraint.schemaAt.slice(0, depth));
    const place = instancePlace(constraint.schemaAt.slice(0, depth));
    if (!isObject(schemaHere) || place === undefined || valueAt(reached, place) !== undefined) continue;
    const [found, ...others] = admitted(schemaHere, [], direction).map((value) => ({ value }));
    if (found === undefined || others.length > 0) return [];
    const isItem = textOf(constraint.schemaAt[depth - 1]) === "items";
    reached = isItem
      ? withValueAt(reached, place.slice(0, -1), [found.value])
      : withValueAt(reached, place, found.value);
  }
  return [reached];
}

/** Where values stand of the schema at `keys`; `undefined` for keys that end between two schemas. */
function instancePlace(keys: readonly string[]): string[] | undefined {
  const place: string[] = [];
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index];
    if (key === "items") place.push("0");
    else if (key === "additionalProperties") place.push("anyOtherName");
    else {
      index += 1;
      const name = keys[index];
      if (name === undefined) return undefined;
      if (key === "properties") place.push(name);
    }
  }
  return place;
}
