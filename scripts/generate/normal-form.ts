/** One form for what contracts say in many ways, so that the writers need to know only that one. */
import { listedBranches, makeExplicit } from "./discriminators.js";
import { childPointer, isObject, type JsonObject, Place, type Remark, type Remarks } from "./json-document.js";
import { operationsOf, pathItemsOf } from "./operation-model.js";
import { typeName } from "./typescript-text.js";
import { changeObjects, contradictsType, typeOf, typesNamed, valuesOf } from "./walk-document.js";

/** Names that the client has for itself, and those that JavaScript gives a meaning of its own. */
const RESERVED_NAMES = new Set("raw clientId updateClientSecret verifySecret redact close then __proto__".split(" "));

/** Says nothing about a value by itself. */
const ANNOTATIONS = new Set("$ref description summary title example examples deprecated default".split(" "));

/** The document in that form, with places that keep their pointers; the document itself is left as it is. */
export function normalForm(document: Place, notes: Remarks): Place {
  const copy = new Place(structuredClone(document.document));
  fillPathItems(copy);
  nameOperations(copy, notes);
  for (const owner of [...pathItemsOf(copy), ...operationsOf(copy).map(({ place }) => place)]) noteLimits(owner, notes);
  const allowsBeside = copy.text("openapi")?.startsWith("3.1");
  changeObjects(copy, (value, place) => {
    if (allowsBeside) separateReference(value);
    escapeTags(value);
    nullInWords(value);
    passOverType(value, place, notes);
    passOverPattern(value, place, notes);
  });
  makeExplicit(copy);
  return copy;
}

/** A path item by reference holds what it refers to, and what stands beside the reference. */
function fillPathItems(document: Place): void {
  for (const { value, target } of pathItemsOf(document)) {
    if (!isObject(value) || !isObject(target.value) || target.value === value) continue;
    Object.assign(value, { ...structuredClone(target.value), ...value });
    delete value["$ref"];
  }
  // Nothing refers to them any more, and what the server calls is no operation of the client.
  const components = document.read("components");
  if (isObject(components)) delete components["pathItems"];
  delete document.document["webhooks"];
}

/** What a path or an operation says that the client does not do. */
function noteLimits(owner: Place, notes: Remarks): void {
  const [servers, body] = [owner.at("servers"), owner.at("requestBody")];
  // The client fills in the paths of one server, whose credentials it holds.
  const passedOver = "these servers are passed over: every call goes to the client's `baseUrl`";
  if (servers !== undefined) notes.report(servers.pointer, passedOver);
  // The client's `fetch` option may be one that can, as MongoDB's own programs do.
  const unsendable = `the platform's fetch cannot send a body with ${owner.name.toUpperCase()}; give the client another one`;
  if (body !== undefined && ["get", "head"].includes(owner.name)) notes.report(body.pointer, unsendable);
}

/** Every operation gets a name that can be called; the first that differs from the contract is reported, with how many do. */
function nameOperations(document: Place, notes: Remarks): void {
  const taken = new Set<string>();
  const renamed: Remark[] = [];
  for (const { path, method, place } of operationsOf(document)) {
    if (!isObject(place.value)) continue;
    const { operationId } = place.value;
    const name = callableName(typeof operationId === "string" ? operationId : `${method}/${path}`, taken);
    taken.add(typeName(name));
    place.value["operationId"] = name;
    const unusable = `the operationId ${JSON.stringify(operationId)} cannot be the name of a function`;
    const why = operationId === undefined ? "the operation has no operationId" : unusable;
    if (name !== operationId) renamed.push({ pointer: place.pointer, message: `${why}; it is called ${name}` });
  }
  const [first] = renamed;
  const more = renamed.length > 1 ? ` (and ${renamed.length - 1} more, named in the same way)` : "";
  if (first !== undefined) notes.report(first.pointer, first.message + more);
}

function callableName(operationId: string, taken: ReadonlySet<string>): string {
  const [first = "", ...others] = operationId.split(/[^\p{ID_Continue}$]+/u).filter((part) => part !== "");
  const joined = first + others.map(typeName).join("");
  const start = /^[\p{ID_Start}$_]/u.test(joined) ? joined : `_${joined}`;
  const wanted = RESERVED_NAMES.has(start) ? `${start}Operation` : start;
  let name = wanted;
  for (let number = 2; taken.has(typeName(name)); number += 1) name = `${wanted}${number}`;
  return name;
}

/** A word of prose that begins with @ would be a tag in a comment. */
function escapeTags(value: JsonObject): void {
  for (const keyword of ["title", "summary", "description"]) {
    const text = value[keyword];
    if (typeof text === "string") value[keyword] = text.replaceAll(/(^|\s)@(?=\w)/g, "$1\\@");
  }
}

/** OpenAPI 3.1 lets keywords stand beside a reference, where most tools pass over them: they become parts of one schema. */
function separateReference(value: JsonObject): void {
  if (typeof value["$ref"] !== "string") return;
  if (Object.keys(value).every((keyword) => ANNOTATIONS.has(keyword) || keyword.startsWith("x-"))) return;
  const parts = Array.isArray(value["allOf"]) ? value["allOf"] : [];
  value["allOf"] = [{ $ref: value["$ref"] }, ...parts];
  delete value["$ref"];
}

/** Null among the types, or in an enumeration beside a type, is what `nullable` says. */
function nullInWords(value: JsonObject): void {
  const { type, enum: values } = value;
  if (Array.isArray(type) && type.includes("null") && type.length > 1) {
    const others = type.filter((each) => each !== "null");
    value["type"] = others.length === 1 ? (others[0] ?? null) : others;
    value["nullable"] = true;
  }
  if (type !== undefined && type !== "null" && Array.isArray(values) && values.includes(null)) value["nullable"] = true;
}

/** `type: object` beside `oneOf` of strings lets no value pass: the alternatives are what is meant. */
function passOverType(value: JsonObject, schema: Place, notes: Remarks): void {
  const { type } = value;
  if (type === undefined) return;
  const at = (keyword: string) => childPointer(schema.pointer, keyword);
  if (contradictsType(value)) notes.report(at("enum"), `no value of the enum is of type ${type}; either is accepted`);
  const types = typesNamed(type);
  if (!listedBranches(schema).some((branch) => typesOf(branch)?.every((each) => !types.has(each)))) return;
  delete value["type"];
  notes.report(at("type"), `the type ${type} contradicts the alternatives beside it and is passed over`);
}

/** A pattern of another kind of regular expression cannot be checked. */
function passOverPattern(value: JsonObject, { pointer }: Place, notes: Remarks): void {
  const { pattern } = value;
  if (typeof pattern !== "string") return;
  try {
    new RegExp(pattern);
  } catch {
    const message = `the pattern ${pattern} is not a regular expression of JavaScript and is not checked`;
    notes.report(childPointer(pointer, "pattern"), message);
    delete value["pattern"];
  }
}

/** The types that a schema admits, as far as it says so; undefined if it does not. */
function typesOf({ target }: Place, above: readonly string[] = []): readonly string[] | undefined {
  if (above.includes(target.pointer)) return undefined;
  const type = target.read("type");
  if (type !== undefined) return [...typesNamed(type)];
  const values = valuesOf(target);
  if (values !== undefined) return values.map(typeOf);
  const types = listedBranches(target).map((alternative) => typesOf(alternative, [...above, target.pointer]));
  return types.length === 0 || types.includes(undefined) ? undefined : types.flatMap((each) => each ?? []);
}
