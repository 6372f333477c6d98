/**
 * Exit codes: what a cron job or a CI step can decide by without reading a word.
 */
import { AtlasError, AtlasRequestError, SecretRotationError } from "../../index.js";
import { CommandError } from "./command-error.js";

export const EXIT = {
  /** Done, and everything that was promised has been written. */
  done: 0,
  /** Atlas refused it or could not be reached; nothing was changed. */
  refused: 1,
  /** Wrong usage; nothing was sent. */
  usage: 2,
  /** Something may have changed that was not meant to stay so; stderr says what to check. */
  check: 3,
  /** Interrupted by a signal; nothing was changed. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** From the best to the worst. Interrupted is worse than refused: nobody has tried these. */
const BY_SEVERITY: readonly ExitCode[] = [EXIT.done, EXIT.refused, EXIT.usage, EXIT.interrupted, EXIT.check];

/** The code of several together. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return BY_SEVERITY.findLast((code) => codes.includes(code)) ?? EXIT.done;
}

/** @param interruption aborted by the signal that the command was sent, if any */
export function exitCodeOf(error: unknown, interruption: AbortSignal): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (interruption.aborted && error === interruption.reason) return EXIT.interrupted;
  // Anything else is a defect of this program, and nobody can say how far it came.
  if (!(error instanceof AtlasError) || error.outcome !== "not-applied") return EXIT.check;
  if (error instanceof AtlasRequestError) return EXIT.usage;
  const stoppedBySignal = interruption.aborted && error.cause === interruption.reason;
  return error instanceof SecretRotationError && stoppedBySignal ? EXIT.interrupted : EXIT.refused;
}
