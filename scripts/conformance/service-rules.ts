/**
 * What the contract says of the service beyond OpenAPI's own words: which versions are refused, how many secrets an account
 * has, and what a secret's properties mean. What it does not say is not demanded.
 */
import { type Operation, successesOf } from "../../contract-tests/contract/operations.js";
import { contentOf, http, type Statement } from "./cases/case.js";

const VERSION = /\d{4}-\d{2}-\d{2}/;

/** How `Accept` chooses a version. */
export interface VersionRule {
  /** The versioned media types of success, as the contract lists them. */
  readonly listed: readonly string[];
  /** Statuses for a version that is not listed. */
  readonly unlisted: readonly number[];
  /** Whether an `Accept` that names no version, or a missing one, has to be refused in the same way. */
  readonly required: boolean;
  readonly basis: readonly Statement[];
}

/**
 * `x-version-negotiation` in the operation or in the whole contract. Without it a version that is not listed may not be
 * served, and how it is refused is left to the server.
 */
export function versionRule(operation: Operation): VersionRule | undefined {
  const listed = successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes.map(({ name }) => name));
  if (!listed.some((name) => VERSION.test(name))) return undefined;
  const lists = successesOf(operation).map((success) => ({
    says: `lists ${listed.join(", ")}`,
    at: contentOf(success),
  }));
  const key = "x-version-negotiation";
  const rule = operation.at.get(key) ?? operation.at.document.root.get(key);
  const unlisted = (rule?.get("unlisted")?.items() ?? []).map(({ value }) => Number(value));
  if (rule === undefined || unlisted.length === 0) {
    const anyRefusal = Array.from({ length: 100 }, (_, index) => 400 + index);
    const acceptable = { says: "Accept names the media types that are acceptable", at: http("12.5.1") };
    return { listed, unlisted: anyRefusal, required: false, basis: [...lists, acceptable] };
  }
  const demands = { says: `refuses what names no listed version with ${unlisted.join(" or ")}`, at: rule };
  return { listed, unlisted, required: rule.flag("required"), basis: [...lists, demands] };
}

/** The version of a media type in `Accept` or `Content-Type`, as it is written; `undefined` if it names none. */
export function versionIn(mediaType: string): string | undefined {
  return VERSION.exec(mediaType)?.[0];
}

/** How many of what an operation creates there may be at once, if the contract says it. */
export function limitOf({
  at,
}: Operation): { readonly most: number; readonly basis: readonly Statement[] } | undefined {
  const limit = at.get("x-most-at-once");
  const most = Number(limit?.value);
  return limit === undefined || !(most > 0)
    ? undefined
    : { most, basis: [{ says: `allows ${most} at once`, at: limit }] };
}

/** Where the contract describes a property of the secret that an operation creates; nothing if it creates none. */
export function secretProperty(
  operation: Operation,
  name: "secret" | "expiresAt" | "maskedSecretValue",
): readonly Statement[] {
  if (operation.method !== "POST") return [];
  for (const { schema } of successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes)) {
    const property = schema?.get("properties", name);
    if (property === undefined || schema?.get("properties", "secret") === undefined) continue;
    const at = property.get("description") ?? property;
    return [{ says: `${name}: ${at.text ?? "is described"}`, at }];
  }
  return [];
}

/** The name of the property in a request that says how long a secret is to live. */
export const HOURS = "secretExpiresAfterHours";

/** What the contract says of when a secret expires; nothing if no request of the operation says it. */
export function expiryRule(operation: Operation): readonly Statement[] {
  const property = operation.body?.mediaTypes[0]?.schema?.get("properties", HOURS);
  if (property === undefined) return [];
  const at = property.get("description") ?? property;
  return [{ says: `${HOURS}: ${at.text ?? "is described"}`, at }, ...secretProperty(operation, "expiresAt")];
}
