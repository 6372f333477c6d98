/**
 * One access token for all calls of a client: fetched once, shared, and renewed before it ends.
 */
import { emitWarning } from "../platform.js";
import { cleanCause, redactByForm } from "../safe/redaction.js";
import { throwIfAborted, untilAborted } from "../signals.js";
import type { TokenSource } from "./bearer-authentication.js";
import type { ServiceAccount } from "./credentials.js";
import type { TokenEndpoint } from "./token-endpoint.js";

/** Renewed this long before its end, so that no token ends on the way. */
const RENEWAL_WINDOW_MS = 60_000;
/** Of a short-lived token, only this part of its life is given up. */
const LARGEST_RENEWAL_SHARE = 0.1;

export interface ServiceAccountTokens extends TokenSource {
  /** Later token requests use this secret; the token of the old one is revoked as soon as no call uses it. */
  updateClientSecret(secret: string): void;
  /**
   * Revokes every token as soon as no call uses it, those included that are fetched from now on, and waits for the calls
   * that use one.
   *
   * @throws TokenFailure if a token that no call uses cannot be revoked
   */
  end(): Promise<void>;
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
  let ended = false;
  /** How many calls use each token. */
  const users = new Map<string, number>();
  /** Tokens that Atlas has refused, as long as a call uses them: there is nothing left to revoke. */
  const dead = new Set<string>();
  /** Calls that wait for a token, token requests and revocations. */
  let underWay = 0;
  /** Lets `end` look again whether there is anything to wait for. */
  let onChange: (() => void) | undefined;

  async function during<Value>(work: () => Promise<Value>): Promise<Value> {
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
      onChange?.();
    }
  }

  function request(): PendingToken {
    const controller = new AbortController();
    const own: PendingToken = { controller, waiting: 0, promise: during(fetchToken) };
    return own;

    async function fetchToken(): Promise<string> {
      const { value, expiresAt, lifetimeMs } = await endpoint.requestToken(
        { clientId, clientSecret },
        controller.signal,
      );
      // A call after a change of the secret must not get the old one's token from the cache.
      if (pending === own && !ended && expiresAt !== undefined && lifetimeMs !== undefined) {
        const window = Math.min(RENEWAL_WINDOW_MS, lifetimeMs * LARGEST_RENEWAL_SHARE);
        cached = { value, usableUntil: expiresAt - window };
      } else if (own.waiting === 0) revokeUnused(value);
      return value;
    }
  }

  const revoke = (token: string) => during(() => endpoint.revokeToken({ clientId, clientSecret }, token));

  /** No call waits for it, so that only a warning can tell that it failed. */
  function revokeUnused(token: string): void {
    if (!users.has(token) && cached?.value !== token) void revoke(token).catch(warnNotRevoked);
  }

  function retire(): void {
    const token = cached?.value;
    cached = undefined;
    if (token !== undefined) revokeUnused(token);
  }

  function use(token: string): string {
    users.set(token, (users.get(token) ?? 0) + 1);
    return token;
  }

  return {
    get: (signal) =>
      during(async () => {
        throwIfAborted(signal);
        if (cached !== undefined && Date.now() < cached.usableUntil) return use(cached.value);
        // It ends by itself within a minute.
        cached = undefined;
        pending ??= request();
        const shared = pending;
        shared.waiting += 1;
        try {
          return use(await untilAborted(shared.promise, signal));
        } finally {
          shared.waiting -= 1;
          if (shared.waiting === 0) {
            // No call waits any more: it has ended, or is of no use.
            shared.controller.abort();
            if (pending === shared) pending = undefined;
          }
        }
      }),
    refused(token) {
      if (cached?.value === token) cached = undefined;
      dead.add(token);
      return true;
    },
    release(token) {
      const left = (users.get(token) ?? 1) - 1;
      if (left > 0) {
        users.set(token, left);
        return;
      }
      users.delete(token);
      if (!dead.delete(token)) revokeUnused(token);
      onChange?.();
    },
    updateClientSecret(secret) {
      clientSecret = secret;
      pending = undefined;
      retire();
    },
    async end() {
      ended = true;
      const token = cached?.value;
      cached = undefined;
      const revocation = token === undefined || users.has(token) ? undefined : revoke(token);
      await revocation;
      while (underWay > 0 || users.size > 0) {
        await new Promise<void>((resolve) => {
          onChange = resolve;
        });
      }
    },
  };
}

/**
 * Signs in once, to see whether the secret works.
 *
 * @returns when the token has been revoked again, or a warning says that it was not; nothing has to wait for it
 * @throws TokenFailure; the signal's reason when it aborts
 */
export async function signInOnce(
  endpoint: TokenEndpoint,
  account: ServiceAccount,
  signal: AbortSignal | undefined,
): Promise<{ readonly revoked: Promise<void> }> {
  const { value } = await endpoint.requestToken(account, signal);
  return { revoked: endpoint.revokeToken(account, value).catch(warnNotRevoked) };
}

function warnNotRevoked(error: unknown): void {
  const { message } = cleanCause(error, redactByForm);
  const options = { type: "AtlasClientWarning", code: "ATLAS_TOKEN_NOT_REVOKED" };
  emitWarning(`An access token was not revoked and lives until it expires: ${message}`, options);
}
