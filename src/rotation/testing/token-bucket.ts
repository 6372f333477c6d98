/**
 * For tests: a rate limit that gets its tokens back in one go, at every full period.
 */
export interface RateLimit {
  readonly capacity: number;
  /** What comes back at every full period, counted from the start of the server. */
  readonly refill: number;
  readonly periodMs: number;
}

/** Takes one token, or answers how many seconds to wait for the next ones. */
export function tokenBucket({ capacity, refill, periodMs }: RateLimit): () => number | undefined {
  let left = capacity;
  let refilledAt = performance.now();
  return () => {
    const periods = Math.floor((performance.now() - refilledAt) / periodMs);
    refilledAt += periods * periodMs;
    left = Math.min(capacity, left + periods * refill);
    if (left === 0) return Math.max(1, Math.ceil(periodMs / 1000));
    left -= 1;
    return undefined;
  };
}
