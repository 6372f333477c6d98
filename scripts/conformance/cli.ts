/**
 * The command without its process: arguments in, text out, and the exit code.
 */
import { readCommand } from "./command-line.js";
import { ContractError } from "./contract/document.js";
import { Unreachable } from "./http/reach.js";
import { SignInFailure } from "./http/sign-in.js";
import { writeReport } from "./output/report-file.js";
import { textOf } from "./output/text.js";
import { runConformance } from "./run.js";
import { UsageError } from "./target.js";
import { USAGE } from "./usage.js";

/** What the command has of the process that it runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the terminal, in characters. */
  readonly width: number;
  print(text: string): void;
  complain(text: string): void;
  /** Told what is being done; `undefined`: nothing is, for now. */
  progress(words: string | undefined): void;
  /** Ends the run early; what it made is deleted all the same. */
  readonly signal?: AbortSignal;
}

/**
 * Carries the command out.
 *
 * @returns 0 where the server conforms, 1 where it does not or the run was interrupted, 2 for wrong usage, and where the
 * server cannot be reached or signed in to.
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, width, print, complain, progress, signal } = surroundings;
  try {
    const command = await readCommand(args, env);
    if (command === "help") {
      print(USAGE);
      return 0;
    }
    const report = await runConformance({ ...command.options, signal, onProgress: progress });
    progress(undefined);
    print(textOf(report, { width }));
    if (command.report !== undefined) await writeReport(command.report, report);
    return report.conforms ? 0 : 1;
  } catch (error) {
    progress(undefined);
    complain(`conformance: ${wordsOf(error)}`);
    return 2;
  }
}

/** What was expected to go wrong is said in one line; anything else is a mistake of this program and shows where. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UsageError) return `${error.message} (--help tells more)`;
  const isExpected =
    [ContractError, Unreachable, SignInFailure].some((kind) => error instanceof kind) || "code" in error;
  return isExpected ? error.message : (error.stack ?? error.message);
}
