/**
 * All cases of an operation.
 */
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import type { CheckName } from "../check-names.js";
import type { Run } from "../send-case.js";
import type { Target } from "../target.js";
import { authenticationCases } from "./authentication.js";
import { type Callable, type Case, type Derived, together } from "./case.js";
import { negativeCases } from "./negative.js";
import { mediaTypeCases, methodCases, versionCases } from "./negotiation.js";
import { largestCases, positiveCases, preferredCases, unknownIdCases } from "./positive.js";

/** The cases of an operation, in the order in which they are sent; the same contract, values and seed give the same ones. */
export function casesOf(
  { seed, local }: Pick<Run, "seed" | "local">,
  callable: Callable,
  { credentials }: Pick<Target, "credentials">,
): Derived {
  const random = (purpose: string) => seededRandom(seed, `${callable.operation.operationId} ${purpose}`);
  const negative = negativeCases(callable, random("negative"));
  return together([
    positiveCases(callable),
    authenticationCases(callable, negative.cases, credentials, random("authentication")),
    negative,
    versionCases(callable, random("versions")),
    mediaTypeCases(callable),
    methodCases(callable),
    largestCases(callable),
    unknownIdCases(callable, random("unknown ids")),
    // Only what is on this machine may be a mock that obeys.
    local ? preferredCases(callable) : { cases: [], untried: [] },
  ]);
}

/** The checks whose requests have to be refused. */
const REFUSING: ReadonlySet<CheckName> = new Set([
  "ignored_auth",
  "negative_data_rejection",
  "version_negotiation",
  "unsupported_media_type",
]);

/** Of the cases that have to be refused, one for each constraint, and every kind of wrong credentials. */
export function oneOfEachKind(cases: readonly Case[]): readonly Case[] {
  const refused = cases.filter(({ check }) => REFUSING.has(check));
  const kindOf = ({ check, title }: Case): string =>
    check === "negative_data_rejection" ? title.split(":", 1).join() : title;
  return [...new Map(refused.map((each) => [`${each.check} ${kindOf(each)}`, each])).values()];
}
