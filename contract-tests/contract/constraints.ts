/** Each constraint that a schema puts on a value, wherever it stands, and values that break it and, if possible, no other. */
import type { Place } from "./document.js";
import { type JsonObject, listOf, objectOf, valueAt, withValueAt } from "./json.js";
import { type Direction, plainSchema, requiredOf, travels, validatorOf } from "./validation.js";
import { admittedValues, distinct } from "./values.js";

/** One keyword that forbids something. */
export interface Constraint {
  /** One that is unknown here is a constraint too, so that nobody overlooks it. */
  readonly keyword: string;
  /** That `required` demands. */
  readonly property?: string;
  /** The schema of the whole value. */
  readonly whole: Place;
  readonly direction: Direction;
  /** Keys from the whole value to the constrained one; the first item stands for all. */
  readonly valueAt: readonly string[];
  /** Keys from the whole schema to the keyword's schema. */
  readonly schemaAt: readonly string[];
  /** The schemas on that way, from the whole one, each with the keys to its value. */
  readonly way: readonly { readonly schema: Place; readonly valueAt: readonly string[] }[];
  readonly schema: Place;
  readonly at: Place;
  /** Why the contract is stricter here than the documentation, if it says that it is. */
  readonly stricter: string | undefined;
}

/** Words that say something about a value without forbidding any. */
const ANNOTATIONS =
  /^(x-.*|title|description|examples?|default|readOnly|writeOnly|deprecated|externalDocs|xml|discriminator|nullable)$/;
/** Words that forbid something only if they are `true`. */
const SWITCHES: ReadonlySet<string> = new Set(["exclusiveMinimum", "exclusiveMaximum", "uniqueItems"]);

/** A line that names the constraint, for people and for the ledger: `parts.0.size allOf[1] minimum`. */
export function nameOf({ valueAt, schemaAt, keyword, property }: Constraint): string {
  const parts = schemaAt.flatMap((key, index) => (schemaAt[index - 1] === "allOf" ? [`allOf[${key}]`] : []));
  return [valueAt.join("."), ...parts, keyword, property ?? ""].filter((word) => word !== "").join(" ");
}

/** Constraints on what travels in this direction; a schema inside itself is not entered again. */
export function constraintsOf(schema: Place | undefined, direction: Direction): Constraint[] {
  if (schema === undefined) return [];
  const way = [{ schema, valueAt: [] }];
  return within({ whole: schema, direction, schema, schemaAt: [], valueAt: [], way });
}

function within(start: Omit<Constraint, "keyword" | "property" | "at" | "stricter">): Constraint[] {
  const { schema, direction, way } = start;
  const inner = (place: Place, keys: readonly string[], ...inValue: readonly string[]): Constraint[] => {
    if (way.some((step) => step.schema.pointer === place.pointer)) return [];
    const schemaAt = [...start.schemaAt, ...keys];
    const valueAt = [...start.valueAt, ...inValue];
    return within({ ...start, schema: place, schemaAt, valueAt, way: [...way, { schema: place, valueAt }] });
  };
  return schema.entries().flatMap(([keyword, at]) => {
    if (ANNOTATIONS.test(keyword)) return [];
    if (SWITCHES.has(keyword) && at.value !== true) return [];
    const here = { ...start, keyword, at, stricter: stricterReason(schema, keyword) };
    switch (keyword) {
      case "properties": {
        const travelling = at.entries().filter(([, property]) => travels(direction, property));
        return travelling.flatMap(([name, property]) => inner(property, [keyword, name], name));
      }
      case "items":
        return inner(at, [keyword], "0");
      case "allOf":
        return at.entries().flatMap(([index, part]) => inner(part, [keyword, index]));
      case "required":
        return requiredOf(schema, direction).map((property) => ({ ...here, property }));
      case "additionalProperties":
        return at.value === false ? [here] : inner(at, [keyword], "anyOtherName");
      default:
        return [here];
    }
  });
}

/** The mark beside a keyword; one that names no keyword is about all of the schema. */
function stricterReason(schema: Place, keyword: string): string | undefined {
  const mark = schema.get("x-stricter-than-documentation");
  if (mark === undefined || (mark.get("keyword")?.text ?? keyword) !== keyword) return undefined;
  return (mark.get("reason")?.text ?? mark.text ?? "").replace(/\s+/g, " ").trim();
}

export interface Random {
  /** An integer from 0 to `below` - 1. */
  integer(below: number): number;
  text(characters: string, length: number): string;
}

const FIRST: Random = { integer: () => 0, text: (characters, length) => characters.charAt(0).repeat(length) };

/**
 * `valid`, which the whole schema admits, changed in each way known here that breaks the constraint: the schema refuses the
 * change, and without the constraint it would not. If there is none, one that breaks others beside it will do. None for
 * a keyword that is not known here.
 *
 * @param expressible - Whether a whole value can be sent in its place: a path segment or a header cannot carry every text.
 * @param random - Default: the same values every time.
 */
export function breakingValues(
  constraint: Constraint,
  valid: unknown,
  expressible: (whole: unknown) => boolean = () => true,
  random = FIRST,
): readonly unknown[] {
  const { whole, direction, keyword } = constraint;
  const start = reaching(constraint, valid);
  const candidatesOf = CANDIDATES[keyword];
  if (start === undefined || candidatesOf === undefined) return [];
  const schema = plainSchema(whole, direction);
  const violationsIn = validatorOf(schema);
  const otherViolationsIn = validatorOf(without(schema, constraint));
  const exact: unknown[] = [];
  const others: unknown[] = [];
  for (const candidate of candidatesOf(givenBy(constraint, start, random))) {
    const changed = withValueAt(start, constraint.valueAt, candidate);
    if (changed === undefined || !expressible(changed)) continue;
    const violations = violationsIn(changed);
    if (violations.length === 0) continue;
    // Taken out with its type, a format could be all that is broken.
    if (keyword === "type" && !violations.some((line) => line.includes(" type: "))) continue;
    const left = otherViolationsIn(changed).length;
    if (left === 0) exact.push(changed);
    else if (left < violations.length) others.push(changed);
  }
  return exact.length > 0 ? distinct(exact) : others.slice(0, 1);
}

/** `valid` with a value at the place of the constraint, if it has none there; `undefined` if none is known. */
function reaching({ way, direction }: Constraint, valid: unknown): unknown {
  let reached = valid;
  // The whole is what is given: even if it is nothing, a part of it may be known.
  for (const { schema, valueAt: keys } of way.slice(1)) {
    if (valueAt(reached, keys) !== undefined) continue;
    const [value] = admittedValues(schema, undefined, direction);
    if (value === undefined) return undefined;
    reached = withValueAt(reached, keys, value);
  }
  return reached;
}

function without(schema: JsonObject, { keyword, property, schemaAt }: Constraint): JsonObject {
  const holder = objectOf(valueAt(schema, schemaAt));
  const gone = [keyword, ...(COMPANIONS[keyword] ?? [])];
  const others = Object.entries(holder).filter(([name]) => !gone.includes(name));
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

const ONE_OF_EACH_TYPE: readonly unknown[] = ["text", 12345, 0.5, true, null, [], {}];
const ANYTHING: readonly unknown[] = ["not-listed", -987654, "", ...ONE_OF_EACH_TYPE];
/** None of them is a hexadecimal digit. */
const LETTERS = "ghijklmnopqrstuvwxyz";

type Given = ReturnType<typeof givenBy>;

function givenBy({ schema, keyword, property = "", valueAt: keys }: Constraint, start: unknown, random: Random) {
  const valid = valueAt(start, keys);
  const limit = Number(schema.get(keyword)?.value);
  const values = { valid, text: String(valid), list: listOf(valid), members: objectOf(valid) };
  return { ...values, limit, less: Math.max(0, limit - 1), property, schema, random };
}

/** Values worth trying in place of a valid one, by keyword. */
const CANDIDATES: Readonly<Record<string, (given: Given) => readonly unknown[]>> = {
  type: ({ valid, random }) => wrongTypes(valid, random),
  required: ({ valid, property }) => withoutProperty(valid, property),
  enum: ({ text, random }) => [`${text}-${random.text(LETTERS, 4)}`, "not-listed", -987654, ...ONE_OF_EACH_TYPE],
  pattern: ({ text, random }) => wrongTexts(text, random),
  minLength: ({ text, less }) => [text.slice(0, less), "x".repeat(less)],
  maxLength: ({ text, limit }) => [text.padEnd(limit + 1, text.slice(-1)), "x".repeat(limit + 1)],
  minimum: ({ limit, random }) => [limit - 1, limit - 1 - random.integer(1000), limit - 0.5],
  maximum: ({ limit, random }) => [limit + 1, limit + 1 + random.integer(1000), limit + 0.5],
  exclusiveMinimum: ({ schema }) => [schema.get("minimum")?.value],
  exclusiveMaximum: ({ schema }) => [schema.get("maximum")?.value],
  multipleOf: ({ valid, limit }) => [Number(valid) + limit / 2, Number(valid) + 1, limit * 1.5, 1],
  format: () => ["not of this format", "", "!", 2 ** 31, -(2 ** 31) - 1, 2 ** 64],
  minItems: ({ list, less }) => [list.slice(0, less)],
  maxItems: ({ list, limit }) => [Array.from({ length: limit + 1 }, (_, index) => list[index % list.length])],
  uniqueItems: ({ list }) => [list.concat(list.slice(0, 1)), [list[0], list[0]]],
  minProperties: ({ members, less }) => [{}, Object.fromEntries(Object.entries(members).slice(0, less))],
  maxProperties: ({ members, limit }) => [
    { ...members, ...Object.fromEntries(Array.from({ length: limit + 1 }, (_, i) => [`name${i}`, "x"])) },
  ],
  additionalProperties: ({ members, random }) => [{ ...members, [`unlisted${random.text(LETTERS, 4)}`]: true }],
  not: () => ANYTHING,
  oneOf: () => ANYTHING,
  anyOf: () => ANYTHING,
};

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
