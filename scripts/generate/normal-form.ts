/**
 * One form for what contracts say in many ways, so that the writers need to know only that one.
 */
import { makeExplicit } from "./discriminators.js";
import { childPointer, follow, isObject, type JsonObject, member, type Place, type Remark } from "./json-document.js";
import { operationPlaces, pathItemsOf } from "./operation-model.js";
import { isIdentifier, typeName } from "./typescript-text.js";
import { contradictsType, listed, typeOf, typesNamed, walkDocument } from "./walk-document.js";

/** Told what the generator passes over or names otherwise than the contract does. */
export type Note = (remark: Remark) => void;

/** Names that the client has for itself, and those that JavaScript gives a meaning of its own. */
const RESERVED_NAMES = new Set([
  "raw",
  "clientId",
  "updateClientSecret",
  "verifySecret",
  "redact",
  "close",
  "then",
  "__proto__",
]);

/** Says nothing about a value by itself. */
const ANNOTATIONS = new Set([
  "$ref",
  "description",
  "summary",
  "title",
  "example",
  "examples",
  "deprecated",
  "default",
]);

/** The document in that form, with places that keep their pointers; the document itself is left as it is. */
export function normalForm(document: JsonObject, note: Note): JsonObject {
  const copy = structuredClone(document);
  fillPathItems(copy);
  nameOperations(copy, note);
  for (const { place: pathItem } of pathItemsOf(copy)) {
    noteServers(pathItem, note);
    for (const { method, place } of operationPlaces(pathItem)) {
      noteServers(place, note);
      noteBody(method, place, note);
    }
  }
  walkDocument(copy, (place, isData) => {
    if (isData) return;
    if (String(copy["openapi"]).startsWith("3.1")) separateReference(place);
    passOverType(copy, place, note);
    passOverPattern(place, note);
  });
  makeExplicit(copy);
  return copy;
}

/** A path item by reference holds what it refers to, and what stands beside the reference. */
function fillPathItems(document: JsonObject): void {
  for (const { place } of pathItemsOf(document)) {
    if (!isObject(place.value) || typeof place.value["$ref"] !== "string") continue;
    const { value } = follow(document, place);
    const { $ref: _followed, ...beside } = place.value;
    delete place.value["$ref"];
    if (isObject(value)) Object.assign(place.value, structuredClone(value), beside);
  }
  // Nothing refers to them any more, and what the server calls is no operation of the client.
  if (isObject(document["components"])) delete document["components"]["pathItems"];
  delete document["webhooks"];
}

/** The client fills in the paths of one server, whose credentials it holds. */
function noteServers({ value, pointer }: Place, note: Note): void {
  if (member(value, "servers") === undefined) return;
  note({
    pointer: childPointer(pointer, "servers"),
    message: "these servers are passed over: every call goes to the client's `baseUrl`",
  });
}

/** `fetch` refuses to send it; the client's `fetch` option may be one that can, as MongoDB's own programs do. */
function noteBody(method: string, operation: Place, note: Note): void {
  if (!["get", "head"].includes(method) || member(operation.value, "requestBody") === undefined) return;
  note({
    pointer: childPointer(operation.pointer, "requestBody"),
    message: `the platform's fetch cannot send a body with ${method.toUpperCase()}; give the client another one`,
  });
}

/** Every operation gets a name that can be called; the first that differs from the contract is reported, with how many do. */
function nameOperations(document: JsonObject, note: Note): void {
  const taken = new Set<string>();
  const renamed: Remark[] = [];
  for (const { path, place: pathItem } of pathItemsOf(document)) {
    for (const { method, place } of operationPlaces(pathItem)) {
      if (!isObject(place.value)) continue;
      const { operationId } = place.value;
      const name = callableName(typeof operationId === "string" ? operationId : `${method}/${path}`, taken);
      taken.add(typeName(name));
      place.value["operationId"] = name;
      if (name === operationId) continue;
      const what =
        operationId === undefined
          ? "the operation has no operationId"
          : `the operationId ${JSON.stringify(operationId)} cannot be the name of a function`;
      renamed.push({ pointer: place.pointer, message: `${what}; it is called ${name}` });
    }
  }
  const [first, ...others] = renamed;
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` (and ${others.length} more, named in the same way)`;
  note({ ...first, message: first.message + more });
}

function callableName(operationId: string, taken: ReadonlySet<string>): string {
  const [first = "", ...others] = operationId.split(/[^\p{ID_Continue}$]+/u).filter((part) => part !== "");
  const joined = first + others.map(typeName).join("");
  const start = isIdentifier(operationId) ? operationId : isIdentifier(joined) ? joined : `_${joined}`;
  const wanted = RESERVED_NAMES.has(start) ? `${start}Operation` : start;
  let name = wanted;
  for (let number = 2; taken.has(typeName(name)); number += 1) name = `${wanted}${number}`;
  return name;
}

/** OpenAPI 3.1 lets keywords stand beside a reference, where most tools pass over them: they become parts of one schema. */
function separateReference({ value }: Place): void {
  if (!isObject(value) || typeof value["$ref"] !== "string") return;
  if (Object.keys(value).every((keyword) => ANNOTATIONS.has(keyword) || keyword.startsWith("x-"))) return;
  const parts = Array.isArray(value["allOf"]) ? value["allOf"] : [];
  value["allOf"] = [{ $ref: value["$ref"] }, ...parts];
  delete value["$ref"];
}

/** `type: object` beside `oneOf` of strings lets no value pass: the alternatives are what is meant. */
function passOverType(document: JsonObject, schema: Place, note: Note): void {
  if (!isObject(schema.value) || schema.value["type"] === undefined) return;
  const { type = null } = schema.value;
  if (contradictsType(schema.value)) {
    note({
      pointer: childPointer(schema.pointer, "enum"),
      message: `no value of the enum is of type ${type}; either is accepted`,
    });
  }
  const alternatives = [...listed(schema, "oneOf"), ...listed(schema, "anyOf")];
  const contradicts = alternatives.some((alternative) => {
    const types = typesOf(document, alternative, new Set());
    return types !== undefined && ![...types].some((each) => typesNamed(type).has(each));
  });
  if (!contradicts) return;
  delete schema.value["type"];
  note({
    pointer: childPointer(schema.pointer, "type"),
    message: `the type ${type} contradicts the alternatives beside it and is passed over`,
  });
}

/** A pattern of another kind of regular expression cannot be checked. */
function passOverPattern({ value, pointer }: Place, note: Note): void {
  if (!isObject(value) || typeof value["pattern"] !== "string") return;
  try {
    new RegExp(value["pattern"]);
  } catch {
    note({
      pointer: childPointer(pointer, "pattern"),
      message: `the pattern ${value["pattern"]} is not a regular expression of JavaScript and is not checked`,
    });
    delete value["pattern"];
  }
}

/** The types that a schema admits, as far as it says so; undefined if it does not. */
function typesOf(document: JsonObject, place: Place, seen: Set<string>): Set<string> | undefined {
  const { value, pointer } = follow(document, place);
  if (seen.has(pointer)) return undefined;
  seen.add(pointer);
  const type = member(value, "type");
  if (type !== undefined) return typesNamed(type);
  const constant = member(value, "const");
  const list = constant === undefined ? member(value, "enum") : [constant];
  if (Array.isArray(list)) return new Set(list.map(typeOf));
  const alternatives = ["oneOf", "anyOf"].flatMap((keyword) => listed({ value, pointer }, keyword));
  const types = alternatives.map((alternative) => typesOf(document, alternative, seen));
  if (types.length === 0 || types.includes(undefined)) return undefined;
  return new Set(types.flatMap((each) => [...(each ?? [])]));
}
