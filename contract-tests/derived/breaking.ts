/** How to break one constraint of a schema, and as far as possible no other. */
import type { Constraint } from "../contract/constraints.js";
import { type JsonObject, listOf, objectOf, valueAt, withValueAt } from "../contract/json.js";
import { type Direction, violationsOf } from "../contract/validation.js";
import { type Found, reaching } from "./values.js";

/** Whether a value can be sent at all, where it is going to be sent. */
export type Expressible = (value: unknown) => boolean;

/**
 * `whole`, which the schema admits, changed so that the constraint is broken: the schema refuses the change, and
 * without the constraint it would not. Where no such value is known, one that breaks others beside it will do.
 */
export function broken(
  schema: JsonObject,
  constraint: Constraint,
  whole: unknown,
  direction: Direction,
  expressible: Expressible = () => true,
): Found<unknown> {
  const lenient = without(schema, constraint);
  const fallbacks: unknown[] = [];
  for (const start of reaching(constraint, schema, whole, direction)) {
    const valid = valueAt(start, constraint.valueAt);
    for (const candidate of candidates(constraint, valid).filter(expressible)) {
      const changed = withValueAt(start, constraint.valueAt, candidate);
      const violations = violationsOf(schema, changed, direction);
      if (violations.length === 0) continue;
      if (violationsOf(lenient, changed, direction).length === 0) return [changed];
      if (violationsOf(lenient, changed, direction).length < violations.length) fallbacks.push(changed);
    }
  }
  return fallbacks.length === 0 ? [] : [fallbacks[0]];
}

/** The schema with the constraint taken out. */
function without(schema: JsonObject, { keyword, property, schemaAt, schema: holder }: Constraint): JsonObject {
  const others = Object.entries(holder).filter(([name]) => !goesWith(keyword, name));
  const required = listOf(holder["required"]).filter((name) => name !== property);
  const changed = keyword === "required" && required.length > 0 ? [...others, ["required", required]] : others;
  return objectOf(withValueAt(schema, schemaAt, Object.fromEntries(changed)));
}

/** Some words have no meaning, or none that is allowed, when another one is gone. */
function goesWith(keyword: string, other: string): boolean {
  const companions: Readonly<Record<string, readonly string[]>> = {
    type: ["nullable"],
    minimum: ["exclusiveMinimum"],
    maximum: ["exclusiveMaximum"],
  };
  return other === keyword || (companions[keyword] ?? []).includes(other);
}

const oneOfEachType: readonly unknown[] = ["text", 12345, 0.5, true, null, [], {}];

/** Values worth trying in place of `valid`; an unknown keyword has none. */
function candidates({ keyword, property, schema }: Constraint, valid: unknown): readonly unknown[] {
  const limit = Number(schema[keyword]);
  const text = String(valid);
  const list = listOf(valid);
  switch (keyword) {
    case "type":
      return oneOfEachType;
    case "required":
      return [withValueAt(valid, [property ?? ""], undefined)];
    case "enum":
      return ["not-listed", `${text}-not-listed`, -987654, ...oneOfEachType];
    case "pattern":
      return [`${text}!`, `!${text}`, text.slice(0, -1), text.toUpperCase(), "!", "zzz", "0", ""];
    case "minLength":
      return [text.slice(0, limit - 1), "x".repeat(limit - 1)];
    case "maxLength":
      return [text.padEnd(limit + 1, text.slice(-1)), "x".repeat(limit + 1)];
    case "minimum":
      return [limit - 1, limit - 0.5];
    case "maximum":
      return [limit + 1, limit + 0.5];
    case "exclusiveMinimum":
      return [schema["minimum"]];
    case "exclusiveMaximum":
      return [schema["maximum"]];
    case "multipleOf":
      return [Number(valid) + limit / 2, Number(valid) + 1, limit * 1.5, 1];
    case "format":
      return ["not of this format", "", "!", 2 ** 31, 2 ** 64];
    case "minItems":
      return [list.slice(0, limit - 1)];
    case "maxItems":
      return [Array.from({ length: limit + 1 }, (_, index) => list[index % list.length])];
    case "uniqueItems":
      return [
        [...list, ...list.slice(0, 1)],
        [list[0], list[0]],
      ];
    case "minProperties":
      return [{}, Object.fromEntries(Object.entries(objectOf(valid)).slice(0, limit - 1))];
    case "maxProperties":
      return [
        { ...objectOf(valid), ...Object.fromEntries(Array.from({ length: limit + 1 }, (_, i) => [`name${i}`, "x"])) },
      ];
    case "additionalProperties":
      return [{ ...objectOf(valid), unlistedProperty: true }];
    case "not":
    case "oneOf":
    case "anyOf":
      return ["not-listed", -987654, "", ...oneOfEachType];
    default:
      return [];
  }
}
