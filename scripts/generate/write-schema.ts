/**
 * generated/schema.ts: the contract's types, written by openapi-typescript.
 */
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { flattenReferences } from "./deep-references.js";
import { BASE, discriminatedBranches, discriminatorProperty, hasUnion, isAllOf, refersTo } from "./discriminators.js";
import {
  elementsOf,
  follow,
  isObject,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
  refuse,
} from "./json-document.js";
import { isIgnored, type Operation, operationPlaces, pathItemsOf } from "./operation-model.js";
import { HEADER } from "./typescript-text.js";
import { alternativesOf, contradictsType, partsOf, propertiesNamed, walkDocument } from "./walk-document.js";

/** openapi-typescript's own needs a key of every alternative, null among them. */
const WITH_REQUIRED =
  "type WithRequired<T, K extends PropertyKey> = T extends object ? T & { [P in K & keyof T]-?: T[P] } : T;";

/** @throws {ContractError} for what openapi-typescript refuses, with the place if it names one */
export async function writeSchema(document: JsonObject, oneWay: OneWayProperties): Promise<string> {
  const copy = structuredClone(document);
  walkDocument(copy, (place, isData) => {
    if (isData) return;
    oneWay.mark(place);
    enumerateItems(place);
  });
  flattenReferences(copy);
  walkDocument(copy, (place, isData) => {
    if (!isData) writeUnion(copy, place);
  });
  for (const owner of pathItemsOf(copy).flatMap(({ place }) => [
    place,
    ...operationPlaces(place).map((each) => each.place),
  ])) {
    leaveOutIgnored(copy, owner);
  }
  try {
    // The type of the parameter describes valid documents only.
    const nodes = await openapiTS(copy as never, {
      silent: true,
      // A member with a default may still be left out of a request, and no response promises it.
      defaultNonNullable: false,
      readWriteMarkers: oneWay.exist,
      // In OpenAPI 3.1 a schema may be `true`.
      transformProperty: (property, schema) =>
        typeof schema === "object" && READ_ALONE in schema ? readonly(property) : property,
    });
    const text = astToString(nodes).replace(/^type WithRequired<[\s\S]*?^\};$/m, WITH_REQUIRED);
    return `${HEADER}\n${text}`;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, what = message, pointer = ""] = /^([\s\S]*) at #(\/\S*)$/.exec(message) ?? [];
    return refuse(pointer, `openapi-typescript cannot write the types: ${what}`, cause);
  }
}

/** Marks a readOnly property that no request could hold: `readonly` says it, which openapi-typescript drops beside markers. */
const READ_ALONE = "x-read-alone";

function readonly(property: ts.PropertySignature): ts.PropertySignature {
  const modifiers = [ts.factory.createModifier(ts.SyntaxKind.ReadonlyKeyword)];
  const { name, questionToken, type } = property;
  return ts.factory.updatePropertySignature(property, modifiers, name, questionToken, type);
}

/** Strings enumerated beside `type: array` are the items': openapi-typescript would take each for the whole value. */
function enumerateItems({ value }: Place): void {
  if (!isObject(value) || value["type"] !== "array" || !contradictsType(value)) return;
  const { items } = value;
  if (isObject(items) && items["$ref"] === undefined) items["enum"] = value["enum"] ?? [];
  delete value["enum"];
}

function leaveOutIgnored(document: Json, { value }: Place): void {
  const parameters = memberPlace({ value, pointer: "" }, "parameters");
  if (!isObject(value) || parameters === undefined) return;
  const kept = elementsOf(parameters).filter((parameter) => !isIgnored(follow(document, parameter).value));
  value["parameters"] = kept.map((parameter) => parameter.value);
}

/** A discriminator as a union whose members differ in the type of one property, which TypeScript narrows by. */
function writeUnion(document: JsonObject, schema: Place): void {
  const property = discriminatorProperty(schema.value);
  if (property === undefined || !isObject(schema.value)) return;
  const { value } = schema;
  const base = value[BASE];
  const isUnion = hasUnion(schema);
  const members = discriminatedBranches(document, schema).map(({ schema: branch, values }): JsonObject => {
    const isOneWay = (keyword: string) =>
      propertiesNamed(document, branch, property).some((each) => member(each.value, keyword) === true);
    const constant: JsonObject = { type: "string", enum: [...values] };
    for (const keyword of ["readOnly", "writeOnly"]) if (isOneWay(keyword)) constant[keyword] = true;
    const inheritsBase =
      isUnion || typeof base !== "string" || isAllOf(document, branch, (part) => refersTo(part, base));
    return {
      allOf: [
        ...(inheritsBase ? [] : [{ $ref: base }]),
        branch.pointer.startsWith(`${schema.pointer}/`) ? branch.value : { $ref: `#${branch.pointer}` },
        { type: "object", required: [property], properties: { [property]: constant } },
      ],
    };
  });
  delete value["discriminator"];
  delete value[BASE];
  if (members.length === 0) return;
  // The base has all that it says itself.
  if (!isUnion)
    for (const keyword of Object.keys(value)) if (!["description", "nullable"].includes(keyword)) delete value[keyword];
  delete value["anyOf"];
  value["oneOf"] = members;
}

/** The readOnly properties that a request could hold and the writeOnly ones that a response could: types differ by them. */
export class OneWayProperties {
  readonly #document: Json;
  /** Pointers of properties, each with the keyword. */
  readonly #properties = new Map<string, "readOnly" | "writeOnly">();

  constructor(document: JsonObject, operations: readonly Operation[]) {
    this.#document = document;
    const requests = operations.flatMap(({ body }) => body?.content ?? []).flatMap(({ schema }) => schema ?? []);
    const responses = pathItemsOf(document).flatMap(({ place }) =>
      operationPlaces(place).flatMap((operation) => responseSchemas(document, operation.place)),
    );
    this.#add("readOnly", requests);
    this.#add("writeOnly", responses);
  }

  get exist(): boolean {
    return this.#properties.size > 0;
  }

  /** Whether a value of the schema can have one. */
  areIn(schema: Place): boolean {
    return this.exist && reached(this.#document, [schema]).some(({ pointer }) => this.#properties.has(pointer));
  }

  /** Leaves the keywords where they matter: everywhere else, a marker would be in the way of whoever reads a value. */
  mark({ value, pointer }: Place): void {
    if (!this.exist || !isObject(value)) return;
    if (value["readOnly"] === true && !this.#properties.has(pointer)) value[READ_ALONE] = true;
    for (const keyword of ["readOnly", "writeOnly"]) if (value[keyword] === true) delete value[keyword];
    const keyword = this.#properties.get(pointer);
    if (keyword !== undefined) value[keyword] = true;
  }

  #add(keyword: "readOnly" | "writeOnly", roots: readonly Place[]): void {
    for (const place of reached(this.#document, roots)) {
      const isMarked = [place, follow(this.#document, place)].some(({ value }) => member(value, keyword) === true);
      if (isMarked && /\/properties\/[^/]+$/.test(place.pointer)) this.#properties.set(place.pointer, keyword);
    }
  }
}

function responseSchemas(document: Json, operation: Place): Place[] {
  const responses = memberPlace(operation, "responses");
  return (responses === undefined ? [] : membersOf(responses)).flatMap(({ place }) => {
    const content = memberPlace(follow(document, place), "content");
    return (content === undefined ? [] : membersOf(content)).flatMap((each) => memberPlace(each.place, "schema") ?? []);
  });
}

/** Every schema in these schemas, references and what they lead to alike. */
function reached(document: Json, roots: readonly Place[]): Place[] {
  const seen = new Map<string, Place>();
  const look = (place: Place): void => {
    if (seen.has(place.pointer)) return;
    seen.set(place.pointer, place);
    const target = follow(document, place);
    const branches = discriminatedBranches(document, target).map(({ schema }) => schema);
    for (const part of [target, ...alternativesOf(target), ...partsOf(target), ...branches]) look(part);
  };
  roots.forEach(look);
  return [...seen.values()];
}
