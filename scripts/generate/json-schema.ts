/**
 * OpenAPI 3.0 and 3.1 schemas as JSON Schema 2020-12: only what validates, `nullable` as a type, formats of integers as
 * bounds, discriminators as conditions, and every `$ref` as the id of a schema of its own, so that recursion survives.
 */
import { formatNames } from "ajv-formats/dist/formats.js";
import { BASE, discriminatedBranches, discriminatorProperty, listedBranches } from "./discriminators.js";
import { isObject, type Json, type JsonObject, type Place } from "./json-document.js";
import {
  contradictsType,
  enumerated,
  propertiesNamed,
  SCHEMA_LISTS,
  SCHEMA_MAPS,
  SINGLE_SCHEMAS,
} from "./walk-document.js";

/** A request leaves out what is readOnly and has its formats checked; a response leaves out what is writeOnly. */
export type Direction = "request" | "response";

/** Takes a schema, the id by which `$ref` names it, and the pointer of its place in the contract. */
export type Define = (id: string, schema: JsonObject, pointer: string) => void;

const COPIED_KEYWORDS = (
  "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems " +
  "minItems uniqueItems maxProperties minProperties minContains maxContains dependentRequired"
).split(" ");
const COMPOSED = ["allOf", "oneOf", "anyOf", "not", "if", "$ref"];

/** Formats that say nothing beyond the type, or that become bounds. */
const UNCHECKED = new Set(["binary", "double", "float", "int32", "int64", "password"]);
const CHECKED_FORMATS = new Set<string>(formatNames.filter((name) => !UNCHECKED.has(name)));
const INTEGER_BOUNDS: Readonly<Record<string, readonly [least: number, greatest: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  // The greatest double below 2^63: the greatest int64 is none.
  int64: [-(2 ** 63), 2 ** 63 - 1024],
};

/** What a part of a schema is part of. */
interface Whole {
  /** The schema whose `allOf` or discriminator it stands in: it may describe properties that the part requires. */
  readonly place: Place;
  /**
   * Set for a child of a base, as one of its alternatives. Of what the child requires beside its `allOf`, only what it
   * describes in the same place is asked: a value that is made from the parts alone counts as one of the child's.
   */
  readonly isBranch?: boolean;
  /** The base of a branch whose base describes its values by itself: only what the branch adds is looked at. */
  readonly base?: Place | undefined;
}

export class SchemaConverter {
  readonly #ids = new Map<string, string>();

  /** @param define is given every schema that was referred to */
  constructor(
    private readonly direction: Direction,
    private readonly define: Define,
  ) {}

  /** The schema of that place. */
  convert(place: Place, whole?: Whole): JsonObject {
    if (typeof place.value === "boolean") return place.value ? {} : { not: {} };
    if (typeof place.read("$ref") === "string") return this.#refer(place.target, whole);
    const schema = eitherOf(this.#withoutNull(place, whole));
    if (!place.flag("nullable")) return schema;
    const isSimple = schema["type"] !== undefined && !COMPOSED.some((keyword) => keyword in schema);
    return isSimple ? { ...schema, ...orNull(schema) } : { anyOf: [{ enum: [null] }, schema] };
  }

  #refer(target: Place, whole: Whole | undefined): JsonObject {
    return this.#needsWhole(target, whole) ? this.convert(target, whole) : { $ref: this.#idOf(target) };
  }

  /** Whether a schema means something else as a part of that whole than by itself. */
  #needsWhole(target: Place, whole: Whole | undefined): boolean {
    if (whole === undefined) return false;
    if (whole.base !== undefined) return true;
    const inItself = this.#required(target, { place: target });
    if (this.#required(target, whole).length < inItself.length) return true;
    return target.elements("allOf").some((part) => this.#needsWhole(part.target, whole));
  }

  #idOf(target: Place): string {
    const known = this.#ids.get(target.pointer);
    if (known !== undefined) return known;
    const id = `${this.direction}-${this.#ids.size + 1}`;
    this.#ids.set(target.pointer, id);
    this.define(id, this.convert(target), target.pointer);
    return id;
  }

  #withoutNull(place: Place, whole: Whole | undefined): JsonObject {
    const schema: JsonObject = {};
    for (const keyword of COPIED_KEYWORDS) {
      const value = place.read(keyword);
      if (value !== undefined) schema[keyword] = value;
    }
    // JSON Schema wants each value once; contracts repeat some.
    if (Array.isArray(schema["enum"])) schema["enum"] = withoutRepeats(schema["enum"]);
    makeBoundsNumeric(schema);
    if (this.direction === "request") addFormat(schema, place.read("format"));
    this.#addSubschemas(schema, place, whole ?? { place });
    if (discriminatorProperty(place) !== undefined) this.#discriminate(schema, place);
    const required = this.#required(place, whole ?? { place });
    if (required.length > 0) schema["required"] = required;
    return schema;
  }

  #addSubschemas(schema: JsonObject, place: Place, whole: Whole): void {
    for (const keyword of SCHEMA_MAPS) {
      const map = place.at(keyword);
      if (map === undefined) continue;
      const ofBase = (name: string) => whole.base !== undefined && propertiesNamed(whole.base, name).length > 0;
      const added = map.members().filter(({ name }) => keyword !== "properties" || !ofBase(name));
      schema[keyword] = Object.fromEntries(added.map((child) => [child.name, this.convert(child)]));
    }
    for (const keyword of SINGLE_SCHEMAS) {
      const child = place.at(keyword);
      if (child !== undefined) schema[keyword] = isObject(child.value) ? this.convert(child) : child.value;
    }
    for (const keyword of SCHEMA_LISTS) {
      const isPart = keyword !== "prefixItems";
      const children = place
        .elements(keyword)
        .filter((child) => whole.base === undefined || child.target.pointer !== whole.base.pointer);
      if (children.length === 0) continue;
      // The children of a base are its branches, whether a discriminator decides or not.
      const isBranch = whole.isBranch === true || (keyword !== "allOf" && place.read(BASE) !== undefined);
      const parts = children.map((child) => this.convert(child, isPart ? { ...whole, isBranch } : undefined));
      // Documents list alternatives that overlap; a value that fits two of them is no less what they describe.
      const read = keyword === "oneOf" && !children.every(isCondition) ? "anyOf" : keyword;
      if (schema[read] === undefined) schema[read] = parts;
      else schema["allOf"] = [...(Array.isArray(schema["allOf"]) ? schema["allOf"] : []), { [read]: parts }];
    }
  }

  /** The discriminator decides which branch a value must fit. */
  #discriminate(schema: JsonObject, place: Place): void {
    const property = discriminatorProperty(place) ?? "";
    const branches = discriminatedBranches(place);
    const isUnion = listedBranches(place).length > 0;
    const reference = place.text(BASE);
    const isBranch = reference !== undefined;
    const base = isBranch && !isUnion ? place.refer(reference).target : undefined;
    const decided = branches.map(({ schema: branch, values }) => ({
      if: { type: "object", properties: { [property]: { enum: [...values] } }, required: [property] },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: this.#refer(branch, { place, isBranch, base }),
    }));
    const { anyOf: undecided, allOf: parts } = schema;
    const conditions: JsonObject[] = [...decided];
    if (isUnion) {
      delete schema["anyOf"];
      const values = branches.flatMap((branch) => branch.values);
      conditions.push({ properties: { [property]: { enum: values } } });
      const isAbsent = this.#isLeftOut(place, property);
      if (!isAbsent) conditions.push({ required: [property] });
      else if (undecided !== undefined) conditions.push({ if: { required: [property] }, else: { anyOf: undecided } });
    }
    schema["allOf"] = [...(Array.isArray(parts) ? parts : []), ...conditions];
    schema["type"] ??= "object";
  }

  #required(place: Place, whole: Whole): string[] {
    if (this.#mayComeAlone(whole)) return [];
    const list = place.read("required");
    const names = withoutRepeats(Array.isArray(list) ? list : []).filter((name) => typeof name === "string");
    return names.filter(
      (name) =>
        !this.#isLeftOut(place, name) &&
        !this.#isLeftOut(whole.place, name) &&
        (!whole.isBranch || place.at("properties", name) !== undefined),
    );
  }

  /** Atlas's responses hold bases that list their kinds themselves, without what only the child of the kind requires. */
  #mayComeAlone({ base, place }: Whole): boolean {
    if (base === undefined || this.direction === "request") return false;
    return enumerated(base, discriminatorProperty(place) ?? "") !== undefined;
  }

  /** Whether a property travels only the other way, so that this direction cannot require it. */
  #isLeftOut(place: Place, name: string): boolean {
    const keyword = this.direction === "request" ? "readOnly" : "writeOnly";
    return propertiesNamed(place, name).some((property) => property.flag(keyword) || property.target.flag(keyword));
  }
}

/** Whether a schema only says which properties are required, so that `oneOf` is about that and not about kinds of values. */
function isCondition({ value }: Place): boolean {
  return isObject(value) && Object.keys(value).every((keyword) => ["required", "not"].includes(keyword));
}

/** An enumeration of values that are not of the type beside it: whichever of the two is meant, the other is a slip. */
function eitherOf({ enum: values, ...rest }: JsonObject): JsonObject {
  if (!Array.isArray(values)) return rest;
  return contradictsType({ enum: values, ...rest }) ? { anyOf: [{ enum: values }, rest] } : { enum: values, ...rest };
}

function withoutRepeats(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** OpenAPI 3.0 says by a boolean that a bound is exclusive. */
function makeBoundsNumeric(schema: JsonObject): void {
  for (const [bound, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    if (schema[exclusive] === true && schema[bound] !== undefined) {
      schema[exclusive] = schema[bound];
      delete schema[bound];
    } else if (typeof schema[exclusive] === "boolean") delete schema[exclusive];
  }
}

function addFormat(schema: JsonObject, format: Json | undefined): void {
  if (typeof format !== "string") return;
  const type = schema["type"];
  const types = Array.isArray(type) ? type : [type];
  const bounds = types.includes("integer") || types.includes("number") ? INTEGER_BOUNDS[format] : undefined;
  if (bounds !== undefined) addBounds(schema, bounds);
  // A format that is defined nowhere is a remark: OpenAPI leaves the list open.
  else if (CHECKED_FORMATS.has(format)) schema["format"] = format;
}

/** Bounds narrow what is there already and never widen it. */
function addBounds(schema: JsonObject, [least, greatest]: readonly [number, number]): void {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const isNumber = (value: Json | undefined) => typeof value === "number";
  if (![minimum, exclusiveMinimum].filter(isNumber).some((bound) => bound >= least)) {
    delete schema["exclusiveMinimum"];
    schema["minimum"] = least;
  }
  if (![maximum, exclusiveMaximum].filter(isNumber).some((bound) => bound <= greatest)) {
    delete schema["exclusiveMaximum"];
    schema["maximum"] = greatest;
  }
}

/** A nullable enum means null too, as openapi-typescript and Prism read it, though the list seldom names it. */
function orNull({ type, enum: values }: JsonObject): JsonObject {
  const withType: JsonObject = { type: [...(Array.isArray(type) ? type : [type ?? null]), "null"] };
  return Array.isArray(values) && !values.includes(null) ? { ...withType, enum: [...values, null] } : withType;
}
