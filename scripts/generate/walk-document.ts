/** What in a contract is a schema, a map or mere data, so that each fault is reported where it stands. */
import { isObject, type Json, type JsonObject, type Place } from "./json-document.js";

/** Members that hold a map from names to further objects: their keys are names, not keywords. */
const MAPS = new Set(
  (
    "$defs callbacks content dependentSchemas encoding examples headers links parameters pathItems paths " +
    "patternProperties properties requestBodies responses schemas securitySchemes variables"
  ).split(" "),
);

/** Members that hold data, in which words such as `pattern` mean nothing. */
const DATA = new Set(["const", "default", "enum", "example", "examples", "value"]);

type Visit = (place: Place) => void;

/** Visits a place and all that is in it, in document order. @param visitData for data and specification extensions */
export function walkDocument(place: Place, visit: Visit, visitData?: Visit): void {
  visit(place);
  for (const child of place.children()) {
    if (MAPS.has(child.name) && !Array.isArray(child.value)) {
      for (const entry of child.children()) walkDocument(entry, visit, visitData);
    } else if (!DATA.has(child.name) && !child.name.startsWith("x-")) walkDocument(child, visit, visitData);
    else if (visitData !== undefined) walkData(child, visitData);
  }
}

/** Visits every object that is no data, each of which `change` may change. */
export function changeObjects(document: Place, change: (value: JsonObject, place: Place) => void): void {
  walkDocument(document, (place) => {
    if (isObject(place.value)) change(place.value, place);
  });
}

function walkData(place: Place, visit: Visit): void {
  visit(place);
  for (const inside of place.children()) walkData(inside, visit);
}

/** Makes room for one more schema among the components of a document, under that name or one like it. */
export function addSchema({ document }: Place, wanted: string) {
  const schemas = ownObject(ownObject(document, "components"), "schemas");
  let name = wanted.replaceAll(/[^\w.-]/g, "") || "schema";
  while (Object.hasOwn(schemas, name)) name += "_";
  schemas[name] = {};
  return { schemas, name };
}

function ownObject(owner: JsonObject, name: string): JsonObject {
  const own = isObject(owner[name]) ? owner[name] : {};
  owner[name] = own;
  return own;
}

/** Keywords that list schemas of the same value. */
const LISTS = ["allOf", "oneOf", "anyOf"];
const CONDITIONS = ["not", "if", "then", "else"];
const PARTS = "additionalProperties unevaluatedProperties propertyNames items unevaluatedItems contains".split(" ");

/** Keywords that hold maps, lists and single ones of schemas. */
export const SCHEMA_MAPS = ["properties", "patternProperties", "dependentSchemas"];
export const SCHEMA_LISTS = [...LISTS, "prefixItems"];
export const SINGLE_SCHEMAS = [...PARTS, ...CONDITIONS];

/** The schemas directly inside a schema that speak of the same value. */
export function alternativesOf(schema: Place): Place[] {
  const conditions = CONDITIONS.flatMap((keyword) => schema.at(keyword) ?? []);
  return [...schema.children(...LISTS), ...conditions, ...schema.children("dependentSchemas")];
}

/** The schemas directly inside a schema that speak of a part of the value. */
export function partsOf(schema: Place): Place[] {
  const parts = PARTS.flatMap((keyword) => schema.at(keyword) ?? []);
  return [...schema.children("properties", "patternProperties"), ...parts, ...schema.children("prefixItems")];
}

/** The schemas that speak of a part of the value, in a schema and in those that it is made of. */
export function partsOfAll(schema: Place): Place[] {
  return facetsOf(schema).flatMap(partsOf);
}

/** These places and all that `next` finds in what they lead to, each once; a reference is one place, its target another. */
export function reached(roots: readonly Place[], next: (target: Place) => readonly Place[]): Place[] {
  const found = new Map<string, Place>();
  const look = (place: Place): void => {
    if (found.has(place.pointer)) return;
    found.set(place.pointer, place);
    for (const each of [place.target, ...next(place.target)]) look(each);
  };
  roots.forEach(look);
  return [...found.values()];
}

/** A schema and those in it, behind references, that say something of the same value. @param keywords that list them */
export function facetsOf(schema: Place, keywords = LISTS): Place[] {
  return reached([schema], (target) => target.children(...keywords)).filter((place) => place.target === place);
}

/** Every property of that name that a schema, or a schema of the same value in it, describes. */
export function propertiesNamed(schema: Place, name: string, keywords = LISTS): Place[] {
  return facetsOf(schema, keywords).flatMap((facet) => facet.at("properties", name) ?? []);
}

/** Whether a value of the schema may be of that type, as far as the schema and its parts say so. */
export function mayBe(schema: Place, type: "object" | "array"): boolean {
  const implied = type === "object" ? "properties" : "items";
  return facetsOf(schema).some((facet) => {
    const declared = facet.read("type");
    return declared === undefined ? facet.read(implied) !== undefined : [declared].flat().includes(type);
  });
}

/** The values that a schema lists by `enum` or `const`; undefined if it lists none. */
export function valuesOf(schema: Place): readonly Json[] | undefined {
  const constant = schema.read("const");
  const list = constant === undefined ? schema.read("enum") : [constant];
  return Array.isArray(list) ? list : undefined;
}

/** The values that a property may have, as far as its enumerations say so; undefined if none does. */
export function enumerated(schema: Place, name: string): string[] | undefined {
  const properties = propertiesNamed(schema, name, ["allOf"]);
  const [first, ...others] = properties.flatMap(({ target }) => {
    const values = valuesOf(target);
    return values === undefined ? [] : [values.filter((each) => typeof each === "string")];
  });
  return first?.filter((value) => others.every((list) => list.includes(value)));
}

/** Whether the enumeration of a schema has only values that are not of its type. */
export function contradictsType({ type, enum: values }: JsonObject): boolean {
  if (type === undefined || !Array.isArray(values)) return false;
  const types = typesNamed(type);
  return !values.some((value) => types.has(typeOf(value)));
}

/** The types that the keyword `type` names; integers are numbers. */
export function typesNamed(type: Json): Set<string> {
  return new Set([type].flat().map((each) => (each === "integer" ? "number" : String(each))));
}

export function typeOf(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
