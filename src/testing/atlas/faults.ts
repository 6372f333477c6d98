/**
 * What can become of a request instead of an ordinary response: a fault, when it is told or by chance, and the 429 of Atlas's
 * rate limit.
 */
import type { ServerResponse } from "node:http";
import { type AtlasResponse, apiError, contentHeaders, textOf } from "./http.js";
import type { RecordedRequest } from "./request.js";
import { randomNumbers } from "./seeded-random.js";

/** What becomes of one request instead of an ordinary response. */
export interface Fault {
  /** Whether the request takes effect all the same. */
  readonly applied: boolean;
  /** Runs after that and before the response; a promise delays it. */
  readonly meanwhile?: () => unknown;
  /**
   * `response`: with the ordinary one. `reset`: the connection breaks off before it, `cut`: in its body. `hang`: it never
   * comes. Or another response, or a function of the ordinary one, which may write to the connection itself and return
   * `undefined`.
   */
  readonly ends: "response" | "reset" | "cut" | "hang" | AtlasResponse | Ending;
}

export type Ending = (ordinary: AtlasResponse, outgoing: ServerResponse) => AtlasResponse | undefined;

/** Decides on each request as it comes; `undefined` lets it pass. A promise delays the request itself. */
export type Faults<Request = RecordedRequest> = (request: Request) => Fault | undefined | Promise<Fault | undefined>;

/**
 * Ends a request as a fault wants it.
 *
 * @returns the response to send; `undefined` if nothing is left to be done.
 */
export function disrupt(
  ends: Fault["ends"],
  ordinary: AtlasResponse,
  outgoing: ServerResponse,
): AtlasResponse | undefined {
  if (typeof ends === "function") return ends(ordinary, outgoing);
  if (typeof ends === "object") return ends;
  if (ends === "response") return ordinary;
  if (ends === "reset") outgoing.socket?.resetAndDestroy();
  if (ends === "cut") writeHalf(outgoing, ordinary);
  return undefined;
}

function writeHalf(outgoing: ServerResponse, response: AtlasResponse): void {
  const text = textOf(response) || "{}";
  outgoing.writeHead(response.status, { ...contentHeaders(response), "content-length": text.length });
  outgoing.write(text.slice(0, text.length / 2), () => outgoing.destroy());
}

/** One kind of trouble and how often it comes. */
export interface FaultRate {
  /** A status from 400 to 599, or what becomes of the connection. */
  readonly ends: number | "reset" | "cut" | "hang";
  /** Whether the request takes effect all the same. */
  readonly applied: boolean;
  /** From 0 to 1. */
  readonly probability: number;
}

/**
 * Faults by chance: a seed gives the same again, as long as the requests come in the same order.
 *
 * @param rates - Their probabilities add up to 1 at most.
 */
export function randomFaults(rates: readonly FaultRate[], seed: number): () => Fault | undefined {
  const next = randomNumbers(seed);
  return () => {
    let left = next();
    for (const { ends, applied, probability } of rates) {
      left -= probability;
      if (left < 0) return { applied, ends: typeof ends === "number" ? failure(ends) : ends };
    }
    return undefined;
  };
}

export function failure(status: number): AtlasResponse {
  return apiError(status, "UNEXPECTED_ERROR", "This failure was asked for.");
}

export interface RateLimit {
  /** How many requests can be made at once. */
  readonly capacity: number;
  /** How many come back at every full period. Default: the capacity. */
  readonly refill?: number;
  readonly periodSeconds: number;
  /**
   * Names the seconds to wait rounded down, so that whoever waits as long comes too soon. Default: rounded up.
   *
   * @internal
   */
  readonly roundsDown?: boolean;
}

/** What is left in the bucket. */
export interface Allowance {
  /** The headers that tell the caller. */
  readonly headers: Readonly<Record<string, string>>;
  /** The 429 of a request that came too soon. */
  readonly refusal?: AtlasResponse;
}

/** As 429s name it. Atlas names a set of endpoints; here one bucket is for all requests. */
const NAME = "api/atlas/v2";

export type TokenBucket = ReturnType<typeof tokenBucket>;

/** @param clock - The time in milliseconds. */
export function tokenBucket(
  { capacity, refill = capacity, periodSeconds, roundsDown = false }: RateLimit,
  clock: () => number,
) {
  let left = capacity;
  let refilledAt = clock();
  /** Takes one token, if there is one. */
  return (): Allowance => {
    // A clock that is set back starts a new period: nobody waits longer than one.
    refilledAt = Math.min(refilledAt, clock());
    const periods = Math.floor((clock() - refilledAt) / (periodSeconds * 1000));
    refilledAt += periods * periodSeconds * 1000;
    left = Math.min(capacity, left + periods * refill);
    const isEmpty = left < 1;
    if (!isEmpty) left -= 1;
    const headers = { "ratelimit-limit": `${capacity}`, "ratelimit-remaining": `${Math.floor(left)}` };
    if (!isEmpty) return { headers };
    const untilRefill = refilledAt / 1000 + periodSeconds - clock() / 1000;
    const waitSeconds = roundsDown ? Math.floor(untilRefill) : Math.max(1, Math.ceil(untilRefill));
    // Worded as Atlas words it.
    const detail =
      `Rate limit exceeded for ${NAME}. Please retry after ${waitSeconds} seconds. ` +
      `Request capacity: ${capacity}. Refill rate: ${refill} per ${periodSeconds} seconds.`;
    const parameters = [NAME, waitSeconds, capacity, refill, periodSeconds];
    const all = { ...headers, "retry-after": `${waitSeconds}` };
    return { headers, refusal: apiError(429, "RATE_LIMITED_TOKEN_BUCKET", detail, { parameters }, all) };
  };
}
