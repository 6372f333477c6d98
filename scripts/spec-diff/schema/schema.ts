/**
 * A schema as it takes effect, with what its `allOf` branches say (and, in OpenAPI 3.1, the keywords beside a `$ref`). And one
 * text for all schemas that mean the same, for what is compared as a whole, such as the branches of `oneOf`.
 */
import { Place } from "../../../contract-tests/contract/document.js";
import type { Pair } from "../findings.js";

export type EffectiveSchema = ReturnType<typeof effective>;
export type SchemaPair = Pair<EffectiveSchema>;

export function effective(at: Place) {
  const sources = gather(at);
  const keywords = new Map<string, Place>();
  const properties = new Map<string, Place>();
  const required = new Set<string>();
  const contradictions: Place[] = [];
  const merge = (known: Map<string, Place>, name: string, place: Place, keyword: string) => {
    const first = known.get(name);
    if (first === undefined) known.set(name, place);
    else if (canonical(keyword, first) !== canonical(keyword, place)) contradictions.push(place);
  };
  for (const [keyword, place] of sources.flatMap((source) => source.entries())) {
    if (!saysSomething(keyword, place) || keyword === "allOf") continue;
    if (keyword === "properties") {
      for (const [name, property] of place.entries()) merge(properties, name, property, "schema");
    } else if (keyword === "required") {
      for (const { value } of place.items()) required.add(String(value));
      keywords.set(keyword, new Place(place.document, [...required], (keywords.get(keyword) ?? place).pointer));
    } else if (!ANNOTATIONS.has(keyword) || !keywords.has(keyword)) {
      merge(keywords, keyword, place, keyword);
    }
  }
  return {
    at,
    /** The schema itself, the branches of `allOf` and everything else that was merged. */
    sources,
    /** Every compared keyword but `properties` and `allOf`; `required` with all names, of several annotations the outermost. */
    keywords,
    properties,
    required,
    /** What `allOf` branches say against another branch, and so cannot be merged. */
    contradictions,
  };
}

/** The schema and its branches, each once, so that an `allOf` that holds itself ends. */
function gather(at: Place, sources: Place[] = []): readonly Place[] {
  if (sources.some(({ pointer }) => pointer === at.pointer)) return sources;
  const own = [at, ...at.siblings];
  sources.push(...own);
  for (const branch of own.flatMap((source) => source.items("allOf"))) gather(branch, sources);
  return sources;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Keywords whose objects are no schemas. */
const DATA = words("const default dependentRequired enum discriminator");
/** Keywords that hold schemas by name. */
const MAPS = words("properties patternProperties dependentSchemas");
/** Lists whose order means nothing. */
const UNORDERED = words("allOf anyOf oneOf required enum type");
/** Keywords that say nothing when they are `false`. */
const FLAGS = words("nullable readOnly writeOnly deprecated uniqueItems exclusiveMinimum exclusiveMaximum");
/** Keywords for people, or of no effect on what is valid. */
const SILENT = words(
  "$ref $schema $id $anchor $comment $defs definitions title description example examples externalDocs xml",
);
/** Keywords that say how a value is used rather than which values there are. */
export const ANNOTATIONS = words("default readOnly writeOnly deprecated nullable discriminator");

/** Null is a value for `const` alone. */
function saysSomething(keyword: string, { value }: Place): boolean {
  if (SILENT.has(keyword) || keyword.startsWith("x-")) return false;
  return value === null ? keyword === "const" : value !== false || !FLAGS.has(keyword);
}

/** An expression as a whole in parentheses means the same without them. */
const IN_PARENTHESES = /^\^\((?:\?:)?([^()|]*)\)\$$/;

/** One text for all schemas that mean the same. */
export const textOf = (schema: Place) => canonical("schema", schema);

/** The schemas on the way of one text, by their pointers. */
class Walk {
  /** The texts of those that are complete: they refer to no schema around them, so they say the same wherever they stand. */
  readonly complete = new Map<string, string>();
  /** The others, in the order in which they were met, and their positions in it. */
  readonly open: string[] = [];
  readonly positions = new Map<string, number>();
  /** The position of the outermost to which what was just looked at refers. */
  outermost = Number.POSITIVE_INFINITY;
}

/** One text for all values of a keyword that mean the same; `schema` stands for any that holds one. */
export function canonical(keyword: string, place: Place, walk = new Walk()): string {
  const { value, text } = place;
  if (keyword === "pattern") return plainText(text?.replace(IN_PARENTHESES, "^$1$") ?? value);
  if (MAPS.has(keyword)) return objectText(sortedEntries(place).map(([name, each]) => [name, schemaText(each, walk)]));
  const textIn = (inner: Place) => (DATA.has(keyword) ? plainText(inner.value) : schemaText(inner, walk));
  if (!Array.isArray(value)) return textIn(place);
  const items = place.items().map(textIn);
  return `[${(UNORDERED.has(keyword) ? items.sort() : items).join()}]`;
}

function schemaText(schema: Place, walk: Walk): string {
  const { siblings, value } = schema;
  if (typeof value !== "object") return plainText(value);
  const { complete, open, positions, outermost } = walk;
  const key = [schema, ...siblings].map(({ pointer }) => pointer).join(" ");
  const known = complete.get(key);
  if (known !== undefined) return known;
  const position = open.length;
  const met = positions.get(key);
  if (met !== undefined && open[met] === key) {
    walk.outermost = Math.min(outermost, met);
    // A circle ends: as far back as from here, wherever the circle begins.
    return `"schema ${position - met}"`;
  }
  open.push(key);
  positions.set(key, position);
  walk.outermost = Number.POSITIVE_INFINITY;
  const members = [...siblings, schema]
    .flatMap(sortedEntries)
    .filter(([keyword, member]) => saysSomething(keyword, member))
    .map(([keyword, member]) => [keyword, canonical(keyword, member, walk)] as const);
  const text = objectText(members);
  const isComplete = walk.outermost >= position;
  walk.outermost = isComplete ? outermost : Math.min(outermost, walk.outermost);
  if (!isComplete) return text;
  open.length = position;
  const short = `"text ${numberOf(text)}"`;
  complete.set(key, short);
  return short;
}

const NUMBERS = new Map<string, number>();

/** The same for the same text, so that a schema that is used again and again is not written out each time. */
function numberOf(text: string): number {
  const number = NUMBERS.get(text) ?? NUMBERS.size;
  NUMBERS.set(text, number);
  return number;
}

function sortedEntries(place: Place) {
  return place.entries().toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** JSON with sorted members. */
export function plainText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainText).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return objectText(Object.entries(value).map(([name, member]) => [name, plainText(member)]));
}

function objectText(members: readonly (readonly [name: string, text: string])[]): string {
  const texts = members.map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  return `{${texts.sort().join()}}`;
}
