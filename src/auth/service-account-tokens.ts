/** One access token for all calls of a client: fetched once, shared, and renewed before it ends. */
import { emitWarning } from "../platform.js";
import { cleanCause } from "../safe/foreign-error.js";
import { redactByForm } from "../safe/redaction.js";
import { throwIfAborted, untilAborted } from "../signals.js";
import type { ServiceAccount } from "./credentials.js";
import type { TokenEndpoint } from "./token-endpoint.js";

export interface UsedToken {
  readonly value: string;
  /** Atlas has refused it, and another one can now be had. */
  refused?(): void;
  release?(): void;
}

/** @throws TokenFailure if there is no token; the signal's reason, at once, when it aborts */
export type TokenSource = (signal: AbortSignal | undefined) => UsedToken | Promise<UsedToken>;

/** Renewed this long before its end, so that no token ends on the way. */
const RENEWAL_WINDOW_MS = 60_000;
/** Of a short-lived token, only this part of its life is given up. */
const LARGEST_RENEWAL_SHARE = 0.1;

interface Token extends Required<UsedToken> {
  /** Empty until it is issued. */
  value: string;
  readonly issued: Promise<Token>;
  cancel(): void;
  usableUntil: number;
  /** Calls that wait for it or use it. */
  users: number;
  /** Atlas has refused it: there is nothing left to revoke. */
  isDead: boolean;
}

/**
 * Token requests are limited to about ten a minute for each client, hence one request however many calls wait. A token of
 * unknown life is used for the calls already waiting, and no others.
 *
 * @see https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
 */
export function serviceAccountTokens(account: ServiceAccount, endpoint: TokenEndpoint) {
  let current = account;
  /** The token of calls that begin now. */
  let shared: Token | undefined;
  let ended = false;
  /** Calls that wait for a token or use one, token requests and revocations. */
  let underWay = 0;
  let onIdle: (() => void) | undefined;

  function finish(): void {
    underWay -= 1;
    if (underWay === 0) onIdle?.();
  }

  async function during<Value>(work: Promise<Value>): Promise<Value> {
    underWay += 1;
    try {
      return await work;
    } finally {
      finish();
    }
  }

  function request(): Token {
    const controller = new AbortController();
    const issue = async (): Promise<Token> => {
      const asked = current;
      // Counted from before the request, so that a slow response makes the token older and not younger.
      const requestedAt = Date.now();
      try {
        const { value, lifetimeMs } = await endpoint.requestToken(asked, controller.signal);
        const window = Math.min(RENEWAL_WINDOW_MS, (lifetimeMs ?? 0) * LARGEST_RENEWAL_SHARE);
        token.value = value;
        token.usableUntil = requestedAt + (lifetimeMs ?? 0) - window;
        if (ended || lifetimeMs === undefined) leave(token);
      } catch (error) {
        throwIfAborted(controller.signal);
        // If the secret was changed meanwhile, the old one may be refused for that.
        if (asked !== current) return issue();
        throw error;
      }
      endUnused(token);
      return token;
    };
    const token: Token = {
      value: "",
      issued: during(issue()),
      cancel: () => controller.abort(),
      usableUntil: Number.POSITIVE_INFINITY,
      users: 0,
      isDead: false,
      refused() {
        token.isDead = true;
        leave(token);
      },
      release() {
        token.users -= 1;
        endUnused(token);
        finish();
      },
    };
    return token;
  }

  const revoke = (value: string) => during(endpoint.revokeToken(current, value));

  /** What no call uses, now or later: a request for a token is given up, and a token revoked. */
  function endUnused(token: Token): void {
    if (token.users > 0) return;
    if (token.value === "") {
      token.cancel();
      leave(token);
    } else if (!token.isDead && shared !== token) {
      // No call waits for it, so that only a warning can tell that it failed.
      void revoke(token.value).catch(warnNotRevoked);
    }
  }

  function leave(token: Token): void {
    if (shared === token) shared = undefined;
  }

  return {
    useToken(signal: AbortSignal | undefined): UsedToken | Promise<UsedToken> {
      throwIfAborted(signal);
      // An old one ends by itself within a minute.
      if (shared === undefined || Date.now() >= shared.usableUntil) shared = request();
      const token = shared;
      token.users += 1;
      underWay += 1;
      if (token.value !== "") return token;
      return untilAborted(token.issued, signal).catch((error: unknown) => {
        token.release();
        throw error;
      });
    },
    /** For later token requests; the token of the old one is revoked once no call uses it. */
    updateClientSecret(clientSecret: string): void {
      current = { ...current, clientSecret };
      const token = shared;
      shared = undefined;
      if (token !== undefined) endUnused(token);
    },
    /**
     * Revokes every token once no call uses it, also those that are fetched from now on, and waits for the calls that use one.
     *
     * @throws TokenFailure if a token that no call uses cannot be revoked
     */
    async end(): Promise<void> {
      ended = true;
      // One that is still requested is for all calls that begin before it is issued.
      const token = shared?.value === "" ? undefined : shared;
      if (token !== undefined) shared = undefined;
      // Awaited in any case: a call that has just begun gets as far as its token meanwhile.
      await (token?.users === 0 ? revoke(token.value) : undefined);
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
