/** Every constraint that a schema puts on a value, one by one, wherever it stands in the schema. */
import { isObject, type JsonObject, listOf, textOf } from "./json.js";
import { type Direction, travels } from "./validation.js";

export interface Constraint {
  /** The schema's keyword; one that is unknown here is a constraint too, so that nobody overlooks it. */
  readonly keyword: string;
  /** The name that `required` demands. */
  readonly property?: string;
  /** Where the keyword's schema stands, as keys from the whole schema. */
  readonly schemaAt: readonly string[];
  /** Where the constrained value stands, as keys from the whole value; the first item stands for all. */
  readonly valueAt: readonly string[];
  /** The keyword's schema. */
  readonly schema: JsonObject;
}

/** Words that say something about a value without forbidding any. */
const annotations = new Set(
  "title description example examples default readOnly writeOnly deprecated externalDocs xml discriminator nullable".split(
    " ",
  ),
);
/** Words that forbid something only if they are `true`. */
const switches = new Set(["exclusiveMinimum", "exclusiveMaximum", "uniqueItems"]);

/** A line that names the constraint, for people and for the ledger. */
export function nameOf(constraint: Constraint): string {
  const where = constraint.valueAt.map((key) => `/${key}`).join("");
  const choice = constraint.schemaAt.filter((_, index, keys) => ["allOf"].includes(keys[index - 1] ?? ""));
  const word = constraint.property === undefined ? constraint.keyword : `${constraint.keyword} ${constraint.property}`;
  return [where, ...choice.map((index) => `allOf[${index}]`), word].filter((part) => part !== "").join(" ");
}

export function constraintsOf(schema: JsonObject, direction: Direction): Constraint[] {
  return walk({ schema, schemaAt: [], valueAt: [] }, direction);
}

interface Place {
  readonly schema: JsonObject;
  readonly schemaAt: readonly string[];
  readonly valueAt: readonly string[];
}

function walk(place: Place, direction: Direction): Constraint[] {
  return Object.entries(place.schema).flatMap(([keyword, value]) =>
    constraintsOfKeyword(place, keyword, value, direction),
  );
}

function constraintsOfKeyword(place: Place, keyword: string, value: unknown, direction: Direction): Constraint[] {
  const { schema, schemaAt, valueAt } = place;
  const inner = (found: unknown, keys: readonly string[], at: readonly string[]): Constraint[] => {
    const below = { schemaAt: [...schemaAt, ...keys], valueAt: [...valueAt, ...at] };
    return isObject(found) ? walk({ schema: found, ...below }, direction) : [];
  };
  if (annotations.has(keyword) || keyword.startsWith("x-")) return [];
  if (switches.has(keyword) && value !== true) return [];
  if (keyword === "properties" && isObject(value)) {
    const travelling = Object.entries(value).filter(([, property]) => travels(direction, property));
    return travelling.flatMap(([name, property]) => inner(property, [keyword, name], [name]));
  }
  if (keyword === "items") return inner(value, [keyword], ["0"]);
  if (keyword === "allOf") return listOf(value).flatMap((part, index) => inner(part, [keyword, String(index)], []));
  if (keyword === "additionalProperties" && value !== false) return inner(value, [keyword], ["anyOtherName"]);
  const here = { keyword, schemaAt, valueAt, schema };
  if (keyword !== "required") return [here];
  return listOf(value).flatMap((name) => {
    const property = textOf(name);
    const demanded = property !== undefined && travels(direction, propertyOf(schema, property));
    return demanded ? [{ ...here, property }] : [];
  });
}

function propertyOf(schema: JsonObject, name: string): unknown {
  return isObject(schema["properties"]) ? schema["properties"][name] : undefined;
}
