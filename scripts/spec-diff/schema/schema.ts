/**
 * A schema as it takes effect, with what its `allOf` branches say (and, in OpenAPI 3.1, the keywords beside a `$ref`). And one
 * text for all schemas that mean the same, for what is compared as a whole, such as the branches of `oneOf`.
 */
import { Place } from "../../../contract-tests/contract/document.js";
import type { Pair } from "../findings.js";

export type EffectiveSchema = ReturnType<typeof effective>;
export type SchemaPair = Pair<EffectiveSchema>;

export function effective(at: Place) {
  const sources = gather(at, []);
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
function gather(at: Place, sources: Place[]): readonly Place[] {
  if (sources.some(({ pointer }) => pointer === at.pointer)) return sources;
  sources.push(at, ...at.siblings);
  for (const source of [at, ...at.siblings]) {
    for (const branch of source.get("allOf")?.items() ?? []) gather(branch, sources);
  }
  return sources;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Keywords that hold a schema or a list of them. */
const SCHEMAS = words(
  "schema items not additionalProperties contains propertyNames if then else unevaluatedItems unevaluatedProperties " +
    "allOf anyOf oneOf prefixItems",
);
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

/** How many schemas one text may hold: branches that refer to each other can unfold without end. */
const MAX_SCHEMAS = 1_000;

/** How many schemas were met, and which ones the current one stands in. */
interface Walk {
  schemas: number;
  readonly open: string[];
}

/** An expression as a whole in parentheses means the same without them. */
const IN_PARENTHESES = /^\^\((?:\?:)?([^()|]*)\)\$$/;

/** By document and pointer: alternatives of each other are met again and again. */
const TEXTS = new WeakMap<object, Map<string, string>>();

/** One text for all schemas that mean the same. */
export function textOf(schema: Place): string {
  const texts = TEXTS.get(schema.document) ?? new Map<string, string>();
  const key = [schema, ...schema.siblings].map(({ pointer }) => pointer).join(" ");
  const text = texts.get(key) ?? canonical("schema", schema);
  TEXTS.set(schema.document, texts.set(key, text));
  return text;
}

/** One text for all values of a keyword that mean the same; `schema` stands for any that holds one. */
export function canonical(keyword: string, place: Place, walk: Walk = { schemas: 0, open: [] }): string {
  const { value, text } = place;
  if (keyword === "pattern") return plainText(text?.replace(IN_PARENTHESES, "^$1$") ?? value);
  if (MAPS.has(keyword)) return objectText(place.entries().map(([name, member]) => [name, schemaText(member, walk)]));
  if (!Array.isArray(value)) return SCHEMAS.has(keyword) ? schemaText(place, walk) : plainText(value);
  const items = place.items().map((item) => (SCHEMAS.has(keyword) ? schemaText(item, walk) : plainText(item.value)));
  return `[${(UNORDERED.has(keyword) ? items.sort() : items).join()}]`;
}

function schemaText(schema: Place, walk: Walk): string {
  const { document, pointer, value } = schema;
  const depth = walk.open.indexOf(pointer);
  if (depth !== -1) return `"cycle ${walk.open.length - depth}"`;
  // Different in each document: what is not looked at must not pass for the same.
  if (++walk.schemas > MAX_SCHEMAS) return `"too large in ${document.source} at ${pointer}"`;
  if (typeof value !== "object") return plainText(value);
  walk.open.push(pointer);
  const members = [...schema.siblings, schema]
    .flatMap((source) => source.entries())
    .filter(([keyword, member]) => saysSomething(keyword, member))
    .map(([keyword, member]) => [keyword, canonical(keyword, member, walk)] as const);
  walk.open.pop();
  return objectText(members);
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
