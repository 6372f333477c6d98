/**
 * A schema of the contract as a judge of values: OpenAPI 3.0's schemas are draft 4 with a few words more.
 */
import AjvDraft04 from "ajv-draft-04";
import ajvFormats from "ajv-formats";
import { ContractError, type Place } from "./document.js";
import type { JsonObject } from "./json.js";

/** Requests lack the read-only properties, responses the write-only ones. */
export type Direction = "request" | "response";

/** Whether a property is sent at all. */
export function travels(direction: Direction, property: Place | undefined): boolean {
  return property?.flag(direction === "request" ? "readOnly" : "writeOnly") !== true;
}

/** What is wrong with `value`, one line for each violation; empty if it conforms. Without a schema everything does. */
export function violationsOf(schema: Place | undefined, value: unknown, direction: Direction): readonly string[] {
  return schema === undefined ? [] : violationsOfPlain(plainSchema(schema, direction), value);
}

const PLAIN = { request: new WeakMap<object, JsonObject>(), response: new WeakMap<object, JsonObject>() };

/** The schema as the validator takes it: references resolved, and no demand for what does not travel in this direction. */
export function plainSchema(schema: Place, direction: Direction): JsonObject {
  const key = typeof schema.value === "object" && schema.value !== null ? schema.value : {};
  let plain = PLAIN[direction].get(key);
  if (plain === undefined) {
    plain = seenIn(direction, schema, []);
    PLAIN[direction].set(key, plain);
  }
  return plain;
}

const ajv = new AjvDraft04.default({
  allErrors: true,
  strict: false,
  ownProperties: true,
  unicodeRegExp: false,
  logger: false,
});
ajvFormats.default(ajv);
ajv.addFormat("int64", {
  type: "number",
  validate: (value: number) => Number.isInteger(value) && Math.abs(value) < 2 ** 63,
});

/** The same for a schema that is plain already. */
export function violationsOfPlain(schema: JsonObject, value: unknown): readonly string[] {
  const validate = compiled(schema);
  validate(value);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}: ${error.message}`);
}

function compiled(schema: JsonObject): ReturnType<typeof ajv.compile> {
  try {
    return ajv.compile(schema);
  } catch (error) {
    // What the compiler says of a schema can have many lines.
    const [reason] = String(error instanceof Error ? error.message : error).split("\n", 1);
    throw new ContractError(`a schema of the contract cannot be used to check values: ${reason}`);
  }
}

const LISTS_OF_SCHEMAS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf"]);
const SCHEMAS: ReadonlySet<string> = new Set(["items", "additionalProperties", "not"]);

function seenIn(direction: Direction, schema: Place, above: readonly unknown[]): JsonObject {
  // A schema inside itself admits everything there: values are as deep as the cases need.
  if (above.includes(schema.value)) return {};
  const inner = (place: Place): unknown =>
    typeof place.value === "object" ? seenIn(direction, place, [...above, schema.value]) : place.value;
  const members = schema.entries().flatMap(([keyword, at]): [string, unknown][] => {
    if (keyword === "required") {
      const names = at.items().flatMap(({ text }) => (text === undefined ? [] : [text]));
      const travelling = names.filter((name) => travels(direction, schema.get("properties", name)));
      // Draft 4 asks for at least one name.
      return travelling.length === 0 ? [] : [[keyword, travelling]];
    }
    if (keyword === "properties") {
      return [[keyword, Object.fromEntries(at.entries().map(([name, property]) => [name, inner(property)]))]];
    }
    if (LISTS_OF_SCHEMAS.has(keyword)) return [[keyword, at.items().map(inner)]];
    if (SCHEMAS.has(keyword)) return [[keyword, inner(at)]];
    // It means nothing without a type.
    if (keyword === "nullable" && !schema.has("type")) return [];
    return [[keyword, at.resolved]];
  });
  return Object.fromEntries(members);
}
