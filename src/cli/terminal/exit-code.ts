/**
 * How a command fails: exit codes, so that a cron job or a CI step can decide without reading a message, and wrong usage,
 * which is found before anything is sent: all of it at once, under the names that the command line uses.
 */
import { AtlasError, AtlasRequestError, type RequestViolation, SecretRotationError } from "../../index.js";

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

  constructor(exitCode: ExitCode, lines: readonly string[]) {
    super(lines.join("\n"));
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

/** What the operator has given or named cannot be used; nothing was sent. */
export class UsageError extends CommandError {
  constructor(...lines: readonly string[]) {
    super(EXIT.usage, lines);
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

/** The environment variables of the ids that are not given as options. */
export const ID_VARIABLES = {
  groupId: "MONGODB_ATLAS_PROJECT_ID",
  orgId: "MONGODB_ATLAS_ORG_ID",
  clientId: "ATLAS_SECRETS_CLIENT_ID",
  secretId: "ATLAS_SECRETS_SECRET_ID",
  previousSecretId: "ATLAS_SECRETS_PREVIOUS_SECRET_ID",
} as const;

/** The option, and the variable that can replace it, for each argument of the library. */
const OPTION_OF: Readonly<Record<string, readonly [option: string, variable?: string]>> = {
  groupId: ["--project-id", ID_VARIABLES.groupId],
  orgId: ["--org-id", ID_VARIABLES.orgId],
  clientId: ["--client-id", ID_VARIABLES.clientId],
  secretId: ["--secret-id", ID_VARIABLES.secretId],
  previousSecretId: ["--previous-secret-id", ID_VARIABLES.previousSecretId],
  secretExpiresAfterHours: ["--expires-after-hours"],
  "current.id": ["--secret-id", ID_VARIABLES.secretId],
  "body.secretExpiresAfterHours": ["--expires-after-hours"],
  baseUrl: ["--base-url"],
};

/** Collects problems, so that whoever made three mistakes does not have to try four times. */
export class Problems {
  readonly #found: string[] = [];

  add(problem: string): void {
    this.#found.push(problem);
  }

  /** What the function returns; undefined if it throws an error that says what cannot be used, which is then added. */
  async of<Result>(check: () => Result | Promise<Result>): Promise<Result | undefined> {
    try {
      return await check();
    } catch (error) {
      if (error instanceof UsageError) this.#found.push(...error.lines);
      else if (error instanceof AtlasRequestError) for (const each of error.violations) this.add(inOptions(each));
      else throw error;
      return undefined;
    }
  }

  /**
   * What was found, all of it defined.
   *
   * @throws UsageError if there is any problem
   */
  complete<Found extends object>(found: Found): { readonly [Name in keyof Found]: NonNullable<Found[Name]> } {
    if (this.#found.length > 0) throw new UsageError(...this.#found);
    // A member is undefined only if a problem was added.
    return found as { readonly [Name in keyof Found]: NonNullable<Found[Name]> };
  }
}

function inOptions({ argument, expected, received }: RequestViolation): string {
  const [option, variable] = OPTION_OF[argument] ?? [argument];
  if (expected === "is missing" || received === "nothing" || received === "undefined") {
    return `${option} is missing${variable === undefined ? "" : `; you can also set ${variable}`}`;
  }
  if (received === "") return `${option}: ${expected}`;
  // Only the command line understands durations.
  const also =
    argument.endsWith("secretExpiresAfterHours") && expected === "an integer" ? " or a duration such as 30d" : "";
  return `${option}: expected ${expected}${also}, got ${received}`;
}
