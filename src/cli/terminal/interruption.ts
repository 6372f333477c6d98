/**
 * SIGINT, SIGTERM and SIGHUP: the first asks to stop where nothing is lost, the second stops.
 */
import type { CommandIo } from "./command-io.js";

/** The reason of what stopped because of a signal. */
export class Interrupted extends Error {
  static {
    Interrupted.prototype.name = "Interrupted";
  }

  constructor(signalName: string) {
    super(`by ${signalName}`);
  }
}

export interface Interruption {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Leaves signals to the process again. */
  release(): void;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** One press of Ctrl-C arrives twice under npx, from the terminal and from npm; systemd sends SIGHUP after SIGTERM. */
const SAME_WISH_MS = 500;

export function watchSignals(
  { signals }: Pick<CommandIo, "signals">,
  told: { readonly first: (name: string) => void; readonly second: (name: string) => void },
): Interruption {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        told.first(name);
        controller.abort(new Interrupted(name));
      } else if (performance.now() - firstAt > SAME_WISH_MS) {
        told.second(name);
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
