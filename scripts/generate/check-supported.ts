/**
 * The limits of the generator: each fault is one ContractError with the pointer of its place.
 */
import { checkParameters } from "./check-parameters.js";
import { checkMapping } from "./discriminator-mapping.js";
import {
  ContractError,
  childPointer,
  follow,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
  walkDocument,
} from "./json-document.js";
import { type Method, operationPlaces, pathItemsOf, successPlaces } from "./operation-model.js";
import { isIdentifier, typeName } from "./typescript-text.js";

/** Names that the client has for itself, and those that JavaScript gives a meaning of its own. */
const RESERVED_NAMES = new Set(["raw", "clientId", "updateClientSecret", "verifySecret", "close", "then", "__proto__"]);

/** ajv passes over the one, and openapi-typescript's parser stumbles over the other. */
const UNSUPPORTED_PROPERTIES = ["__proto__", "hasOwnProperty"];

/**
 * Passes only what the writers can write. Takes any JSON: what is merely invalid is left to the validation after it.
 * @throws {ContractError} for the first thing that the generator cannot do
 */
export function checkSupported(document: JsonObject): void {
  walkDocument(document, (place, isData) => {
    // In data too: every tool that reads the contract follows references wherever they stand.
    follow(document, place);
    if (isData) return;
    checkSchema(place);
    checkMapping(document, place);
  });
  if (!pathItemsOf(document).some(({ place }) => operationPlaces(place).length > 0)) {
    throw new ContractError("/paths", "there is no operation");
  }
  const typeNames = new Map<string, string>();
  for (const { path, place: pathItem } of pathItemsOf(document)) {
    if (member(pathItem.value, "$ref") !== undefined) {
      throw new ContractError(childPointer(pathItem.pointer, "$ref"), "a path by reference is not supported");
    }
    refuseServers(pathItem);
    for (const { method, place } of operationPlaces(pathItem)) {
      checkName(place, typeNames);
      refuseServers(place);
      checkParameters(document, path, pathItem, place);
      checkRequestBody(document, method, place);
      checkSuccess(document, place);
    }
  }
}

function checkSchema({ value, pointer }: Place): void {
  const pattern = member(value, "pattern");
  if (typeof pattern === "string" && !isPattern(pattern)) {
    throw new ContractError(childPointer(pointer, "pattern"), `the pattern ${pattern} is not a regular expression`);
  }
  for (const name of UNSUPPORTED_PROPERTIES) {
    if (member(member(value, "properties"), name) === undefined) continue;
    throw new ContractError(
      childPointer(childPointer(pointer, "properties"), name),
      `a property named ${name} is not supported`,
    );
  }
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/** @param typeNames the pointer of every operation so far, by the name of its types */
function checkName(operation: Place, typeNames: Map<string, string>): void {
  const operationId = member(operation.value, "operationId");
  if (operationId === undefined) throw new ContractError(operation.pointer, "the operation has no operationId");
  const at = childPointer(operation.pointer, "operationId");
  if (typeof operationId !== "string" || !isIdentifier(operationId)) {
    throw new ContractError(at, `the operationId ${JSON.stringify(operationId)} is not an identifier`);
  }
  if (RESERVED_NAMES.has(operationId)) throw new ContractError(at, `the operationId ${operationId} is reserved`);
  const name = typeName(operationId);
  const other = typeNames.get(name);
  if (other !== undefined) throw new ContractError(at, `the operationId ${operationId} is also that of ${other}`);
  typeNames.set(name, operation.pointer);
}

function refuseServers({ value, pointer }: Place): void {
  if (member(value, "servers") === undefined) return;
  throw new ContractError(childPointer(pointer, "servers"), "servers of one path or operation are not supported");
}

function checkRequestBody(document: Json, method: Method, operation: Place): void {
  const at = memberPlace(operation, "requestBody");
  if (at === undefined) return;
  if (method === "get" || method === "head") {
    throw new ContractError(at.pointer, `${method.toUpperCase()} cannot send a body`);
  }
  const body = follow(document, at);
  const content = memberPlace(body, "content");
  const mediaTypes = content === undefined ? [] : membersOf(content);
  if (mediaTypes.length === 0) throw new ContractError(body.pointer, "the body has no media type");
  refuseOtherThanJson(mediaTypes, "the body");
}

function checkSuccess(document: Json, operation: Place): void {
  const responses = memberPlace(operation, "responses");
  const range = responses && memberPlace(responses, "2XX");
  if (range !== undefined) throw new ContractError(range.pointer, "a range of success statuses is not supported");
  const successes = successPlaces(operation);
  if (successes.length === 0) {
    throw new ContractError(
      responses?.pointer ?? operation.pointer,
      "the operation has no success response (200 to 299)",
    );
  }
  for (const { place } of successes) {
    const content = memberPlace(follow(document, place), "content");
    if (content !== undefined) refuseOtherThanJson(membersOf(content), "the success response");
  }
}

function refuseOtherThanJson(mediaTypes: readonly { name: string; place: Place }[], what: string): void {
  for (const { name, place } of mediaTypes) {
    const essence = name.split(";")[0]?.trim().toLowerCase() ?? "";
    if (/^application\/json$|^[^/*]+\/[^/*]+\+json$/.test(essence)) continue;
    throw new ContractError(place.pointer, `${what} is not JSON: ${name}`);
  }
}
