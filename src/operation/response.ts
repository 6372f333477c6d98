/**
 * Turns Atlas's response into data or into one error.
 */
import type { OperationDescription, OperationId } from "../../generated/operations.js";
import { responseValidators, type Validate } from "../../generated/validators.js";
import { AtlasApiError, AtlasResponseError, type Outcome } from "../errors.js";
import { excerpt, type Redact } from "../safe/redaction.js";
import type { TransportResponse } from "../transport/pipeline.js";
import { provesNotApplied, requestedWaitMs } from "../transport/retry-policy.js";
import { versionOf, versionsOf } from "../transport/versions.js";
import { pointerNames, valueAt } from "./arguments.js";
import { errorBody } from "./error-body.js";

const EXCERPT_LENGTH = 200;

export interface ResponseContext {
  readonly operationId: OperationId;
  readonly operation: OperationDescription;
  /** The `Accept` header that was sent. */
  readonly accept: string | undefined;
  /** Longest wait that the retry policy allows; undefined if it allows none. */
  readonly maxDelayMs: number | undefined;
  readonly redact: Redact;
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
    if (isGone(response, operation)) return undefined;
    throw apiError(response, context);
  }
  if (response.unopened) return readUnopened(response, context);
  if (!operation.successStatuses.includes(status)) {
    throw responseError(
      `status ${status}, but the contract lists success only as ${operation.successStatuses.join(", ")}.`,
      response,
      context,
    );
  }
  const validate = responseValidators[operationId][status];
  if (validate === undefined) return undefined;
  if (response.incomplete !== undefined) {
    throw responseError(
      `status ${status}, but the body could not be read to its end.`,
      response,
      context,
      response.incomplete,
    );
  }
  const data = parseJson(response.text);
  if (data === undefined) throw responseError(`status ${status}, but the body is not JSON.`, response, context);
  if (fits(data.value, validate)) return data.value;
  // Only what the contract says is named here: the value itself may be the new secret.
  const said = (validate.errors ?? [])
    .map(({ instancePath, message }) => `${instancePath || "the body"} ${message}`)
    .join("; ");
  throw responseError(`status ${status}, but the body contradicts the contract: ${said}.`, response, context);
}

/**
 * Whether the value is what the contract says. A null says what leaving the property out says, and is left out: nobody
 * should lose a new secret over one.
 */
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

/** Of Atlas's form, and so certainly no secret. */
const ID = /^[a-f0-9]{24}$/;

function idIn(value: unknown): string | undefined {
  const id = valueAt(value, ["id"]);
  return typeof id === "string" && ID.test(id) ? id : undefined;
}

/**
 * A 200 without the envelope that was asked for: the data, if that is what it is, since a new secret's value must
 * not be lost over the wrapping.
 */
function readUnopened(response: TransportResponse, context: ResponseContext): unknown {
  const { operation, operationId } = context;
  const data = parseJson(response.text);
  const isData = (status: number) => {
    const validate = responseValidators[operationId][status];
    return validate !== undefined && fits(data?.value, validate);
  };
  if (response.incomplete === undefined && operation.successStatuses.some(isData)) return data?.value;
  const what = "status 200, but the requested envelope cannot be opened.";
  throw responseError(what, response, context, response.incomplete);
}

/** A DELETE whose response was lost and whose repeat finds nothing has done what it was asked for. */
function isGone(
  { status, earlierAttemptMayHaveBeenApplied }: TransportResponse,
  { method }: OperationDescription,
): boolean {
  return status === 404 && method === "DELETE" && earlierAttemptMayHaveBeenApplied === true;
}

function responseError(
  what: string,
  response: TransportResponse,
  { operation, redact }: ResponseContext,
  cause?: Error,
): AtlasResponseError {
  const begins = response.text === "" ? "It is empty." : `It begins: ${excerpt(response.text, EXCERPT_LENGTH, redact)}`;
  const outcome: Outcome = response.unopened ? "unknown" : "applied";
  const id = idIn(parseJson(response.text)?.value);
  return new AtlasResponseError(`${what} ${begins}`, { operation, outcome, status: response.status, id, cause });
}

function apiError(response: TransportResponse, context: ResponseContext): AtlasApiError {
  const { status, incomplete } = response;
  const { operation, redact } = context;
  const body = errorBody(parseJson(response.text)?.value, redact);
  const readable = body.errorCode !== undefined || body.detail !== undefined;
  const waitMs = requestedWaitMs(response);
  const outcome: Outcome =
    provesNotApplied(status) && response.earlierAttemptMayHaveBeenApplied !== true ? "not-applied" : "unknown";
  return new AtlasApiError(
    {
      status,
      body,
      excerpt: readable || response.text === "" ? undefined : excerpt(response.text, EXCERPT_LENGTH, redact),
      retryAfterSeconds: waitMs === undefined ? undefined : waitMs / 1000,
      hint: hintFor(status, waitMs, context),
    },
    { operation, outcome, cause: incomplete },
  );
}

function hintFor(
  status: number,
  waitMs: number | undefined,
  { operation, accept, maxDelayMs, redact }: ResponseContext,
): string | undefined {
  if (status === 406 || status === 410) {
    const asked =
      accept === undefined ? "no version" : `version ${versionOf(accept) ?? excerpt(accept, EXCERPT_LENGTH, redact)}`;
    return `The call asked for ${asked}; the contract has ${versionsOf(operation).join(", ") || "none"} for this operation.`;
  }
  if (waitMs === undefined) return undefined;
  const tooLong = maxDelayMs !== undefined && waitMs > maxDelayMs;
  const limit = tooLong ? `, longer than retry.maxDelayMs allows (${maxDelayMs / 1000} s)` : "";
  return `Atlas asks to wait ${Math.ceil(waitMs / 1000)} s${limit}.`;
}

/** In an object, because `null` is JSON too; undefined if the text is not JSON. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // V8's error quotes the text, so it is dropped; the caller says what could not be read.
    return undefined;
  }
}
