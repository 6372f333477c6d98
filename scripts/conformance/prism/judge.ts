/**
 * What Prism's validators say of an answer, sorted by check, each with the place in the contract that is broken.
 *
 * Three things Prism does not see are added, each only by comparing with the contract's own words: it takes every `+json`
 * type for any other (an answer without its version would pass), it reads header values as JavaScript reads numbers (an
 * empty one would pass for 0), and it asks a 204 for the media type of the body that it must not have.
 */

import { validateMediaType } from "@stoplight/prism-http/dist/validator/index.js";
import { findOperationResponse } from "@stoplight/prism-http/dist/validator/utils/spec.js";
import bodyAndHeaders from "@stoplight/prism-http/dist/validator/validators/index.js";
import { ValidationContext } from "@stoplight/prism-http/dist/validator/validators/types.js";
import { validateAgainstSchema } from "@stoplight/prism-http/dist/validator/validators/utils.js";
import type { CheckName } from "../checks.js";
import type { Located } from "../contract/document.js";
import type { DocumentedResponse, Operation } from "../contract/operations.js";
import { keywordIn, schemaAt } from "../contract/schema-place.js";
import { type Answer, jsonOf } from "../http/answer.js";

/** One way in which an answer breaks the contract. */
export interface Finding {
  readonly check: CheckName;
  /** A sentence without values of this one answer, so that the same fault has the same words every time. */
  readonly problem: string;
  /** What of the contract is broken. */
  readonly at: Located;
}

/** What was made of an answer. */
export interface Judgement {
  /** The documented response that it is an instance of; `undefined` where its status is not documented. */
  readonly documented: DocumentedResponse | undefined;
  /** The checks that had something to judge. */
  readonly judged: ReadonlySet<CheckName>;
  readonly findings: readonly Finding[];
}

type PrismResponse = Operation["prism"]["responses"][number];

/** Judges an answer by the operation's documented responses. */
export function judge(operation: Operation, answer: Answer): Judgement {
  const found = findOperationResponse(operation.prism.responses, answer.status);
  const response = "value" in found ? found.value : undefined;
  const documented = operation.responses.find(({ status }) => status === response?.code);
  if (response === undefined || documented === undefined) {
    const problem = `the contract documents no status ${answer.status} for this operation`;
    const at = operation.at.get("responses") ?? operation.at;
    const finding = { check: "status_code_conformance", problem, at } as const;
    return { documented: undefined, judged: new Set([finding.check]), findings: [finding] };
  }
  const judged = new Set<CheckName>(["status_code_conformance"]);
  const findings: Finding[] = [];
  if (answer.status === 204) {
    findings.push(...judgeNoContent(documented, answer));
    judged.add("response_schema_conformance");
    if (answer.headers["content-type"] !== undefined) {
      findings.push(...judgeContentType(response, documented, answer));
      judged.add("content_type_conformance");
    }
  } else if (documented.mediaTypes.length > 0) {
    findings.push(
      ...judgeContentType(response, documented, answer),
      ...judgeBody(operation, response, documented, answer),
    );
    judged.add("content_type_conformance").add("response_schema_conformance");
  }
  const headers = documented.at.get("headers")?.entries() ?? [];
  if (headers.some(([name, at]) => name.toLowerCase() in answer.headers || at.get("required")?.value === true)) {
    findings.push(...judgeHeaders(operation, response, documented, answer));
    judged.add("response_headers_conformance");
  }
  return { documented, judged, findings };
}

function judgeNoContent(documented: DocumentedResponse, { headers, text }: Answer): Finding[] {
  const announced = Number(headers["content-length"] ?? 0) > 0;
  if (text === "" && !announced) return [];
  const problem = "a 204 has no body, but something follows its headers";
  return [{ check: "response_schema_conformance", problem, at: documented.at }];
}

function judgeContentType(response: PrismResponse, documented: DocumentedResponse, { headers }: Answer): Finding[] {
  const given = headers["content-type"];
  const essence = given?.split(";", 1)[0]?.trim().toLowerCase();
  const listed = documented.mediaTypes.some(({ name }) => fitsRange(essence ?? "", name.toLowerCase()));
  if (listed && prismKnowsMediaType(response, given ?? "")) return [];
  const problem =
    given === undefined
      ? `the answer has a body of the documented status ${documented.status} and no Content-Type`
      : `${essence} is not among the media types of ${documented.status}`;
  return [{ check: "content_type_conformance", problem, at: documented.at.get("content") ?? documented.at }];
}

function prismKnowsMediaType(response: PrismResponse, given: string): boolean {
  const [first, ...others] = response.contents ?? [];
  if (first === undefined) return true;
  try {
    return validateMediaType([first, ...others], given)._tag === "Right";
  } catch {
    // Prism throws where a Content-Type cannot be read at all.
    return false;
  }
}

/** The contract may list a range, as `image/*`. */
function fitsRange(essence: string, listed: string): boolean {
  const range = listed.split(";", 1)[0]?.trim() ?? "";
  return range === "*/*" || range === essence || (range.endsWith("/*") && essence.startsWith(range.slice(0, -1)));
}

function judgeBody(
  operation: Operation,
  response: PrismResponse,
  documented: DocumentedResponse,
  answer: Answer,
): Finding[] {
  const given = answer.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const own = documented.mediaTypes.find(({ name }) => name.toLowerCase() === given) ?? documented.mediaTypes[0];
  const schema = own?.schema;
  if (own === undefined || schema === undefined) return [];
  const json = jsonOf(answer);
  const at = own.at.get("schema") ?? own.at;
  if (json === undefined && /[/+]json\b/.test(own.name)) {
    const problem = answer.text === "" ? "the documented body is missing" : "the body is not JSON";
    return [{ check: "response_schema_conformance", problem, at }];
  }
  const body = json === undefined ? answer.text : json.value;
  const bundle: unknown = Reflect.get(operation.prism, "__bundled__");
  const result = bodyAndHeaders.validateBody(
    body,
    response.contents ?? [],
    ValidationContext.Output,
    own.name,
    undefined,
    bundle,
  );
  if (result._tag === "Right") return [];
  return result.left.map(({ path = [], code, message }) => ({
    check: "response_schema_conformance",
    problem: message,
    at: keywordIn(schemaAt(schema, path.slice(1).map(String)), String(code ?? "")),
  }));
}

function judgeHeaders(
  operation: Operation,
  response: PrismResponse,
  documented: DocumentedResponse,
  { headers }: Answer,
): Finding[] {
  const bundle: unknown = Reflect.get(operation.prism, "__bundled__");
  const result = bodyAndHeaders.validateHeaders(headers, response.headers ?? [], ValidationContext.Output, bundle);
  const refused = result._tag === "Right" ? [] : result.left;
  const problems = new Map(refused.map(({ path = [], message }) => [String(path[1] ?? ""), message]));
  for (const { name, schema } of response.headers ?? []) {
    const value = headers[name.toLowerCase()];
    if (value === undefined || schema === undefined || !/^(integer|number|boolean)$/.test(String(schema.type)))
      continue;
    const strict = validateAgainstSchema(plainValue(value), schema, false, ValidationContext.Output, "header", bundle);
    if ("value" in strict) problems.set(name.toLowerCase(), `Response header ${name} must be ${String(schema.type)}`);
  }
  return [...problems].map(([name, problem]) => ({
    check: "response_headers_conformance",
    problem,
    at: headerPlace(documented, name),
  }));
}

/** A header's text as the number or the truth value that it plainly is, else as text. */
function plainValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function headerPlace(documented: DocumentedResponse, name: string): Located {
  const header = documented.at
    .get("headers")
    ?.entries()
    .find(([listed]) => listed.toLowerCase() === name)?.[1];
  return header?.get("schema", "type") ?? header ?? documented.at;
}
