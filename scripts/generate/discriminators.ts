/**
 * Discriminators made explicit, and base schemas told apart from the unions of their children.
 *
 * A base that lists children which are `allOf` the base would have no end. So what a base says itself moves to a schema
 * of its own, `PetBase`, to which the children refer; `Pet` is the union of them.
 */
import { isObject, type JsonObject, member, Place, type Remarks } from "./json-document.js";
import { addSchema, enumerated, facetsOf, walkDocument } from "./walk-document.js";

/** Names the schema that holds what a base says itself. */
export const BASE = "x-base";

/** What stays with the union when the base is taken out of it. */
const OF_THE_UNION = ["oneOf", "anyOf", "discriminator", "nullable", "description", "readOnly", "writeOnly", BASE];

export interface Branch {
  readonly schema: Place;
  /** The values of the discriminator that lead to it. */
  readonly values: readonly string[];
}

/** The branches of a discriminator whose mapping `makeExplicit` has completed; none for any other schema. */
export function discriminatedBranches(schema: Place): Branch[] {
  const branches = new Map<string, { schema: Place; values: string[] }>();
  for (const { name, value, pointer } of mappingOf(schema)) {
    const { target } = schema.refer(String(value), pointer);
    const branch = branches.get(target.pointer) ?? { schema: target, values: [] };
    branch.values.push(name);
    branches.set(target.pointer, branch);
  }
  return [...branches.values()];
}

/** The alternatives that a schema lists, rather than being known from its children. */
export function listedBranches(schema: Place): Place[] {
  return schema.elements("oneOf", "anyOf");
}

export function discriminatorProperty(schema: Place): string | undefined {
  const name = schema.at("discriminator")?.read("propertyName");
  return typeof name === "string" ? name : undefined;
}

/** Finds the values of a mapping that are neither the name of a schema nor a reference to one, and takes them out. */
export function checkMapping(schema: Place, problems: Remarks): void {
  const mapping = schema.at("discriminator", "mapping")?.value;
  for (const entry of mappingOf(schema)) {
    const leadsSomewhere = problems.collect(() => entry.refer(asReference(entry)));
    if (!leadsSomewhere && isObject(mapping)) delete mapping[entry.name];
  }
}

/** Changes the document that it is given. */
export function makeExplicit(document: Place): void {
  const polymorphic: Place[] = [];
  walkDocument(document, (schema) => {
    if (!isObject(schema.value)) return;
    const isDiscriminated = discriminatorProperty(schema) !== undefined;
    if (isDiscriminated) completeMapping(schema);
    if (isDiscriminated || listedBranches(schema).length > 0) polymorphic.push(schema);
  });
  const bases = polymorphic
    .map((schema) => ({ schema, references: referencesOfChildren(schema) }))
    // Without a list of its children a base would be taken for all that there is of them.
    .filter(({ schema, references }) => references.length > 0 || listedBranches(schema).length === 0)
    .map(({ schema, references }) => ({ schema, references, ...addSchema(document, `${schema.name}Base`) }));
  for (const { schema, references, name } of bases) {
    const reference = `#/components/schemas/${name}`;
    for (const each of references) each["$ref"] = reference;
    if (isObject(schema.value)) schema.value[BASE] = reference;
  }
  // Only now: a base may itself be the child of another.
  for (const { schema, schemas, name } of bases) schemas[name] = separateBase(schema);
}

/** Every branch in the mapping, as a reference. Without a branch that has no value of its own, nothing is discriminated. */
function completeMapping(schema: Place): void {
  const property = discriminatorProperty(schema) ?? "";
  const discriminator = schema.read("discriminator");
  const mapping: JsonObject = {};
  for (const entry of mappingOf(schema)) mapping[entry.name] = asReference(entry);
  const mapped = new Set(Object.values(mapping).map((reference) => schema.refer(String(reference)).target.pointer));
  const listed = listedBranches(schema).map((branch) => ({ target: branch.target, reference: branch.text("$ref") }));
  const unmapped = (listed.length > 0 ? listed : childrenOf(schema)).filter(
    ({ target }) => !mapped.has(target.pointer),
  );
  const own = unmapped.map(({ target }) => enumerated(target, property) ?? []);
  const all = own.flat();
  const areDistinct = new Set(all).size === all.length && own.every((values) => values.length > 0);
  if (!areDistinct && unmapped.some(({ reference }) => reference === undefined)) {
    if (isObject(schema.value)) delete schema.value["discriminator"];
    return;
  }
  for (const [index, { target, reference = `#${encodeURI(target.pointer)}` }] of unmapped.entries()) {
    const values = areDistinct ? own[index] : [reference.split("/").at(-1) ?? ""];
    for (const value of values ?? []) mapping[value] ??= reference;
  }
  if (isObject(discriminator)) discriminator["mapping"] = mapping;
}

/** The schemas of the document that are `allOf` this one, and those that are `allOf` one of them. */
function childrenOf(schema: Place): { target: Place; reference: string | undefined }[] {
  const schemas = new Place(schema.document).at("components")?.members("schemas") ?? [];
  const children = schemas.filter((each) => partsIn(each).some(({ target }) => target.pointer === schema.pointer));
  return children.map(({ name, target }) => ({ target, reference: `#/components/schemas/${name}` }));
}

/** The references by which the branches of a schema are `allOf` the schema itself. */
function referencesOfChildren(schema: Place): JsonObject[] {
  const branches = discriminatedBranches(schema).map((branch) => branch.schema);
  return [...listedBranches(schema), ...branches]
    .flatMap((branch) => partsIn(branch).filter((part) => part.target.pointer === schema.pointer))
    .flatMap(({ value }) => (isObject(value) ? [value] : []));
}

/** What a schema is `allOf`, and what that is `allOf`, as it is listed. */
export function partsIn(schema: Place): Place[] {
  return facetsOf(schema, "allOf").flatMap((facet) => facet.elements("allOf"));
}

/** Takes what a base says itself out of the union that its children refer to. */
function separateBase(schema: Place): JsonObject {
  const { value } = schema;
  if (!isObject(value)) return {};
  const own = Object.fromEntries(Object.entries(value).filter(([keyword]) => !OF_THE_UNION.includes(keyword)));
  const base = structuredClone(own);
  const branches = listedBranches(schema);
  const isInherited = (branch: Place) => partsIn(branch).some((part) => part.read("$ref") === value[BASE]);
  if (branches.length > 0 && branches.every(isInherited)) {
    // Every branch says it all: once is enough.
    for (const keyword of Object.keys(own)) delete value[keyword];
  }
  return base;
}

function mappingOf(schema: Place): Place[] {
  return schema.at("discriminator")?.members("mapping") ?? [];
}

/** A value of a mapping is a reference or, for short, the name of a schema. */
function asReference(entry: Place): string {
  const name = String(entry.value);
  const isName = member(member(member(entry.document, "components"), "schemas"), name) !== undefined;
  return isName ? `#/components/schemas/${name}` : name;
}
