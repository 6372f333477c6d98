/**
 * What a run found.
 */
import type { CheckName } from "./check-names.js";

/**
 * `passed`: every response that the check had to judge was right. `not-provoked`: the server could not be made to show what
 * it judges. `not-applicable`: the contract gives it nothing to judge. `excluded`: it was not selected.
 */
export type Verdict = "passed" | "failed" | "not-provoked" | "not-applicable" | "excluded";

/** One check of one operation. */
export interface Result {
  readonly operationId: string;
  readonly check: CheckName;
  readonly verdict: Verdict;
  /** How many responses were judged. */
  readonly judged: number;
  /** Why it is neither passed nor failed. */
  readonly reason?: string;
  /** What the check holds the server to. */
  readonly basis: readonly Basis[];
}

/** What a verdict rests on: a place in the contract's file, or another document. */
export interface Basis {
  readonly says: string;
  /** JSON pointer into the contract, references already followed. */
  readonly pointer?: string;
  /** Line of the contract, counted from 1. */
  readonly line?: number;
  /** The other document and its address, as `RFC 9110, section 15.5.6`. */
  readonly source?: string;
  readonly url?: string;
}

/** One way in which the server does not do what the contract says. */
export interface Failure {
  readonly operationId: string;
  readonly check: CheckName;
  /** What was special about the request. */
  readonly title: string;
  readonly problem: string;
  /** The request as a line for a shell, its credentials masked. */
  readonly request: string;
  /** The response, bounded, its secrets masked; or why there was none. */
  readonly response: string;
  readonly basis: readonly Basis[];
  /** What was special about the other requests that failed in the same way. */
  readonly similar: readonly string[];
}

/** Something that was not shown or not tried, and why. */
export interface Omission {
  readonly operationId: string;
  readonly what: string;
  readonly reason: string;
}

/** A secret, or whatever else was created, that is still there. */
export interface LeftOver {
  /** `undefined` if the response was lost or has no id. */
  readonly id: string | undefined;
  readonly operationId: string;
  readonly reason: string;
}

/** A whole run. */
export interface Report {
  readonly target: string;
  /** Path of the contract. */
  readonly contract: string;
  readonly seed: number;
  /** How many requests were sent. */
  readonly requests: number;
  readonly durationMs: number;
  /** Whether it was stopped before its end. */
  readonly interrupted: boolean;
  /** Something passed, nothing failed, nothing is left over, and it ran to its end. */
  readonly conforms: boolean;
  readonly operations: readonly string[];
  readonly results: readonly Result[];
  readonly failures: readonly Failure[];
  /** Documented responses that the server did not show. */
  readonly notProvoked: readonly Omission[];
  /** Constraints and values that no request could be made for, or that were left out on purpose. */
  readonly notTried: readonly Omission[];
  readonly leftOver: readonly LeftOver[];
}
