/**
 * One access token for all calls of a client: fetched once, shared, and renewed before it ends.
 */
import { untilAborted } from "../signals.js";
import type { TokenSource } from "./bearer-authentication.js";
import type { ServiceAccount, TokenEndpoint } from "./token-endpoint.js";

/** Renewed this long before its end, so that no token ends on the way. */
const RENEWAL_WINDOW_MS = 60_000;
/** Of a short-lived token, only this part of its life is given up. */
const LARGEST_RENEWAL_SHARE = 0.1;

export interface ServiceAccountTokens extends TokenSource {
  /** Later token requests use this secret; the token of the old one is dropped. */
  updateClientSecret(secret: string): void;
  /** Revokes the token, if there is one. */
  revoke(): Promise<void>;
}

interface PendingToken {
  readonly promise: Promise<string>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Token requests are limited to about ten a minute for each client, hence one request however many calls wait. A token
 * whose endpoint does not say how long it lives is used for the calls already waiting, and no others.
 *
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
 */
export function serviceAccountTokens(account: ServiceAccount, endpoint: TokenEndpoint): ServiceAccountTokens {
  const { clientId } = account;
  let { clientSecret } = account;
  let cached: { readonly value: string; readonly usableUntil: number } | undefined;
  let pending: PendingToken | undefined;

  function request(): PendingToken {
    const controller = new AbortController();
    const own: PendingToken = { controller, waiting: 0, promise: fetchToken() };
    return own;

    async function fetchToken(): Promise<string> {
      try {
        const { value, expiresAt, lifetimeMs } = await endpoint.requestToken(
          { clientId, clientSecret },
          controller.signal,
        );
        // A call after a change of the secret must not get the old one's token from the cache.
        if (pending === own && expiresAt !== undefined && lifetimeMs !== undefined) {
          const window = Math.min(RENEWAL_WINDOW_MS, lifetimeMs * LARGEST_RENEWAL_SHARE);
          cached = { value, usableUntil: expiresAt - window };
        }
        return value;
      } finally {
        if (pending === own) pending = undefined;
      }
    }
  }

  return {
    async get(signal) {
      signal?.throwIfAborted();
      if (cached !== undefined && Date.now() < cached.usableUntil) return cached.value;
      cached = undefined;
      pending ??= request();
      const shared = pending;
      shared.waiting += 1;
      try {
        return await untilAborted(shared.promise, signal);
      } finally {
        shared.waiting -= 1;
        if (shared.waiting === 0) {
          // No call waits any more: a request that is still under way is of no use.
          shared.controller.abort();
          if (pending === shared) pending = undefined;
        }
      }
    },
    refused(token) {
      if (cached?.value === token) cached = undefined;
      return true;
    },
    updateClientSecret(secret) {
      clientSecret = secret;
      cached = undefined;
      pending = undefined;
    },
    async revoke() {
      const token = cached?.value;
      cached = undefined;
      if (token !== undefined) await endpoint.revokeToken({ clientId, clientSecret }, token);
    },
  };
}
