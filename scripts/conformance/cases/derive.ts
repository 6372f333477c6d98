/**
 * All cases of an operation, in the order in which they are sent.
 */
import { createRandom } from "../random.js";
import { authenticationCases, type GivenCredentials } from "./authentication.js";
import type { Callable, Derived } from "./case.js";
import { negativeCases } from "./negative.js";
import { mediaTypeCases, methodCases, versionCases } from "./negotiation.js";
import { positiveCases } from "./positive.js";
import { preferredCases, unknownIdCases } from "./provoking.js";

/** What cases depend on beside the contract. */
export interface DerivationOptions {
  readonly seed: number;
  readonly given: GivenCredentials;
  /** Whether the server may be a mock that obeys `Prefer`. */
  readonly prefer: boolean;
}

/** The same contract, values and seed give the same cases. */
export function deriveCases(callable: Callable, { seed, given, prefer }: DerivationOptions): Derived {
  const random = (purpose: string) => createRandom(seed, `${callable.operation.operationId} ${purpose}`);
  const negative = negativeCases(callable, random("negative"));
  const derived = [
    positiveCases(callable),
    authenticationCases(callable, negative.cases, given, random("authentication")),
    negative,
    versionCases(callable, random("versions")),
    mediaTypeCases(callable),
    methodCases(callable),
    unknownIdCases(callable, random("unknown ids")),
    prefer ? preferredCases(callable) : { cases: [], untried: [] },
  ];
  return { cases: derived.flatMap(({ cases }) => cases), untried: derived.flatMap(({ untried }) => untried) };
}
