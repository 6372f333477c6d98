/**
 * Atlas's OAuth 2.0 token endpoint: the client credentials grant (RFC 6749, section 4.4) and revocation (RFC 7009).
 */
import * as oauth from "oauth4webapi";
import type { OperationDescription } from "../../generated/operations.js";
import { AtlasAuthError, type AtlasErrorContext, AtlasNetworkError } from "../errors.js";
import { cleanCause, excerpt, type Redactor } from "../safe/redaction.js";
import { codeOf } from "../transport/network-failure.js";
import { addressOf, type Send, type TransportResponse } from "../transport/pipeline.js";
import { requestedWaitMs } from "../transport/retry-after.js";

/** A service account's own credentials. */
export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface IssuedToken {
  readonly value: string;
  /** When it ends, in milliseconds since the epoch; undefined if the endpoint does not say. */
  readonly expiresAt: number | undefined;
  /** How long it lives from the request on, in milliseconds; undefined if the endpoint does not say. */
  readonly lifetimeMs: number | undefined;
}

export interface TokenEndpoint {
  /** @throws TokenFailure; the signal's reason when it aborts */
  requestToken(account: ServiceAccount, signal: AbortSignal | undefined): Promise<IssuedToken>;
  /** @throws TokenFailure */
  revokeToken(account: ServiceAccount, token: string): Promise<void>;
}

/** Why it could not get a token; each call that waited for it makes an `AtlasAuthError` of its own from it. */
export class TokenFailure extends Error {
  override readonly name = "TokenFailure";
  readonly status: number | undefined;
  readonly oauthError: string | undefined;
  readonly oauthErrorDescription: string | undefined;

  constructor(
    message: string,
    details: { status?: number; error?: string; description?: string; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.oauthError = details.error;
    this.oauthErrorDescription = details.description;
  }
}

/** The error of a call that could not get a token, or of whatever else needed the endpoint; any other error as it is. */
export function authErrorOf(error: unknown, what: string, context: Omit<AtlasErrorContext, "cause">): unknown {
  if (!(error instanceof TokenFailure)) return error;
  const { message, status, oauthError, oauthErrorDescription, cause } = error;
  return new AtlasAuthError(`${what}: ${message}.`, { ...context, status, oauthError, oauthErrorDescription, cause });
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
export const TOKEN = describe("requestToken", "/api/oauth/token");
const REVOKE = describe("revokeToken", "/api/oauth/revoke");

/**
 * @param send sends a request, with its own timeout and retries
 */
export function createTokenEndpoint(baseUrl: string, send: Send, redactor: Redactor): TokenEndpoint {
  const server: oauth.AuthorizationServer = {
    issuer: baseUrl,
    token_endpoint: `${baseUrl}${TOKEN.path}`,
    revocation_endpoint: `${baseUrl}${REVOKE.path}`,
  };

  async function call<Result>(
    operation: OperationDescription,
    account: ServiceAccount,
    signal: AbortSignal | undefined,
    run: (
      client: oauth.Client,
      auth: oauth.ClientAuth,
      options: oauth.HttpRequestOptions<"POST", URLSearchParams>,
    ) => Promise<Result>,
  ): Promise<Result> {
    let response: TransportResponse | undefined;
    const options = {
      // The client has already refused plain HTTP to anything but loopback.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (url: string, init: { body: URLSearchParams; headers: Record<string, string> }) => {
        const body = init.body.toString();
        response = await send({ operation, ...addressOf(url), headers: init.headers, body, signal });
        return platformResponse(response);
      },
    };
    try {
      return await run({ client_id: account.clientId }, basicAuthentication(account, redactor), options);
    } catch (error) {
      signal?.throwIfAborted();
      throw tokenFailure(operation, error, response, redactor);
    }
  }

  return {
    async requestToken(account, signal) {
      const requestedAt = Date.now();
      const { access_token, expires_in } = await call(TOKEN, account, signal, async (client, auth, options) =>
        oauth.processClientCredentialsResponse(
          server,
          client,
          await oauth.clientCredentialsGrantRequest(server, client, auth, {}, options),
        ),
      );
      redactor.protect(access_token);
      // Counted from before the request, so that a slow response makes the token older and not younger.
      const lifetimeMs = expires_in === undefined ? undefined : expires_in * 1000;
      return {
        value: access_token,
        lifetimeMs,
        expiresAt: lifetimeMs === undefined ? undefined : requestedAt + lifetimeMs,
      };
    },
    async revokeToken(account, token) {
      await call(REVOKE, account, undefined, async (client, auth, options) => {
        const additionalParameters = { token_type_hint: "access_token" };
        const response = await oauth.revocationRequest(server, client, auth, token, {
          ...options,
          additionalParameters,
        });
        await oauth.processRevocationResponse(response);
      });
    },
  };
}

/**
 * HTTP Basic with the two halves as they are: Atlas refuses a `_` that RFC 6749's form-encoding has made `%5F`.
 *
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
 */
function basicAuthentication({ clientId, clientSecret }: ServiceAccount, redactor: Redactor): oauth.ClientAuth {
  const value = Buffer.from(`${clientId}:${clientSecret}`, "utf8").toString("base64");
  redactor.protect(clientSecret);
  redactor.protect(value);
  return (_server, _client, _body, headers) => headers.set("authorization", `Basic ${value}`);
}

/**
 * Without `WWW-Authenticate`: oauth4webapi stops at a challenge and never reads the body, which has OAuth's error code.
 */
function platformResponse(response: TransportResponse): Response {
  if (response.incomplete !== undefined) throw response.incomplete;
  const type = response.headers.get("content-type");
  const init = { status: response.status, headers: type === null ? {} : { "content-type": type } };
  return new Response([204, 205, 304].includes(response.status) ? null : response.text, init);
}

/** oauth4webapi's causes hold the response, and with it the token: only names and messages are taken over. */
function tokenFailure(
  { path }: OperationDescription,
  error: unknown,
  response: TransportResponse | undefined,
  { redact }: Redactor,
): TokenFailure {
  if (error instanceof AtlasNetworkError) {
    return new TokenFailure(`POST ${path}: ${networkReason(error)}`, { cause: error.cause });
  }
  if (error instanceof oauth.ResponseBodyError) {
    const name = excerpt(error.error, 80, redact);
    const description = error.error_description === undefined ? "" : excerpt(error.error_description, 200, redact);
    return new TokenFailure(
      `POST ${path} returned ${error.status} ${name}${description === "" ? "" : ` (${description})`}`,
      {
        status: error.status,
        error: name,
        ...(description === "" ? {} : { description }),
      },
    );
  }
  if (response !== undefined && response.status !== 200) {
    const wait = requestedWaitMs(response);
    const begins = response.text === "" ? "" : `, which begins: ${excerpt(response.text, 120, redact)}`;
    const after = wait === undefined ? "" : ` (try again after ${Math.ceil(wait / 1000)} s)`;
    return new TokenFailure(`POST ${path} returned ${response.status}${after}${begins}`, { status: response.status });
  }
  const cleaned = cleanCause(error, redact);
  if (response === undefined) return new TokenFailure(`POST ${path}: ${cleaned.message}`, { cause: cleaned });
  return new TokenFailure(`POST ${path} returned ${response.status}, but not with a token`, {
    status: response.status,
    // A parse error quotes the text that it failed on, and that text may hold the token.
    cause: new Error(error instanceof oauth.OperationProcessingError ? error.message : cleaned.name),
  });
}

function networkReason({ connected, timedOut, cause }: AtlasNetworkError): string {
  if (timedOut) return "no response in time";
  const name = codeOf(cause);
  const code = name === undefined ? "" : ` (${name})`;
  return connected ? `the connection failed before a response arrived${code}` : `no connection was made${code}`;
}
