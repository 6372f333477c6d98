/**
 * The layer that signs requests, for each kind of credentials: with a bearer token, and once more with a fresh one if
 * Atlas refuses the token, or by HTTP Digest.
 */
import { load } from "../load.js";
import { cleanCause } from "../safe/foreign-error.js";
import type { Redactor } from "../safe/redaction.js";
import { throwIfAborted, untilAborted } from "../signals.js";
import { outcomeIfNotApplied, type Send, type Stage, type TransportRequest } from "../transport/pipeline.js";
import { type AccessToken, type ApiKey, isHeaderSafe, type SignInMethod } from "./credentials.js";
import { serviceAccountTokens, type TokenSource, type UsedToken } from "./service-account-tokens.js";
import { A_DAY_MS, authErrorOf, type TokenEndpoint, TokenFailure } from "./token-endpoint.js";

export interface SignIn {
  readonly stage: Stage;
  /** Only of a service account. */
  updateClientSecret?(secret: string): void;
  /**
   * Only of a service account: to the others nothing was issued that could be taken back.
   *
   * @throws AtlasAuthError if the token cannot be revoked
   */
  end?(): Promise<void>;
}

export function createSignIn(method: SignInMethod, endpoint: TokenEndpoint, redactor: Redactor): SignIn {
  switch (method.kind) {
    case "service-account": {
      const { useToken, updateClientSecret, end } = serviceAccountTokens(method, endpoint);
      const reportingRevocation = (error: unknown) => {
        throw authErrorOf(error, "Could not revoke the access token", { outcome: "unknown" });
      };
      return {
        stage: bearerAuthentication(useToken),
        updateClientSecret,
        end: () => end().catch(reportingRevocation),
      };
    }
    case "api-key":
      return { stage: digestOnceLoaded(method) };
    case "access-token":
      return { stage: bearerAuthentication(accessTokenSource(method.accessToken, redactor)) };
  }
}

/** @throws AtlasAuthError if it cannot get a token */
function bearerAuthentication(useToken: TokenSource): Stage {
  return (next) => async (request) => {
    let isRefused: boolean | undefined;
    const send = async () => {
      const token = await tokenFor(request, useToken);
      const authorization = `Bearer ${token.value}`;
      try {
        const response = await next({ ...request, headers: { ...request.headers, authorization } });
        // Before the token is released, so that nothing revokes it; a second refusal is the call's.
        isRefused ??= response.status === 401 && token.refused?.() === true;
        return response;
      } finally {
        token.release?.();
      }
    };
    const response = await send();
    return isRefused ? send() : response;
  };
}

async function tokenFor(request: TransportRequest, useToken: TokenSource): Promise<UsedToken> {
  try {
    return await useToken(request.signal);
  } catch (error) {
    const { operation } = request;
    throw authErrorOf(error, "Could not get an access token", { operation, outcome: outcomeIfNotApplied(request) });
  }
}

/** A refused token is not asked for again: the caller's function was called a moment ago, and would return the same. */
export function accessTokenSource(accessToken: AccessToken, { protect, redact }: Redactor): TokenSource {
  const call = async (returnToken: Exclude<AccessToken, string>): Promise<string> => {
    try {
      return await returnToken();
    } catch (error) {
      const cause = cleanCause(error, redact);
      throw new TokenFailure(`the accessToken function failed: ${cause.message}`, { cause });
    }
  };
  return async (signal) => {
    throwIfAborted(signal);
    const value = typeof accessToken === "string" ? accessToken : await untilAborted(call(accessToken), signal);
    if (typeof value !== "string" || !isHeaderSafe(value)) {
      throw new TokenFailure("the accessToken function returned something that cannot be a token");
    }
    // How long it lives is not known; a day after its last use it has ended.
    protect(value, typeof accessToken === "string" ? undefined : Date.now() + A_DAY_MS);
    return { value };
  };
}

/** HTTP Digest and its hashing are loaded by the first call of a client that needs them. */
function digestOnceLoaded(key: ApiKey): Stage {
  return (next) => {
    let send: Send | undefined;
    return async (request) => {
      if (send === undefined) {
        const { digestAuthentication } = await load(() => import("./digest/digest-authentication.js"));
        // One for all calls, also for those that have waited for it together: they share the server's nonce.
        send ??= digestAuthentication(key)(next);
      }
      return send(request);
    };
  };
}
