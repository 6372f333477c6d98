/**
 * Several signals as one, until it is released.
 */

import { onAbort } from "./on-abort.js";

export interface LinkedSignal {
  /** Aborts with the reason of the first of them that does. */
  readonly signal: AbortSignal;
  /** Takes the listeners off again; AbortSignal.any would stay attached to a signal that lives long. */
  release(): void;
}

export function linkSignals(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const linked = signals.map((source) => {
    const abort = () => controller.abort(source?.reason);
    if (source?.aborted === true) abort();
    return source === undefined || source.aborted ? undefined : onAbort(source, abort);
  });
  return {
    signal: controller.signal,
    release() {
      for (const unlink of linked) unlink?.();
    },
  };
}
