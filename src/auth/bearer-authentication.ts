/**
 * Sends calls with a bearer token, and once more with a fresh one if Atlas refuses the token.
 */
import { cleanCause, type Redactor } from "../safe/redaction.js";
import { throwIfAborted, untilAborted } from "../signals.js";
import {
  outcomeIfNotApplied,
  type Stage,
  type TransportRequest,
  type TransportResponse,
} from "../transport/pipeline.js";
import { type AccessToken, isHeaderSafe } from "./credentials.js";
import { authErrorOf, TokenFailure } from "./token-endpoint.js";

/** Where a bearer token comes from. */
export interface TokenSource {
  /**
   * @throws TokenFailure if it cannot get one; the signal's reason, at once, when it aborts
   */
  get(signal: AbortSignal | undefined): Promise<string>;
  /** Atlas has refused this token. Returns whether `get` can now return another one. */
  refused(token: string): boolean;
  /** A call that got the token no longer needs it. */
  release(token: string): void;
}

/** @throws AtlasAuthError if it cannot get a token */
export function bearerAuthentication(tokens: TokenSource): Stage {
  return (next) => async (request) => {
    let refused = false;
    const response = await withToken(request, tokens, async (signed, token) => {
      const first = await next(signed);
      refused = first.status === 401 && tokens.refused(token);
      return first;
    });
    return refused ? withToken(request, tokens, next) : response;
  };
}

async function withToken(
  request: TransportRequest,
  tokens: TokenSource,
  send: (signed: TransportRequest, token: string) => Promise<TransportResponse>,
): Promise<TransportResponse> {
  const token = await tokenFor(request, tokens);
  try {
    return await send({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }, token);
  } finally {
    tokens.release(token);
  }
}

async function tokenFor(request: TransportRequest, tokens: TokenSource): Promise<string> {
  try {
    return await tokens.get(request.signal);
  } catch (error) {
    const { operation } = request;
    throw authErrorOf(error, "Could not get an access token", { operation, outcome: outcomeIfNotApplied(request) });
  }
}

const A_DAY_MS = 24 * 60 * 60 * 1000;

export function accessTokenSource(accessToken: AccessToken, redactor: Redactor): TokenSource {
  return {
    async get(signal) {
      throwIfAborted(signal);
      const token =
        typeof accessToken === "string" ? accessToken : await untilAborted(call(accessToken, redactor), signal);
      if (typeof token !== "string" || !isHeaderSafe(token)) {
        throw new TokenFailure("the accessToken function returned something that cannot be a token");
      }
      // How long it lives is not known; a day after its last use it has ended.
      redactor.protect(token, typeof accessToken === "string" ? undefined : Date.now() + A_DAY_MS);
      return token;
    },
    // The caller's function was called a moment ago; calling it again would return the same.
    refused: () => false,
    release: () => undefined,
  };
}

async function call(accessToken: () => string | Promise<string>, { redact }: Redactor): Promise<string> {
  try {
    return await accessToken();
  } catch (error) {
    const cause = cleanCause(error, redact);
    throw new TokenFailure(`the accessToken function failed: ${cause.message}`, { cause });
  }
}
