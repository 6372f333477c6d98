/**
 * Atlas's rate limit: a bucket of tokens, one for each request, which gets some back at every full period.
 */
import { type AtlasResponse, apiError } from "./response.js";

export interface RateLimit {
  /** How many requests can be made at once. */
  readonly capacity: number;
  /** How many come back at every full period. Default: the capacity. */
  readonly refill?: number;
  readonly periodSeconds: number;
  /** Names the seconds to wait rounded down, so that whoever waits as long comes too soon. Default: rounded up. */
  readonly roundsDown?: boolean;
}

/** What is left in the bucket. */
export interface Allowance {
  /** The headers that tell the caller. */
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds until the next request is let through; `undefined` if this one is. */
  readonly waitSeconds: number | undefined;
}

/** As 429s name it. Atlas names a set of endpoints; here one bucket is for all requests. */
const NAME = "api/atlas/v2";

export class TokenBucket {
  readonly #limit: Required<RateLimit>;
  readonly #clock: () => number;
  #left: number;
  #refilledAt: number;

  /** @param clock - The time in milliseconds. */
  constructor({ capacity, refill = capacity, periodSeconds, roundsDown = false }: RateLimit, clock: () => number) {
    this.#limit = { capacity, refill, periodSeconds, roundsDown };
    this.#clock = clock;
    this.#left = capacity;
    this.#refilledAt = clock();
  }

  /** Takes one token, if there is one. */
  take(): Allowance {
    const { capacity, refill, periodSeconds, roundsDown } = this.#limit;
    // A clock that is set back starts a new period: nobody waits longer than one.
    this.#refilledAt = Math.min(this.#refilledAt, this.#clock());
    const periods = Math.floor((this.#clock() - this.#refilledAt) / (periodSeconds * 1000));
    this.#refilledAt += periods * periodSeconds * 1000;
    this.#left = Math.min(capacity, this.#left + periods * refill);
    const empty = this.#left < 1;
    if (!empty) this.#left -= 1;
    const untilRefill = this.#refilledAt / 1000 + periodSeconds - this.#clock() / 1000;
    const waitSeconds = roundsDown ? Math.floor(untilRefill) : Math.max(1, Math.ceil(untilRefill));
    return {
      headers: { "ratelimit-limit": String(capacity), "ratelimit-remaining": String(this.#left) },
      waitSeconds: empty ? waitSeconds : undefined,
    };
  }

  /** The 429 of a request that came too soon, worded as Atlas words it. */
  tooManyRequests({ headers, waitSeconds = 1 }: Allowance): AtlasResponse {
    const { capacity, refill, periodSeconds } = this.#limit;
    const detail =
      `Rate limit exceeded for ${NAME}. Please retry after ${waitSeconds} seconds. ` +
      `Request capacity: ${capacity}. Refill rate: ${refill} per ${periodSeconds} seconds.`;
    const parameters = [NAME, waitSeconds, capacity, refill, periodSeconds];
    const response = apiError(429, "RATE_LIMITED_TOKEN_BUCKET", detail, { parameters });
    return { ...response, headers: { ...response.headers, ...headers, "retry-after": String(waitSeconds) } };
  }
}
