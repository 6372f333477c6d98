/**
 * What a run found.
 */
import type { CheckName } from "./checks.js";
import type { Place } from "./contract/document.js";

/**
 * `passed`: every answer that the check had to judge was right. `not-provoked`: the server could not be made to show what
 * it judges. `not-applicable`: the contract gives it nothing to judge. `excluded`: it was not asked for.
 */
export type Verdict = "passed" | "failed" | "not-provoked" | "not-applicable" | "excluded";

/** One check of one operation. */
export interface Result {
  readonly operationId: string;
  readonly check: CheckName;
  readonly verdict: Verdict;
  /** How many answers were judged. */
  readonly judged: number;
  /** Why it is neither passed nor failed. */
  readonly reason?: string;
}

/** One way in which the server does not do what the contract says. */
export interface Failure {
  readonly operationId: string;
  readonly check: CheckName;
  /** What was special about the request. */
  readonly title: string;
  readonly problem: string;
  /** The request as a line for a shell, its credentials masked. */
  readonly curl: string;
  /** The answer, bounded, its secrets masked; or why there was none. */
  readonly came: string;
  readonly contract: readonly (Place & { readonly says: string })[];
  /** What was special about the other requests that failed in the same way. */
  readonly alike: readonly string[];
}

/** Something that was not shown or not tried, and why. */
export interface Omission {
  readonly operationId: string;
  readonly what: string;
  readonly reason: string;
}

/** A secret, or whatever else was made, that is still there. */
export interface LeftOver {
  /** `undefined` where the answer that told it was lost or does not say. */
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
  /** Documented answers that the server did not show. */
  readonly notProvoked: readonly Omission[];
  /** Constraints and values that no request could be made for, or that were left out on purpose. */
  readonly notTried: readonly Omission[];
  readonly leftOver: readonly LeftOver[];
}
