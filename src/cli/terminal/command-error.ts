/**
 * A command that cannot go on, in words of its own and with the exit code that belongs to them.
 */
import type { ExitCode } from "./exit-code.js";

export class CommandError extends Error {
  static {
    CommandError.prototype.name = "CommandError";
  }
  readonly exitCode: ExitCode;
  /** What the operator is told, each on a line. */
  readonly lines: readonly string[];

  constructor(exitCode: ExitCode, lines: readonly string[]) {
    super(lines.join("\n"));
    this.exitCode = exitCode;
    this.lines = lines;
  }
}
