/**
 * Several signals as one, until it is released.
 */

export interface LinkedSignal {
  /** Aborts with the reason of the first of them that does. */
  readonly signal: AbortSignal;
  /** Takes the listeners off again; AbortSignal.any would stay attached to a signal that lives long. */
  release(): void;
}

export function linkSignals(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const linked = signals.map((source) => {
    const onAbort = () => controller.abort(source?.reason);
    if (source?.aborted === true) onAbort();
    else source?.addEventListener("abort", onAbort, { once: true });
    return () => source?.removeEventListener("abort", onAbort);
  });
  return {
    signal: controller.signal,
    release() {
      for (const unlink of linked) unlink();
    },
  };
}
