/**
 * What is known of a call that its caller aborted: the rejection is the caller's own reason, which has no `outcome`.
 */
import { AtlasError, type Outcome } from "../errors.js";

/** By the reason; several calls may share one. */
const outcomes = new WeakMap<object, Outcome>();

/** Once one of the calls with this reason may have been applied, the reason's outcome is `unknown`. */
export function recordOutcome(reason: unknown, outcome: Outcome): void {
  if (typeof reason === "object" && reason !== null && outcomes.get(reason) !== "unknown")
    outcomes.set(reason, outcome);
}

/**
 * The outcome of a call, by what it rejected with: that of an `AtlasError`, or what is known of a call that was aborted,
 * by its abort reason.
 *
 * @returns undefined for what no call rejected with, and for a reason that is not an object
 * @example
 * const reason = await atlas.deleteOrgServiceAccountSecret(args, { signal }).catch((error: unknown) => error);
 * if (outcomeOf(reason) === "unknown") console.error("The secret may have been deleted.");
 */
export function outcomeOf(reason: unknown): Outcome | undefined {
  if (reason instanceof AtlasError) return reason.outcome;
  return typeof reason === "object" && reason !== null ? outcomes.get(reason) : undefined;
}
