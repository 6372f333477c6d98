/** `npm run conformance`, started from a shell: its signals and its progress on the terminal. */
import { constants } from "node:os";
import { runMain } from "../command.js";
import { conformanceCommand } from "./command.js";

const interruption = new AbortController();
interruption.signal.addEventListener("abort", () => showProgress("interrupted: waiting for the current response"));
let interruptedBy: NodeJS.Signals | undefined;

// Not `once`: Ctrl-C arrives twice, from the terminal and from npm, and the second must not cut the cleaning up short.
for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    interruption.abort();
  });
}

await runMain(conformanceCommand({ signal: interruption.signal, onProgress: showProgress }));
// As a shell gives it.
if (interruptedBy !== undefined) process.exitCode = 128 + constants.signals[interruptedBy];

/** One line that says what is being done, on a terminal and nowhere else; no words take it away. */
function showProgress(words: string): void {
  const { isTTY, columns = 80 } = process.stderr;
  // One column is left free: a full line would wrap, and its beginning would stay.
  if (isTTY) process.stderr.write(`\r\u001b[K${words.slice(0, Math.max(20, columns) - 1)}`);
}
