/**
 * Trouble by chance: a seed gives the same faults again, as long as the requests come in the same order.
 */
import type { Fault, Faults } from "./faults.js";
import { apiError } from "./response.js";
import { seededRandom } from "./seeded-random.js";

/** One kind of trouble and how often it comes. */
export interface FaultRate {
  /** A status from 400 to 599, or what becomes of the connection. */
  readonly ends: number | "reset" | "cut" | "hang";
  /** Whether the request takes effect all the same. */
  readonly applied: boolean;
  /** From 0 to 1. */
  readonly probability: number;
}

/** Faults that come by chance. The probabilities of all rates add up to 1 at most. */
export function randomFaults(rates: readonly FaultRate[], seed: number): Faults {
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
