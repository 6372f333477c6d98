/** The errors of this library. The `outcome` of each says whether the call took effect. */
import type { components } from "../generated/schema.js";
import { recognizeCopies } from "./safe/foreign-error.js";
import type { ResponseHeaders, ResponseMetadata } from "./safe/redaction.js";

/**
 * Whether a call took effect in Atlas, all its attempts together.
 *
 * - `not-applied`: certainly not; it can be repeated.
 * - `unknown`: perhaps; look in Atlas before repeating a `create`.
 * - `applied`: certainly; only the response could not be used.
 */
export type Outcome = "not-applied" | "unknown" | "applied";

type ApiErrorBody = components["schemas"]["ApiError"];

const OUTCOME_SENTENCES: Readonly<Record<Outcome, string>> = {
  "not-applied": "Nothing was changed.",
  unknown: "Whether the call took effect is unknown.",
  applied: "The call took effect.",
};

export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export interface AtlasErrorContext {
  readonly outcome: Outcome;
  readonly operation?: Readonly<Record<"operationId" | "method" | "path", string>> | undefined;
  // Already cleaned: it must not quote a header or a body.
  readonly cause?: unknown;
  // Ends the message in place of the sentence that belongs to the outcome; "" for none.
  readonly effect?: string | undefined;
}

/** Each class of error has one of its own. */
export type AtlasErrorCode =
  | "ERR_ATLAS_API"
  | "ERR_ATLAS_AUTH"
  | "ERR_ATLAS_NETWORK"
  | "ERR_ATLAS_REQUEST"
  | "ERR_ATLAS_RESPONSE"
  | "ERR_SECRET_ROTATION";

/** Base of every error that this library throws, a caller's own abort reason aside. */
export abstract class AtlasError<Details = unknown> extends Error {
  abstract readonly code: AtlasErrorCode;
  declare readonly outcome: Outcome;
  /** Of the call; undefined if the error is about the client itself. */
  readonly operationId: string | undefined;
  /** The message without its last sentence, which says what follows. */
  readonly summary: string;

  constructor(message: string, context: AtlasErrorContext & Details) {
    const { operation, cause, effect = OUTCOME_SENTENCES[context.outcome], ...details } = context;
    const summary = `${operation === undefined ? "" : `${operation.method} ${operation.path}: `}${sentence(message)}`;
    super(effect === "" ? summary : `${summary} ${effect}`, cause === undefined ? undefined : { cause });
    Object.assign(this, details);
    this.summary = summary;
    this.operationId = operation?.operationId;
  }
}

/** One argument or option that cannot be used. */
export interface RequestViolation {
  /** For example `groupId` or `body.secretExpiresAfterHours`. */
  readonly argument: string;
  /** Or what is wrong with it, if `received` is empty. */
  readonly expected: string;
  /** At most 40 characters, credentials masked. */
  readonly received: string;
}

/** The arguments break the contract, or the options cannot be used. Nothing was sent. */
export class AtlasRequestError extends AtlasError<{ readonly violations: readonly RequestViolation[] }> {
  override readonly name = "AtlasRequestError";
  readonly code = "ERR_ATLAS_REQUEST";
  /** All of them; empty if the call itself was refused, after `close()` for example. */
  declare readonly violations: readonly RequestViolation[];

  constructor(
    summary: string,
    violations: readonly RequestViolation[] = [],
    context: Omit<AtlasErrorContext, "outcome"> = {},
  ) {
    const listed = violations.map(({ argument, expected, received }) =>
      received === "" ? `${argument}: ${expected}` : `${argument}: expected ${expected}, got ${received}`,
    );
    const message = listed.length === 0 ? summary : `${summary}: ${listed.join("; ")}.`;
    super(message, { ...context, outcome: "not-applied", violations });
  }
}

/** Could not get an access token, or cannot answer a digest challenge. The call is never repeated. */
export class AtlasAuthError extends AtlasError<
  Partial<ResponseMetadata & Record<"oauthError" | "oauthErrorDescription", string | undefined>>
> {
  override readonly name = "AtlasAuthError";
  readonly code = "ERR_ATLAS_AUTH";
  /** OAuth's `error`, such as `invalid_client`, if the token endpoint gave one (RFC 6749, section 5.2). */
  declare readonly oauthError?: string | undefined;
  /** Likewise, OAuth's `error_description`. */
  declare readonly oauthErrorDescription?: string | undefined;
  /** Of the token endpoint's response, as the next two. */
  declare readonly status?: number | undefined;
  declare readonly headers?: ResponseHeaders | undefined;
  declare readonly requestId?: string | undefined;
}

/** An ApiError without its status; what the body leaves out or has null for is absent. */
export type ApiErrorFields = {
  readonly [Name in Exclude<keyof ApiErrorBody, "error">]?: NonNullable<ApiErrorBody[Name]> | undefined;
};

type ResponseDetails = Pick<ResponseMetadata, "status"> & Partial<ResponseMetadata>;

abstract class ErrorOfResponse<Details> extends AtlasError<ResponseDetails & Details> {
  /** As in `ResponseMetadata`, like the next two. */
  declare readonly status: number;
  declare readonly headers: ResponseHeaders;
  declare readonly requestId: string | undefined;

  constructor(message: string, context: AtlasErrorContext & ResponseDetails & Details) {
    super(message, { ...context, headers: context.headers ?? {} });
  }
}

/**
 * Atlas responded with an error.
 *
 * @see https://www.mongodb.com/docs/atlas/reference/api-errors/
 */
export class AtlasApiError extends ErrorOfResponse<
  ApiErrorFields & { readonly retryAfterSeconds?: number | undefined }
> {
  override readonly name = "AtlasApiError";
  readonly code = "ERR_ATLAS_API";
  /** Such as `RESOURCE_NOT_FOUND`; like the next four, undefined if the body lacks it or has null there. */
  declare readonly errorCode: ApiErrorFields["errorCode"];
  declare readonly detail: ApiErrorFields["detail"];
  declare readonly reason: ApiErrorFields["reason"];
  declare readonly parameters: ApiErrorFields["parameters"];
  declare readonly badRequestDetail: ApiErrorFields["badRequestDetail"];
  /** How long Atlas asks to wait; undefined if it does not say. */
  declare readonly retryAfterSeconds: number | undefined;
}

/** There was no response: the connection was refused, cut or timed out. */
export class AtlasNetworkError extends AtlasError<{ readonly connected: boolean; readonly timedOut: boolean }> {
  override readonly name = "AtlasNetworkError";
  readonly code = "ERR_ATLAS_NETWORK";
  /** Whether one may have been made; if not, nothing can have happened. */
  declare readonly connected: boolean;
  /** Whether the attempt ran into `timeoutMs`. */
  declare readonly timedOut: boolean;

  constructor(message: string, context: AtlasErrorContext & { connected: boolean; timedOut?: boolean }) {
    super(message, { ...context, timedOut: context.timedOut ?? false });
  }
}

/** Atlas responded with a success that cannot be read or contradicts the contract. */
export class AtlasResponseError extends ErrorOfResponse<{ readonly id?: string | undefined }> {
  override readonly name = "AtlasResponseError";
  readonly code = "ERR_ATLAS_RESPONSE";
  /** Id of what was created, if the response names it: with it, it can be deleted. */
  declare readonly id: string | undefined;
}

// By their names here, since a bundler may rename the classes.
const CLASSES = { AtlasError, AtlasRequestError, AtlasAuthError, AtlasApiError, AtlasNetworkError, AtlasResponseError };
for (const [name, errorClass] of Object.entries(CLASSES)) recognizeCopies(errorClass, name);
