/**
 * Turns Atlas's answer into data or into one error.
 */
import type { OperationDescription, OperationId } from "../../generated/operations.js";
import { responseValidators, type Validate } from "../../generated/validators.js";
import { AtlasApiError, AtlasResponseError, type Outcome } from "../errors.js";
import { excerpt, type Redact } from "../safe/redaction.js";
import type { TransportAnswer } from "../transport/pipeline.js";
import { requestedWaitMs } from "../transport/retry-after.js";
import { provesNotApplied } from "../transport/retry-policy.js";
import { versionOf, versionsOf } from "../transport/versions.js";
import { errorBody } from "./error-body.js";
import { pointerNames, valueAt } from "./json-pointer.js";

const EXCERPT_LENGTH = 200;

export interface AnswerContext {
  readonly operationId: OperationId;
  readonly operation: OperationDescription;
  /** The `Accept` header that was sent. */
  readonly accept: string | undefined;
  /** Longest wait that the retry policy allows; undefined where it allows none. */
  readonly maxDelayMs: number | undefined;
  readonly redact: Redact;
}

/**
 * The body of a success, parsed and held to the contract; undefined where the contract gives the success no body.
 *
 * @throws AtlasApiError for an error; AtlasResponseError for a success that cannot be read
 */
export function readAnswer(answer: TransportAnswer, context: AnswerContext): unknown {
  const { status } = answer;
  const { operation, operationId } = context;
  if (status < 200 || status > 299) {
    if (isGone(answer, operation)) return undefined;
    throw apiError(answer, context);
  }
  if (answer.unopened) return readUnopened(answer, context);
  if (!operation.successStatuses.includes(status)) {
    throw responseError(
      `answered ${status}, but the contract knows success only as ${operation.successStatuses.join(", ")}.`,
      answer,
      context,
    );
  }
  const validate = responseValidators[operationId][status];
  if (validate === undefined) return undefined;
  if (answer.incomplete !== undefined) {
    throw responseError(
      `answered ${status}, but the body could not be read to its end.`,
      answer,
      context,
      answer.incomplete,
    );
  }
  const data = parseJson(answer.text);
  if (data === undefined) throw responseError(`answered ${status}, but the body is not JSON.`, answer, context);
  if (fits(data.value, validate)) return data.value;
  // Only what the contract says is named here: the value itself may be the new secret.
  const said = (validate.errors ?? [])
    .map(({ instancePath, message }) => `${instancePath || "the body"} ${message}`)
    .join("; ");
  throw responseError(`answered ${status}, but the body contradicts the contract: ${said}.`, answer, context);
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
 * A 200 where an envelope was asked for and none came: the data, if that is what it is, since a new secret's value must
 * not be lost over the wrapping.
 */
function readUnopened(answer: TransportAnswer, context: AnswerContext): unknown {
  const { operation, operationId } = context;
  const data = parseJson(answer.text);
  const isData = (status: number) => {
    const validate = responseValidators[operationId][status];
    return validate !== undefined && fits(data?.value, validate);
  };
  if (answer.incomplete === undefined && operation.successStatuses.some(isData)) return data?.value;
  const what = "answered 200, but the envelope that was asked for cannot be opened.";
  throw responseError(what, answer, context, answer.incomplete);
}

/** A DELETE whose answer was lost and whose repeat finds nothing has done what it was asked for. */
function isGone(
  { status, earlierAttemptMayHaveBeenApplied }: TransportAnswer,
  { method }: OperationDescription,
): boolean {
  return status === 404 && method === "DELETE" && earlierAttemptMayHaveBeenApplied === true;
}

function responseError(
  what: string,
  answer: TransportAnswer,
  { operation, redact }: AnswerContext,
  cause?: Error,
): AtlasResponseError {
  const begins = answer.text === "" ? "It is empty." : `It begins: ${excerpt(answer.text, EXCERPT_LENGTH, redact)}`;
  const outcome: Outcome = answer.unopened ? "unknown" : "applied";
  const id = idIn(parseJson(answer.text)?.value);
  return new AtlasResponseError(`${what} ${begins}`, { operation, outcome, status: answer.status, id, cause });
}

function apiError(answer: TransportAnswer, context: AnswerContext): AtlasApiError {
  const { status, incomplete } = answer;
  const { operation, redact } = context;
  const body = errorBody(parseJson(answer.text)?.value, redact);
  const readable = body.errorCode !== undefined || body.detail !== undefined;
  const waitMs = requestedWaitMs(answer);
  const outcome: Outcome =
    provesNotApplied(status) && answer.earlierAttemptMayHaveBeenApplied !== true ? "not-applied" : "unknown";
  return new AtlasApiError(
    {
      status,
      body,
      excerpt: readable || answer.text === "" ? undefined : excerpt(answer.text, EXCERPT_LENGTH, redact),
      retryAfterSeconds: waitMs === undefined ? undefined : waitMs / 1000,
      hint: hintFor(status, waitMs, context),
    },
    { operation, outcome, cause: incomplete },
  );
}

function hintFor(
  status: number,
  waitMs: number | undefined,
  { operation, accept, maxDelayMs, redact }: AnswerContext,
): string | undefined {
  if (status === 406 || status === 410) {
    const asked =
      accept === undefined ? "no version" : `version ${versionOf(accept) ?? excerpt(accept, EXCERPT_LENGTH, redact)}`;
    return `The call asked for ${asked}; the contract knows ${versionsOf(operation).join(", ") || "none"} for this operation.`;
  }
  if (waitMs === undefined) return undefined;
  const tooLong = maxDelayMs !== undefined && waitMs > maxDelayMs;
  const limit = tooLong ? `, longer than retry.maxDelayMs allows (${maxDelayMs / 1000} s)` : "";
  return `Atlas asks to wait ${Math.ceil(waitMs / 1000)} s${limit}.`;
}

/** In an object, because `null` is JSON too; undefined where the text is not JSON. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // V8's error quotes the text, so it is dropped; the caller says what could not be read.
    return undefined;
  }
}
