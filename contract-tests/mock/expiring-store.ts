/**
 * What the mock hands out and has to recognize for a while: tokens and nonces.
 */

/** Settings of a store. */
export interface ExpiringStoreOptions {
  /** How long a value is kept, in milliseconds. */
  readonly lifetimeMs: number;
  /** How many values are kept at most; the oldest make room. Default 10 000. */
  readonly capacity?: number;
  /** The clock, in milliseconds. Default: a clock that nobody sets back. */
  readonly now?: () => number;
}

/** Values that are forgotten when their time is over. It never holds more than its capacity. */
export class ExpiringStore<Value> {
  // All live equally long and a Map keeps the order of insertion, so the first to expire is always the first in it.
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  readonly #lifetimeMs: number;
  readonly #capacity: number;
  readonly #now: () => number;

  constructor({ lifetimeMs, capacity = 10_000, now = () => performance.now() }: ExpiringStoreOptions) {
    this.#lifetimeMs = lifetimeMs;
    this.#capacity = capacity;
    this.#now = now;
  }

  /** How many values are held, the expired ones that nobody has asked for included. */
  get size(): number {
    return this.#entries.size;
  }

  /** Keeps a value from now on. */
  add(key: string, value: Value): void {
    for (const [old, { expiresAt }] of this.#entries) {
      if (expiresAt > this.#now() && this.#entries.size < this.#capacity) break;
      this.#entries.delete(old);
    }
    this.#entries.set(key, { value, expiresAt: this.#now() + this.#lifetimeMs });
  }

  /** The value, while its time is not over. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#now() ? entry.value : undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
