/**
 * One text for all schemas that mean the same: references followed, order and descriptions left out. For what is compared
 * as a whole, such as the branches of `oneOf`.
 */
import type { ContractDocument, Place } from "../../../contract-tests/contract/document.js";

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** Keywords that hold one schema, a list of schemas, and schemas by name. */
const SINGLE = words(
  "items not additionalProperties contains propertyNames if then else unevaluatedItems unevaluatedProperties",
);
const LISTS = words("allOf anyOf oneOf prefixItems");
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

/** Whether a keyword is compared at all. */
export function isCompared(keyword: string): boolean {
  return !SILENT.has(keyword) && !keyword.startsWith("x-");
}

/** How many schemas one text may hold: branches that refer to each other can unfold without end. */
const MAX_SCHEMAS = 1_000;

interface Walk {
  schemas: number;
  /** The schemas that the current one stands in. */
  readonly open: string[];
}

/** What is known already, by where the schema stands: branches are held against each other again and again. */
const KNOWN = new WeakMap<ContractDocument, Map<string, string>>();

/** The text for a schema. */
export function canonicalSchema(schema: Place): string {
  const texts = KNOWN.get(schema.document) ?? new Map<string, string>();
  KNOWN.set(schema.document, texts);
  const key = schema.siblings.length === 0 ? schema.pointer : schema.usedAt;
  const text = texts.get(key) ?? schemaText(schema, { schemas: 0, open: [] });
  texts.set(key, text);
  return text;
}

/** The text for the value of one keyword. */
export function canonicalKeyword(keyword: string, value: Place): string {
  return keywordText(keyword, value, { schemas: 0, open: [] });
}

function schemaText(schema: Place, walk: Walk): string {
  const depth = walk.open.indexOf(schema.pointer);
  if (depth !== -1) return `"cycle ${walk.open.length - depth}"`;
  // Different in each document: what is not looked at must not pass for the same.
  if (++walk.schemas > MAX_SCHEMAS)
    return JSON.stringify(`too large in ${schema.document.source} at ${schema.pointer}`);
  if (typeof schema.value !== "object") return plainText(schema.value);
  walk.open.push(schema.pointer);
  const members = [...schema.siblings, schema]
    .flatMap((source) => source.entries())
    .filter(([keyword, { value }]) => isCompared(keyword) && value !== null && !(FLAGS.has(keyword) && value === false))
    .map(([keyword, value]) => [keyword, keywordText(keyword, value, walk)] as const);
  walk.open.pop();
  return objectText(members);
}

function keywordText(keyword: string, place: Place, walk: Walk): string {
  if (SINGLE.has(keyword)) return schemaText(place, walk);
  if (MAPS.has(keyword)) return objectText(place.entries().map(([name, member]) => [name, schemaText(member, walk)]));
  if (!Array.isArray(place.value)) return plainText(place.value);
  const items = place.items().map((item) => (LISTS.has(keyword) ? schemaText(item, walk) : plainText(item.value)));
  return `[${(UNORDERED.has(keyword) ? items.sort() : items).join()}]`;
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
