/**
 * SIGINT, SIGTERM and SIGHUP: the first stops the command after the current step, the second stops it at once.
 */
import type { CommandIo } from "./command-io.js";

/** The abort reason after a signal. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(signalName: string) {
    super(`by ${signalName}`);
  }
}

export interface Interruption {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Stops listening; the next signal ends the process. */
  release(): void;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** One press of Ctrl-C arrives twice under npx, from the terminal and from npm; systemd sends SIGHUP after SIGTERM. */
const SAME_REQUEST_MS = 500;

export function watchSignals(
  { signals }: Pick<CommandIo, "signals">,
  { onFirst, onSecond }: { readonly onFirst: (name: string) => void; readonly onSecond: (name: string) => void },
): Interruption {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        onFirst(name);
        controller.abort(new Interrupted(name));
      } else if (performance.now() - firstAt > SAME_REQUEST_MS) {
        onSecond(name);
      }
    };
    signals.on(name, listener);
    return () => void signals.off(name, listener);
  });
  return {
    signal: controller.signal,
    release() {
      for (const stopListening of listeners) stopListening();
    },
  };
}
