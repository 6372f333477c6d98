/**
 * `npm run conformance`: holds a server to the contract.
 *
 * Exit codes: 0 conforms, 1 does not, 2 wrong usage or target not reachable, 130 and 143 interrupted by SIGINT and SIGTERM.
 */
import { readCommand } from "./command-line.js";
import { ContractError } from "./contract/document.js";
import { Unreachable } from "./http/reach.js";
import { SignInFailure } from "./http/sign-in.js";
import { createProgress } from "./output/progress.js";
import { writeReport } from "./output/report-file.js";
import { textOf } from "./output/text.js";
import { runConformance } from "./run.js";
import { UsageError } from "./target.js";
import { USAGE } from "./usage.js";

const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

const progress = createProgress(process.stderr);
const interruption = new AbortController();
let interruptedBy: keyof typeof INTERRUPTED | undefined;

// Not `once`: Ctrl-C arrives twice, from the terminal and from npm, and the second must not cut the cleaning up short.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    interruption.abort();
  });
}
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const command = await readCommand(process.argv.slice(2), process.env);
    if (command === "help") {
      console.log(USAGE);
      return 0;
    }
    const report = await runConformance({ ...command.options, signal: interruption.signal, onProgress: progress.show });
    progress.clear();
    console.log(textOf(report, { width: process.stdout.columns ?? 100 }));
    if (command.report !== undefined) await writeReport(command.report, report);
    if (interruptedBy !== undefined) return INTERRUPTED[interruptedBy];
    return report.conforms ? 0 : 1;
  } catch (error) {
    progress.clear();
    console.error(`conformance: ${wordsOf(error)}`);
    return interruptedBy === undefined ? 2 : INTERRUPTED[interruptedBy];
  }
}

/** What was expected to go wrong is said in one line; anything else is a mistake of this program and shows where. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = [UsageError, ContractError, Unreachable, SignInFailure].some((kind) => error instanceof kind);
  if (expected) return `${error.message}${error instanceof UsageError ? " (--help tells more)" : ""}`;
  return error.stack ?? error.message;
}
