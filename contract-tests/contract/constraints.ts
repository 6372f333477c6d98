/**
 * Every constraint that a schema puts on a value, one by one, wherever it stands in the schema.
 */
import type { Place } from "./document.js";
import { type Direction, requiredOf, travels } from "./validation.js";

/** One keyword that forbids something. */
export interface Constraint {
  /** One that is unknown here is a constraint too, so that nobody overlooks it. */
  readonly keyword: string;
  /** That `required` demands. */
  readonly property?: string;
  /** The schema of the whole value. */
  readonly whole: Place;
  readonly direction: Direction;
  /** Keys from the whole value to the constrained one; the first item stands for all. */
  readonly valueAt: readonly string[];
  /** Keys from the whole schema to the keyword's schema. */
  readonly schemaAt: readonly string[];
  /** The schemas on that way, from the whole one, each with the keys to its value. */
  readonly way: readonly { readonly schema: Place; readonly valueAt: readonly string[] }[];
  readonly schema: Place;
  readonly at: Place;
  /** Why the contract is stricter here than the documentation, if it says that it is. */
  readonly stricter: string | undefined;
}

/** Words that say something about a value without forbidding any. */
const ANNOTATIONS =
  /^(x-.*|title|description|examples?|default|readOnly|writeOnly|deprecated|externalDocs|xml|discriminator|nullable)$/;
/** Words that forbid something only if they are `true`. */
const SWITCHES: ReadonlySet<string> = new Set(["exclusiveMinimum", "exclusiveMaximum", "uniqueItems"]);

/** A line that names the constraint, for people and for the ledger: `parts.0.size allOf[1] minimum`. */
export function nameOf({ valueAt, schemaAt, keyword, property }: Constraint): string {
  const parts = schemaAt.flatMap((key, index) => (schemaAt[index - 1] === "allOf" ? [`allOf[${key}]`] : []));
  return [valueAt.join("."), ...parts, keyword, property ?? ""].filter((word) => word !== "").join(" ");
}

/** Constraints on what travels in this direction; a schema inside itself is not entered again. */
export function constraintsOf(schema: Place | undefined, direction: Direction): Constraint[] {
  if (schema === undefined) return [];
  const way = [{ schema, valueAt: [] }];
  return within({ whole: schema, direction, schema, schemaAt: [], valueAt: [], way });
}

function within(start: Omit<Constraint, "keyword" | "property" | "at" | "stricter">): Constraint[] {
  const { schema, direction, way } = start;
  const inner = (place: Place, keys: readonly string[], ...inValue: readonly string[]): Constraint[] => {
    if (way.some((step) => step.schema.pointer === place.pointer)) return [];
    const schemaAt = [...start.schemaAt, ...keys];
    const valueAt = [...start.valueAt, ...inValue];
    return within({ ...start, schema: place, schemaAt, valueAt, way: [...way, { schema: place, valueAt }] });
  };
  return schema.entries().flatMap(([keyword, at]) => {
    if (ANNOTATIONS.test(keyword)) return [];
    if (SWITCHES.has(keyword) && at.value !== true) return [];
    const here = { ...start, keyword, at, stricter: stricterReason(schema, keyword) };
    switch (keyword) {
      case "properties": {
        const travelling = at.entries().filter(([, property]) => travels(direction, property));
        return travelling.flatMap(([name, property]) => inner(property, [keyword, name], name));
      }
      case "items":
        return inner(at, [keyword], "0");
      case "allOf":
        return at.entries().flatMap(([index, part]) => inner(part, [keyword, index]));
      case "required":
        return requiredOf(schema, direction).map((property) => ({ ...here, property }));
      case "additionalProperties":
        return at.value === false ? [here] : inner(at, [keyword], "anyOtherName");
      default:
        return [here];
    }
  });
}

/** The mark beside a keyword; one that names no keyword is about all of the schema. */
function stricterReason(schema: Place, keyword: string): string | undefined {
  const mark = schema.get("x-stricter-than-documentation");
  if (mark === undefined) return undefined;
  const marked = mark.get("keyword")?.text;
  if (marked !== undefined && marked !== keyword) return undefined;
  return (mark.get("reason")?.text ?? mark.text ?? "").replace(/\s+/g, " ").trim();
}
