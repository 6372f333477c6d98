/**
 * One access token for all calls of a client: fetched once, shared, and renewed before it ends.
 */
import { emitWarning } from "../platform.js";
import { cleanCause } from "../safe/foreign-error.js";
import { redactByForm } from "../safe/redaction.js";
import { throwIfAborted, untilAborted } from "../signals.js";
import type { ServiceAccount } from "./credentials.js";
import type { IssuedToken, TokenEndpoint } from "./token-endpoint.js";

/** A bearer token that a call has got. */
export interface UsedToken {
  readonly value: string;
  /** Atlas has refused it. Returns whether another one can now be had. */
  refused?(): boolean;
  /** The call no longer needs it. */
  release?(): void;
}

/** @throws TokenFailure if there is no token; the signal's reason, at once, when it aborts */
export type TokenSource = (signal: AbortSignal | undefined) => UsedToken | Promise<UsedToken>;

/** Renewed this long before its end, so that no token ends on the way. */
const RENEWAL_WINDOW_MS = 60_000;
/** Of a short-lived token, only this part of its life is given up. */
const LARGEST_RENEWAL_SHARE = 0.1;

export interface ServiceAccountTokens {
  readonly useToken: TokenSource;
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

interface Token {
  readonly value: string;
  readonly usableUntil: number;
  /** How many calls use it. */
  users: number;
  /** Atlas has refused it: there is nothing left to revoke. */
  isDead: boolean;
}

interface PendingToken {
  readonly promise: Promise<Token>;
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
  let current = account;
  let cached: Token | undefined;
  let pending: PendingToken | undefined;
  let ended = false;
  /** Calls that wait for a token or use one, token requests and revocations. */
  let underWay = 0;
  let onIdle: (() => void) | undefined;

  function finish(): void {
    underWay -= 1;
    if (underWay === 0) onIdle?.();
  }

  async function during<Value>(work: () => Promise<Value>): Promise<Value> {
    underWay += 1;
    try {
      return await work();
    } finally {
      finish();
    }
  }

  function request(): PendingToken {
    const controller = new AbortController();
    const own: PendingToken = { controller, waiting: 0, promise: during(fetchToken) };
    return own;

    async function fetchToken(): Promise<Token> {
      // Counted from before the request, so that a slow response makes the token older and not younger.
      const requestedAt = Date.now();
      const { value, lifetimeMs } = await issued(controller.signal);
      const window = Math.min(RENEWAL_WINDOW_MS, (lifetimeMs ?? 0) * LARGEST_RENEWAL_SHARE);
      const token = { value, usableUntil: requestedAt + (lifetimeMs ?? 0) - window, users: 0, isDead: false };
      // A call after a change of the secret must not get the old one's token from the cache.
      if (pending === own && !ended && lifetimeMs !== undefined) cached = token;
      else if (own.waiting === 0) revokeUnused(token);
      return token;
    }
  }

  /** If the secret is changed meanwhile, the old one may be refused for that. */
  async function issued(signal: AbortSignal): Promise<IssuedToken> {
    const asked = current;
    try {
      return await endpoint.requestToken(asked, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (asked === current) throw error;
      return issued(signal);
    }
  }

  const revoke = ({ value }: Token) => during(() => endpoint.revokeToken(current, value));

  /** No call waits for it, so that only a warning can tell that it failed. */
  function revokeUnused(token: Token): void {
    if (token.users === 0 && !token.isDead && cached !== token) void revoke(token).catch(warnNotRevoked);
  }

  function takeCached(): Token | undefined {
    const token = cached;
    cached = undefined;
    return token;
  }

  function use(token: Token): UsedToken {
    token.users += 1;
    underWay += 1;
    return {
      value: token.value,
      refused() {
        if (cached === token) cached = undefined;
        token.isDead = true;
        return true;
      },
      release() {
        token.users -= 1;
        revokeUnused(token);
        finish();
      },
    };
  }

  async function wait(shared: PendingToken, signal: AbortSignal | undefined): Promise<UsedToken> {
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
  }

  return {
    useToken(signal) {
      throwIfAborted(signal);
      if (cached !== undefined && Date.now() < cached.usableUntil) return use(cached);
      // It ends by itself within a minute.
      cached = undefined;
      const shared = pending ?? request();
      pending = shared;
      return during(() => wait(shared, signal));
    },
    updateClientSecret(clientSecret) {
      current = { ...current, clientSecret };
      pending = undefined;
      const token = takeCached();
      if (token !== undefined) revokeUnused(token);
    },
    async end() {
      ended = true;
      const token = takeCached();
      // Awaited in any case: a call that has just begun gets as far as its token meanwhile.
      await (token?.users === 0 ? revoke(token) : undefined);
      while (underWay > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
    },
  };
}

export function warnNotRevoked(error: unknown): void {
  const { message } = cleanCause(error, redactByForm);
  const options = { type: "AtlasClientWarning", code: "ATLAS_TOKEN_NOT_REVOKED" };
  emitWarning(`An access token was not revoked and lives until it expires: ${message}`, options);
}
