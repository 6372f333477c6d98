/** OpenAPI's schemas as JSON Schema 2020-12: only what validates, and every `$ref` as the id of a schema of its own. */
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
  typesNamed,
} from "./walk-document.js";

const COPIED_KEYWORDS = (
  "enum type const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems " +
  "minItems uniqueItems maxProperties minProperties minContains maxContains dependentRequired"
).split(" ");
const COMPOSED = ["allOf", "oneOf", "anyOf", "not", "if", "$ref"];

/** Others say nothing beyond the type, or become bounds. */
const CHECKED_FORMATS = new Set<string>(
  formatNames.filter((name) => !/^(binary|double|float|int32|int64|password)$/.test(name)),
);
const INTEGER_BOUNDS: Readonly<Record<string, readonly [least: number, greatest: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  // The greatest double below 2^63: the greatest int64 is none.
  int64: [-(2 ** 63), 2 ** 63 - 1024],
};

/** What a part of a schema is part of. */
interface Whole {
  /** The schema whose `allOf` or discriminator it stands in: it may describe properties that the part requires. */
  readonly place: Place;
  /** For a child of a base, which can require only what it describes beside it: the parts alone make a value of the child. */
  readonly isBranch?: boolean;
  /** The base of a branch whose base describes its values by itself: only what the branch adds is looked at. */
  readonly base?: Place | undefined;
}

/** A schema, the id by which `$ref` names it, and the pointer of its place in the contract. */
export interface NamedSchema {
  readonly id: string;
  readonly pointer: string;
  readonly schema: JsonObject;
}

export class SchemaConverter {
  /** Every schema that was referred to, by the pointer of its place. */
  readonly referred = new Map<string, NamedSchema>();

  /** @param direction a request has its formats checked and no readOnly properties; a response no writeOnly ones */
  constructor(private readonly direction: "request" | "response") {}

  convert(place: Place, whole?: Whole): JsonObject {
    if (typeof place.value === "boolean") return place.value ? {} : { not: {} };
    if (typeof place.read("$ref") === "string") return this.#refer(place.target, whole);
    const schema = eitherOf(this.#withoutNull(place, whole ?? { place }));
    if (!place.flag("nullable")) return schema;
    const isSimple = schema["type"] !== undefined && !COMPOSED.some((keyword) => keyword in schema);
    return isSimple ? { ...schema, ...orNull(schema) } : { anyOf: [{ enum: [null] }, schema] };
  }

  #refer(target: Place, whole: Whole | undefined): JsonObject {
    if (whole !== undefined && this.#needsWhole(target, whole)) return this.convert(target, whole);
    const { pointer } = target;
    let named = this.referred.get(pointer);
    if (named === undefined) {
      // Empty at first: it may refer to itself.
      named = { id: `${this.direction}-${this.referred.size + 1}`, pointer, schema: {} };
      this.referred.set(pointer, named);
      Object.assign(named.schema, this.convert(target));
    }
    return { $ref: named.id };
  }

  /** Whether a schema means something else as a part of that whole than by itself. */
  #needsWhole(target: Place, whole: Whole): boolean {
    if (whole.base !== undefined) return true;
    const inItself = this.#required(target, { place: target });
    if (this.#required(target, whole).length < inItself.length) return true;
    return target.children("allOf").some((part) => this.#needsWhole(part.target, whole));
  }

  #withoutNull(place: Place, whole: Whole): JsonObject {
    const copied = COPIED_KEYWORDS.map((keyword) => [keyword, place.read(keyword)]);
    const schema: JsonObject = Object.fromEntries(copied.filter(([, value]) => value !== undefined));
    // JSON Schema wants each value once; contracts repeat some.
    if (Array.isArray(schema["enum"])) schema["enum"] = withoutRepeats(schema["enum"]);
    const format = this.direction === "request" ? place.text("format") : undefined;
    const isNumeric = typesNamed(schema["type"] ?? null).has("number");
    setBounds(schema, (isNumeric && format && INTEGER_BOUNDS[format]) || [-Infinity, Infinity]);
    // A format that is defined nowhere is a remark: OpenAPI leaves the list open.
    if (format !== undefined && CHECKED_FORMATS.has(format)) schema["format"] = format;
    this.#addSubschemas(schema, place, whole);
    const property = discriminatorProperty(place);
    if (property !== undefined) this.#discriminate(schema, place, property);
    const required = this.#required(place, whole);
    if (required.length > 0) schema["required"] = required;
    return schema;
  }

  #addSubschemas(schema: JsonObject, place: Place, whole: Whole): void {
    const { base } = whole;
    for (const keyword of SCHEMA_MAPS) {
      if (place.at(keyword) === undefined) continue;
      const isOfBase = ({ name }: Place) => base !== undefined && propertiesNamed(base, name).length > 0;
      const added = place.children(keyword).filter((child) => keyword !== "properties" || !isOfBase(child));
      schema[keyword] = Object.fromEntries(added.map((child) => [child.name, this.convert(child)]));
    }
    for (const keyword of SINGLE_SCHEMAS) {
      const child = place.at(keyword);
      if (child !== undefined) schema[keyword] = isObject(child.value) ? this.convert(child) : child.value;
    }
    for (const keyword of SCHEMA_LISTS) {
      const children = place.children(keyword).filter(({ target }) => target.pointer !== base?.pointer);
      if (children.length === 0) continue;
      // The children of a base are its branches, whether a discriminator decides or not.
      const isBranch = whole.isBranch === true || (keyword !== "allOf" && place.read(BASE) !== undefined);
      const wholeOfParts = keyword === "prefixItems" ? undefined : { ...whole, isBranch };
      const parts = children.map((child) => this.convert(child, wholeOfParts));
      // Documents list alternatives that overlap; a value that fits two of them is no less what they describe.
      const read = keyword === "oneOf" && !children.every(isCondition) ? "anyOf" : keyword;
      if (schema[read] === undefined) schema[read] = parts;
      else schema["allOf"] = [schema["allOf"] ?? [], { [read]: parts }].flat();
    }
  }

  #discriminate(schema: JsonObject, place: Place, property: string): void {
    const branches = discriminatedBranches(place);
    const isUnion = listedBranches(place).length > 0;
    const reference = place.text(BASE);
    const isBranch = reference !== undefined;
    const base = isBranch && !isUnion ? place.refer(reference).target : undefined;
    const conditions: JsonObject[] = branches.map(({ schema: branch, values }) => ({
      if: { type: "object", properties: { [property]: { enum: [...values] } }, required: [property] },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: this.#refer(branch, { place, isBranch, base }),
    }));
    const { anyOf: undecided, allOf: parts = [] } = schema;
    if (isUnion) {
      delete schema["anyOf"];
      conditions.push({ properties: { [property]: { enum: branches.flatMap(({ values }) => values) } } });
      if (!this.#isLeftOut(place, property)) conditions.push({ required: [property] });
      else if (undecided !== undefined) conditions.push({ if: { required: [property] }, else: { anyOf: undecided } });
    }
    schema["allOf"] = [parts, ...conditions].flat();
    schema["type"] ??= "object";
  }

  #required(place: Place, whole: Whole): string[] {
    // Atlas's responses hold bases that list their kinds themselves, without what only the child of the kind requires.
    const kinds = whole.base && enumerated(whole.base, discriminatorProperty(whole.place) ?? "");
    if (kinds !== undefined && this.direction === "response") return [];
    const names = place.children("required").flatMap(({ value }) => (typeof value === "string" ? value : []));
    return [...new Set(names)].filter(
      (name) =>
        ![place, whole.place].some((each) => this.#isLeftOut(each, name)) &&
        (!whole.isBranch || place.at("properties", name) !== undefined),
    );
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
function eitherOf(schema: JsonObject): JsonObject {
  const { enum: values, ...rest } = schema;
  return values !== undefined && contradictsType(schema) ? { anyOf: [{ enum: values }, rest] } : schema;
}

function withoutRepeats(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** OpenAPI 3.0 says by a boolean that a bound is exclusive. Those of a format narrow what is there and never widen it. */
function setBounds(schema: JsonObject, [least, greatest]: readonly [least: number, greatest: number]): void {
  for (const [bound, exclusive, limit] of [
    ["minimum", "exclusiveMinimum", least],
    ["maximum", "exclusiveMaximum", greatest],
  ] as const) {
    if (schema[exclusive] === true && schema[bound] !== undefined) {
      schema[exclusive] = schema[bound];
      delete schema[bound];
    } else if (typeof schema[exclusive] === "boolean") delete schema[exclusive];
    const given = [schema[bound], schema[exclusive]].map(Number);
    if (!Number.isFinite(limit) || given.some((each) => (limit < 0 ? each >= limit : each <= limit))) continue;
    delete schema[exclusive];
    schema[bound] = limit;
  }
}

/** A nullable enum means null too, as openapi-typescript and Prism read it, though the list seldom names it. */
function orNull({ type, enum: values }: JsonObject): JsonObject {
  const withType: JsonObject = { type: [type ?? null, "null"].flat() };
  return Array.isArray(values) && !values.includes(null) ? { ...withType, enum: [...values, null] } : withType;
}
