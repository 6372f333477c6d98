/**
 * The limits of the generator: each problem with the pointer of its place, and all of them at once.
 */
import { checkMapping } from "./discriminators.js";
import { childPointer, isObject, type Json, type Place, type Problems, refuse } from "./json-document.js";
import {
  encodingOf,
  mayBe,
  operationPlaces,
  parameterKey,
  parameterPlaces,
  pathItemsOf,
  preferred,
  STYLES,
  serializationOf,
} from "./operation-model.js";
import { alternativesOf, partsOf, walkDocument } from "./walk-document.js";

/** ajv passes over the one, and openapi-typescript's parser stumbles over the other. */
const UNSUPPORTED_PROPERTIES = ["__proto__", "hasOwnProperty"];

/** Finds the references that lead nowhere, and takes them out: what follows references can then look at all the rest. */
export function checkReferences(document: Place, problems: Problems): void {
  walkDocument(document, (place, isData) => {
    // In data too: every tool that reads the contract follows references wherever they are.
    if (!problems.collect(() => place.target) && isObject(place.value)) delete place.value["$ref"];
    if (!isData) checkMapping(place, problems);
  });
}

/** Whether every operation has a name of its own, in the document as it is written. */
export function checkOperationIds(document: Place, problems: Problems): void {
  const operations = pathItemsOf(document).flatMap((pathItem) =>
    typeof pathItem.read("$ref") === "string" ? [pathItem] : operationPlaces(pathItem),
  );
  if (operations.length === 0) problems.collect(() => refuse("/paths", "there is no operation"));
  const pointers = new Map<Json, string>();
  for (const operation of operations) problems.collect(() => checkOperationId(operation, pointers));
}

/** Finds what the writers cannot write. @param document what `normalForm` returns */
export function checkSupported(document: Place, problems: Problems): void {
  const finished = new Set<string>();
  walkDocument(document, (place, isData) => {
    if (isData) return;
    problems.collect(() => checkPropertyNames(place));
    problems.collect(() => refuseEndless(place, [], finished));
  });
  for (const pathItem of pathItemsOf(document)) {
    for (const operation of operationPlaces(pathItem)) {
      checkParameters(pathItem, operation, problems);
      problems.collect(() => checkRequestBody(operation));
    }
  }
}

/** @param pointers of the operations so far, by operationId */
function checkOperationId(operation: Place, pointers: Map<Json, string>): void {
  const operationId = operation.read("operationId");
  if (operationId === undefined) return;
  const at = childPointer(operation.pointer, "operationId");
  if (typeof operationId !== "string") refuse(at, `the operationId ${JSON.stringify(operationId)} is not a string`);
  const other = pointers.get(operationId);
  if (other !== undefined) refuse(at, `the operationId ${operationId} is also that of ${other}`);
  pointers.set(operationId, operation.pointer);
}

function checkPropertyNames(schema: Place): void {
  for (const { name, pointer } of schema.members("properties")) {
    if (UNSUPPORTED_PROPERTIES.includes(name)) refuse(pointer, `a property named ${name} is not supported`);
  }
}

/** A schema that is made of itself, rather than of parts that may be of its kind, has no type and no end. */
function refuseEndless(place: Place, above: readonly string[], finished: Set<string>): void {
  const { target } = place;
  if (above.includes(target.pointer)) refuse(target.pointer, "the schema consists of itself");
  if (finished.has(target.pointer)) return;
  try {
    for (const part of alternativesOf(target)) refuseEndless(part, [...above, target.pointer], finished);
  } finally {
    finished.add(target.pointer);
  }
}

/** Flat arguments need one name each, and one way to write each value. */
function checkParameters(pathItem: Place, operation: Place, problems: Problems): void {
  const path = pathItem.name;
  for (const owner of [pathItem, operation]) problems.collect(() => refuseRepeats(owner));
  problems.collect(() => checkTemplate(path, pathItem.pointer));
  const placeholders = new Set(placeholdersOf(path));
  const names = new Map<string, string>();
  for (const { at, target } of parameterPlaces(pathItem, operation)) {
    const name = String(target.read("name"));
    problems.collect(() => checkName(at, name, names));
    problems.collect(() => checkLocation(target, name));
    problems.collect(() => checkSerialization(target));
    if (target.read("in") === "path" && !placeholders.delete(name)) {
      problems.collect(() => refuse(at.pointer, `the path ${path} has no {${name}} for the path parameter ${name}`));
    }
  }
  for (const missing of placeholders) {
    problems.collect(() => refuse(operation.pointer, `no path parameter is described for {${missing}} of ${path}`));
  }
}

/** A list replaces what the path item says, but must not name one parameter twice. */
function refuseRepeats(owner: Place): void {
  const seen = new Set<string>();
  for (const { pointer, target } of owner.elements("parameters")) {
    const key = parameterKey(target);
    if (seen.has(key)) refuse(pointer, `two parameters have the name ${target.read("name")}`);
    seen.add(key);
  }
}

function placeholdersOf(path: string): string[] {
  return [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "");
}

function checkTemplate(path: string, pointer: string): void {
  const isStray = /[{}?#]/.test(path.replaceAll(/\{[^{}]+\}/g, ""));
  // openapi-fetch reads these marks as styles of serialization.
  if (isStray || placeholdersOf(path).some((name) => /^[.;]|\*$/.test(name))) {
    refuse(pointer, `the path ${path} is not a template of the form /name/{parameter}`);
  }
}

/** @param names the pointer of every parameter so far, by name */
function checkName({ pointer }: Place, name: string, names: Map<string, string>): void {
  if (name === "body") refuse(pointer, "a parameter named body: that is the name of the request body");
  if (name === "__proto__") refuse(pointer, "a parameter named __proto__ is not supported");
  const other = names.get(name);
  if (other !== undefined) refuse(pointer, `two parameters have the name ${name}, here and at ${other}`);
  names.set(name, pointer);
}

function checkLocation(parameter: Place, name: string): void {
  const location = parameter.read("in");
  const at = childPointer(parameter.pointer, "in");
  if (location === "cookie") refuse(at, "cookie parameters are not supported");
  if (location !== "path" && location !== "query" && location !== "header") {
    refuse(at, `a parameter is in path, query or header, not in ${JSON.stringify(location) ?? "nothing"}`);
  }
  if (location === "path" && !parameter.flag("required")) {
    refuse(parameter.pointer, `the path parameter ${name} must be required`);
  }
  if (location === "query" && /[&=#+%]/.test(name)) {
    refuse(parameter.pointer, `the query parameter ${name} would have to be encoded`);
  }
}

/** Whether openapi-fetch's serializers, which write every value, can write this one as the contract says. */
function checkSerialization(parameter: Place): void {
  const schema = parameter.at("schema");
  if (schema === undefined) {
    // With a content, the argument is the text that is sent.
    if (parameter.read("content") === undefined) refuse(parameter.pointer, "the parameter has no schema");
    return;
  }
  const { style } = serializationOf(parameter);
  const isObject = mayBe(schema, "object");
  const location = parameter.read("in");
  const supported: readonly string[] = STYLES[location === "query" ? "query" : "other"];
  const at = childPointer(parameter.pointer, "style");
  if (!supported.includes(style)) refuse(at, `style ${style} is not supported here, only ${supported.join(", ")}`);
  if (isObject && location !== "query") refuse(schema.pointer, `an object in ${location} is not supported`);
  if (isObject && style !== "form" && style !== "deepObject") {
    refuse(at, `style ${style} is not supported for an object`);
  }
  refuseCompound(partsOf(schema.target), "a parameter whose parts are arrays or objects is not supported");
}

function refuseCompound(schemas: readonly Place[], message: string): void {
  for (const schema of schemas) {
    if (mayBe(schema, "object") || mayBe(schema, "array")) refuse(schema.pointer, message);
  }
}

function checkRequestBody(operation: Place): void {
  const body = operation.at("requestBody")?.target;
  if (body === undefined) return;
  const mediaTypes = body.members("content").map((place) => ({ mediaType: place.name, place }));
  if (mediaTypes.length === 0) refuse(body.pointer, "the body has no media type");
  const used = preferred(mediaTypes);
  if (used.length === 0) {
    const names = mediaTypes.map(({ mediaType }) => mediaType).join(" or ");
    refuse(childPointer(body.pointer, "content"), `a body of ${names} is not supported`);
  }
  for (const { mediaType, place } of used) if (encodingOf(mediaType) === "form") checkForm(place);
}

/** openapi-fetch writes arrays and objects of a form, but nothing inside of them, and each in one way. */
function checkForm(mediaType: Place): void {
  for (const { value, pointer } of mediaType.members("encoding")) {
    const { style = "form", explode = true, allowReserved = false } = isObject(value) ? value : {};
    const isUsual = ["form", "deepObject"].includes(String(style)) && explode === true && allowReserved === false;
    if (!isUsual) refuse(pointer, "a form's arrays are written as a=1&a=2 and its objects as a[b]=1, not otherwise");
  }
  const schema = mediaType.at("schema");
  const fields = schema === undefined ? [] : partsOf(schema.target);
  const parts = fields.flatMap((field) => partsOf(field.target));
  refuseCompound(parts, "a part of a form's part is an array or an object");
}
