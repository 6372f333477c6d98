/**
 * The contract without its prose: what is left are the facts, to be compared as a whole with what the documentation
 * says. Prose is `description`, `summary`, `externalDocs` and the reasons in
 * `x-stricter-than-documentation` and `x-documented-elsewhere`.
 */
import { isObject } from "../contract/json.js";

/** Values of these keywords are data: nothing in them is prose of the contract. */
const DATA = new Set(["example", "value", "default", "enum"]);

/** Marks of what differs from the pages or the published document, each with its reason. */
const DEVIATIONS = new Set(["x-stricter-than-documentation", "x-documented-elsewhere"]);

export function factsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(factsOf);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([key, member]) => !isProse(key, member));
  return Object.fromEntries(members.map(([key, member]) => [key, factsOfMember(key, member)]));
}

function factsOfMember(key: string, member: unknown): unknown {
  if (DATA.has(key)) return member;
  if (DEVIATIONS.has(key) && isObject(member)) {
    const { reason, ...others } = member;
    // Without one that says something it stays, and the comparison fails.
    return typeof reason === "string" && reason.length > 20 ? others : member;
  }
  // A schema's property may be called `description`: it is an object then, and no prose.
  return factsOf(member);
}

function isProse(key: string, member: unknown): boolean {
  if (key === "description" || key === "summary") return typeof member === "string";
  return key === "externalDocs" && isObject(member) && "url" in member;
}
