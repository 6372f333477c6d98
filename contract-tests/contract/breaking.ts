/**
 * Values that break one constraint of a schema, and as far as possible no other.
 */
import type { Constraint } from "./constraints.js";
import type { Place } from "./document.js";
import { type JsonObject, listOf, objectOf, valueAt, withValueAt } from "./json.js";
import { type Direction, plainSchema, violationsOf, violationsOfPlain } from "./validation.js";
import { distinct, reaching } from "./values.js";

/** Choices that a seed can repeat. */
export interface Random {
  /** An integer from 0 to `below` - 1. */
  integer(below: number): number;
  /** One of the characters, `length` times. */
  text(characters: string, length: number): string;
}

/** The first choice every time. */
const FIRST: Random = { integer: () => 0, text: (characters, length) => characters.charAt(0).repeat(length) };

export interface BreakingOptions {
  /**
   * Whether a whole value can be sent in its place: a path segment or a header cannot carry every text. Default: every
   * value can.
   */
  readonly expressible?: (whole: unknown) => boolean;
  /** Default: the same values every time. */
  readonly random?: Random;
}

/**
 * `whole`, which the schema admits, changed in each way known here that breaks the constraint: the schema refuses the
 * change, and without the constraint it would not. If there is none, one that breaks others beside it will do. None for
 * a keyword that is not known here.
 */
export function breakingValues(
  schema: Place,
  constraint: Constraint,
  whole: unknown,
  direction: Direction,
  { expressible = () => true, random = FIRST }: BreakingOptions = {},
): readonly unknown[] {
  const start = reaching(constraint, schema, whole, direction);
  if (start === undefined) return [];
  const lenient = without(plainSchema(schema, direction), constraint);
  const exact: unknown[] = [];
  const others: unknown[] = [];
  for (const candidate of candidates(constraint, valueAt(start, constraint.valueAt), random)) {
    const changed = withValueAt(start, constraint.valueAt, candidate);
    if (changed === undefined || !expressible(changed)) continue;
    const violations = violationsOf(schema, changed, direction);
    if (violations.length === 0) continue;
    // Taken out with its type, a format could be all that is broken.
    if (constraint.keyword === "type" && !violations.some((line) => line.includes(" type: "))) continue;
    const left = violationsOfPlain(lenient, changed);
    if (left.length === 0) exact.push(changed);
    else if (left.length < violations.length) others.push(changed);
  }
  return exact.length > 0 ? distinct(exact) : others.slice(0, 1);
}

/** The schema with the constraint taken out. */
function without(schema: JsonObject, { keyword, property, schemaAt }: Constraint): JsonObject {
  const holder = objectOf(valueAt(schema, schemaAt));
  const others = Object.entries(holder).filter(([name]) => !goesWith(keyword, name));
  const required = listOf(holder["required"]).filter((name) => name !== property);
  const changed = keyword === "required" && required.length > 0 ? [...others, ["required", required]] : others;
  return objectOf(withValueAt(schema, schemaAt, Object.fromEntries(changed)));
}

/** Some words have no meaning, or none that is allowed, when another one is gone; `int32` says again that 8.5 is none. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  type: ["nullable", "format"],
  minimum: ["exclusiveMinimum"],
  maximum: ["exclusiveMaximum"],
};

function goesWith(keyword: string, other: string): boolean {
  return other === keyword || COMPANIONS[keyword]?.includes(other) === true;
}

const ONE_OF_EACH_TYPE: readonly unknown[] = ["text", 12345, 0.5, true, null, [], {}];
/** None of them is a hexadecimal digit. */
const LETTERS = "ghijklmnopqrstuvwxyz";

/** Values worth trying in place of `valid`. */
function candidates({ keyword, property, schema }: Constraint, valid: unknown, random: Random): readonly unknown[] {
  const word = schema.get(keyword)?.value;
  const limit = Number(word);
  const text = String(valid);
  const list = listOf(valid);
  switch (keyword) {
    case "type":
      return wrongTypes(valid, random);
    case "required":
      return withoutProperty(valid, property ?? "");
    case "enum":
      return [`${text}-${random.text(LETTERS, 4)}`, "not-listed", -987654, ...ONE_OF_EACH_TYPE];
    case "pattern":
      return wrongTexts(text, random);
    case "minLength":
      return [text.slice(0, Math.max(0, limit - 1)), "x".repeat(Math.max(0, limit - 1))];
    case "maxLength":
      return [text.padEnd(limit + 1, text.slice(-1)), "x".repeat(limit + 1)];
    case "minimum":
      return [limit - 1, limit - 1 - random.integer(1000), limit - 0.5];
    case "maximum":
      return [limit + 1, limit + 1 + random.integer(1000), limit + 0.5];
    case "exclusiveMinimum":
      return [schema.get("minimum")?.value];
    case "exclusiveMaximum":
      return [schema.get("maximum")?.value];
    case "multipleOf":
      return [Number(valid) + limit / 2, Number(valid) + 1, limit * 1.5, 1];
    case "format":
      return ["not of this format", "", "!", 2 ** 31, -(2 ** 31) - 1, 2 ** 64];
    case "minItems":
      return [list.slice(0, Math.max(0, limit - 1))];
    case "maxItems":
      return [Array.from({ length: limit + 1 }, (_, index) => list[index % list.length])];
    case "uniqueItems":
      return [
        [...list, ...list.slice(0, 1)],
        [list[0], list[0]],
      ];
    case "minProperties":
      return [{}, Object.fromEntries(Object.entries(objectOf(valid)).slice(0, Math.max(0, limit - 1)))];
    case "maxProperties":
      return [
        { ...objectOf(valid), ...Object.fromEntries(Array.from({ length: limit + 1 }, (_, i) => [`name${i}`, "x"])) },
      ];
    case "additionalProperties":
      return [{ ...objectOf(valid), [`unlisted${random.text(LETTERS, 4)}`]: true }];
    case "not":
    case "oneOf":
    case "anyOf":
      return ["not-listed", -987654, "", ...ONE_OF_EACH_TYPE];
    default:
      return [];
  }
}

/** Without the property, and with its name in capitals, which some parsers take for it. */
function withoutProperty(valid: unknown, name: string): readonly unknown[] {
  const rest = withValueAt(valid, [name], undefined);
  return [rest, withValueAt(rest, [name.toUpperCase()], objectOf(valid)[name])];
}

/** One value of each type, as near to the valid one as can be: `"8"` for `8` is the mistake that servers let through. */
function wrongTypes(valid: unknown, random: Random): readonly unknown[] {
  return [...nearTypes(valid, random), 2 + random.integer(10_000), ...ONE_OF_EACH_TYPE, [valid]];
}

function nearTypes(valid: unknown, random: Random): readonly unknown[] {
  if (typeof valid === "number") return [String(valid), valid + 0.5];
  if (typeof valid === "boolean") return [String(valid).toUpperCase(), Number(valid), "yes", String(valid)];
  return [random.text(LETTERS, 6)];
}

function wrongTexts(text: string, random: Random): readonly string[] {
  const at = random.integer(Math.max(1, text.length));
  const replacedBy = (character: string): string => text.slice(0, at) + character + text.slice(at + 1);
  return [
    text.slice(0, -1),
    text + text.slice(-1),
    text.slice(-1) + text,
    replacedBy(random.text(LETTERS, 1)),
    text.slice(0, -1) + random.text(LETTERS, 1),
    replacedBy("-"),
    text.toUpperCase(),
    random.text(LETTERS, 5),
    `${text}!`,
    `!${text}`,
    // In other languages `$` admits a newline at the end, and many servers trim.
    `${text}\n`,
    `${text} `,
    "0",
    "",
  ];
}
