/**
 * Abort signals that many calls may share: listened to, waited with, and joined, without leaving a listener behind.
 */
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

interface Listening {
  readonly listeners: Set<() => void>;
  /** Takes the one listener off again. */
  stop(): void;
}

const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls `listener` when the signal aborts, unless it is released before.
 *
 * However many calls share a signal, it has one listener of theirs: Node warns of a leak at the eleventh, and compares each
 * that is added with all the others.
 *
 * @returns takes the listener off again
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const { listeners, stop } = listening.get(signal) ?? listenTo(signal);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) stop();
  };
}

function listenTo(signal: AbortSignal): Listening {
  const listeners = new Set<() => void>();
  const stop = () => {
    // Another may listen by now.
    if (listening.get(signal)?.stop === stop) listening.delete(signal);
    signal.removeEventListener("abort", tell);
  };
  const tell = () => {
    stop();
    for (const listener of listeners) listener();
  };
  signal.addEventListener("abort", tell);
  const own = { listeners, stop };
  listening.set(signal, own);
  return own;
}

/** As the signal's own method, which polyfills lack. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** Settles with the promise, unless the signal aborts before: then it rejects at once with the signal's reason. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    // It will not abort again: a listener would stay on it for as long as the promise does not settle.
    if (signal.aborted) reject(signal.reason);
    const release = signal.aborted ? undefined : onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(release);
  });
}

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

/** Waits on the platform's own timer, which test runners can fake. Rejects with the signal's reason when that aborts. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return untilAborted(slept, signal).finally(() => clearTimeout(timer));
}
