/** How a command fails: exit codes, and wrong usage: all of it at once, under the names that the command line uses. */
import { AtlasError, AtlasRequestError, type RequestViolation, SecretRotationError } from "../../index.js";

/** The worst last, and interrupted is worse than refused: nobody has tried it. `--help` says what each means. */
export const EXIT = { done: 0, refused: 1, usage: 2, interrupted: 130, uncertain: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return Object.values(EXIT).findLast((code) => codes.includes(code)) ?? EXIT.done;
}

/** What the operator has given or named cannot be used; nothing was sent. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly lines: readonly string[];

  constructor(...lines: readonly string[]) {
    super(lines.join("\n"));
    this.lines = lines;
  }
}

/** The system's name of what went wrong. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

export function exitCodeOf(error: unknown, { aborted, reason }: AbortSignal): ExitCode {
  if (error instanceof UsageError || error instanceof AtlasRequestError) return EXIT.usage;
  if (aborted && error === reason) return EXIT.interrupted;
  // Anything else is a defect of this program, and nobody can say how far it got.
  if (!(error instanceof AtlasError) || error.outcome !== "not-applied") return EXIT.uncertain;
  return aborted && error instanceof SecretRotationError && error.cause === reason ? EXIT.interrupted : EXIT.refused;
}

/** The option of each id, and the environment variable that can replace it. */
export const ID_OPTIONS = {
  groupId: ["--project-id", "MONGODB_ATLAS_PROJECT_ID"],
  orgId: ["--org-id", "MONGODB_ATLAS_ORG_ID"],
  clientId: ["--client-id", "ATLAS_SECRETS_CLIENT_ID"],
  secretId: ["--secret-id", "ATLAS_SECRETS_SECRET_ID"],
  previousSecretId: ["--previous-secret-id", "ATLAS_SECRETS_PREVIOUS_SECRET_ID"],
} as const;

/** Likewise for each argument of the library. */
const OPTION_OF: Readonly<Record<string, readonly [option: string, variable?: string]>> = {
  ...ID_OPTIONS,
  secretExpiresAfterHours: ["--expires-after-hours"],
  "current.id": ID_OPTIONS.secretId,
  "body.secretExpiresAfterHours": ["--expires-after-hours"],
  baseUrl: ["--base-url"],
};

/** What the operator has to mend. @throws the error itself, if it is another's fault */
export function problemsIn(error: unknown): readonly string[] {
  if (error instanceof UsageError) return error.lines;
  if (!(error instanceof AtlasRequestError)) throw error;
  const { violations, message } = error;
  // A part of the library that cannot be loaded is nothing that an argument breaks.
  return violations.length > 0 ? violations.map(inOptions) : [message];
}

function inOptions({ argument, expected, received }: RequestViolation): string {
  const [option, variable] = OPTION_OF[argument] ?? [argument];
  if (expected === "is missing" || received === "undefined") {
    return `${option} is missing${variable === undefined ? "" : `; you can also set ${variable}`}`;
  }
  if (received === "") return `${option}: ${expected}`;
  // Only the command line understands durations.
  const also = option === "--expires-after-hours" && expected === "an integer" ? " or a duration such as 30d" : "";
  return `${option}: expected ${expected}${also}, got ${received}`;
}
