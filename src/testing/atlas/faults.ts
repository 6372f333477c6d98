/**
 * What can become of one request instead of an ordinary response, when it is told or by chance.
 */
import type { ServerResponse } from "node:http";
import type { RecordedRequest } from "./request.js";
import { type AtlasResponse, apiError, contentHeaders, textOf } from "./response.js";
import { seededRandom } from "./seeded-random.js";

/** What becomes of one request instead of an ordinary response. */
export interface Fault {
  /** Whether the request takes effect all the same. */
  readonly applied: boolean;
  /** Runs after that and before the response; a promise delays it. */
  readonly meanwhile?: () => unknown;
  /**
   * `response`: with the ordinary one. `reset`: the connection breaks off without a response. `cut`: it breaks off in
   * the middle of the body. `hang`: it stays open without a response until the server closes. A response of its own, or a
   * function of the ordinary one, which may also write to the connection itself and return `undefined`.
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
  switch (ends) {
    case "response":
      return ordinary;
    case "reset":
      outgoing.socket?.resetAndDestroy();
      return undefined;
    case "cut":
      writeHalf(outgoing, ordinary);
      return undefined;
    case "hang":
      return undefined;
    default:
      return ends;
  }
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
 * Faults that come by chance: a seed gives the same again, as long as the requests come in the same order.
 *
 * @param rates - Their probabilities add up to 1 at most.
 */
export function randomFaults(rates: readonly FaultRate[], seed: number): () => Fault | undefined {
  const { next } = seededRandom(seed);
  return () => {
    let left = next();
    for (const { ends, applied, probability } of rates) {
      left -= probability;
      if (left < 0) return { applied, ends: typeof ends === "number" ? failure(ends) : ends };
    }
    return undefined;
  };
}

function failure(status: number): Fault["ends"] {
  return apiError(status, "UNEXPECTED_ERROR", "This failure was asked for.");
}
