/** generated/schema.ts: the contract's types, written by openapi-typescript. */
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { BASE, discriminatedBranches, discriminatorProperty, listedBranches, partsIn } from "./discriminators.js";
import { isObject, type JsonObject, messageOf, Place, refuse } from "./json-document.js";
import { type Operation, operationsOf, pathItemsOf } from "./operation-model.js";
import { HEADER } from "./typescript-text.js";
import {
  addSchema,
  alternativesOf,
  changeObjects,
  contradictsType,
  partsOf,
  propertiesNamed,
  reached,
} from "./walk-document.js";

/** Marks a readOnly property that no request could hold, which is `readonly` in the types. */
const READ_ALONE = "x-read-alone";

/** openapi-typescript's own needs a key of every alternative, null among them. */
const WITH_REQUIRED =
  "type WithRequired<T, K extends PropertyKey> = T extends object ? T & { [P in K & keyof T]-?: T[P] } : T;";

/** @throws {ContractError} for what openapi-typescript refuses, with the place if it names one */
export async function writeSchema(document: Place, oneWay: OneWayProperties): Promise<string> {
  const copy = new Place(structuredClone(document.document));
  changeObjects(copy, (value, place) => {
    markOneWay(value, place, oneWay);
    enumerateItems(value);
    endArray(value, place);
    separateAlternatives(value);
  });
  flattenReferences(copy);
  operationsOf(copy).forEach(writeOperation);
  // Each operation has those that count; openapi-typescript would add to them what it does not take for the same.
  for (const { value } of pathItemsOf(copy)) if (isObject(value)) delete value["parameters"];
  changeObjects(copy, (value, place) => {
    delete value["$defs"];
    writeUnion(value, place);
  });
  try {
    // The type of the parameter describes valid documents only.
    const nodes = await openapiTS(copy.value as never, {
      silent: true,
      // An object of which nothing is said may have any members, not none.
      emptyObjectsUnknown: true,
      // A member with a default may still be left out of a request, and no response promises it.
      defaultNonNullable: false,
      readWriteMarkers: oneWay.size > 0,
      // In OpenAPI 3.1 a schema may be `true`.
      transformProperty: (property, schema) =>
        typeof schema === "object" && READ_ALONE in schema ? readonly(property) : property,
    });
    const text = astToString(nodes).replace(/^type WithRequired<[\s\S]*?^\};$/m, WITH_REQUIRED);
    return `${HEADER}\n${text}`;
  } catch (cause) {
    const [, what = messageOf(cause), pointer = ""] = /^([\s\S]*) at #(\/\S*)$/.exec(messageOf(cause)) ?? [];
    return refuse(pointer, `openapi-typescript cannot write the types: ${what}`, { cause });
  }
}

function readonly(property: ts.PropertySignature): ts.PropertySignature {
  const modifiers = [ts.factory.createModifier(ts.SyntaxKind.ReadonlyKeyword)];
  const { name, questionToken, type } = property;
  return ts.factory.updatePropertySignature(property, modifiers, name, questionToken, type);
}

/** Strings enumerated beside `type: array` are the items': openapi-typescript would take each for the whole value. */
function enumerateItems(value: JsonObject): void {
  if (value["type"] !== "array" || !contradictsType(value)) return;
  const { items } = value;
  if (isObject(items) && items["$ref"] === undefined) items["enum"] = value["enum"] ?? [];
  delete value["enum"];
}

/** An array that holds itself, rather than objects that do, is no type of a property: what it holds may be anything. */
function endArray(value: JsonObject, place: Place): void {
  const itemsOf = (target: Place) => [target.at("items") ?? []].flat();
  const inside = reached(itemsOf(place), (target) => [...alternativesOf(target), ...itemsOf(target)]);
  if (inside.some(({ pointer }) => pointer === place.pointer)) value["items"] = {};
}

/** openapi-typescript takes what stands beside `anyOf` for one more alternative; as a part of `allOf` both count. */
function separateAlternatives(value: JsonObject): void {
  if (!Array.isArray(value["anyOf"]) || Object.keys(value).length === 1) return;
  value["allOf"] = [value["allOf"] ?? [], { anyOf: value["anyOf"] }].flat();
  delete value["anyOf"];
}

/** Only the parameters that count, each with a comment of what is said beside it and in it; and no extensions of responses. */
function writeOperation({ place, parameters }: Operation): void {
  if (!isObject(place.value)) return;
  place.value["parameters"] = parameters.map(({ at }) => at.value);
  for (const { place: described, schema } of parameters) {
    for (const keyword of ["description", "format", "default"]) {
      const said = described.read(keyword) ?? schema?.target.read(keyword);
      if (isObject(described.value) && said !== undefined) described.value[keyword] = said;
    }
  }
  const { responses } = place.value;
  if (!isObject(responses)) return;
  for (const name of Object.keys(responses)) if (name.startsWith("x-")) delete responses[name];
}

const COMPONENT = /^\/components\/[^/]+\/[^/]+$/;
const SCHEMA = /^\/components\/schemas\/|\/schema(?:\/|$)/;

/**
 * References to a place inside a component or a path, and `$defs`: openapi-typescript writes the one as types that do not
 * exist, and the other as a property. So each such schema becomes a component of its own.
 */
function flattenReferences(document: Place): void {
  const added = new Map<string, ReturnType<typeof addSchema>>();
  changeObjects(document, (value, place) => {
    const reference = value["$ref"];
    if (typeof reference !== "string") return;
    const { pointer, name, target } = place.refer(reference);
    if (COMPONENT.test(pointer)) return;
    if (SCHEMA.test(pointer)) {
      // Empty until all are known: a schema may be inside another one.
      const component = added.get(pointer) ?? addSchema(document, name);
      added.set(pointer, component);
      value["$ref"] = `#/components/schemas/${component.name}`;
    } else {
      // A parameter, a response or the like, which holds no reference to itself.
      delete value["$ref"];
      Object.assign(value, structuredClone(target.value));
    }
  });
  for (const [pointer, { schemas, name }] of added) {
    schemas[name] = structuredClone(document.refer(`#${encodeURI(pointer)}`).value);
  }
}

/** A discriminator as a union whose members differ in the type of one property, which TypeScript narrows by. */
function writeUnion(value: JsonObject, schema: Place): void {
  const property = discriminatorProperty(schema);
  if (property === undefined) return;
  const base = value[BASE];
  const isUnion = listedBranches(schema).length > 0;
  const members = discriminatedBranches(schema).map(({ schema: branch, values }): JsonObject => {
    const constant: JsonObject = { type: "string", enum: [...values] };
    for (const keyword of ["readOnly", "writeOnly", READ_ALONE]) {
      if (propertiesNamed(branch, property).some((each) => each.flag(keyword))) constant[keyword] = true;
    }
    const isBased = isUnion || base === undefined || partsIn(branch).some((part) => part.read("$ref") === base);
    return {
      allOf: [
        ...(isBased ? [] : [{ $ref: base }]),
        branch.pointer.startsWith(`${schema.pointer}/`) ? branch.value : { $ref: `#${branch.pointer}` },
        { type: "object", required: [property], properties: { [property]: constant } },
      ],
    };
  });
  delete value["discriminator"];
  delete value[BASE];
  if (members.length === 0) return;
  // The base has all that it says itself.
  for (const keyword of Object.keys(value)) {
    if (!isUnion && !["description", "nullable"].includes(keyword)) delete value[keyword];
  }
  delete value["anyOf"];
  value["oneOf"] = members;
}

/** The properties that could go the wrong way, by their pointers: types differ by them. */
export type OneWayProperties = ReturnType<typeof oneWayProperties>;

export function oneWayProperties(operations: readonly Operation[]): ReadonlyMap<string, "readOnly" | "writeOnly"> {
  const found = new Map<string, "readOnly" | "writeOnly">();
  const find = (keyword: "readOnly" | "writeOnly", mediaTypes: readonly Place[]): void => {
    for (const place of schemasIn(mediaTypes.flatMap((each) => each.at("schema") ?? []))) {
      const isProperty = /\/properties\/[^/]+$/.test(place.pointer);
      if (isProperty && (place.flag(keyword) || place.target.flag(keyword))) found.set(place.pointer, keyword);
    }
  };
  const sent = operations.flatMap(({ body }) => body?.content ?? []).map(({ place }) => place);
  const responses = operations.flatMap(({ place }) => place.children("responses"));
  find("readOnly", sent);
  find(
    "writeOnly",
    responses.flatMap(({ target }) => target.children("content")),
  );
  return found;
}

/** Whether a value of the schema can have one. */
export function hasOneWay(schema: Place, oneWay: OneWayProperties): boolean {
  return oneWay.size > 0 && schemasIn([schema]).some(({ pointer }) => oneWay.has(pointer));
}

/** Every schema in these schemas, references and what they lead to alike. */
function schemasIn(roots: readonly Place[]): Place[] {
  const branchesOf = (target: Place) => discriminatedBranches(target).map(({ schema }) => schema);
  return reached(roots, (target) => [...alternativesOf(target), ...partsOf(target), ...branchesOf(target)]);
}

/** Leaves the keywords where they matter: everywhere else, a marker would be in the way of whoever reads a value. */
function markOneWay(value: JsonObject, { pointer }: Place, oneWay: OneWayProperties): void {
  const keyword = oneWay.get(pointer);
  if (value["readOnly"] === true && keyword === undefined) value[READ_ALONE] = true;
  for (const each of ["readOnly", "writeOnly"]) delete value[each];
  if (keyword !== undefined) value[keyword] = true;
}
