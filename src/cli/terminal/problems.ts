/**
 * Wrong usage, found before anything is sent: all of it at once, in the words of the command line.
 */
import { AtlasRequestError, type RequestViolation } from "../../index.js";
import { CommandError } from "./command-error.js";
import { EXIT } from "./exit-code.js";

/** Where the ids come from that are not given as options. */
export const ID_VARIABLES = {
  groupId: "MONGODB_ATLAS_PROJECT_ID",
  orgId: "MONGODB_ATLAS_ORG_ID",
  clientId: "ATLAS_SECRETS_CLIENT_ID",
  secretId: "ATLAS_SECRETS_SECRET_ID",
  previousSecretId: "ATLAS_SECRETS_PREVIOUS_SECRET_ID",
} as const;

/** How the command line calls what the library calls otherwise, and the variable that stands in for it. */
const NAME_OF: Readonly<Record<string, readonly [option: string, variable?: string]>> = {
  groupId: ["--group-id", ID_VARIABLES.groupId],
  orgId: ["--org-id", ID_VARIABLES.orgId],
  clientId: ["--client-id", ID_VARIABLES.clientId],
  secretId: ["--secret-id", ID_VARIABLES.secretId],
  previousSecretId: ["--previous-secret-id", ID_VARIABLES.previousSecretId],
  "body.secretExpiresAfterHours": ["--expires-after-hours"],
  baseUrl: ["--base-url"],
};

/** Collects problems, so that whoever has three wrong does not have to try four times. */
export class Problems {
  readonly #found: string[] = [];

  add(problem: string | undefined): void {
    if (problem !== undefined) this.#found.push(problem);
  }

  /** What the function answers; undefined where it finds that something cannot be used. */
  of<Result>(check: () => Result): Result | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof AtlasRequestError)) throw error;
      for (const violation of error.violations) this.add(inOptions(violation));
      return undefined;
    }
  }

  /**
   * What was found, all of it there.
   *
   * @throws CommandError where there is any problem
   */
  complete<Found extends object>(found: Found): { readonly [Name in keyof Found]: NonNullable<Found[Name]> } {
    if (this.#found.length > 0) throw new CommandError(EXIT.usage, this.#found);
    // A member is only undefined where `of` has added a problem.
    return found as { readonly [Name in keyof Found]: NonNullable<Found[Name]> };
  }
}

function inOptions({ argument, expected, received }: RequestViolation): string {
  const [option, variable] = NAME_OF[argument] ?? [argument];
  if (received !== "nothing" || option === argument) return `${option}: expected ${expected}, got ${received}`;
  return `${option} is missing${variable === undefined ? "" : `; it can also be given as ${variable}`}`;
}
