/**
 * `npm run conformance`: holds a server to the contract.
 *
 * Exit codes: 0 conforms, 1 does not, 2 wrong usage or target not reachable, 130 and 143 interrupted by SIGINT and SIGTERM.
 */
import { runCommand } from "./cli.js";
import { createProgress } from "./output/progress.js";

const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

const line = createProgress(process.stderr);
const interruption = new AbortController();
let interruptedBy: keyof typeof INTERRUPTED | undefined;

// Not `once`: Ctrl-C arrives twice, from the terminal and from npm, and the second must not cut the cleaning up short.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    interruption.abort();
  });
}

const exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  width: process.stdout.columns ?? 100,
  print: (text) => console.log(text),
  complain: (text) => console.error(text),
  progress: line.show,
  signal: interruption.signal,
});
process.exitCode = interruptedBy === undefined ? exitCode : INTERRUPTED[interruptedBy];
