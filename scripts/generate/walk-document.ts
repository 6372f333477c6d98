/**
 * What in a contract is a schema, a map or mere data, so that each fault is reported where it stands.
 */
import { elementsOf, follow, type Json, member, memberPlace, membersOf, type Place } from "./json-document.js";

/** Members that hold a map from names to further objects: their keys are names, not keywords. */
const MAPS = new Set([
  "$defs",
  "callbacks",
  "content",
  "dependentSchemas",
  "encoding",
  "examples",
  "headers",
  "links",
  "parameters",
  "pathItems",
  "paths",
  "patternProperties",
  "properties",
  "requestBodies",
  "responses",
  "schemas",
  "securitySchemes",
  "variables",
]);

/** Members that hold data, in which words such as `pattern` mean nothing. */
const DATA = new Set(["const", "default", "enum", "example", "value"]);

/** What `walkDocument` calls for each object and array, with whether it is data or a specification extension. */
export type Visit = (place: Place, isData: boolean) => void;

/** Visits the document and all that is in it, in document order. */
export function walkDocument(document: Json, visit: Visit): void {
  walk({ value: document, pointer: "" }, false, visit);
}

function walk(place: Place, isData: boolean, visit: Visit): void {
  visit(place, isData);
  for (const element of elementsOf(place)) walk(element, isData, visit);
  for (const { name, place: child } of membersOf(place)) {
    if (MAPS.has(name) && !isData && !Array.isArray(child.value)) {
      for (const entry of membersOf(child)) walk(entry.place, false, visit);
    } else {
      walk(child, isData || DATA.has(name) || name.startsWith("x-") || name === "examples", visit);
    }
  }
}

/** The schemas directly inside a schema that speak of the same value. */
export function alternativesOf(schema: Place): Place[] {
  return [
    ...["allOf", "oneOf", "anyOf"].flatMap((keyword) => listed(schema, keyword)),
    ...["not", "if", "then", "else"].flatMap((keyword) => memberPlace(schema, keyword) ?? []),
    ...named(schema, "dependentSchemas"),
  ];
}

/** The schemas directly inside a schema that speak of a part of the value. */
export function partsOf(schema: Place): Place[] {
  return [
    ...["properties", "patternProperties"].flatMap((keyword) => named(schema, keyword)),
    ...[
      "additionalProperties",
      "unevaluatedProperties",
      "propertyNames",
      "items",
      "unevaluatedItems",
      "contains",
    ].flatMap((keyword) => memberPlace(schema, keyword) ?? []),
    ...listed(schema, "prefixItems"),
  ];
}

/** The elements of a list of schemas, such as `allOf`. */
export function listed(schema: Place, keyword: string): Place[] {
  const list = memberPlace(schema, keyword);
  return list === undefined ? [] : elementsOf(list);
}

function named(schema: Place, keyword: string): Place[] {
  const map = memberPlace(schema, keyword);
  return map === undefined ? [] : membersOf(map).map(({ place }) => place);
}

/**
 * Every property of that name that a schema, or a schema of the same value in it, describes.
 * @param keywords which lists are looked through
 */
export function propertiesNamed(
  document: Json,
  place: Place,
  name: string,
  keywords: readonly string[] = ["allOf", "oneOf", "anyOf"],
  seen = new Set<string>(),
): Place[] {
  const target = follow(document, place);
  if (seen.has(target.pointer)) return [];
  seen.add(target.pointer);
  const properties = memberPlace(target, "properties");
  const own = properties && memberPlace(properties, name);
  const parts = keywords.flatMap((keyword) => listed(target, keyword));
  return [
    ...(own === undefined ? [] : [own]),
    ...parts.flatMap((part) => propertiesNamed(document, part, name, keywords, seen)),
  ];
}

/** The values that a property may have, as far as its enumerations say so; undefined if none does. */
export function enumerated(document: Json, schema: Place, name: string): string[] | undefined {
  const lists = propertiesNamed(document, schema, name, ["allOf"]).flatMap((property) => {
    const { value } = follow(document, property);
    const constant = member(value, "const");
    const list = constant === undefined ? member(value, "enum") : [constant];
    return Array.isArray(list) ? [list.filter((each) => typeof each === "string")] : [];
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
