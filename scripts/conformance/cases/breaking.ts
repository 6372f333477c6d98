/**
 * Values that break one constraint.
 */
import type { Constraint } from "../contract/constraints.js";
import type { Random } from "../random.js";

const ONE_OF_EACH_TYPE: readonly unknown[] = ["text", 12345, 0.5, true, null, [], {}];

/**
 * Values worth trying in place of a valid one, each broken in another way; whether they really break the constraint is
 * for the validator to say. An unknown keyword has none.
 */
export function brokenValues(
  { keyword, property, schema }: Constraint,
  valid: unknown,
  random: Random,
): readonly unknown[] {
  const limit = Number(schema.get(keyword)?.value);
  const text = String(valid);
  switch (keyword) {
    case "type":
      return wrongTypes(valid, random);
    case "required":
      return [without(valid, property ?? "")];
    case "enum":
      return [`${text}-${random.text(LETTERS, 4)}`, -987654, ...ONE_OF_EACH_TYPE];
    case "pattern":
      return brokenTexts(text, random);
    case "minLength":
      return [text.slice(0, Math.max(0, limit - 1))];
    case "maxLength":
      return [text.padEnd(limit + 1, "x")];
    case "minimum":
      return [limit, limit - 1, limit - 1 - random.integer(1000), limit - 0.5];
    case "maximum":
      return [limit, limit + 1, limit + 1 + random.integer(1000), limit + 0.5];
    case "multipleOf":
      return [Number(valid) + limit / 2, limit * 1.5];
    case "format":
      return ["not of this format", 2 ** 31, -(2 ** 31) - 1, 2 ** 63];
    case "minItems":
    case "maxItems":
    case "uniqueItems":
      return brokenLists(keyword, Array.isArray(valid) ? valid : [valid], limit);
    case "minProperties":
      return [{}];
    case "additionalProperties":
      return [{ ...objectOf(valid), [`unlisted${random.text(LETTERS, 4)}`]: true }];
    default:
      return keyword === "not" || keyword === "oneOf" || keyword === "anyOf" ? ONE_OF_EACH_TYPE : [];
  }
}

const LETTERS = "ghijklmnopqrstuvwxyz";

/** One value of each type, as near to the valid one as can be: `"8"` for `8` is the mistake that servers let through. */
function wrongTypes(valid: unknown, random: Random): unknown[] {
  const isNumber = typeof valid === "number";
  const isObject = typeof valid === "object" && valid !== null;
  const text = isNumber ? String(valid) : random.text(LETTERS, 6);
  return [text, isNumber ? valid + 0.5 : random.integer(10_000) + 2, true, null, [valid], ...(isObject ? [] : [{}])];
}

function brokenTexts(text: string, random: Random): string[] {
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
  ];
}

function brokenLists(keyword: string, list: readonly unknown[], limit: number): unknown[] {
  if (keyword === "minItems") return [list.slice(0, Math.max(0, limit - 1))];
  if (keyword === "uniqueItems") return [[list[0], list[0]]];
  return [Array.from({ length: limit + 1 }, (_, index) => list[index % list.length])];
}

function without(value: unknown, property: string): unknown {
  return Object.fromEntries(Object.entries(objectOf(value)).filter(([name]) => name !== property));
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
