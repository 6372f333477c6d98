/**
 * A schema as it takes effect: what its `allOf` branches (and, in OpenAPI 3.1, the keywords beside a `$ref`) say is
 * merged into one set of keywords, each with its own place in the document. How a keyword that differs is noted. And one text
 * for all schemas that mean the same, for what is compared as a whole, such as the branches of `oneOf`.
 */
import type { ContractDocument, Place } from "../../../contract-tests/contract/document.js";
import {
  type Context,
  type Judgement,
  judge,
  missing,
  present,
  type Relation,
  reasonIn,
  type Side,
} from "../findings.js";

/** One schema with `allOf` taken apart. */
export interface EffectiveSchema {
  /** Where a keyword would stand that is not there. */
  readonly at: Place;
  /** The schema itself, the branches of `allOf` and everything else that was merged. */
  readonly sources: readonly Place[];
  /** Every compared keyword but `properties` and `allOf`; of `required` the first, of several annotations the outermost. */
  readonly keywords: ReadonlyMap<string, Place>;
  readonly properties: ReadonlyMap<string, Place>;
  readonly required: ReadonlySet<string>;
  /** What `allOf` branches say against another branch, and so cannot be merged. */
  readonly contradictions: readonly Place[];
}

/** Takes a schema apart. */
export function effective(at: Place): EffectiveSchema {
  const sources = gather(at, []);
  const keywords = new Map<string, Place>();
  const properties = new Map<string, Place>();
  const required = new Set<string>();
  const contradictions: Place[] = [];
  const merge = (known: Map<string, Place>, name: string, place: Place, textOf: (place: Place) => string) => {
    const first = known.get(name);
    if (first === undefined) known.set(name, place);
    else if (textOf(first) !== textOf(place)) contradictions.push(place);
  };
  for (const [keyword, place] of sources.flatMap((source) => source.entries())) {
    if (!isCompared(keyword) || keyword === "allOf" || saysNothing(keyword, place)) continue;
    if (keyword === "properties") {
      for (const [name, property] of place.entries()) merge(properties, name, property, canonicalSchema);
    } else if (keyword === "required") {
      keywords.set(keyword, keywords.get(keyword) ?? place);
      for (const { value } of place.items()) required.add(String(value));
    } else if (!ANNOTATIONS.has(keyword) || !keywords.has(keyword)) {
      merge(keywords, keyword, place, (value) => canonicalKeyword(keyword, value));
    }
  }
  return { at, sources, keywords, properties, required, contradictions };
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

/** The keyword where it stands, or where it would. */
export function sideOf({ at, keywords }: EffectiveSchema, keyword: string): Side {
  const place = keywords.get(keyword);
  return place === undefined ? missing(at, keyword) : present(place);
}

/** How a keyword is reported, if not as its value with the usual judgement of the relation. */
interface Unusual {
  /** All names under which the contract may give its reason for being stricter, besides the keyword. */
  readonly aliases?: readonly string[];
  readonly sideOf?: (schema: EffectiveSchema) => Side;
  readonly judgement?: Judgement;
}

/** Two schemas that are compared, and where. */
export class SchemaPair {
  constructor(
    readonly context: Context,
    readonly ours: EffectiveSchema,
    readonly theirs: EffectiveSchema,
  ) {}

  /** What both say, ours first. */
  both<Value>(read: (schema: EffectiveSchema) => Value): readonly [ours: Value, theirs: Value] {
    return [read(this.ours), read(this.theirs)];
  }

  /** Where a keyword stands in both. */
  places(keyword: string): readonly [ours: Place | undefined, theirs: Place | undefined] {
    return this.both(({ keywords }) => keywords.get(keyword));
  }

  /** The same pair elsewhere, or in another direction. */
  in(context: Context): SchemaPair {
    return new SchemaPair(context, this.ours, this.theirs);
  }

  /**
   * Notes that a keyword was compared. If it differs, a reason in the contract makes it "stricter on purpose", or "explained"
   * if ours is looser.
   */
  note(keyword: string, relation: Relation | undefined, { aliases = [], ...unusual }: Unusual = {}): void {
    const { context, ours } = this;
    const sides = this.both(unusual.sideOf ?? ((schema) => sideOf(schema, keyword)));
    let judgement = relation && (unusual.judgement ?? judge(context.direction, relation));
    const reasonFor = (extension: `x-${string}`) =>
      ours.sources
        .map((source) => reasonIn(source, extension, [keyword, ...aliases]))
        .find((text) => text !== undefined);
    const stricter = relation === "wider" ? reasonFor("x-stricter-than-documentation") : undefined;
    // What they do not return needs no excuse, but the contract may name its source.
    const looser = judgement?.verdict === "compatible" ? reasonFor("x-documented-elsewhere") : undefined;
    if (stricter !== undefined) judgement = { verdict: "stricter on purpose", why: stricter };
    if (looser !== undefined) judgement = { verdict: "explained", why: looser };
    context.note(`${keyword} of ${context.subject}`, ...sides, judgement);
  }
}

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

/** Null is a value for `const` alone. */
function saysNothing(keyword: string, { value }: Place): boolean {
  return value === null ? keyword !== "const" : FLAGS.has(keyword) && value === false;
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
    .filter(([keyword, value]) => isCompared(keyword) && !saysNothing(keyword, value))
    .map(([keyword, value]) => [keyword, keywordText(keyword, value, walk)] as const);
  walk.open.pop();
  return objectText(members);
}

/** An expression as a whole in parentheses means the same without them. */
const IN_PARENTHESES = /^\^\((?:\?:)?([^()|]*)\)\$$/;

function keywordText(keyword: string, place: Place, walk: Walk): string {
  if (keyword === "pattern") return plainText(place.text?.replace(IN_PARENTHESES, "^$1$") ?? place.value);
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
