/**
 * Every constraint that a schema puts on what is sent, one by one, wherever it stands in the schema.
 */
import type { Located } from "./document.js";

/** One keyword that forbids something. */
export interface Constraint {
  /** One that is unknown here is a constraint too, so that nobody overlooks it. */
  readonly keyword: string;
  /** The name that `required` demands. */
  readonly property?: string;
  /** Where the constrained value stands, as keys from the whole value; the first item stands for all. */
  readonly instance: readonly string[];
  /** The keyword's schema. */
  readonly schema: Located;
  /** The keyword itself. */
  readonly at: Located;
  /** Why the contract is stricter here than the documentation; `undefined` where it is not. */
  readonly stricter: string | undefined;
}

const STRICTER = "x-stricter-than-documentation";

/** Words that say something about a value without forbidding any. */
const ANNOTATIONS = new Set(
  "title description example examples default readOnly writeOnly deprecated externalDocs xml discriminator nullable".split(
    " ",
  ),
);
/** Words that belong to another one: `exclusiveMinimum: true` only says how `minimum` is meant. */
const COMPANIONS = new Set(["exclusiveMinimum", "exclusiveMaximum"]);

/** Constraints of a schema on a request. */
export function constraintsOf(schema: Located | undefined, instance: readonly string[] = []): Constraint[] {
  if (schema === undefined) return [];
  return schema.entries().flatMap(([keyword, at]) => constraintsOfKeyword(schema, keyword, at, instance));
}

function constraintsOfKeyword(
  schema: Located,
  keyword: string,
  at: Located,
  instance: readonly string[],
): Constraint[] {
  if (ANNOTATIONS.has(keyword) || COMPANIONS.has(keyword) || keyword.startsWith("x-")) return [];
  if (keyword === "uniqueItems" && at.value !== true) return [];
  if (keyword === "properties") {
    const sent = at.entries().filter(([, property]) => property.get("readOnly")?.value !== true);
    return sent.flatMap(([name, property]) => constraintsOf(property, [...instance, name]));
  }
  if (keyword === "items") return constraintsOf(at, [...instance, "0"]);
  if (keyword === "allOf") return at.entries().flatMap(([, part]) => constraintsOf(part, instance));
  if (keyword === "additionalProperties" && at.value !== false) return constraintsOf(at, [...instance, "anyOtherName"]);
  const constraint = { keyword, instance, schema, at, stricter: stricterReason(schema, keyword) };
  if (keyword !== "required") return [constraint];
  return at.entries().flatMap(([, name]) => {
    const isSent = schema.get("properties", name.text ?? "")?.get("readOnly")?.value !== true;
    return name.text === undefined || !isSent ? [] : [{ ...constraint, property: name.text }];
  });
}

/** The mark beside a keyword; one that names no keyword is about all of the schema. */
function stricterReason(schema: Located, keyword: string): string | undefined {
  const mark = schema.get(STRICTER);
  if (mark === undefined) return undefined;
  const marked = mark.get("keyword")?.text;
  if (marked !== undefined && marked !== keyword) return undefined;
  return (mark.get("reason")?.text ?? mark.text ?? "").replace(/\s+/g, " ").trim();
}

/** A line that names the constraint, as `secretExpiresAfterHours minimum`. */
export function nameOf({ keyword, property, instance }: Constraint): string {
  return [instance.join("."), keyword, property].filter((part) => part !== undefined && part !== "").join(" ");
}
