/** A schema of the contract as a judge of values: OpenAPI 3.0's schemas are draft 4 with a few words more. */
import AjvDraft04 from "ajv-draft-04";
import ajvFormats from "ajv-formats";
import { isObject, type JsonObject, listOf } from "./json.js";

/** Requests lack the read-only properties, answers the write-only ones. */
export type Direction = "request" | "answer";

const ajv = new AjvDraft04.default({ allErrors: true, strict: false, ownProperties: true, logger: false });
ajvFormats.default(ajv);
ajv.addFormat("int64", {
  type: "number",
  validate: (value: number) => Number.isInteger(value) && Math.abs(value) < 2 ** 63,
});

const judges = new WeakMap<JsonObject, Record<Direction, (value: unknown) => string[]>>();

/** What is wrong with `value`, one line for each violation; empty where it conforms. */
export function violationsOf(schema: JsonObject, value: unknown, direction: Direction): string[] {
  let judge = judges.get(schema);
  if (judge === undefined) {
    judge = { request: judgeOf(schema, "request"), answer: judgeOf(schema, "answer") };
    judges.set(schema, judge);
  }
  return judge[direction](value);
}

function judgeOf(schema: JsonObject, direction: Direction): (value: unknown) => string[] {
  const validate = ajv.compile(seenIn(direction, schema));
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}: ${error.message}`);
  };
}

/** The schema without the demand for properties that do not travel in this direction. */
function seenIn(direction: Direction, schema: JsonObject): JsonObject {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const absent = Object.keys(properties).filter((name) => !travels(direction, properties[name]));
  const copy = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === "required" && Array.isArray(value))
      return [keyword, value.filter((name) => !absent.includes(name))];
    if (keyword === "properties" && isObject(value)) return [keyword, seenInEach(direction, value)];
    if (["allOf", "anyOf", "oneOf"].includes(keyword)) {
      return [keyword, listOf(value).map((inner) => (isObject(inner) ? seenIn(direction, inner) : inner))];
    }
    if (["items", "additionalProperties", "not"].includes(keyword) && isObject(value))
      return [keyword, seenIn(direction, value)];
    return [keyword, value];
  });
  // Draft 4 asks for at least one name in `required`; a reference that leads into itself is not followed.
  return Object.fromEntries(
    copy.filter(([keyword, value]) => keyword !== "$ref" && (keyword !== "required" || listOf(value).length > 0)),
  );
}

function seenInEach(direction: Direction, properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, isObject(inner) ? seenIn(direction, inner) : inner]),
  );
}

export function travels(direction: Direction, property: unknown): boolean {
  if (!isObject(property)) return true;
  return property[direction === "request" ? "readOnly" : "writeOnly"] !== true;
}
