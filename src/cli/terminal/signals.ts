/**
 * SIGINT, SIGTERM and SIGHUP: the first stops the command after the current step, the second stops it at once. Without a
 * terminal that could hang up, under nohup for example, SIGHUP is ignored.
 */
import type { CommandIo } from "./command-io.js";

/** The abort reason after a signal. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(signalName: string) {
    super(`by ${signalName}`);
  }
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** One press of Ctrl-C arrives twice under npx, from the terminal and from npm; systemd sends SIGHUP after SIGTERM. */
const SAME_REQUEST_MS = 500;

/**
 * Listens until the process ends: a signal that nobody listens to would change its exit code.
 *
 * @returns aborts at the first signal
 */
export function watchSignals(
  { signals, stderr }: Pick<CommandIo, "signals" | "stderr">,
  { onFirst, onSecond }: { readonly onFirst: (name: string) => void; readonly onSecond: (name: string) => void },
): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  for (const name of SIGNALS) {
    signals.on(name, () => {
      if (name === "SIGHUP" && stderr.columns === undefined) return;
      if (firstAt === undefined) {
        firstAt = performance.now();
        onFirst(name);
        controller.abort(new Interrupted(name));
      } else if (performance.now() - firstAt > SAME_REQUEST_MS) {
        onSecond(name);
      }
    });
  }
  return controller.signal;
}
