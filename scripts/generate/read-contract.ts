/**
 * Reads the contract: YAML (or JSON) text to a document that is OpenAPI 3.0 or 3.1 and whose references all lead somewhere.
 */
import SwaggerParser from "@apidevtools/swagger-parser";
import { parseDocument } from "yaml";
import {
  isObject,
  type Json,
  type JsonObject,
  namesIn,
  oneLine,
  Place,
  Problems,
  type Remark,
  refuse,
} from "./json-document.js";
import { type Note, normalForm } from "./normal-form.js";
import { checkReferences, checkSupported } from "./refusals.js";

/**
 * Parses and validates the text of an OpenAPI document, and brings it into the form that the writers work from. Nothing is
 * fetched: references must stay inside.
 * @param note told what is passed over or named otherwise
 * @throws {ContractError} for text that is not YAML, not OpenAPI 3.0 or 3.1, not valid, or beyond the generator: with
 * every reason
 */
export async function readContract(text: string, note: Note = () => undefined): Promise<Place> {
  const document = new Place(parse(text));
  const version = document.read("openapi");
  if (typeof version !== "string" || !/^3\.[01]\.\d+$/.test(version)) {
    refuse("/openapi", `not OpenAPI 3.0 or 3.1: openapi is ${JSON.stringify(version) ?? "missing"}`);
  }
  const problems = new Problems();
  checkReferences(document, problems);
  // Whatever follows references needs all of them.
  problems.throwIfAny();
  const normal = normalForm(document, note);
  checkSupported(normal, problems);
  // What the generator says itself of a place is plainer.
  problems.add((await invalidities(document, version)).filter(({ pointer }) => !problems.areNear(pointer)));
  problems.throwIfAny();
  return normal;
}

function parse(text: string): JsonObject {
  const yaml = parseDocument(text, { merge: true, prettyErrors: true });
  const problem = yaml.errors[0];
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line;
    const message = problem.message.split(/ at line \d+|\n/)[0] ?? problem.code;
    refuse("", `not YAML${line === undefined ? "" : `, line ${line}`}: ${message}`);
  }
  let document: Json;
  try {
    // Through JSON, so that aliases become copies and nothing but JSON is left.
    document = JSON.parse(JSON.stringify(yaml.toJS()) ?? "null");
  } catch (cause) {
    return refuse("", `not JSON data: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  return isObject(document) ? document : refuse("", "not an OpenAPI document: the contract is not an object");
}

interface SchemaProblem {
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** What makes the document no valid OpenAPI. */
async function invalidities(document: Place, version: string): Promise<Remark[]> {
  try {
    // A copy, because swagger-parser dereferences in place; its parameter type describes valid documents only.
    await SwaggerParser.validate(structuredClone(document.value) as never, { resolve: { external: false } });
    return [];
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const problems = mostSpecific(cause);
    // What is not about a place is about the document.
    if (problems.length === 0) problems.push({ instancePath: "", params: {}, message });
    return problems.map((problem) => ({
      pointer: placeBeforeDereferencing(document, problem.instancePath),
      message: oneLine(`not valid OpenAPI ${version.slice(0, 3)}: ${problem.message}${detailsOf(problem)}`),
    }));
  }
}

/** Of the problems that swagger-parser lists, the deepest of each place: others say only that one alternative failed. */
function mostSpecific(error: unknown): SchemaProblem[] {
  if (!(error instanceof Error) || !("details" in error) || !Array.isArray(error.details)) return [];
  const problems: readonly SchemaProblem[] = error.details;
  // References are resolved by then, so that the lack of one is never the reason.
  const reasons = problems.filter(({ params }) => params["missingProperty"] !== "$ref");
  const isInside = (one: string, other: string) => (other === "" ? one !== "" : one.startsWith(`${other}/`));
  const deepest = reasons.filter(
    ({ instancePath }) => !reasons.some((other) => isInside(other.instancePath, instancePath)),
  );
  // One each: what else is said of a place are the other alternatives.
  return [...new Map(deepest.toReversed().map((problem) => [problem.instancePath, problem])).values()].toReversed();
}

function detailsOf({ params }: SchemaProblem): string {
  const { additionalProperty, allowedValues } = params;
  if (typeof additionalProperty === "string") return `: ${additionalProperty}`;
  return Array.isArray(allowedValues) ? `: ${allowedValues.join(", ")}` : "";
}

/** The pointer in the contract of a place in its dereferenced form; as far as it goes, where something is missing. */
function placeBeforeDereferencing(document: Place, pointer: string): string {
  let place = document;
  for (const name of namesIn(pointer)) {
    const { target } = place;
    const child = Array.isArray(target.value) ? target.elements()[Number(name)] : target.at(name);
    if (child === undefined) return target.pointer;
    place = child;
  }
  return place.target.pointer;
}
