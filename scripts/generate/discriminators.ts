/**
 * Discriminators made explicit, and base schemas told apart from the unions of their children.
 *
 * A base that lists children which are `allOf` the base would have no end. So what a base says itself moves to a schema
 * of its own, `PetBase`, to which the children refer; `Pet` is the union of them.
 */
import { isObject, type JsonObject, Place, type Remarks } from "./json-document.js";
import { addSchema, changeObjects, enumerated, facetsOf } from "./walk-document.js";

/** Names the schema that holds what a base says itself. */
export const BASE = "x-base";

/** What stays with the union when the base is taken out of it. */
const OF_THE_UNION = ["oneOf", "anyOf", "discriminator", "nullable", "description", "readOnly", "writeOnly", BASE];

/** The branches of a discriminator whose mapping `makeExplicit` has completed, each with the values that lead to it. */
export function discriminatedBranches(schema: Place): { readonly schema: Place; readonly values: readonly string[] }[] {
  const branches = new Map<string, { schema: Place; values: string[] }>();
  for (const entry of mappingOf(schema)) {
    const { target } = entry.refer(asReference(entry));
    const others = branches.get(target.pointer)?.values ?? [];
    branches.set(target.pointer, { schema: target, values: [...others, entry.name] });
  }
  return [...branches.values()];
}

export function listedBranches(schema: Place): Place[] {
  return schema.children("oneOf", "anyOf");
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

export function makeExplicit(document: Place): void {
  const polymorphic: Place[] = [];
  changeObjects(document, (value, schema) => {
    const property = discriminatorProperty(schema);
    if (property !== undefined) completeMapping(value, schema, property);
    if (property !== undefined || listedBranches(schema).length > 0) polymorphic.push(schema);
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
function completeMapping(value: JsonObject, schema: Place, property: string): void {
  const mapping = Object.fromEntries(mappingOf(schema).map((entry) => [entry.name, asReference(entry)]));
  const mapped = Object.values(mapping).map((reference) => schema.refer(reference).target.pointer);
  const listed = listedBranches(schema).map((branch) => ({ target: branch.target, reference: branch.text("$ref") }));
  const unmapped = (listed.length > 0 ? listed : childrenOf(schema))
    .filter(({ target }) => !mapped.includes(target.pointer))
    .map((branch) => ({ ...branch, own: enumerated(branch.target, property) ?? [] }));
  const all = unmapped.flatMap(({ own }) => own);
  const areDistinct = new Set(all).size === all.length && unmapped.every(({ own }) => own.length > 0);
  if (!areDistinct && unmapped.some(({ reference }) => reference === undefined)) {
    delete value["discriminator"];
    return;
  }
  for (const { target, reference = `#${encodeURI(target.pointer)}`, own } of unmapped) {
    for (const each of areDistinct ? own : [reference.split("/").at(-1) ?? ""]) mapping[each] ??= reference;
  }
  value["discriminator"] = { propertyName: property, mapping };
}

/** The schemas of the document that are `allOf` this one, and those that are `allOf` one of them. */
function childrenOf(schema: Place): { target: Place; reference: string | undefined }[] {
  const schemas = new Place(schema.document).at("components", "schemas")?.children() ?? [];
  const children = schemas.filter((each) => partsIn(each).some(({ target }) => target.pointer === schema.pointer));
  return children.map(({ name, target }) => ({ target, reference: `#/components/schemas/${name}` }));
}

/** The references by which the branches of a schema are `allOf` the schema itself. */
function referencesOfChildren(schema: Place): JsonObject[] {
  const branches = [...listedBranches(schema), ...discriminatedBranches(schema).map((branch) => branch.schema)];
  const references = branches.flatMap(partsIn).filter(({ target }) => target.pointer === schema.pointer);
  return references.flatMap(({ value }) => (isObject(value) ? [value] : []));
}

/** What a schema is `allOf`, and what that is `allOf`, as it is listed. */
export function partsIn(schema: Place): Place[] {
  return facetsOf(schema, ["allOf"]).flatMap((facet) => facet.children("allOf"));
}

/** Takes what a base says itself out of the union that its children refer to. */
function separateBase(schema: Place): JsonObject {
  const { value } = schema;
  if (!isObject(value)) return {};
  const own = Object.entries(value).filter(([keyword]) => !OF_THE_UNION.includes(keyword));
  const branches = listedBranches(schema);
  const isInherited = (branch: Place) => partsIn(branch).some((part) => part.read("$ref") === value[BASE]);
  if (branches.length > 0 && branches.every(isInherited)) {
    // Every branch says it all: once is enough.
    for (const [keyword] of own) delete value[keyword];
  }
  return structuredClone(Object.fromEntries(own));
}

function mappingOf(schema: Place): Place[] {
  return schema.at("discriminator", "mapping")?.children() ?? [];
}

/** A value of a mapping is a reference or, for short, the name of a schema. */
function asReference({ document, value }: Place): string {
  const name = String(value);
  const isName = new Place(document).at("components", "schemas", name) !== undefined;
  return isName ? `#/components/schemas/${name}` : name;
}
