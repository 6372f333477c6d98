/** Abort signals that many calls may share: listened to, waited with, and joined, without leaving a listener behind. */

/** Also one of another realm or of a polyfill. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  try {
    if (typeof value !== "object") return false;
    const { aborted, addEventListener, removeEventListener } = value as AbortSignal;
    const listener = () => undefined;
    addEventListener.call(value, "abort", listener);
    removeEventListener.call(value, "abort", listener);
    return typeof aborted === "boolean";
  } catch {
    // What cannot be listened to is no signal, nor is a proxy that throws.
    return false;
  }
}

/**
 * However many calls share a signal, it has one listener of theirs: Node warns of a leak at the eleventh, and compares each
 * that is added with all the others.
 */
const listening = new WeakMap<AbortSignal, { readonly listeners: Set<() => void>; tell(): void }>();

/** Calls `listener` when the signal aborts, at once if it has aborted; the function that is returned takes it off again. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  let shared = listening.get(signal);
  if (shared === undefined) {
    const listeners = new Set<() => void>();
    const tell = () => {
      for (const each of listeners) each();
    };
    shared = { listeners, tell };
    listening.set(signal, shared);
  }
  const { listeners, tell } = shared;
  if (listeners.size === 0) signal.addEventListener("abort", tell, { once: true });
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) signal.removeEventListener("abort", tell);
  };
}

/** As the signal's own method, which polyfills lack. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** Settles with the promise, unless the signal aborts before: then it rejects at once with the signal's reason. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(release);
  });
}

/**
 * A signal that aborts with the reason of the first of these that does, until it is released: AbortSignal.any would stay
 * attached to one that lives long.
 */
export function linkSignals(signals: readonly (AbortSignal | undefined)[]): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const releases = signals.map((source) => source && onAbort(source, () => controller.abort(source.reason)));
  const release = () => {
    for (const each of releases) each?.();
  };
  return { signal: controller.signal, release };
}

/** Waits on the platform's own timer, which test runners can fake. Rejects with the signal's reason when that aborts. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return untilAborted(slept, signal).finally(() => clearTimeout(timer));
}
