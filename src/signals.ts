/**
 * Abort signals that many calls may share: listened to, waited with, and joined, without leaving a listener behind.
 */
import { nodeModule } from "./platform.js";

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
    liftLimit(signal);
  }
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

function liftLimit(signal: AbortSignal): void {
  try {
    nodeModule("node:events")?.setMaxListeners(0, signal);
  } catch {
    // Not Node's own signal, but jsdom's or a polyfill's: it has no such limit.
  }
}

/** As the signal's own method, which polyfills lack. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** Settles with the promise, unless the signal aborts before: then it rejects at once with the signal's reason. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const release = onAbort(signal, () => reject(signal.reason));
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
