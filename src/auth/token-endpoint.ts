/** Atlas's OAuth 2.0 token endpoint: the client credentials grant (RFC 6749, section 4.4) and revocation (RFC 7009). */
import type { OperationDescription } from "../../generated/operations.js";
import { AtlasAuthError, type AtlasErrorContext, AtlasNetworkError } from "../errors.js";
import { base64Of, utf8 } from "../safe/encodings.js";
import { cleanCause } from "../safe/foreign-error.js";
import { excerpt, metadataOf, type Redact, type Redactor } from "../safe/redaction.js";
import { throwIfAborted } from "../signals.js";
import { PROXY_HINT } from "../transport/network-failure.js";
import { isSuccess, jsonObject, type Send, type TransportResponse } from "../transport/pipeline.js";
import { requestedWaitMs } from "../transport/retry.js";
import { isHeaderSafe, type ServiceAccount } from "./credentials.js";

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
export const TOKEN: OperationDescription = {
  operationId: "requestToken",
  method: "POST",
  path: "/api/oauth/token",
  parameters: [],
  requestMediaTypes: ["application/x-www-form-urlencoded"],
  responseMediaTypes: ["application/json"],
  successStatuses: [200],
};
const REVOKE: OperationDescription = { ...TOKEN, operationId: "revokeToken", path: "/api/oauth/revoke" };
export const A_DAY_MS = 24 * 60 * 60 * 1000;

export type TokenEndpoint = ReturnType<typeof createTokenEndpoint>;

/** @param send has timeouts and retries of its own */
export function createTokenEndpoint(baseUrl: string, send: Send, redactor: Redactor, userAgent: string) {
  const { redact, protect } = redactor;

  const post = async (
    operation: OperationDescription,
    { clientId, clientSecret }: ServiceAccount,
    form: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<TransportResponse> => {
    const { path } = operation;
    // The two halves as they are: Atlas refuses a `_` that RFC 6749's form-encoding has made `%5F`. Its source:
    // https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
    const basic = base64Of(utf8(`${clientId}:${clientSecret}`));
    protect(clientSecret);
    protect(basic);
    const headers = {
      accept: "application/json",
      authorization: `Basic ${basic}`,
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
      "user-agent": userAgent,
    };
    const response = await send({
      operation,
      url: `${baseUrl}${path}`,
      headers,
      body: new URLSearchParams(form).toString(),
      signal,
      // A token that is lost ends by itself; a token request that fails for good fails calls, and undoes rotations.
      changesNothing: operation === TOKEN,
      account: { mayHaveBeenApplied: false },
    }).catch((error: unknown) => {
      throwIfAborted(signal);
      if (error instanceof AtlasNetworkError) throw new TokenFailure(error.summary, { cause: error.cause });
      const cause = cleanCause(error, redact);
      throw new TokenFailure(`POST ${path}: ${cause.message}`, { cause });
    });
    if (isSuccess(response)) return response;
    const { said, ...details } = refusalOf(response, redact);
    const refused = `POST ${path} for ${excerpt(clientId, 80, redact)} returned ${response.status}${said}`;
    throw new TokenFailure(refused, { ...metadataOf(response, redact), ...details });
  };
  return {
    /** @throws TokenFailure; the signal's reason when it aborts */
    async requestToken(account: ServiceAccount, signal: AbortSignal | undefined) {
      const response = await post(TOKEN, account, { grant_type: "client_credentials" }, signal);
      const token = readToken(response, redact);
      protect(token.value, Date.now() + Math.max(A_DAY_MS, token.lifetimeMs ?? 0));
      return token;
    },
    /** @throws TokenFailure */
    async revokeToken(account: ServiceAccount, token: string): Promise<void> {
      await post(REVOKE, account, { token_type_hint: "access_token", token });
    },
  };
}

/**
 * RFC 6749, section 5.1; a member that is null counts as left out, as `token_type` may be. Its life begins with the
 * request.
 */
function readToken(response: TransportResponse, redact: Redact) {
  const { status, text, incomplete } = response;
  const fault = (cause: string) =>
    new TokenFailure(`POST ${TOKEN.path} returned ${status}, but not with a token`, {
      ...metadataOf(response, redact),
      // Nothing of the body is shown: it may hold the token.
      cause: incomplete ?? new Error(cause),
    });
  const members = incomplete === undefined ? jsonObject(text) : undefined;
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

/** OAuth's error (RFC 6749, section 5.2), or what can be shown of any other refusal, as the end of a sentence. */
function refusalOf(response: TransportResponse, redact: Redact): FailureDetails & { readonly said: string } {
  const { status, text } = response;
  const { error, error_description: description } = (status < 500 ? jsonObject(text) : undefined) ?? {};
  if (typeof error === "string" && error !== "") {
    const oauthError = excerpt(error, 80, redact);
    const oauthErrorDescription = excerpt(typeof description === "string" ? description : "", 200, redact) || undefined;
    const more = oauthErrorDescription === undefined ? "" : ` (${oauthErrorDescription})`;
    return { said: ` ${oauthError}${more}`, oauthError, oauthErrorDescription };
  }
  if (status === 407) return { said: `. ${PROXY_HINT}` };
  const waitMs = requestedWaitMs(response);
  const after = waitMs === undefined ? "" : ` (try again after ${Math.ceil(waitMs / 1000)} s)`;
  // Something that is not what OAuth says an error is may hold a token after all, in whatever form.
  const begins = text === "" || /token/i.test(text) ? "" : `, which begins: ${excerpt(text, 120, redact)}`;
  return { said: `${after}${begins}` };
}
