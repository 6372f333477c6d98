/** Every example that an OpenAPI document gives, with the schema that it is an example of. */
import { examplesOf } from "./contract.js";
import { isObject, type JsonObject } from "./json.js";
import type { Direction } from "./validation.js";

export interface Example {
  /** JSON pointer of the holder. */
  readonly at: string;
  readonly schema: JsonObject;
  readonly value: unknown;
  readonly direction: Direction;
}

/** In references that have been resolved an example is found at each place that refers to it. */
export function everyExample(document: JsonObject): Example[] {
  return search(document, { at: "", direction: "answer", schemas: false, above: [] });
}

interface Place {
  readonly at: string;
  readonly direction: Direction;
  /** Whether objects here are schemas, which are their own example's schema. */
  readonly schemas: boolean;
  readonly above: readonly unknown[];
}

function search(value: unknown, place: Place): Example[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => search(item, inside(place, String(index), value)));
  if (!isObject(value) || place.above.includes(value)) return [];
  const schema = isObject(value["schema"]) ? value["schema"] : place.schemas ? value : undefined;
  const found = schema === undefined ? [] : given(value, schema, place);
  const members = Object.entries(value).filter(([key]) => !["example", "examples", "default", "enum"].includes(key));
  return [...found, ...members.flatMap(([key, member]) => search(member, inside(place, key, value)))];
}

function given(holder: JsonObject, schema: JsonObject, { at, direction }: Place): Example[] {
  const standard = Object.hasOwn(holder, "default") ? [holder["default"]] : [];
  return [...examplesOf(holder), ...standard].map((value) => ({ at, schema, value, direction }));
}

function inside(place: Place, key: string, holder: unknown): Place {
  return {
    at: `${place.at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
    direction: key === "requestBody" || key === "parameters" ? "request" : place.direction,
    schemas: place.schemas || key === "schema" || key === "schemas",
    above: [...place.above, holder],
  };
}
