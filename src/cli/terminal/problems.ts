/**
 * Wrong usage, found before anything is sent: all of it at once, under the names that the command line uses.
 */
import { AtlasRequestError, type RequestViolation } from "../../index.js";
import { CommandError, EXIT } from "./exit-code.js";

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

  /** What the function returns; undefined if it throws an `AtlasRequestError`, whose violations are then added. */
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
   * What was found, all of it defined.
   *
   * @throws CommandError if there is any problem
   */
  complete<Found extends object>(found: Found): { readonly [Name in keyof Found]: NonNullable<Found[Name]> } {
    if (this.#found.length > 0) throw new CommandError(EXIT.usage, this.#found);
    // A member is undefined only if a problem was added.
    return found as { readonly [Name in keyof Found]: NonNullable<Found[Name]> };
  }
}

function inOptions({ argument, expected, received }: RequestViolation): string {
  const [option, variable] = OPTION_OF[argument] ?? [argument];
  if (expected === "is missing" || received === "nothing" || received === "undefined") {
    return `${option} is missing${variable === undefined ? "" : `; you can also set ${variable}`}`;
  }
  return received === "" ? `${option}: ${expected}` : `${option}: expected ${expected}, got ${received}`;
}
