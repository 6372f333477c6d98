/**
 * Edits to a copy of the contract, and what each is to be reported as.
 */
import { expect, it } from "vitest";
import type { Difference } from "../findings.js";
import type { Verdict } from "../verdict.js";
import { at, contractCopy, createPath, deletePath, differencesOf, type Json } from "./documents.js";

/** A place in a document. */
export type Keys = readonly (string | number)[];

/** Changes a document in place. */
export type Change = (copy: Json) => void;

/** Where the edits go. */
export const places = {
  post: ["paths", createPath, "post"],
  del: ["paths", deletePath, "delete"],
  parameters: ["components", "parameters"],
  headers: ["components", "headers"],
  responses: ["components", "responses"],
  schemas: ["components", "schemas"],
  request: ["components", "schemas", "ServiceAccountSecretRequest"],
  hours: ["components", "schemas", "ServiceAccountSecretRequest", "properties", "secretExpiresAfterHours"],
  secret: ["components", "schemas", "ServiceAccountSecret"],
  apiError: ["components", "schemas", "ApiError"],
  schemes: ["components", "securitySchemes"],
} as const satisfies Readonly<Record<string, Keys>>;

/** The media types of the two versions. */
export const mediaTypes = {
  old: "application/vnd.atlas.2024-08-05+json",
  new: "application/vnd.atlas.2025-03-12+json",
} as const;

/** Puts a value there, in place of what was. */
export function set(keys: Keys, value: unknown): Change {
  return (copy) => {
    const { holder, last } = lastStep(copy, keys);
    Reflect.set(holder, last, value);
  };
}

/** Takes away what is there. */
export function remove(keys: Keys): Change {
  return (copy) => {
    const { holder, last } = lastStep(copy, keys);
    if (!(last in holder)) throw new Error(`nothing at ${at(...keys)}`);
    if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else Reflect.deleteProperty(holder, last);
  };
}

/** Gives a member another name. */
export function rename(keys: Keys, to: string): Change {
  return (copy) => {
    const { holder, last } = lastStep(copy, keys);
    const value: unknown = Reflect.get(holder, last);
    remove(keys)(copy);
    Reflect.set(holder, to, value);
  };
}

/** One change after the other. */
export function all(...changes: readonly Change[]): Change {
  return (copy) => {
    for (const change of changes) change(copy);
  };
}

function lastStep(copy: Json, keys: Keys): { readonly holder: object; readonly last: string | number } {
  const last = keys.at(-1);
  const holder = keys
    .slice(0, -1)
    .reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), copy);
  if (last === undefined || !isObject(holder)) throw new Error(`nothing at ${at(...keys)}`);
  return { holder, last };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An edit and the one difference that it makes. */
interface Edit {
  readonly edit: string;
  readonly change: Change;
  readonly verdict: Verdict;
  readonly what: string;
  readonly ours: Keys;
  /** Default: the same as ours. */
  readonly theirs?: Keys;
}

/** Each edit to a copy of the contract is reported once, with the right verdict and pointers. */
export function itReports(edits: readonly Edit[]): void {
  it.each(edits)("$edit: $verdict", ({ change, verdict, what, ours, theirs = ours }) => {
    expect(differencesAfter(change).map(essence)).toEqual([[verdict, what, at(...ours), at(...theirs)]]);
  });
}

/** What differs between the contract and a copy of it after a change. */
export function differencesAfter(change: Change): readonly Difference[] {
  const copy = contractCopy();
  change(copy);
  return differencesOf(contractCopy(), copy);
}

/** Verdict, words and the two pointers. */
export function essence({ verdict, what, ours, theirs }: Difference): readonly string[] {
  return [verdict, what, ours.pointer, theirs.pointer];
}
