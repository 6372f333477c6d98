/**
 * Exit codes, so that a cron job or a CI step can decide without reading a message.
 */
import { AtlasError, AtlasRequestError, SecretRotationError } from "../../index.js";

export const EXIT = {
  /** Done, and all output was written. */
  done: 0,
  /** Atlas refused it or could not be reached; nothing was changed. */
  refused: 1,
  /** Wrong usage; nothing was sent. */
  usage: 2,
  /** Something may have changed; stderr says what to check. */
  uncertain: 3,
  /** Interrupted by a signal; nothing was changed. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that cannot continue: its own messages, and the exit code that belongs to them. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;
  /** One message each. */
  readonly lines: readonly string[];
  /** Printed to stdout as JSON; undefined if nothing was sent. */
  readonly report: object | undefined;

  constructor(exitCode: ExitCode, lines: readonly string[], report?: object) {
    super(lines.join("\n"));
    this.exitCode = exitCode;
    this.lines = lines;
    this.report = report;
  }
}

/** From the best to the worst. Interrupted is worse than refused: nobody has tried these. */
const BY_SEVERITY: readonly ExitCode[] = [EXIT.done, EXIT.refused, EXIT.usage, EXIT.interrupted, EXIT.uncertain];

/** The exit code of several together. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return BY_SEVERITY.findLast((code) => codes.includes(code)) ?? EXIT.done;
}

/** @param interruption aborted by the signal that the command was sent, if any */
export function exitCodeOf(error: unknown, interruption: AbortSignal): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (interruption.aborted && error === interruption.reason) return EXIT.interrupted;
  // Anything else is a defect of this program, and nobody can say how far it got.
  if (!(error instanceof AtlasError) || error.outcome !== "not-applied") return EXIT.uncertain;
  if (error instanceof AtlasRequestError) return EXIT.usage;
  const stoppedBySignal = interruption.aborted && error.cause === interruption.reason;
  return error instanceof SecretRotationError && stoppedBySignal ? EXIT.interrupted : EXIT.refused;
}
