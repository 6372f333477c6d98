/** A caller's abort: calls that let a sent request finish, and what is known of those that reject with an abort reason. */
import { AtlasError, type Outcome } from "../errors.js";
import { sharedByCopies } from "../safe/foreign-error.js";

const finishing = /* @__PURE__ */ sharedByCopies("finishOnceSent", () => new WeakSet<AbortSignal>());

/**
 * Marks a signal so that it ends a call that waits, but no request that has been sent: an interrupted creation would
 * leave a secret of unknown id.
 *
 * @example
 * await atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(controller.signal) });
 */
export function finishOnceSent(signal: AbortSignal): AbortSignal {
  finishing.add(signal);
  return signal;
}

export const finishesOnceSent = (signal: AbortSignal): boolean => finishing.has(signal);

const outcomes = /* @__PURE__ */ sharedByCopies("outcomes", () => new WeakMap<object, Outcome>());

/**
 * The outcome of a call that rejected with an `AtlasError` or an abort reason. An aborted call is `not-applied` if
 * nothing was sent or Atlas refused it, else `unknown`; calls that share a reason are `unknown` as soon as one is.
 *
 * @param reason or the call's signal, for a reason that is no object or is shared by calls with other signals
 * @returns undefined if it ended no call
 * @example
 * const reason = await atlas.deleteOrgServiceAccountSecret(args, { signal }).catch((error: unknown) => error);
 * if (outcomeOf(reason) === "unknown") console.error("The secret may have been deleted.");
 */
export function outcomeOf(reason: unknown): Outcome | undefined {
  // Of what is no object, a WeakMap knows nothing.
  return reason instanceof AtlasError ? reason.outcome : outcomes.get(reason as object);
}

/** Of a call that this signal has ended. */
export function noteAborted(signal: AbortSignal, outcome: Outcome): void {
  for (const key of [signal, signal.reason]) {
    if (Object(key) === key && outcomes.get(key) !== "unknown") outcomes.set(key, outcome);
  }
}
