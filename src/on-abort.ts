/**
 * Listens to a signal that many calls may share.
 */
import { setMaxListeners } from "node:events";

const raised = new WeakSet<AbortSignal>();

/**
 * Calls `listener` when the signal aborts, unless it is released before.
 *
 * Node warns of a leak at the eleventh listener. Here every call takes its own off again, so that eleven calls with one
 * signal are no leak, and the limit of that signal is lifted.
 *
 * @returns takes the listener off again
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (!raised.has(signal)) {
    raised.add(signal);
    setMaxListeners(0, signal);
  }
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
