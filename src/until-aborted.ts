/**
 * Waits for somebody else's promise no longer than a signal allows.
 */

import { onAbort } from "./on-abort.js";

/** Settles with the promise, unless the signal aborts before: then it rejects at once with the signal's reason. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const release = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(release);
  });
}
