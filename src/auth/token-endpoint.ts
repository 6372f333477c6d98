/**
 * Atlas's OAuth 2.0 token endpoint: the client credentials grant (RFC 6749, section 4.4) and revocation (RFC 7009).
 */
import type { OperationDescription } from "../../generated/operations.js";
import { AtlasAuthError, type AtlasErrorContext, AtlasNetworkError } from "../errors.js";
import { base64Of, utf8 } from "../safe/encodings.js";
import { cleanCause } from "../safe/foreign-error.js";
import { excerpt, type Redactor } from "../safe/redaction.js";
import { metadataOf } from "../safe/response-metadata.js";
import { throwIfAborted } from "../signals.js";
import { PROXY_HINT } from "../transport/network-failure.js";
import { isSuccess, type Send, type TransportResponse } from "../transport/pipeline.js";
import { jsonObject } from "../transport/read-body.js";
import { requestedWaitMs } from "../transport/retry-policy.js";
import { USER_AGENT } from "../version.js";
import { isHeaderSafe, type ServiceAccount } from "./credentials.js";

export interface IssuedToken {
  readonly value: string;
  /** How long it lives from the request on, in milliseconds; undefined if the endpoint does not say. */
  readonly lifetimeMs: number | undefined;
}

type FailureDetails = Partial<ConstructorParameters<typeof AtlasAuthError>[1]>;

/** Why there is no token; each call that waited for it makes an `AtlasAuthError` of its own from it. */
export class TokenFailure extends Error {
  override readonly name = "TokenFailure";

  constructor(
    message: string,
    readonly details: FailureDetails = {},
  ) {
    super(message);
  }
}

/** Any other error as it is. */
export function authErrorOf(error: unknown, what: string, context: Omit<AtlasErrorContext, "cause">): unknown {
  if (!(error instanceof TokenFailure)) return error;
  return new AtlasAuthError(`${what}: ${error.message}`, { ...context, ...error.details });
}

/** The endpoints as errors name them; they are no operations of the contract. */
const describe = (operationId: string, path: string): OperationDescription => ({
  operationId,
  method: "POST",
  path,
  parameters: [],
  requestMediaTypes: ["application/x-www-form-urlencoded"],
  responseMediaTypes: ["application/json"],
  successStatuses: [200],
});
export const A_DAY_MS = 24 * 60 * 60 * 1000;
export const TOKEN = describe("requestToken", "/api/oauth/token");
const REVOKE = describe("revokeToken", "/api/oauth/revoke");

export type TokenEndpoint = ReturnType<typeof createTokenEndpoint>;

/** @param send has timeouts and retries of its own */
export function createTokenEndpoint(baseUrl: string, send: Send, redactor: Redactor, userAgent: string = USER_AGENT) {
  const post = async (
    operation: OperationDescription,
    account: ServiceAccount,
    form: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<TransportResponse> => {
    const headers = {
      accept: "application/json",
      authorization: basicAuthorization(account, redactor),
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
      "user-agent": userAgent,
    };
    const body = new URLSearchParams(form).toString();
    // A token that is lost ends by itself; a token request that fails for good fails calls, and undoes rotations.
    const changesNothing = operation === TOKEN;
    const url = `${baseUrl}${operation.path}`;
    const request = { operation, url, headers, body, signal, changesNothing, account: { mayHaveBeenApplied: false } };
    const response = await send(request).catch((error: unknown) => {
      throwIfAborted(signal);
      throw withoutResponse(operation, error, redactor);
    });
    if (!isSuccess(response)) throw refusal(operation, account, response, redactor);
    return response;
  };
  return {
    /** @throws TokenFailure; the signal's reason when it aborts */
    async requestToken(account: ServiceAccount, signal: AbortSignal | undefined): Promise<IssuedToken> {
      const response = await post(TOKEN, account, { grant_type: "client_credentials" }, signal);
      const token = readToken(response, redactor);
      redactor.protect(token.value, Date.now() + Math.max(A_DAY_MS, token.lifetimeMs ?? 0));
      return token;
    },
    /** @throws TokenFailure */
    async revokeToken(account: ServiceAccount, token: string): Promise<void> {
      await post(REVOKE, account, { token_type_hint: "access_token", token });
    },
  };
}

/**
 * HTTP Basic with the two halves as they are: Atlas refuses a `_` that RFC 6749's form-encoding has made `%5F`.
 *
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
 */
function basicAuthorization({ clientId, clientSecret }: ServiceAccount, redactor: Redactor): string {
  const value = base64Of(utf8(`${clientId}:${clientSecret}`));
  redactor.protect(clientSecret);
  redactor.protect(value);
  return `Basic ${value}`;
}

/** RFC 6749, section 5.1; a member that is null is taken to be left out, and so may `token_type` be. */
function readToken(response: TransportResponse, { redact }: Redactor): IssuedToken {
  const { status, text, incomplete } = response;
  const members = incomplete === undefined ? jsonObject(text) : undefined;
  const fault = (cause: string) =>
    new TokenFailure(`POST ${TOKEN.path} returned ${status}, but not with a token`, {
      ...metadataOf(response, redact),
      // Nothing of the body is shown: it may hold the token.
      cause: incomplete ?? new Error(cause),
    });
  if (members === undefined) throw fault("The body is not a JSON object.");
  const { access_token: value, expires_in: given } = members;
  const type = members["token_type"] ?? "bearer";
  if (typeof value !== "string" || !isHeaderSafe(value)) throw fault("access_token cannot be sent in a header.");
  if (typeof type !== "string" || !/^bearer$/i.test(type)) throw fault("token_type is not Bearer.");
  const seconds = typeof given === "string" ? Number.parseFloat(given) : (given ?? undefined);
  if (seconds === undefined) return { value, lifetimeMs: undefined };
  if (typeof seconds !== "number" || !(seconds >= 0)) throw fault("expires_in is not a number of seconds.");
  return { value, lifetimeMs: seconds * 1000 };
}

function refusal(
  { path }: OperationDescription,
  { clientId }: ServiceAccount,
  response: TransportResponse,
  { redact }: Redactor,
): TokenFailure {
  const { status, text } = response;
  const metadata = metadataOf(response, redact);
  const returned = `POST ${path} for ${excerpt(clientId, 80, redact)} returned ${status}`;
  const { error, error_description: description } = (status < 500 ? jsonObject(text) : undefined) ?? {};
  if (typeof error === "string" && error !== "") {
    const oauthError = excerpt(error, 80, redact);
    const oauthErrorDescription = excerpt(typeof description === "string" ? description : "", 200, redact) || undefined;
    const more = oauthErrorDescription === undefined ? "" : ` (${oauthErrorDescription})`;
    return new TokenFailure(`${returned} ${oauthError}${more}`, { ...metadata, oauthError, oauthErrorDescription });
  }
  if (status === 407) return new TokenFailure(`${returned}. ${PROXY_HINT}`, metadata);
  const wait = requestedWaitMs(response);
  const after = wait === undefined ? "" : ` (try again after ${Math.ceil(wait / 1000)} s)`;
  // Something that is not what OAuth says an error is may hold a token after all, in whatever form.
  const begins = text === "" || /token/i.test(text) ? "" : `, which begins: ${excerpt(text, 120, redact)}`;
  return new TokenFailure(`${returned}${after}${begins}`, metadata);
}

function withoutResponse({ path }: OperationDescription, error: unknown, { redact }: Redactor): TokenFailure {
  const cause = cleanCause(error, redact);
  if (!(error instanceof AtlasNetworkError)) return new TokenFailure(`POST ${path}: ${cause.message}`, { cause });
  return new TokenFailure(error.summary, { cause: error.cause });
}
