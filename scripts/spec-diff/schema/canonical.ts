/**
 * One text for all schemas that mean the same: references followed, order and descriptions left out. For what is compared
 * as a whole, such as the branches of `oneOf`.
 */
import type { ContractDocument, Place } from "../../../contract-tests/contract/document.js";

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** Keywords whose members are schemas by name. */
const MAPS = words("properties patternProperties dependentSchemas");
/** Keywords whose items are schemas; the order of all but `prefixItems` means nothing. */
const LISTS = words("allOf anyOf oneOf prefixItems");
/** Keywords that hold one schema. */
const SINGLE = words(
  "items not additionalProperties contains propertyNames if then else unevaluatedItems unevaluatedProperties",
);
/** Lists of plain values whose order means nothing. */
const SETS = words("required enum type");
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
  const members: string[] = [];
  for (const source of [...schema.siblings, schema]) {
    for (const keyword of source.keys().filter(isCompared)) {
      const value = source.get(keyword);
      if (value === undefined || (FLAGS.has(keyword) && value.value === false)) continue;
      members.push(`${JSON.stringify(keyword)}:${keywordText(keyword, value, walk)}`);
    }
  }
  walk.open.pop();
  return `{${members.sort().join()}}`;
}

function keywordText(keyword: string, value: Place, walk: Walk): string {
  if (SINGLE.has(keyword)) return schemaText(value, walk);
  if (LISTS.has(keyword)) {
    const branches = value.items().map((branch) => schemaText(branch, walk));
    return `[${(keyword === "prefixItems" ? branches : branches.sort()).join()}]`;
  }
  if (MAPS.has(keyword)) {
    const members = value.entries().map(([name, member]) => `${JSON.stringify(name)}:${schemaText(member, walk)}`);
    return `{${members.sort().join()}}`;
  }
  if (SETS.has(keyword) && Array.isArray(value.value)) return `[${value.value.map(plainText).sort().join()}]`;
  return plainText(value.value);
}

/** JSON with sorted members. */
export function plainText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainText).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${plainText(member)}`);
  return `{${members.sort().join()}}`;
}
