/**
 * What a server hands out and has to recognize for a while: tokens and nonces.
 */

export interface ExpiringMapOptions {
  readonly lifetimeMs: number;
  /** How many values are kept at most; the oldest make room. Default 10 000. */
  readonly capacity?: number;
  /** The time in milliseconds. */
  readonly clock: () => number;
}

/** Values that are forgotten when their time is over. It never holds more than its capacity. */
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
