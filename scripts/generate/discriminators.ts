/**
 * Discriminators made explicit, and base schemas told apart from the unions of their children.
 *
 * A base that lists children which are `allOf` the base would have no end. So what a base says itself moves to a schema
 * of its own, `PetBase`, to which the children refer; `Pet` is the union of them.
 */
import {
  follow,
  isObject,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
  resolve,
} from "./json-document.js";
import { enumerated, listed, walkDocument } from "./walk-document.js";

/** Names the schema that holds what a base says itself. */
export const BASE = "x-base";

/** What stays with the union when the base is taken out of it. */
const OF_THE_UNION = ["oneOf", "anyOf", "discriminator", "nullable", "description", "readOnly", "writeOnly"];

export interface Branch {
  readonly schema: Place;
  /** The values of the discriminator that lead to it. */
  readonly values: readonly string[];
}

/** The branches of a discriminator whose mapping `makeExplicit` has completed; none for any other schema. */
export function discriminatedBranches(document: Json, schema: Place): Branch[] {
  const discriminator = memberPlace(schema, "discriminator");
  const branches = new Map<string, { schema: Place; values: string[] }>();
  for (const { name, place } of mappingOf(discriminator)) {
    const target = follow(document, resolve(document, String(place.value), place.pointer));
    const branch = branches.get(target.pointer) ?? { schema: target, values: [] };
    branch.values.push(name);
    branches.set(target.pointer, branch);
  }
  return [...branches.values()];
}

/** Whether a schema lists alternatives, rather than being known from its children. */
export function hasUnion(schema: Place): boolean {
  return listed(schema, "oneOf").length + listed(schema, "anyOf").length > 0;
}

export function discriminatorProperty(schema: Json): string | undefined {
  const name = member(member(schema, "discriminator"), "propertyName");
  return typeof name === "string" ? name : undefined;
}

/** @throws {ContractError} at the first value of a mapping that is neither the name of a schema nor a reference to one */
export function checkMapping(document: Json, schema: Place): void {
  for (const { place } of mappingOf(memberPlace(schema, "discriminator"))) {
    resolve(document, asReference(document, place.value), place.pointer);
  }
}

/** Changes the document that it is given. */
export function makeExplicit(document: JsonObject): void {
  const polymorphic: Place[] = [];
  walkDocument(document, (schema, isData) => {
    if (isData || !isObject(schema.value)) return;
    if (discriminatorProperty(schema.value) !== undefined) completeMapping(document, schema);
    if (hasUnion(schema) || discriminatorProperty(schema.value) !== undefined) polymorphic.push(schema);
  });
  const bases = polymorphic.map((schema) => ({ schema, references: referencesOfChildren(document, schema) }));
  // Without a list of its children a base would be taken for all that there is of them.
  const separated = bases.filter(({ schema, references }) => references.length > 0 || !hasUnion(schema));
  for (const { schema, references } of separated) {
    const reference = `#/components/schemas/${freeName(document, schema)}`;
    for (const each of references) each["$ref"] = reference;
    if (isObject(schema.value)) schema.value[BASE] = reference;
  }
  // Only now: a base may itself be the child of another.
  for (const { schema } of separated) separateBase(document, schema);
}

/** Every branch in the mapping, as a reference. Without a branch that has no value of its own, nothing is discriminated. */
function completeMapping(document: JsonObject, schema: Place): void {
  const property = discriminatorProperty(schema.value) ?? "";
  const discriminator = memberPlace(schema, "discriminator");
  const mapping: JsonObject = {};
  for (const { name, place } of mappingOf(discriminator)) mapping[name] = asReference(document, place.value);
  const mapped = new Set(
    Object.values(mapping).map((reference) => follow(document, { value: { $ref: reference }, pointer: "" }).pointer),
  );
  const listedBranches = [...listed(schema, "oneOf"), ...listed(schema, "anyOf")];
  const branches = listedBranches.length > 0 ? listedBranches : childrenOf(document, schema);
  const unmapped = branches.filter((branch) => !mapped.has(follow(document, branch).pointer));
  const own = unmapped.map((branch) => enumerated(document, branch, property) ?? []);
  const all = own.flat();
  const areDistinct = new Set(all).size === all.length && own.every((values) => values.length > 0);
  for (const [index, branch] of unmapped.entries()) {
    const reference = member(branch.value, "$ref");
    const name = typeof reference === "string" ? reference.split("/").at(-1) : undefined;
    const values = areDistinct ? (own[index] ?? []) : [name];
    for (const value of values) {
      if (value === undefined) {
        if (isObject(schema.value)) delete schema.value["discriminator"];
        return;
      }
      mapping[value] ??= typeof reference === "string" ? reference : `#${encodeURI(branch.pointer)}`;
    }
  }
  if (isObject(discriminator?.value)) discriminator.value["mapping"] = mapping;
}

/** The schemas of the document that are `allOf` this one, and those that are `allOf` one of them. */
function childrenOf(document: Json, schema: Place): Place[] {
  const schemas = memberPlace({ value: member(document, "components") ?? null, pointer: "/components" }, "schemas");
  return (schemas === undefined ? [] : membersOf(schemas))
    .filter(({ place }) => isAllOf(document, place, (part) => follow(document, part).pointer === schema.pointer))
    .map(({ name, place }) => ({ value: { $ref: `#/components/schemas/${name}` }, pointer: place.pointer }));
}

/** The references by which the branches of a schema are `allOf` the schema itself. */
function referencesOfChildren(document: Json, schema: Place): JsonObject[] {
  const branches = [
    ...listed(schema, "oneOf"),
    ...listed(schema, "anyOf"),
    ...discriminatedBranches(document, schema).map((branch) => branch.schema),
  ];
  const seen = new Set<string>();
  const look = (place: Place): JsonObject[] => {
    const target = follow(document, place);
    if (seen.has(target.pointer)) return [];
    seen.add(target.pointer);
    return listed(target, "allOf").flatMap((part) =>
      follow(document, part).pointer === schema.pointer && isObject(part.value) ? [part.value] : look(part),
    );
  };
  return branches.flatMap(look);
}

function separateBase(document: JsonObject, { value }: Place): void {
  if (!isObject(value)) return;
  const reference = String(value[BASE]);
  const own = Object.fromEntries(
    Object.entries(value).filter(([keyword]) => !OF_THE_UNION.includes(keyword) && keyword !== BASE),
  );
  const schemas = member(member(document, "components"), "schemas");
  if (isObject(schemas)) schemas[reference.split("/").at(-1) ?? ""] = structuredClone(withoutNull(own));
  const branches = [...listed({ value, pointer: "" }, "oneOf"), ...listed({ value, pointer: "" }, "anyOf")];
  const isInherited = (branch: Place) => isAllOf(document, branch, (part) => refersTo(part, reference));
  if (branches.length === 0 || !branches.every(isInherited)) return;
  // Every branch says it all: once is enough.
  for (const keyword of Object.keys(own)) delete value[keyword];
  if (Array.isArray(own["type"]) && own["type"].includes("null")) value["nullable"] = true;
}

/** Whether a schema is `allOf` what the test says, or `allOf` one that is. */
export function isAllOf(
  document: Json,
  place: Place,
  test: (part: Place) => boolean,
  seen = new Set<string>(),
): boolean {
  const target = follow(document, place);
  if (seen.has(target.pointer)) return false;
  seen.add(target.pointer);
  return listed(target, "allOf").some((part) => test(part) || isAllOf(document, part, test, seen));
}

export function refersTo({ value }: Place, reference: string): boolean {
  return member(value, "$ref") === reference;
}

function withoutNull(schema: JsonObject): JsonObject {
  const { type } = schema;
  return Array.isArray(type) ? { ...schema, type: type.filter((each) => each !== "null") } : schema;
}

function freeName(document: JsonObject, { pointer }: Place): string {
  const components = isObject(document["components"]) ? document["components"] : {};
  document["components"] = components;
  const schemas = isObject(components["schemas"]) ? components["schemas"] : {};
  components["schemas"] = schemas;
  const last =
    pointer
      .split("/")
      .at(-1)
      ?.replaceAll(/[^\w.-]/g, "") ?? "";
  let name = `${last}Base`;
  while (Object.hasOwn(schemas, name)) name += "_";
  schemas[name] = {};
  return name;
}

function mappingOf(discriminator: Place | undefined): ReturnType<typeof membersOf> {
  const mapping = discriminator && memberPlace(discriminator, "mapping");
  return mapping === undefined ? [] : membersOf(mapping);
}

/** A value of a mapping is a reference or, for short, the name of a schema. */
function asReference(document: Json, value: Json): string {
  const name = String(value);
  const isName = member(member(member(document, "components"), "schemas"), name) !== undefined;
  return isName ? `#/components/schemas/${name}` : name;
}
