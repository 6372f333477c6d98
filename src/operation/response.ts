/** Turns Atlas's response into data or into one error. */
import type { OperationDescription, OperationId } from "../../generated/operations.js";
import { responseValidators, type Validate, withoutPatterns } from "../../generated/validators.js";
import { AtlasResponseError, type Outcome } from "../errors.js";
import { membersOf } from "../options/read-options.js";
import { excerpt, metadataOf } from "../safe/redaction.js";
import type { DeviationEvent } from "../transport/observe.js";
import { isFile, outcomeIfNotApplied, parseJson, type TransportResponse } from "../transport/pipeline.js";
import { type ApiErrorContext, apiError, EXCERPT_LENGTH } from "./api-error.js";
import { faultsOf, pointerNames, valueAt } from "./arguments.js";

export interface ResponseContext extends ApiErrorContext {
  readonly operationId: OperationId;
  readonly onDeviation: (event: DeviationEvent) => void;
}

/**
 * The body of a success, parsed and held to the contract; undefined if the contract gives the success no body.
 *
 * @throws AtlasApiError for an error; AtlasResponseError for a success that cannot be read
 */
export function readResponse(response: TransportResponse, context: ResponseContext): unknown {
  const { status } = response;
  const { operation, operationId } = context;
  if (status < 200 || status > 299) {
    // A DELETE whose response was lost and whose repeat finds nothing has done what it was asked for.
    const mayBeDone = operation.method === "DELETE" && outcomeIfNotApplied(context.request) === "unknown";
    // The page of a load balancer that has lost its servers proves nothing.
    const isPage = response.text !== "" && parseJson(response.text) === undefined;
    if (status === 404 && mayBeDone && !isPage) return undefined;
    throw apiError(response, context);
  }
  if (response.blob !== undefined) return response.blob;
  const documented = !response.unopened && isDocumented(operation, status);
  if (documented && isFile(operation, status)) {
    // What came of a file without its bytes: the text of an envelope, or nothing whole.
    if (response.incomplete === undefined) return new Blob([response.text]);
    throw responseError(response, [], context);
  }
  const of = responseValidators[operationId];
  const validatorFor = (each: number | "2XX") => of[each] ?? of["2XX"];
  if (documented && validatorFor(status) === undefined) return undefined;
  // A status that the contract does not list is described by its `2XX`.
  const validators = (documented ? [status] : operation.successStatuses)
    .map(validatorFor)
    .filter((each) => each !== undefined);
  // A value that has arrived is given, whatever its status is and whether the connection ended as it should: a new secret
  // must not be lost over the wrapping.
  const text = response.garbled ? "" : response.text;
  for (const json of response.unopened ? [text, contentIn(text)] : [text]) {
    const data = parseJson(json);
    if (data !== undefined && isGiven(data.value, validators, context)) return data.value;
  }
  throw responseError(response, validators, context);
}

function isDocumented({ successStatuses }: Pick<OperationDescription, "successStatuses">, status: number): boolean {
  return successStatuses.includes(status) || successStatuses.includes("2XX");
}

/** Whether one of the validators lets the value through. A broken pattern alone is reported, and not held against it. */
function isGiven(value: unknown, validators: readonly Validate[], context: ResponseContext): boolean {
  if (validators.some((validate) => fits(value, validate))) return true;
  const validate = validators.find((each) => withoutPatterns(each, value));
  if (validate === undefined || validate(value)) return validate !== undefined;
  const broken = (validate.errors ?? []).filter(({ keyword }) => keyword === "pattern");
  context.onDeviation({
    operationId: context.operationId,
    broken: broken.map(({ instancePath, params }) => ({ pointer: instancePath, pattern: String(params["pattern"]) })),
  });
  return true;
}

/** Whether the value is what the contract says. A null is left out: nobody should lose a new secret over one. */
function fits(value: unknown, validate: Validate): boolean {
  if (validate(value)) return true;
  for (const { keyword, instancePath } of validate.errors ?? []) {
    const names = pointerNames(instancePath);
    const owner = valueAt(value, names.slice(0, -1));
    const name = names.at(-1);
    if (keyword !== "type" || name === undefined || typeof owner !== "object" || owner === null) continue;
    if (!Array.isArray(owner) && Reflect.get(owner, name) === null) Reflect.deleteProperty(owner, name);
  }
  return validate(value);
}

/** An id of Atlas's form, and so certainly no secret; or what an envelope holds. */
const ID_OR_CONTENT = /"(?:id"\s*:\s*"([a-f0-9]{24})"|(?:content|envelope)"\s*:\s*\{)/y;

/** Id of what was created, cut short or in an envelope; never that of an object inside of it, which may be in use. */
export function idIn(text: string): string | undefined {
  let depthOfId = 1;
  for (const { index, depth } of /^\s*\{/.test(text) ? tokensOf(text) : []) {
    if (depth > depthOfId) continue;
    ID_OR_CONTENT.lastIndex = index;
    const member = ID_OR_CONTENT.exec(text);
    if (member?.[1] !== undefined) return member[1];
    if (depth === 1) depthOfId = member === null ? 1 : 2;
  }
  return undefined;
}

/** What an envelope holds, cut short or not. */
const CONTENT = /"(?:content|envelope)"\s*:\s*(\{.*)/s;

/** The object inside an envelope that cannot be opened, or is cut short behind it; "" if there is none. */
function contentIn(text: string): string {
  const [, content = ""] = CONTENT.exec(text) ?? [];
  for (const { index, depth } of tokensOf(content)) if (depth === 0) return content.slice(0, index + 1);
  return "";
}

/** Strings and brackets of a JSON text, which may be cut short, and how deep it is behind each. */
function* tokensOf(text: string): Generator<{ readonly index: number; readonly depth: number }> {
  let depth = 0;
  // A string without its end goes to the end of the text: looked for again behind every quote in it, it would take minutes.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\]]/gs)) {
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    yield { index, depth };
  }
}

/** What follows the name of a secret in whatever is no JSON member: XML, a form, JSON in a text. It may be the new one. */
const SECRET_IN_OTHER_WORDS = /(secret)(?!"\s*:\s*"|value"\s*:).*/is;

function responseError(
  response: TransportResponse,
  validators: readonly Validate[],
  { operation, redact }: ResponseContext,
): AtlasResponseError {
  const { status, text, incomplete: cause } = response;
  const masked = (begin: string) => redact(begin).replace(SECRET_IN_OTHER_WORDS, "$1…");
  const begins = text === "" ? "It is empty." : `It begins: ${excerpt(text, EXCERPT_LENGTH, masked)}`;
  const outcome = outcomeOfSuccess(response, operation);
  const context = { ...metadataOf(response, redact), operation, outcome, id: idIn(text), cause };
  return new AtlasResponseError(`status ${status}, but ${faultOf(response, validators, operation)} ${begins}`, context);
}

function faultOf(response: TransportResponse, [validate]: readonly Validate[], operation: OperationDescription) {
  if (response.unopened) return "the requested envelope cannot be opened.";
  if (!isDocumented(operation, response.status)) {
    return `the contract lists success only as ${operation.successStatuses.join(", ")}.`;
  }
  if (response.incomplete !== undefined) return "the body could not be read to its end.";
  if (parseJson(response.text) === undefined) return "the body is not JSON.";
  // Only what the contract says is named here: the value itself may be the new secret.
  const faults = validate === undefined ? [] : faultsOf(validate);
  const said = faults.map(({ instancePath, message }) => `${instancePath || "the body"} ${message}`);
  return `the body contradicts the contract: ${said.join("; ")}.`;
}

/**
 * What an unusable success proves. A status that the contract lists is Atlas's own; of any other, a login page or a proxy
 * may be the sender, unless the body is JSON or of a media type of the contract; and JSON may say that it is an error.
 */
export function outcomeOfSuccess(
  { status, headers, text, unopened }: TransportResponse,
  { successStatuses, responseMediaTypes }: OperationDescription,
): Outcome {
  if (unopened) return "unknown";
  if (isDocumented({ successStatuses }, status)) return "applied";
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  const isOfContract = responseMediaTypes.some((each) => each.split(";", 1)[0] === type);
  const value = parseJson(text)?.value;
  const isJson = typeof value === "object" || (/[/+]json$/.test(type ?? "") && /^\s*[{[]/.test(text));
  // As the body of an error does, Atlas's or another's, or an envelope around one. Not every object has a number.
  const { error, errorCode, status: enveloped } = membersOf(value) ?? {};
  const isErrorStatus = typeof enveloped !== "object" && Number(enveloped) >= 400;
  const saysError = (error ?? errorCode ?? undefined) !== undefined || isErrorStatus;
  return (isOfContract || isJson) && !saysError ? "applied" : "unknown";
}
