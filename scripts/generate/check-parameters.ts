/**
 * The limits of the generator for parameters: flat arguments need one name each, and one way to write each value.
 */
import {
  childPointer,
  elementsOf,
  follow,
  type Json,
  member,
  memberPlace,
  type Place,
  type Problems,
  refuse,
} from "./json-document.js";
import { mayBe, parameterPlaces, STYLES, serializationOf } from "./operation-model.js";
import { partsOf } from "./walk-document.js";

/** Finds every parameter of the operation that cannot be generated. */
export function checkParameters(
  document: Json,
  path: string,
  pathItem: Place,
  operation: Place,
  problems: Problems,
): void {
  for (const owner of [pathItem, operation]) {
    problems.collect(() => refuseRepeats(document, memberPlace(owner, "parameters")));
  }
  problems.collect(() => checkTemplate(path, pathItem.pointer));
  const placeholders = new Set(placeholdersOf(path));
  const names = new Map<string, string>();
  for (const { at, target } of parameterPlaces(document, pathItem, operation)) {
    const name = String(member(target.value, "name"));
    const location = member(target.value, "in");
    problems.collect(() => checkName(at, name, names));
    problems.collect(() => checkLocation(target, name, location));
    problems.collect(() => checkSerialization(document, target, location));
    if (location === "path" && !placeholders.delete(name)) {
      problems.collect(() => refuse(at.pointer, `the path ${path} has no {${name}} for the path parameter ${name}`));
    }
  }
  for (const missing of placeholders) {
    problems.collect(() => refuse(operation.pointer, `no path parameter is described for {${missing}} of ${path}`));
  }
}

/** A list replaces what the path item says, but must not name one parameter twice. */
function refuseRepeats(document: Json, list: Place | undefined): void {
  const seen = new Set<string>();
  for (const at of list === undefined ? [] : elementsOf(list)) {
    const { value } = follow(document, at);
    const key = JSON.stringify([member(value, "in"), member(value, "name")]);
    if (seen.has(key)) refuse(at.pointer, `two parameters have the name ${member(value, "name")}`);
    seen.add(key);
  }
}

function placeholdersOf(path: string): string[] {
  return [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "");
}

function checkTemplate(path: string, pointer: string): void {
  // openapi-fetch reads these marks as styles of serialization.
  if (
    /[{}?#]/.test(path.replaceAll(/\{[^{}]+\}/g, "")) ||
    placeholdersOf(path).some((name) => /^[.;]|\*$/.test(name))
  ) {
    refuse(pointer, `the path ${path} is not a template of the form /name/{parameter}`);
  }
}

/** @param names the pointer of every parameter so far, by name */
function checkName(at: Place, name: string, names: Map<string, string>): void {
  if (name === "body") refuse(at.pointer, "a parameter named body: that is the name of the request body");
  if (name === "__proto__") refuse(at.pointer, "a parameter named __proto__ is not supported");
  const other = names.get(name);
  if (other !== undefined) refuse(at.pointer, `two parameters have the name ${name}, here and at ${other}`);
  names.set(name, at.pointer);
}

function checkLocation(target: Place, name: string, location: Json | undefined): void {
  const at = childPointer(target.pointer, "in");
  if (location === "cookie") refuse(at, "cookie parameters are not supported");
  if (location !== "path" && location !== "query" && location !== "header") {
    refuse(at, `a parameter is in path, query or header, not in ${JSON.stringify(location) ?? "nothing"}`);
  }
  if (location === "path" && member(target.value, "required") !== true) {
    refuse(target.pointer, `the path parameter ${name} must be required`);
  }
  if (location === "query" && /[&=#+%]/.test(name)) {
    refuse(target.pointer, `the query parameter ${name} would have to be encoded`);
  }
}

/** Whether openapi-fetch's serializers, which write every value, can write this one as the contract says. */
function checkSerialization(document: Json, target: Place, location: Json | undefined): void {
  const schema = memberPlace(target, "schema");
  if (schema === undefined) {
    // With a content, the argument is the text that is sent.
    if (member(target.value, "content") === undefined) refuse(target.pointer, "the parameter has no schema");
    return;
  }
  const { style } = serializationOf(target.value);
  const isObject = mayBe(document, schema, "object");
  const supported: readonly string[] = STYLES[location === "query" ? "query" : "other"];
  if (!supported.includes(style)) {
    refuse(childPointer(target.pointer, "style"), `style ${style} is not supported here, only ${supported.join(", ")}`);
  }
  if (isObject && location !== "query") refuse(schema.pointer, `an object in ${location} is not supported`);
  if (isObject && style !== "form" && style !== "deepObject") {
    refuse(childPointer(target.pointer, "style"), `style ${style} is not supported for an object`);
  }
  for (const part of partsOf(follow(document, schema))) {
    if (!mayBe(document, part, "object") && !mayBe(document, part, "array")) continue;
    refuse(part.pointer, "a parameter whose parts are arrays or objects is not supported");
  }
}
