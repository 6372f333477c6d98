/**
 * All cases of an operation, made from valid arguments: given ones, the contract's own examples and defaults, or the plainest
 * values that fit.
 */
import { type Operation, type Parameter, successesOf } from "../../../contract-tests/contract/operations.js";
import { admittedForParameter, admittedValues } from "../../../contract-tests/contract/values.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import type { CheckName } from "../checks.js";
import type { ResourceLink } from "../created-resources.js";
import type { Run } from "../send-case.js";
import type { Target } from "../target.js";
import { authenticationCases } from "./authentication.js";
import { brokenBy, type Callable, type Case, type Derived, together } from "./case.js";
import { negativeCases } from "./negative.js";
import { mediaTypeCases, methodCases, versionCases } from "./negotiation.js";
import { largestCases, positiveCases, preferredCases, unknownIdCases } from "./positive.js";

/** The cases of an operation, in the order in which they are sent; the same contract, values and seed give the same ones. */
export function casesOf(
  { seed, local, valuesPerConstraint }: Pick<Run, "seed" | "local" | "valuesPerConstraint">,
  callable: Callable,
  { credentials }: Pick<Target, "credentials">,
): Derived {
  const random = (purpose: string) => seededRandom(seed, `${callable.operation.operationId} ${purpose}`);
  const { cases, untried } = negativeCases(callable, random("negative"));
  const positive = positiveCases(callable);
  const negative = { cases: firstOfEachKind(cases, valuesPerConstraint), untried };
  return together([
    positive,
    authenticationCases(
      callable,
      { valid: positive.cases, invalid: negative.cases },
      credentials,
      random("authentication"),
    ),
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
  "unsupported_method",
]);

/** Of the cases that have to be refused, one for each constraint, and every kind of wrong credentials. */
export function oneOfEachKind(cases: readonly Case[]): readonly Case[] {
  return firstOfEachKind(
    cases.filter(({ check }) => REFUSING.has(check)),
    1,
  );
}

/** The first so many that break the same constraint; of all others each is a kind of its own. */
function firstOfEachKind(cases: readonly Case[], most: number): readonly Case[] {
  const counts = new Map<string, number>();
  return cases.filter(({ check, title }) => {
    const kind = `${check} ${check === "negative_data_rejection" ? title.split(":", 1).join() : title}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return (counts.get(kind) ?? 0) <= most;
  });
}

/** Finds values for what an operation requires; or returns why it cannot be called. */
export function callableOf(
  operation: Operation,
  target: Pick<Target, "ids" | "local">,
  links: readonly ResourceLink[],
): Callable | string {
  const created = new Set(links.filter(({ user }) => user === operation).map(({ parameter }) => parameter));
  const parameters: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const parameter of operation.parameters.filter(({ required }) => required)) {
    const [value] = valuesFor(parameter, target, created);
    if (value === undefined) missing.push(parameter.name);
    else parameters[parameter.name] = value;
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

/** Values that a parameter can have, the likeliest first. */
function valuesFor(
  parameter: Parameter,
  { ids, local }: Pick<Target, "ids" | "local">,
  created: ReadonlySet<string>,
): readonly unknown[] {
  const given = ids[parameter.name];
  if (given !== undefined) return [given];
  // The example stands in until the real one is created; no request goes out with it if it could be somebody else's.
  const standsForOthers = parameter.in === "path" && !local && !created.has(parameter.name);
  return standsForOthers ? [] : admittedForParameter(parameter);
}
