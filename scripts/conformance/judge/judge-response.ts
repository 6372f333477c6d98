/**
 * What Prism's validators say of a response, sorted by check, each with the place in the contract that is broken.
 *
 * Three things Prism does not see are added, each only by comparing with the contract's own words: it takes every `+json`
 * type for any other (a response without its version would pass), it reads header values as JavaScript reads numbers (an
 * empty one would pass for 0), and it asks a 204 for the media type of the body that it must not have.
 *
 * The parts of Prism are imported one by one: its index brings the mocker along, which takes a while to load.
 */
import { getHttpOperationsFromSpec } from "@stoplight/prism-http/dist/utils/operations.js";
import { validateMediaType } from "@stoplight/prism-http/dist/validator/index.js";
import { findOperationResponse } from "@stoplight/prism-http/dist/validator/utils/spec.js";
import bodyAndHeaders from "@stoplight/prism-http/dist/validator/validators/index.js";
import { ValidationContext } from "@stoplight/prism-http/dist/validator/validators/types.js";
import { validateAgainstSchema } from "@stoplight/prism-http/dist/validator/validators/utils.js";
import { ContractError, type Place } from "../../../contract-tests/contract/document.js";
import { memberOf } from "../../../contract-tests/contract/json.js";
import type { Contract, DocumentedResponse, Operation } from "../../../contract-tests/contract/operations.js";
import { type CheckName, contentOf, type Examination, type Fault } from "../checks.js";
import { type HttpResponse, jsonOf } from "../http/exchange.js";

/** Judges a response by the operation's documented responses. */
export type Judge = (operation: Operation, response: HttpResponse) => Examination;

type PrismOperation = Awaited<ReturnType<typeof getHttpOperationsFromSpec>>[number];

/** A documented response, in the contract and as Prism takes it. */
interface Documented {
  readonly inContract: DocumentedResponse;
  readonly inPrism: PrismOperation["responses"][number];
  /** Prism's own copy of the contract's components, which its schemas refer to. */
  readonly bundle: unknown;
}

const JUDGES = new WeakMap<Contract, Promise<Judge>>();

/**
 * The same judge for the same contract: its validators are compiled once, however many servers are checked.
 *
 * @throws ContractError if Prism does not see an operation.
 */
export function judgeOf(contract: Contract): Promise<Judge> {
  const judge = JUDGES.get(contract) ?? createJudge(contract);
  JUDGES.set(contract, judge);
  return judge;
}

async function createJudge({ document, operations }: Contract): Promise<Judge> {
  const loaded = await getHttpOperationsFromSpec(document.source);
  const byOperation = new Map(
    operations.map((operation) => {
      const { method, path, at } = operation;
      const own = loaded.find((each) => each.path === path && each.method.toUpperCase() === method);
      if (own === undefined) throw new ContractError(`${at.pointer}: Prism does not see this operation`);
      return [operation, own] as const;
    }),
  );
  return (operation, response) => judge(operation, byOperation.get(operation), response);
}

function judge(operation: Operation, prism: PrismOperation | undefined, response: HttpResponse): Examination {
  const { status, headers } = response;
  const found = findOperationResponse(prism?.responses ?? [], status);
  const inPrism = "value" in found ? found.value : undefined;
  const inContract = operation.responses.find((each) => each.status === inPrism?.code);
  const judged = new Set<CheckName>(["status_code_conformance"]);
  if (inPrism === undefined || inContract === undefined) {
    const problem = `the contract documents no status ${status} for this operation`;
    return {
      judged,
      faults: [fault("status_code_conformance", problem, operation.at.get("responses") ?? operation.at)],
    };
  }
  const documented = { inContract, inPrism, bundle: Reflect.get(prism ?? {}, "__bundled__") };
  const faults: Fault[] = [];
  const take = (check: CheckName, found: readonly Fault[]): void => {
    judged.add(check);
    faults.push(...found);
  };
  const hasBody = status !== 204 && inContract.mediaTypes.length > 0;
  if (hasBody || (status === 204 && headers["content-type"] !== undefined)) {
    take("content_type_conformance", judgeContentType(documented, response));
  }
  if (hasBody) take("response_schema_conformance", judgeBody(documented, response));
  else if (status === 204) take("response_schema_conformance", judgeNoContent(inContract, response));
  if (inContract.headers.some(({ name, at }) => name.toLowerCase() in headers || at.flag("required"))) {
    take("response_headers_conformance", judgeHeaders(documented, response));
  }
  return { documented: inContract, judged, faults };
}

/** @param problem - A sentence without values of this one response, so that the same fault has the same words every time. */
function fault(check: CheckName, problem: string, at: Place): Fault {
  return { check, problem, contract: [{ says: summary(at), at }] };
}

/** A place in a few words: a keyword with its value, an object by its names. */
function summary({ value, pointer }: Place): string {
  const key = pointer.split("/").at(-1) ?? "";
  if (typeof value !== "object" || value === null) return `${key}: ${JSON.stringify(value)}`;
  const names = Array.isArray(value) ? value.map(String) : Object.keys(value);
  return `${key}: ${names.join(", ")}`;
}

function judgeNoContent({ at }: DocumentedResponse, { headers, text }: HttpResponse): Fault[] {
  const announced = Number(headers["content-length"] ?? 0) > 0;
  if (text === "" && !announced) return [];
  return [fault("response_schema_conformance", "a 204 has no body, but something follows its headers", at)];
}

function judgeContentType({ inContract, inPrism }: Documented, { headers }: HttpResponse): Fault[] {
  const given = headers["content-type"];
  const essence = given?.split(";", 1)[0]?.trim().toLowerCase();
  const listed = inContract.mediaTypes.some(({ name }) => fitsRange(essence ?? "", name.toLowerCase()));
  if (listed && prismKnowsMediaType(inPrism, given ?? "")) return [];
  const problem =
    given === undefined
      ? `the response has a body of the documented status ${inContract.status} and no Content-Type`
      : `${essence} is not among the media types of ${inContract.status}`;
  return [fault("content_type_conformance", problem, contentOf(inContract))];
}

function prismKnowsMediaType({ contents }: Documented["inPrism"], given: string): boolean {
  const [first, ...others] = contents ?? [];
  if (first === undefined) return true;
  try {
    return validateMediaType([first, ...others], given)._tag === "Right";
  } catch {
    // Prism throws if a Content-Type cannot be read at all.
    return false;
  }
}

/** The contract may list a range, as `image/*`. */
function fitsRange(essence: string, listed: string): boolean {
  const range = listed.split(";", 1)[0]?.trim() ?? "";
  return range === "*/*" || range === essence || (range.endsWith("/*") && essence.startsWith(range.slice(0, -1)));
}

function judgeBody({ inContract, inPrism, bundle }: Documented, response: HttpResponse): Fault[] {
  const given = response.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const own = inContract.mediaTypes.find(({ name }) => name.toLowerCase() === given) ?? inContract.mediaTypes[0];
  const schema = own?.schema;
  if (own === undefined || schema === undefined) return [];
  const check = "response_schema_conformance";
  if (!response.isUtf8) return [fault(check, "the body is not UTF-8", schema)];
  const json = jsonOf(response);
  if (json === undefined && /[/+]json\b/.test(own.name)) {
    const problem = response.text === "" ? "the documented body is missing" : "the body is not JSON";
    return [fault(check, problem, schema)];
  }
  const body = json === undefined ? response.text : json.value;
  // Prism would take the first `+json` type for any other.
  const contents = (inPrism.contents ?? []).filter(({ mediaType }) => mediaType === own.name);
  const result = bodyAndHeaders.validateBody(body, contents, ValidationContext.Output, own.name, undefined, bundle);
  if (result._tag === "Right") return judgeErrorStatus(schema, response.status, body);
  return result.left.map(({ path = [], code, message }) =>
    fault(check, message, keywordIn(schemaAt(schema, path.slice(1).map(String)), String(code ?? ""))),
  );
}

/** An error of Atlas repeats the status of its response. */
function judgeErrorStatus(schema: Place, status: number, body: unknown): Fault[] {
  const property = schema.get("properties", "error");
  const error = memberOf(body, "error");
  if (property?.get("type")?.text !== "integer" || status < 400 || typeof error !== "number" || error === status)
    return [];
  const at = property.get("description") ?? property;
  return [fault("response_schema_conformance", "`error` is not the status of the response", at)];
}

function judgeHeaders({ inContract, inPrism, bundle }: Documented, { headers }: HttpResponse): Fault[] {
  const listed = inPrism.headers ?? [];
  const result = bodyAndHeaders.validateHeaders(headers, listed, ValidationContext.Output, bundle);
  const refused = result._tag === "Right" ? [] : result.left;
  const problems = new Map(refused.map(({ path = [], message }) => [String(path[1] ?? ""), message]));
  for (const { name, schema } of listed) {
    const value = headers[name.toLowerCase()];
    if (value === undefined || schema === undefined || !/^(integer|number|boolean)$/.test(String(schema.type)))
      continue;
    const strict = validateAgainstSchema(plainValue(value), schema, false, ValidationContext.Output, "header", bundle);
    if ("value" in strict) problems.set(name.toLowerCase(), `Response header ${name} must be ${String(schema.type)}`);
  }
  return [...problems].map(([name, problem]) => {
    const header = inContract.headers.find((each) => each.name.toLowerCase() === name);
    const at = header?.schema?.get("type") ?? header?.at ?? inContract.at;
    return fault("response_headers_conformance", problem, at);
  });
}

/** A header's text as the number or the truth value that it plainly is, else as text. */
function plainValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** The schema of the value under the keys; the nearest one around it if there is none. */
export function schemaAt(schema: Place, keys: readonly string[]): Place {
  const [key, ...others] = keys;
  if (key === undefined) return schema;
  const next = memberSchema(schema, key);
  return next === undefined ? schema : schemaAt(next, others);
}

/** A keyword in a schema or in a part of it; the schema itself if the keyword is not written there. */
export function keywordIn(schema: Place, keyword: string): Place {
  for (const candidate of [schema, ...partsOf(schema)]) {
    const found = candidate.get(ORIGINS[keyword] ?? keyword) ?? candidate.get(keyword);
    if (found !== undefined) return found;
  }
  return schema;
}

/** Prism's validator speaks JSON Schema draft 7, the contract OpenAPI 3.0. */
const ORIGINS: Readonly<Record<string, string>> = { exclusiveMinimum: "minimum", exclusiveMaximum: "maximum" };

function memberSchema(schema: Place, key: string): Place | undefined {
  for (const candidate of [schema, ...partsOf(schema)]) {
    const additional = candidate.get("additionalProperties");
    const found =
      candidate.get("properties", key) ??
      (/^\d+$/.test(key) ? candidate.get("items") : undefined) ??
      (typeof additional?.value === "object" ? additional : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function partsOf(schema: Place): readonly Place[] {
  return ["allOf", "oneOf", "anyOf"].flatMap((keyword) => schema.get(keyword)?.items() ?? []);
}
