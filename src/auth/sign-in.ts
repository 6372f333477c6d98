/** The layer that signs requests: with a bearer token, and once more with a fresh one if Atlas refuses it, or by HTTP Digest. */
import { load } from "../load.js";
import { cleanCause } from "../safe/foreign-error.js";
import type { Redactor } from "../safe/redaction.js";
import { throwIfAborted, untilAborted } from "../signals.js";
import {
  outcomeIfNotApplied,
  type Send,
  type Stage,
  signed,
  type TransportRequest,
  type TransportResponse,
} from "../transport/pipeline.js";
import { type AccessToken, type ApiKey, type Credentials, isHeaderSafe } from "./credentials.js";
import { serviceAccountTokens, type TokenSource, type UsedToken } from "./service-account-tokens.js";
import { A_DAY_MS, authErrorOf, type TokenEndpoint, TokenFailure } from "./token-endpoint.js";

export interface SignIn {
  readonly stage: Stage;
  // Only of a service account: to the others nothing was issued that could be taken back.
  updateClientSecret?(secret: string): void;
  /** @throws AtlasAuthError if the token cannot be revoked */
  end?(): Promise<void>;
}

export function createSignIn(credentials: Credentials, endpoint: TokenEndpoint, redactor: Redactor): SignIn {
  if (credentials.clientId !== undefined) {
    const { useToken, updateClientSecret, end } = serviceAccountTokens(credentials, endpoint);
    const tell = (error: unknown) => {
      throw authErrorOf(error, "Could not revoke the access token", { outcome: "unknown" });
    };
    return { stage: bearerAuthentication(useToken), updateClientSecret, end: () => end().catch(tell) };
  }
  if (credentials.publicKey !== undefined) return { stage: digestOnceLoaded(credentials) };
  const { accessToken } = credentials;
  if (typeof accessToken === "function") return { stage: bearerAuthentication(suppliedTokens(accessToken, redactor)) };
  redactor.protect(accessToken);
  return { stage: (next) => (request) => next(signed(request, `Bearer ${accessToken}`)) };
}

/** @throws AtlasAuthError if it cannot get a token */
function bearerAuthentication(useToken: TokenSource): Stage {
  return (next) => {
    const fail = (request: TransportRequest, error: unknown) => {
      const context = { operation: request.operation, outcome: outcomeIfNotApplied(request) };
      return Promise.reject(authErrorOf(error, "Could not get an access token", context));
    };
    // Chained by hand: a function that awaits costs a call as much as the rest of a layer.
    const sendWith = (token: UsedToken, request: TransportRequest, isFirst: boolean): Promise<TransportResponse> =>
      next(signed(request, `Bearer ${token.value}`)).then(
        (response) => {
          // A second refusal is the call's.
          const isAgain = response.status === 401 && isFirst && token.refused !== undefined;
          // Before it is released, so that nothing revokes it.
          if (isAgain) token.refused?.();
          token.release?.();
          return isAgain ? send(request, false) : response;
        },
        (error: unknown) => {
          token.release?.();
          throw error;
        },
      );
    const send = (request: TransportRequest, isFirst: boolean): Promise<TransportResponse> => {
      try {
        const used = useToken(request.signal);
        if ("value" in used) return sendWith(used, request, isFirst);
        return used.then(
          (token) => sendWith(token, request, isFirst),
          (error: unknown) => fail(request, error),
        );
      } catch (error) {
        return fail(request, error);
      }
    };
    return (request) => send(request, true);
  };
}

/** A refused token is not asked for again: the caller's function was called a moment ago, and would return the same. */
function suppliedTokens(accessToken: Exclude<AccessToken, string>, { protect, redact }: Redactor): TokenSource {
  const call = async () => accessToken();
  return async (signal) => {
    throwIfAborted(signal);
    const called = call().catch((error: unknown) => {
      const cause = cleanCause(error, redact);
      throw new TokenFailure(`the accessToken function failed: ${cause.message}`, { cause });
    });
    const value = await untilAborted(called, signal);
    if (typeof value !== "string" || !isHeaderSafe(value)) {
      throw new TokenFailure("the accessToken function returned something that cannot be a token");
    }
    // How long it lives is not known; a day after its last use it has ended.
    protect(value, Date.now() + A_DAY_MS);
    return { value };
  };
}

/** HTTP Digest and its hashing are loaded by the first call of a client that needs them. */
function digestOnceLoaded(key: ApiKey): Stage {
  return (next) => {
    let send: Send | undefined;
    const sendLoaded: Send = async (request) => {
      const { digestAuthentication } = await load(() => import("./digest/digest-authentication.js"));
      // One for all calls, also for those that have waited for it together: they share the server's nonce.
      send ??= digestAuthentication(key)(next);
      return send(request);
    };
    return (request) => (send ?? sendLoaded)(request);
  };
}
