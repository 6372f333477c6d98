/**
 * What Prism's validators say of a response, sorted by check, each with the place in the contract that is broken. Three things
 * Prism does not see are added, each only by comparing with the contract's own words: it takes every `+json` type for any other
 * (a response without its version would pass), it reads header values as JavaScript reads numbers (an empty one would pass for
 * 0), and it asks a 204 for the media type of the body that it must not have.
 *
 * The parts of Prism are imported one by one: its index brings the mocker along, which takes a while to load.
 */
import { getHttpOperationsFromSpec } from "@stoplight/prism-http/dist/utils/operations.js";
import { validateMediaType } from "@stoplight/prism-http/dist/validator/index.js";
import { findOperationResponse } from "@stoplight/prism-http/dist/validator/utils/spec.js";
import bodyAndHeaders from "@stoplight/prism-http/dist/validator/validators/index.js";
import { ValidationContext } from "@stoplight/prism-http/dist/validator/validators/types.js";
import { validateAgainstSchema } from "@stoplight/prism-http/dist/validator/validators/utils.js";
import { constraintsOf } from "../../../contract-tests/contract/constraints.js";
import { ContractError, type Place } from "../../../contract-tests/contract/document.js";
import { memberOf, parsedJson } from "../../../contract-tests/contract/json.js";
import type { Contract, DocumentedResponse, Operation } from "../../../contract-tests/contract/operations.js";
import { isJsonType } from "../../../contract-tests/contract/requests.js";
import { tryTo } from "../../../src/safe/foreign-error.js";
import { mediaTypeOf } from "../../../src/testing/atlas/http.js";
import { type CheckName, contentOf, type Fault, type Finding, inContract } from "../checks.js";
import type { HttpResponse } from "../http/exchange.js";

/** Judges a response by the operation's documented responses; `documented` is the one that it is an instance of. */
export type Judge = Awaited<ReturnType<typeof createJudge>>;

type PrismOperation = Awaited<ReturnType<typeof getHttpOperationsFromSpec>>[number];

/** A documented response, by the contract's reader and by Prism's. */
interface Documented {
  readonly own: DocumentedResponse;
  readonly prism: PrismOperation["responses"][number];
  /** Prism's own copy of the contract's components, which its schemas refer to. */
  readonly bundle: unknown;
}

const JUDGES = new WeakMap<Contract, Promise<Judge>>();

/**
 * The same judge for the same contract: its validators are compiled once, however many servers are checked.
 * @throws ContractError if Prism does not see an operation
 */
export function judgeOf(contract: Contract): Promise<Judge> {
  const judge = JUDGES.get(contract) ?? createJudge(contract);
  JUDGES.set(contract, judge);
  return judge;
}

async function createJudge({ document, operations }: Contract) {
  const loaded = await getHttpOperationsFromSpec(document.source);
  const byOperation = new Map<Operation, PrismOperation>();
  for (const operation of operations) {
    const { method, path, at } = operation;
    const seen = loaded.find((each) => each.path === path && each.method.toUpperCase() === method);
    if (seen === undefined) throw new ContractError(`${at.pointer}: Prism does not see this operation`);
    byOperation.set(operation, seen);
  }
  return (operation: Operation, response: HttpResponse): { documented?: DocumentedResponse; findings: Finding[] } => {
    const seen = byOperation.get(operation);
    const found = findOperationResponse(seen?.responses ?? [], response.status);
    const prism = "value" in found ? found.value : undefined;
    const own = operation.responses.find(({ status }) => status === prism?.code);
    if (prism === undefined || own === undefined) {
      const check = "status_code_conformance";
      const problem = `the contract documents no status ${response.status} for this operation`;
      return { findings: [check, { check, problem }] };
    }
    const bundle: unknown = Reflect.get(seen ?? {}, "__bundled__");
    return { documented: own, findings: [...judge({ own, prism, bundle }, response)] };
  };
}

const BODY = "response_schema_conformance";

function* judge(documented: Documented, response: HttpResponse): Iterable<Finding> {
  const { own } = documented;
  const { status, headers, text } = response;
  const hasBody = status !== 204 && own.mediaTypes.length > 0;
  yield { shown: own.status };
  yield "status_code_conformance";
  if (hasBody || (status === 204 && headers["content-type"] !== undefined)) {
    yield "content_type_conformance";
    yield* contentTypeFaults(documented, headers["content-type"] ?? "");
  }
  if (hasBody || status === 204) yield BODY;
  if (hasBody) yield* bodyFaults(documented, response);
  else if (status === 204 && (text !== "" || Number(headers["content-length"]) > 0)) {
    yield faultAt(BODY, "a 204 has no body, but something follows its headers", own.at);
  }
  if (own.headers.some(({ name, at }) => name.toLowerCase() in headers || at.flag("required"))) {
    yield "response_headers_conformance";
    yield* headerFaults(documented, headers);
  }
}

/** @param problem - A sentence without values of this one response, so that the same fault has the same words every time. */
function faultAt(check: CheckName, problem: string, at: Place): Fault {
  return { check, problem, basis: [inContract(summary(at), at)] };
}

/** A place in a few words: a keyword with its value, an object by its names. */
function summary({ value, pointer }: Place): string {
  const key = pointer.split("/").at(-1) ?? "";
  if (typeof value !== "object" || value === null) return `${key}: ${JSON.stringify(value)}`;
  return `${key}: ${(Array.isArray(value) ? value : Object.keys(value)).join(", ")}`;
}

function* contentTypeFaults({ own, prism }: Documented, given: string): Iterable<Fault> {
  const essence = mediaTypeOf(given);
  const isListed = own.mediaTypes.some(({ name }) => fitsRange(essence, mediaTypeOf(name)));
  const [first, ...others] = prism.contents ?? [];
  // Prism throws if a Content-Type cannot be read at all.
  const isKnown = first === undefined || tryTo(() => validateMediaType([first, ...others], given)._tag === "Right");
  if (isListed && isKnown === true) return;
  const problem =
    given === ""
      ? `the response has a body of the documented status ${own.status} and no Content-Type`
      : `${essence} is not among the media types of ${own.status}`;
  yield faultAt("content_type_conformance", problem, contentOf(own));
}

/** The contract may list a range, as `image/*`. */
function fitsRange(essence: string, range: string): boolean {
  return range === "*/*" || range === essence || (range.endsWith("/*") && essence.startsWith(range.slice(0, -1)));
}

function* bodyFaults({ own, prism, bundle }: Documented, response: HttpResponse): Iterable<Fault> {
  const given = mediaTypeOf(response.headers["content-type"]);
  const media = own.mediaTypes.find(({ name }) => name.toLowerCase() === given) ?? own.mediaTypes[0];
  const schema = media?.schema;
  if (media === undefined || schema === undefined) return;
  const json = parsedJson(response.text);
  if (!response.isUtf8) return yield faultAt(BODY, "the body is not UTF-8", schema);
  if (json === undefined && isJsonType(media.name)) {
    const problem = response.text === "" ? "the documented body is missing" : "the body is not JSON";
    return yield faultAt(BODY, problem, schema);
  }
  const body = json === undefined ? response.text : json;
  // Prism would take the first `+json` type for any other.
  const contents = (prism.contents ?? []).filter(({ mediaType }) => mediaType === media.name);
  const result = bodyAndHeaders.validateBody(body, contents, ValidationContext.Output, media.name, undefined, bundle);
  for (const { path = [], code, message } of result._tag === "Right" ? [] : result.left) {
    yield faultAt(BODY, message, keywordAt(schema, path.slice(1), code));
  }
  // An error of Atlas repeats the status of its response.
  const property = schema.get("properties", "error");
  const error = memberOf(body, "error");
  const isStatus = property?.get("type")?.text === "integer" && response.status >= 400 && result._tag === "Right";
  if (isStatus && typeof error === "number" && error !== response.status) {
    yield faultAt(BODY, "`error` is not the status of the response", property.get("description") ?? property);
  }
}

function* headerFaults({ own, prism, bundle }: Documented, headers: HttpResponse["headers"]): Iterable<Fault> {
  const listed = prism.headers ?? [];
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
  for (const [name, problem] of problems) {
    const header = own.headers.find((each) => each.name.toLowerCase() === name);
    const at = header?.schema?.get("type") ?? header?.at ?? own.at;
    yield faultAt("response_headers_conformance", problem, at);
  }
}

/** A header's text as the number or the truth value that it plainly is, else as text. */
function plainValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** The keyword that forbids the value at a path in the body; the schema itself if it is not written there. */
function keywordAt(schema: Place, path: readonly unknown[], code: unknown): Place {
  // Prism's validator speaks JSON Schema draft 7, the contract OpenAPI 3.0; and the first item stands for all.
  const keyword = String(code).replace(/^exclusiveM/, "m");
  const keys = path.map((key) => String(key).replace(/^\d+$/, "0")).join("/");
  const constraints = constraintsOf(schema, "response");
  return constraints.find((each) => each.keyword === keyword && each.valueAt.join("/") === keys)?.at ?? schema;
}
