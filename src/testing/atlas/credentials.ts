/**
 * What the ways to sign in have in common: the header `Authorization: Basic …`, comparing secrets, and what is handed out
 * and has to be recognized for a while.
 */
import { createHash, timingSafeEqual } from "node:crypto";

/** The two halves as they were sent. */
export interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Takes the header apart; `undefined` if it is another scheme or malformed. */
export function readBasic(authorization: string | undefined): BasicCredentials | undefined {
  const encoded = /^basic +([a-z0-9+/]+=*)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [, clientId, clientSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

/**
 * Whether a half of the Basic value is this text. Atlas takes the halves as they are. MongoDB's Go SDK form-encodes them
 * and works all the same, because Go leaves letters, digits and `-_.~` alone, so that is accepted too. What is refused is
 * an encoding that changes those characters, such as `%5F` for `_`: Atlas does not undo it.
 */
export function isSameHalf(given: string, text: string): boolean {
  const raw = isSameText(given, text);
  return isSameText(given, formEncode(text)) || raw;
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(fingerprint(one), fingerprint(other));
}

function fingerprint(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What Go's `url.QueryEscape` makes of a text. */
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

export interface ExpiringMapOptions {
  readonly lifetimeMs: number;
  /** How many values are kept at most; the oldest make room. Default 10 000. */
  readonly capacity?: number;
  /** The time in milliseconds. */
  readonly clock: () => number;
}

/** Values that are forgotten when their time is over, as tokens and nonces are. It never holds more than its capacity. */
export class ExpiringMap<Value> {
  // All live equally long and a Map keeps the order of insertion, so the first to expire is always the first in it.
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  readonly #lifetimeMs: number;
  readonly #capacity: number;
  readonly #clock: () => number;

  constructor({ lifetimeMs, capacity = 10_000, clock }: ExpiringMapOptions) {
    this.#lifetimeMs = lifetimeMs;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /** How many values are held, including expired ones that nobody has asked for. */
  get size(): number {
    return this.#entries.size;
  }

  /** Keeps a value from now on. */
  add(key: string, value: Value): void {
    for (const [old, { expiresAt }] of this.#entries) {
      if (expiresAt > this.#clock() && this.#entries.size < this.#capacity) break;
      this.#entries.delete(old);
    }
    this.#entries.set(key, { value, expiresAt: this.#clock() + this.#lifetimeMs });
  }

  /** The value, until its time is over. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#clock() ? entry.value : undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
