/**
 * For calls whose response must not be lost: an abort ends every wait of the call, but not a request that is under way.
 */
import type { Stage } from "./pipeline.js";

const finishing = new WeakSet<AbortSignal>();

/**
 * Marks a signal: a call that is given it rejects with the signal's reason while it waits, and lets a request that has
 * been sent come to its end, which the attempt's timeout bounds. Given up half-way, a creation would leave a secret whose
 * id is not known.
 *
 * @example
 * await atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(controller.signal) });
 */
export function finishOnceSent(signal: AbortSignal): AbortSignal {
  finishing.add(signal);
  return signal;
}

export function finishesOnceSent(signal: AbortSignal): boolean {
  return finishing.has(signal);
}

/** Stands directly around what sends; everything above it waits by the signal as ever. */
export const keepSentRequests: Stage = (next) => (request) => {
  const { signal } = request;
  if (signal === undefined || !finishesOnceSent(signal)) return next(request);
  return signal.aborted ? Promise.reject(signal.reason) : next({ ...request, signal: undefined });
};
