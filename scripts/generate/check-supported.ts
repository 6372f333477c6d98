/**
 * The limits of the generator: each problem with the pointer of its place, and all of them at once.
 */
import { checkParameters } from "./check-parameters.js";
import { checkMapping } from "./discriminators.js";
import {
  childPointer,
  follow,
  isObject,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
  type Problems,
  refuse,
} from "./json-document.js";
import { encodingOf, preferred } from "./media-types.js";
import { mayBe, operationPlaces, pathItemsOf } from "./operation-model.js";
import { alternativesOf, partsOf, walkDocument } from "./walk-document.js";

/** ajv passes over the one, and openapi-typescript's parser stumbles over the other. */
const UNSUPPORTED_PROPERTIES = ["__proto__", "hasOwnProperty"];

/** Whether every reference leads somewhere and every operation has a name of its own, in the document as it is written. */
export function checkReferences(document: JsonObject, problems: Problems): void {
  walkDocument(document, (place, isData) => {
    // In data too: every tool that reads the contract follows references wherever they are.
    problems.collect(() => follow(document, place));
    if (!isData) problems.collect(() => checkMapping(document, place));
  });
  const operations = pathItemsOf(document).flatMap(({ place }) => {
    if (typeof member(place.value, "$ref") === "string") return [place];
    return operationPlaces(place).map((operation) => operation.place);
  });
  if (operations.length === 0) problems.collect(() => refuse("/paths", "there is no operation"));
  const pointers = new Map<Json, string>();
  for (const operation of operations) problems.collect(() => checkOperationId(operation, pointers));
}

/** Finds what the writers cannot write. @param document what `normalForm` returns */
export function checkSupported(document: JsonObject, problems: Problems): void {
  const finished = new Set<string>();
  walkDocument(document, (place, isData) => {
    if (isData) return;
    problems.collect(() => checkPropertyNames(place));
    problems.collect(() => refuseEndless(document, place, [], finished));
  });
  for (const { path, place: pathItem } of pathItemsOf(document)) {
    for (const { place } of operationPlaces(pathItem)) {
      checkParameters(document, path, pathItem, place, problems);
      problems.collect(() => checkRequestBody(document, place));
    }
  }
}

function checkOperationId({ value, pointer }: Place, pointers: Map<Json, string>): void {
  const operationId = member(value, "operationId");
  if (operationId === undefined) return;
  const at = childPointer(pointer, "operationId");
  if (typeof operationId !== "string") refuse(at, `the operationId ${JSON.stringify(operationId)} is not a string`);
  const other = pointers.get(operationId);
  if (other !== undefined) refuse(at, `the operationId ${operationId} is also that of ${other}`);
  pointers.set(operationId, pointer);
}

function checkPropertyNames({ value, pointer }: Place): void {
  const found = UNSUPPORTED_PROPERTIES.find((name) => member(member(value, "properties"), name) !== undefined);
  if (found === undefined) return;
  refuse(childPointer(childPointer(pointer, "properties"), found), `a property named ${found} is not supported`);
}

/** A schema that is made of itself, rather than of parts that may be of its kind, has no type and no end. */
function refuseEndless(document: Json, place: Place, above: readonly string[], finished: Set<string>): void {
  const target = follow(document, place);
  if (above.includes(target.pointer)) refuse(target.pointer, "the schema consists of itself");
  if (finished.has(target.pointer)) return;
  try {
    for (const part of alternativesOf(target)) refuseEndless(document, part, [...above, target.pointer], finished);
  } finally {
    finished.add(target.pointer);
  }
}

function checkRequestBody(document: Json, operation: Place): void {
  const at = memberPlace(operation, "requestBody");
  if (at === undefined) return;
  const body = follow(document, at);
  const content = memberPlace(body, "content");
  const mediaTypes = content === undefined ? [] : membersOf(content);
  if (mediaTypes.length === 0) refuse(body.pointer, "the body has no media type");
  const used = preferred(mediaTypes.map(({ name, place }) => ({ mediaType: name, place })));
  if (used.length === 0) {
    const names = mediaTypes.map(({ name }) => name).join(" or ");
    refuse(content?.pointer ?? body.pointer, `a body of ${names} is not supported`);
  }
  for (const { mediaType, place } of used) if (encodingOf(mediaType) === "form") checkForm(document, place);
}

/** openapi-fetch writes arrays and objects of a form, but nothing inside of them, and each in one way. */
function checkForm(document: Json, mediaType: Place): void {
  const encoding = memberPlace(mediaType, "encoding");
  for (const { place } of encoding === undefined ? [] : membersOf(encoding)) {
    const { style = "form", explode = true, allowReserved = false } = isObject(place.value) ? place.value : {};
    const isUsual = ["form", "deepObject"].includes(String(style)) && explode === true && allowReserved === false;
    if (!isUsual)
      refuse(place.pointer, "a form's arrays are written as a=1&a=2 and its objects as a[b]=1, not otherwise");
  }
  const schema = memberPlace(mediaType, "schema");
  const fields = schema === undefined ? [] : partsOf(follow(document, schema));
  for (const part of fields.flatMap((field) => partsOf(follow(document, field)))) {
    if (!mayBe(document, part, "object") && !mayBe(document, part, "array")) continue;
    refuse(part.pointer, "a part of a form's part is an array or an object");
  }
}
