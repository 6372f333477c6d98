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
export abstract class AtlasError extends Error {
  /** Names the class. */
  abstract readonly code: AtlasErrorCode;
  readonly outcome: Outcome;
  /** Of the call; undefined if the error is about the client itself. */
  readonly operationId: string | undefined;
  /** The message without its last sentence, which says what follows, for programs that add their own. */
  readonly summary: string;

  constructor(message: string, context: AtlasErrorContext) {
    const { outcome, operation, cause, effect = OUTCOME_SENTENCES[outcome] } = context;
    const summary = `${operation === undefined ? "" : `${operation.method} ${operation.path}: `}${sentence(message)}`;
    super(effect === "" ? summary : `${summary} ${effect}`, cause === undefined ? undefined : { cause });
    this.summary = summary;
    this.outcome = outcome;
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
export class AtlasRequestError extends AtlasError {
  override readonly name = "AtlasRequestError";
  readonly code = "ERR_ATLAS_REQUEST";
  /** All of them; empty if the call itself was refused, after `close()` for example. */
  readonly violations: readonly RequestViolation[];

  constructor(
    summary: string,
    violations: readonly RequestViolation[] = [],
    context: Omit<AtlasErrorContext, "outcome"> = {},
  ) {
    const listed = violations.map(({ argument, expected, received }) =>
      received === "" ? `${argument}: ${expected}` : `${argument}: expected ${expected}, got ${received}`,
    );
    const message = listed.length === 0 ? summary : `${summary}: ${listed.join("; ")}.`;
    super(message, { ...context, outcome: "not-applied" });
    this.violations = violations;
  }
}

/** Could not get an access token, or cannot answer a digest challenge. A call is never repeated for it. */
export class AtlasAuthError extends AtlasError {
  override readonly name = "AtlasAuthError";
  readonly code = "ERR_ATLAS_AUTH";
  /** OAuth's error code, such as `invalid_client`, if the token endpoint gave one (RFC 6749, section 5.2). */
  readonly oauthError: string | undefined;
  /** OAuth's `error_description`, if the token endpoint gave one. */
  readonly oauthErrorDescription: string | undefined;
  /** Of the token endpoint's response, as the next two. */
  readonly status: number | undefined;
  readonly headers: ResponseHeaders | undefined;
  readonly requestId: string | undefined;

  constructor(
    message: string,
    context: AtlasErrorContext &
      Partial<ResponseMetadata & Pick<AtlasAuthError, "oauthError" | "oauthErrorDescription">>,
  ) {
    super(message, context);
    this.oauthError = context.oauthError;
    this.oauthErrorDescription = context.oauthErrorDescription;
    this.status = context.status;
    this.headers = context.headers;
    this.requestId = context.requestId;
  }
}

/** An ApiError without its status; what the body leaves out or has null for is absent. */
export type ApiErrorFields = {
  readonly [Name in Exclude<keyof ApiErrorBody, "error">]?: NonNullable<ApiErrorBody[Name]>;
};

type ResponseDetails = Pick<ResponseMetadata, "status"> & Partial<ResponseMetadata>;

/**
 * Atlas responded with an error.
 *
 * @see https://www.mongodb.com/docs/atlas/reference/api-errors/
 */
export class AtlasApiError extends AtlasError {
  override readonly name = "AtlasApiError";
  readonly code = "ERR_ATLAS_API";
  /** As in {@link ResponseMetadata}, like the next two. */
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly requestId: string | undefined;
  /** Atlas's name of the error, such as `RESOURCE_NOT_FOUND`; undefined if the body is not an ApiError. */
  readonly errorCode: ApiErrorFields["errorCode"];
  /** Like the next three: undefined if the body lacks it or has null there. */
  readonly detail: ApiErrorFields["detail"];
  readonly reason: ApiErrorFields["reason"];
  readonly parameters: ApiErrorFields["parameters"];
  readonly badRequestDetail: ApiErrorFields["badRequestDetail"];
  /** How long Atlas asks to wait, in seconds; undefined if it does not say. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    context: AtlasErrorContext & ResponseDetails & ApiErrorFields & { readonly retryAfterSeconds?: number | undefined },
  ) {
    super(message, context);
    this.status = context.status;
    this.headers = context.headers ?? {};
    this.requestId = context.requestId;
    this.errorCode = context.errorCode;
    this.detail = context.detail;
    this.reason = context.reason;
    this.parameters = context.parameters;
    this.badRequestDetail = context.badRequestDetail;
    this.retryAfterSeconds = context.retryAfterSeconds;
  }
}

/** There was no response: the connection was refused, cut or timed out. */
export class AtlasNetworkError extends AtlasError {
  override readonly name = "AtlasNetworkError";
  readonly code = "ERR_ATLAS_NETWORK";
  /** Whether one may have been made; if not, nothing can have happened. */
  readonly connected: boolean;
  /** Whether the attempt ran into `timeoutMs`. */
  readonly timedOut: boolean;

  constructor(message: string, context: AtlasErrorContext & { connected: boolean; timedOut?: boolean }) {
    super(message, context);
    this.connected = context.connected;
    this.timedOut = context.timedOut ?? false;
  }
}

/** Atlas responded with a success that cannot be read or contradicts the contract. */
export class AtlasResponseError extends AtlasError {
  override readonly name = "AtlasResponseError";
  readonly code = "ERR_ATLAS_RESPONSE";
  /** As in {@link ResponseMetadata}, like the next two. */
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly requestId: string | undefined;
  /** Id of what was created, if the response names it: with it, it can be deleted. */
  readonly id: string | undefined;

  constructor(message: string, context: AtlasErrorContext & ResponseDetails & { id?: string | undefined }) {
    super(message, context);
    this.status = context.status;
    this.headers = context.headers ?? {};
    this.requestId = context.requestId;
    this.id = context.id;
  }
}

// By their names here, since a bundler may rename the classes.
const CLASSES = { AtlasError, AtlasRequestError, AtlasAuthError, AtlasApiError, AtlasNetworkError, AtlasResponseError };
for (const [name, errorClass] of Object.entries(CLASSES)) recognizeCopies(errorClass, name);
