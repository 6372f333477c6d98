/**
 * The access tokens that the mock accepts: those that its token endpoint issued, and one that always works.
 */
import { randomBytes } from "node:crypto";
import { ExpiringStore } from "./expiring-store.js";
import { sameText } from "./same-text.js";

/** Settings of the token store. */
export interface AccessTokensOptions {
  /** The token that was not issued: it never expires and cannot be revoked. */
  readonly permanentToken: string;
  /** How long an issued token works, in seconds. */
  readonly lifetimeSeconds: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Issues, recognizes and revokes access tokens. */
export class AccessTokens {
  /** How long an issued token works, in seconds. */
  readonly lifetimeSeconds: number;
  readonly #permanentToken: string;
  readonly #issued: ExpiringStore<true>;

  constructor({ permanentToken, lifetimeSeconds, now }: AccessTokensOptions) {
    this.lifetimeSeconds = lifetimeSeconds;
    this.#permanentToken = permanentToken;
    this.#issued = new ExpiringStore({ lifetimeMs: lifetimeSeconds * 1000, ...(now === undefined ? {} : { now }) });
  }

  issue(): string {
    const token = `mock-token-${randomBytes(24).toString("base64url")}`;
    this.#issued.add(token, true);
    return token;
  }

  /** Ends an issued token at once; says nothing of one that was not issued, as RFC 7009 wants it. */
  revoke(token: string): void {
    this.#issued.delete(token);
  }

  accepts(token: string): boolean {
    return this.#issued.get(token) !== undefined || sameText(token, this.#permanentToken);
  }
}
