/**
 * OpenAPI 3.0 schemas as JSON Schema draft 4: only what validates, `nullable` as a type, formats of integers as bounds,
 * and every `$ref` as the id of a schema of its own, so that recursion and sharing survive.
 */
import { formatNames } from "ajv-formats/dist/formats.js";
import {
  childPointer,
  elementsOf,
  follow,
  isObject,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
} from "./json-document.js";

/** A request leaves out what is readOnly and has its formats checked; a response leaves out what is writeOnly. */
export type Direction = "request" | "response";

/** Takes a schema, the id by which `$ref` names it, and the pointer of its place in the contract. */
export type Define = (id: string, schema: JsonObject, pointer: string) => void;

const COPIED_KEYWORDS = (
  "type enum multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems " +
  "uniqueItems maxProperties minProperties"
).split(" ");

/** Formats that say nothing beyond the type, or that become bounds. */
const UNCHECKED = new Set(["binary", "double", "float", "int32", "int64", "password"]);
const CHECKED_FORMATS = new Set<string>(formatNames.filter((name) => !UNCHECKED.has(name)));
const INTEGER_BOUNDS: Readonly<Record<string, JsonObject>> = {
  int32: { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  // The greatest int64 is no double; the first one above it is.
  int64: { minimum: -(2 ** 63), maximum: 2 ** 63, exclusiveMaximum: true },
};

export class SchemaConverter {
  readonly #document: Json;
  readonly #direction: Direction;
  readonly #define: Define;
  readonly #ids = new Map<string, string>();

  /** @param define is given every schema that was referred to */
  constructor(document: Json, direction: Direction, define: Define) {
    this.#document = document;
    this.#direction = direction;
    this.#define = define;
  }

  /** The schema of that place. */
  convert(place: Place): JsonObject {
    if (typeof member(place.value, "$ref") === "string") return { $ref: this.#idOf(follow(this.#document, place)) };
    const schema = this.#withoutNull(place);
    if (member(place.value, "nullable") !== true) return schema;
    return isSimple(schema) ? { ...schema, ...orNull(schema) } : { anyOf: [{ enum: [null] }, schema] };
  }

  #idOf(target: Place): string {
    const known = this.#ids.get(target.pointer);
    if (known !== undefined) return known;
    const id = `${this.#direction}-${this.#ids.size + 1}`;
    this.#ids.set(target.pointer, id);
    this.#define(id, this.convert(target), target.pointer);
    return id;
  }

  #withoutNull(place: Place): JsonObject {
    const schema: JsonObject = {};
    for (const keyword of COPIED_KEYWORDS) {
      const value = member(place.value, keyword);
      if (value !== undefined) schema[keyword] = value;
    }
    // Draft 4 wants each value once; contracts repeat some.
    if (Array.isArray(schema["enum"])) schema["enum"] = withoutRepeats(schema["enum"]);
    // Draft 4 knows these two only beside the bound that they speak of.
    if (schema["minimum"] === undefined) delete schema["exclusiveMinimum"];
    if (schema["maximum"] === undefined) delete schema["exclusiveMaximum"];
    if (this.#direction === "request") addFormat(schema, member(place.value, "format"));
    this.#addSubschemas(schema, place);
    const required = this.#required(place);
    if (required.length > 0) schema["required"] = required;
    return schema;
  }

  #addSubschemas(schema: JsonObject, place: Place): void {
    const properties = memberPlace(place, "properties");
    if (properties !== undefined) {
      schema["properties"] = Object.fromEntries(
        membersOf(properties).map(({ name, place: property }) => [name, this.convert(property)]),
      );
    }
    for (const keyword of ["additionalProperties", "items", "not"]) {
      const child = memberPlace(place, keyword);
      if (child !== undefined) schema[keyword] = isObject(child.value) ? this.convert(child) : child.value;
    }
    for (const keyword of ["allOf", "oneOf", "anyOf"]) {
      const children = memberPlace(place, keyword);
      if (children !== undefined) schema[keyword] = elementsOf(children).map((child) => this.convert(child));
    }
  }

  #required(place: Place): string[] {
    const required = member(place.value, "required");
    if (!Array.isArray(required)) return [];
    const names = withoutRepeats(required).filter((name) => typeof name === "string");
    return names.filter((name) => !this.#isLeftOut(place, name));
  }

  /** Whether a property travels only the other way, so that this direction cannot require it. */
  #isLeftOut(place: Place, name: string): boolean {
    const keyword = this.#direction === "request" ? "readOnly" : "writeOnly";
    return propertiesNamed(this.#document, place, name, new Set()).some(
      (property) => member(follow(this.#document, property).value, keyword) === true,
    );
  }
}

/** Every property of that name that a schema or a part of its allOf describes. */
export function propertiesNamed(document: Json, place: Place, name: string, seen: Set<string>): Place[] {
  const target = follow(document, place);
  if (seen.has(target.pointer)) return [];
  seen.add(target.pointer);
  const own = member(member(target.value, "properties"), name);
  const parts = memberPlace(target, "allOf");
  const pointer = childPointer(childPointer(target.pointer, "properties"), name);
  return [
    ...(own === undefined ? [] : [{ value: own, pointer }]),
    ...(parts === undefined ? [] : elementsOf(parts)).flatMap((part) => propertiesNamed(document, part, name, seen)),
  ];
}

function withoutRepeats(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function addFormat(schema: JsonObject, format: Json | undefined): void {
  if (typeof format !== "string") return;
  const type = schema["type"];
  const bounds = type === "integer" || type === "number" ? INTEGER_BOUNDS[format] : undefined;
  if (bounds !== undefined) addBounds(schema, bounds);
  // A format that nobody defined is a remark: OpenAPI leaves the list open.
  else if (CHECKED_FORMATS.has(format)) schema["format"] = format;
}

/** Bounds narrow what is there already and never widen it. */
function addBounds(schema: JsonObject, bounds: JsonObject): void {
  const { minimum, maximum } = schema;
  if (typeof minimum !== "number" || minimum < Number(bounds["minimum"])) {
    schema["minimum"] = bounds["minimum"] ?? null;
    delete schema["exclusiveMinimum"];
  }
  if (typeof maximum !== "number" || maximum >= Number(bounds["maximum"])) {
    schema["maximum"] = bounds["maximum"] ?? null;
    if (bounds["exclusiveMaximum"] !== undefined) schema["exclusiveMaximum"] = true;
    else if (typeof maximum === "number" && maximum > Number(bounds["maximum"])) delete schema["exclusiveMaximum"];
  }
}

/** Whether null can be allowed by adding it to the type. */
function isSimple(schema: JsonObject): boolean {
  return typeof schema["type"] === "string" && !["allOf", "oneOf", "anyOf", "not"].some((keyword) => keyword in schema);
}

/** A nullable enum means null too, as openapi-typescript and Prism read it, though the list seldom names it. */
function orNull({ type, enum: values }: JsonObject): JsonObject {
  const withType: JsonObject = { type: [type ?? null, "null"] };
  return Array.isArray(values) && !values.includes(null) ? { ...withType, enum: [...values, null] } : withType;
}
