/**
 * The limits of the generator for parameters: flat arguments need one name each, and one way to write each value.
 */
import {
  ContractError,
  childPointer,
  elementsOf,
  follow,
  type Json,
  member,
  memberPlace,
  membersOf,
  type Place,
} from "./json-document.js";
import { parameterPlaces } from "./operation-model.js";

/** @throws {ContractError} for the first parameter of the operation that cannot be generated */
export function checkParameters(document: Json, path: string, pathItem: Place, operation: Place): void {
  for (const owner of [pathItem, operation]) refuseRepeats(document, memberPlace(owner, "parameters"));
  const placeholders = placeholdersOf(path, pathItem.pointer);
  const names = new Map<string, string>();
  for (const { at, target } of parameterPlaces(document, pathItem, operation)) {
    const name = String(member(target.value, "name"));
    const location = member(target.value, "in");
    checkName(at, name, names);
    checkLocation(target, name, location);
    checkSerialization(document, target, location);
    if (location === "path" && !placeholders.delete(name)) {
      throw new ContractError(at.pointer, `the path ${path} has no {${name}} for the path parameter ${name}`);
    }
  }
  const [missing] = placeholders;
  if (missing !== undefined) {
    throw new ContractError(operation.pointer, `no path parameter is described for {${missing}} of ${path}`);
  }
}

/** A list replaces what the path item says, but must not name one parameter twice. */
function refuseRepeats(document: Json, list: Place | undefined): void {
  const seen = new Set<string>();
  for (const at of list === undefined ? [] : elementsOf(list)) {
    const { value } = follow(document, at);
    const key = JSON.stringify([member(value, "in"), member(value, "name")]);
    if (seen.has(key)) throw new ContractError(at.pointer, `two parameters have the name ${member(value, "name")}`);
    seen.add(key);
  }
}

function placeholdersOf(path: string, pointer: string): Set<string> {
  const names = [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "");
  // openapi-fetch, behind `raw`, reads these marks as styles of serialization.
  if (/[{}?#]/.test(path.replaceAll(/\{[^{}]+\}/g, "")) || names.some((name) => /^[.;]|\*$/.test(name))) {
    throw new ContractError(pointer, `the path ${path} is not a template of the form /name/{parameter}`);
  }
  return new Set(names);
}

/** @param names the pointer of every parameter so far, by name */
function checkName(at: Place, name: string, names: Map<string, string>): void {
  if (name === "body")
    throw new ContractError(at.pointer, "a parameter named body: that is the name of the request body");
  if (name === "__proto__") throw new ContractError(at.pointer, "a parameter named __proto__ is not supported");
  const other = names.get(name);
  if (other !== undefined)
    throw new ContractError(at.pointer, `two parameters have the name ${name}, here and at ${other}`);
  names.set(name, at.pointer);
}

function checkLocation(target: Place, name: string, location: Json | undefined): void {
  const at = childPointer(target.pointer, "in");
  if (location === "cookie") throw new ContractError(at, "cookie parameters are not supported");
  if (location !== "path" && location !== "query" && location !== "header") {
    throw new ContractError(
      at,
      `a parameter is in path, query or header, not in ${JSON.stringify(location) ?? "nothing"}`,
    );
  }
  if (location === "path" && member(target.value, "required") !== true) {
    throw new ContractError(target.pointer, `the path parameter ${name} must be required`);
  }
  if (location === "header" && /^(accept|content-type|authorization)$/i.test(name)) {
    throw new ContractError(
      target.pointer,
      `the header ${name} comes from media types and security schemes, not a parameter`,
    );
  }
  if (location === "query" && /[&=#+%]/.test(name)) {
    throw new ContractError(target.pointer, `the query parameter ${name} would have to be encoded`);
  }
}

/** The client writes values in one way each, which is openapi-fetch's: what the contract asks for must be that. */
function checkSerialization(document: Json, target: Place, location: Json | undefined): void {
  const { value, pointer } = target;
  if (member(value, "content") !== undefined) {
    throw new ContractError(
      childPointer(pointer, "content"),
      "a parameter with content is not supported; give it a schema",
    );
  }
  const schema = memberPlace(target, "schema");
  if (schema === undefined) throw new ContractError(pointer, "the parameter has no schema");
  const isObject = hasType(document, schema, "object");
  const deep = isObject && location === "query";
  const style = deep ? "deepObject" : location === "query" ? "form" : "simple";
  const explode = location === "query";
  requireValue(target, "style", style, deep ? "form" : style);
  requireValue(target, "explode", explode, explode);
  requireValue(target, "allowReserved", false, false);
  if (isObject && !deep) throw new ContractError(schema.pointer, `an object in ${location} is not supported`);
  for (const part of partsOf(follow(document, schema))) {
    if (!hasType(document, part, "object") && !hasType(document, part, "array")) continue;
    throw new ContractError(part.pointer, "a parameter whose parts are arrays or objects is not supported");
  }
}

/** The schemas of what an array or an object holds. */
function partsOf(schema: Place): Place[] {
  const properties = memberPlace(schema, "properties");
  return [
    ...["items", "additionalProperties"].flatMap((keyword) => memberPlace(schema, keyword) ?? []),
    ...(properties === undefined ? [] : membersOf(properties).map(({ place }) => place)),
  ];
}
/** @param standard what OpenAPI assumes if the contract says nothing */
function requireValue({ value, pointer }: Place, name: string, supported: Json, standard: Json): void {
  const found = member(value, name) ?? standard;
  if (found === supported) return;
  throw new ContractError(
    member(value, name) === undefined ? pointer : childPointer(pointer, name),
    `${name} ${found} is not supported here, only ${supported}`,
  );
}

/** Whether a value of the schema may be of that type, as far as the schema and its parts say so. */
function hasType(document: Json, schema: Place, type: "object" | "array", seen = new Set<string>()): boolean {
  const target = follow(document, schema);
  if (seen.has(target.pointer)) return false;
  seen.add(target.pointer);
  const implied = type === "object" ? "properties" : "items";
  const declared = member(target.value, "type");
  if (declared === type || (declared === undefined && member(target.value, implied) !== undefined)) return true;
  return ["allOf", "oneOf", "anyOf"].some((keyword) => {
    const parts = memberPlace(target, keyword);
    return parts !== undefined && elementsOf(parts).some((part) => hasType(document, part, type, seen));
  });
}
