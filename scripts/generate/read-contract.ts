/**
 * Reads the contract: YAML (or JSON) text to a document that is OpenAPI 3.0 and whose references all lead somewhere.
 */
import SwaggerParser from "@apidevtools/swagger-parser";
import { parseDocument } from "yaml";
import { checkSupported } from "./check-supported.js";
import {
  ContractError,
  elementsOf,
  follow,
  isObject,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  type Place,
} from "./json-document.js";

/**
 * Parses and validates the text of an OpenAPI 3.0 document. Nothing is fetched: references must stay inside.
 * @throws {ContractError} for text that is not YAML, not OpenAPI 3.0, or not valid.
 */
export async function readContract(text: string): Promise<JsonObject> {
  const document = parse(text);
  const version = member(document, "openapi");
  if (typeof version !== "string" || !/^3\.0\.\d+$/.test(version)) {
    throw new ContractError("/openapi", `not OpenAPI 3.0: openapi is ${JSON.stringify(version) ?? "missing"}`);
  }
  checkSupported(document);
  await validate(document);
  return document;
}

function parse(text: string): JsonObject {
  const yaml = parseDocument(text, { merge: true, prettyErrors: true });
  const problem = yaml.errors[0];
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line;
    const message = problem.message.split(/ at line \d+|\n/)[0] ?? problem.code;
    throw new ContractError("", `not YAML${line === undefined ? "" : `, line ${line}`}: ${message}`);
  }
  let document: Json;
  try {
    // Through JSON, so that aliases become copies and nothing but JSON is left.
    document = JSON.parse(JSON.stringify(yaml.toJS()) ?? "null");
  } catch (cause) {
    throw new ContractError("", `not JSON data: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (!isObject(document)) throw new ContractError("", "not an OpenAPI document: the contract is not an object");
  return document;
}

interface SchemaProblem {
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** @throws {ContractError} for the most specific thing that swagger-parser finds. */
async function validate(document: JsonObject): Promise<void> {
  try {
    // A copy, because swagger-parser dereferences in place; its parameter type describes valid documents only.
    await SwaggerParser.validate(structuredClone(document) as never, { resolve: { external: false } });
  } catch (cause) {
    const problem = mostSpecific(cause);
    const message = problem?.message ?? (cause instanceof Error ? cause.message : String(cause));
    const pointer = placeBeforeDereferencing(document, problem?.instancePath ?? "");
    throw new ContractError(pointer, `not valid OpenAPI 3.0: ${message}${detailsOf(problem)}`, { cause });
  }
}

/** Of the problems swagger-parser lists, the deepest: shallow ones say only that one alternative or another failed. */
function mostSpecific(error: unknown): SchemaProblem | undefined {
  if (!(error instanceof Error) || !("details" in error) || !Array.isArray(error.details)) return undefined;
  const problems: readonly SchemaProblem[] = error.details;
  // References are resolved by then, so that the lack of one is never the reason.
  const reasons = problems.filter(({ params }) => params["missingProperty"] !== "$ref");
  const depth = (problem: SchemaProblem) => problem.instancePath.split("/").length;
  return reasons.reduce<SchemaProblem | undefined>(
    (deepest, problem) => (deepest === undefined || depth(problem) > depth(deepest) ? problem : deepest),
    undefined,
  );
}

function detailsOf(problem: SchemaProblem | undefined): string {
  const { additionalProperty, allowedValues } = problem?.params ?? {};
  if (typeof additionalProperty === "string") return `: ${additionalProperty}`;
  return Array.isArray(allowedValues) ? `: ${allowedValues.join(", ")}` : "";
}

/** The pointer in the contract of a place in its dereferenced form; as far as it goes, where something is missing. */
function placeBeforeDereferencing(document: JsonObject, pointer: string): string {
  let place: Place = { value: document, pointer: "" };
  for (const part of pointer.split("/").slice(1)) {
    const target = follow(document, place);
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const child = Array.isArray(target.value) ? elementsOf(target)[Number(name)] : memberPlace(target, name);
    if (child === undefined) return target.pointer;
    place = child;
  }
  return follow(document, place).pointer;
}
