/**
 * What in a contract is a schema, a map or mere data, so that each fault is reported where it stands.
 */
import { isObject, type Json, type JsonObject, member, type Place } from "./json-document.js";

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
  for (const element of place.elements()) walkDocument(element, visit, visitData);
  for (const child of place.members()) {
    const isMap = MAPS.has(child.name) && !Array.isArray(child.value);
    if (!isMap && (DATA.has(child.name) || child.name.startsWith("x-"))) walkData(child, visitData);
    else if (isMap) for (const entry of child.members()) walkDocument(entry, visit, visitData);
    else walkDocument(child, visit, visitData);
  }
}

function walkData(place: Place, visit: Visit | undefined): void {
  if (visit === undefined) return;
  visit(place);
  for (const inside of [...place.elements(), ...place.members()]) walkData(inside, visit);
}

/** Makes room for one more schema among the components of a document, under that name or one like it. */
export function addSchema(document: Place, wanted: string): { readonly schemas: JsonObject; readonly name: string } {
  const schemas = ownObject(ownObject(document.value, "components"), "schemas");
  let name = wanted.replaceAll(/[^\w.-]/g, "") || "schema";
  while (Object.hasOwn(schemas, name)) name += "_";
  schemas[name] = {};
  return { schemas, name };
}

function ownObject(owner: Json, name: string): JsonObject {
  const found = member(owner, name);
  const own = isObject(found) ? found : {};
  if (isObject(owner)) owner[name] = own;
  return own;
}

/** Keywords that hold maps, lists and single ones of schemas. */
export const SCHEMA_MAPS = ["properties", "patternProperties", "dependentSchemas"];
export const SCHEMA_LISTS = ["allOf", "oneOf", "anyOf", "prefixItems"];
const CONDITIONS = ["not", "if", "then", "else"];
const PARTS = "additionalProperties unevaluatedProperties propertyNames items unevaluatedItems contains".split(" ");
export const SINGLE_SCHEMAS = [...PARTS, ...CONDITIONS];

/** The schemas directly inside a schema that speak of the same value. */
export function alternativesOf(schema: Place): Place[] {
  return [
    ...schema.elements("allOf", "oneOf", "anyOf"),
    ...CONDITIONS.flatMap((keyword) => schema.at(keyword) ?? []),
    ...schema.members("dependentSchemas"),
  ];
}

/** The schemas directly inside a schema that speak of a part of the value. */
export function partsOf(schema: Place): Place[] {
  return [
    ...schema.members("properties", "patternProperties"),
    ...PARTS.flatMap((keyword) => schema.at(keyword) ?? []),
    ...schema.elements("prefixItems"),
  ];
}

/** The schemas that speak of a part of the value, in a schema and in those that it is made of. */
export function partsOfAll(schema: Place): Place[] {
  return facetsOf(schema, ...ALL_LISTS).flatMap(partsOf);
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
export function facetsOf(schema: Place, ...keywords: readonly string[]): Place[] {
  const places = reached([schema], (target) => target.elements(...keywords));
  return [...new Map(places.map(({ target }) => [target.pointer, target])).values()];
}

const ALL_LISTS = ["allOf", "oneOf", "anyOf"];

/** Every property of that name that a schema, or a schema of the same value in it, describes. */
export function propertiesNamed(schema: Place, name: string, keywords = ALL_LISTS): Place[] {
  return facetsOf(schema, ...keywords).flatMap((facet) => facet.at("properties", name) ?? []);
}

/** Whether a value of the schema may be of that type, as far as the schema and its parts say so. */
export function mayBe(schema: Place, type: "object" | "array"): boolean {
  const implied = type === "object" ? "properties" : "items";
  return facetsOf(schema, ...ALL_LISTS).some((facet) => {
    const declared = facet.read("type") ?? (facet.read(implied) === undefined ? null : type);
    return [declared].flat().includes(type);
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
  const lists = propertiesNamed(schema, name, ["allOf"]).flatMap((property) => {
    const values = valuesOf(property.target);
    return values === undefined ? [] : [values.filter((each) => typeof each === "string")];
  });
  const [first, ...others] = lists;
  return first?.filter((value) => others.every((list) => list.includes(value)));
}

/** Whether the enumeration of a schema has only values that are not of its type. */
export function contradictsType(schema: Json): boolean {
  const type = member(schema, "type");
  const values = member(schema, "enum");
  if (type === undefined || !Array.isArray(values)) return false;
  const types = typesNamed(type);
  return !values.some((value) => types.has(typeOf(value)));
}

/** The types that the keyword `type` names; integers are numbers. */
export function typesNamed(type: Json): Set<string> {
  return new Set((Array.isArray(type) ? type : [type]).map((each) => (each === "integer" ? "number" : String(each))));
}

export function typeOf(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
