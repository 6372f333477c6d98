/**
 * JSON on stdout, and what it means if it does not get there.
 */
import { CommandError } from "./command-error.js";
import type { CommandIo } from "./command-io.js";
import type { ExitCode } from "./exit-code.js";

/** What the operator has to know where nobody will ever read the document. */
export interface IfLost {
  readonly exitCode: ExitCode;
  readonly lines: readonly string[];
}

/**
 * Prints one document.
 *
 * @throws CommandError where stdout is closed or full
 */
export async function printJson({ stdout }: Pick<CommandIo, "stdout">, value: unknown, ifLost: IfLost): Promise<void> {
  try {
    await stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new CommandError(ifLost.exitCode, [`stdout cannot be written to${code}`, ...ifLost.lines]);
  }
}
