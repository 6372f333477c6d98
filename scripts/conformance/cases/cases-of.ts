/**
 * All cases of an operation, made from valid arguments: given ones, the contract's own examples and defaults, or the plainest
 * values that fit.
 */
import { type Operation, successesOf } from "../../../contract-tests/contract/operations.js";
import { admittedForParameter, admittedValues } from "../../../contract-tests/contract/values.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import type { ResourceLink } from "../created-resources.js";
import type { Run } from "../send-case.js";
import { isAccountParameter, type Target } from "../target.js";
import { brokenBy, type Callable, type Case, type Derived, type Untried } from "./case.js";
import { negativeCases } from "./negative.js";
import { largestCases, otherHours, positiveCases, preferredCases, unknownIdCases } from "./positive.js";
import { authenticationCases, mediaTypeCases, methodCases, versionCases } from "./refused.js";

/** The cases of an operation, in the order in which they are sent; the same contract, values and seed give the same ones. */
export function casesOf(
  { seed, local, casesPerKind, credentials }: Pick<Run, "seed" | "local" | "casesPerKind" | "credentials">,
  callable: Callable,
): { readonly cases: readonly Case[]; readonly untried: readonly Untried[] } {
  const random = (purpose: string) => seededRandom(seed, `${callable.operation.operationId} ${purpose}`);
  const untried: Untried[] = [];
  const take = (derived: Derived): Case[] => {
    const counts = new Map<string, number>();
    return [...derived].flatMap((each) => {
      if ("reason" in each) untried.push(each);
      if ("reason" in each) return [];
      const count = (counts.get(each.kind) ?? 0) + 1;
      counts.set(each.kind, count);
      return count <= casesPerKind ? [each] : [];
    });
  };
  const valid = take(positiveCases(callable));
  const invalid = take(negativeCases(callable, random("negative")));
  const cases = [
    ...valid,
    ...take(authenticationCases(callable, { valid, invalid }, credentials, random("authentication"))),
    ...invalid,
    ...take(versionCases(callable, random("versions"))),
    ...take(mediaTypeCases(callable)),
    ...take(methodCases(callable)),
    ...take(largestCases(callable)),
    ...take(otherHours(callable)),
    ...take(unknownIdCases(callable, random("unknown ids"))),
    // Only what is on this machine may be a mock that obeys.
    ...(local ? take(preferredCases(callable)) : []),
  ];
  return { cases, untried };
}

/** Finds values for what an operation requires; or returns why it cannot be called. */
export function callableOf(
  operation: Operation,
  { ids, local }: Pick<Target, "ids" | "local">,
  links: readonly ResourceLink[],
): Callable | string {
  const created = new Set(links.filter(({ user }) => user === operation).map(({ parameter }) => parameter));
  const parameters: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const parameter of operation.parameters.filter(({ required }) => required)) {
    const { name } = parameter;
    // The example stands in until the real one is created; no request goes out with it if it could be somebody else's.
    const standsForOthers = parameter.in === "path" && !local && !created.has(name);
    const given = isAccountParameter(name) ? ids[name] : undefined;
    const value = given ?? (standsForOthers ? undefined : admittedForParameter(parameter)[0]);
    if (value === undefined) missing.push(name);
    else parameters[name] = value;
  }
  const [mediaType] = operation.body?.mediaTypes ?? [];
  const [body] = mediaType === undefined ? [] : admittedValues(mediaType.schema, mediaType.at, "request");
  if (operation.body?.required === true && body === undefined) missing.push("body");
  if (missing.length > 0) return `no valid value is known for ${missing.join(", ")}`;
  const accept = successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes)[0]?.name;
  const callable = { operation, parameters, body, accept, contentType: mediaType?.name, created };
  const broken = brokenBy(callable);
  return broken.length === 0 ? callable : `the values break the contract: ${broken.join(", ")}`;
}
