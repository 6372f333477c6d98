/**
 * JSON on stdout, and what it means if it does not get there.
 */
import { CommandError } from "./command-error.js";
import type { CommandIo } from "./command-io.js";
import type { ExitCode } from "./exit-code.js";
import type { Words } from "./words.js";

export interface Output {
  readonly io: Pick<CommandIo, "stdout">;
  readonly words: Pick<Words, "clear">;
}

/** What the operator has to know where nobody will ever read the document. */
export interface IfLost {
  readonly exitCode: ExitCode;
  readonly lines: readonly string[];
}

/**
 * Prints one document. On a terminal the progress, whose line it would continue, goes away first.
 *
 * @throws CommandError where stdout is closed or full
 */
export async function printJson({ io, words }: Output, value: unknown, ifLost: IfLost): Promise<void> {
  words.clear();
  try {
    await io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new CommandError(ifLost.exitCode, [`stdout cannot be written to${code}`, ...ifLost.lines]);
  }
}
