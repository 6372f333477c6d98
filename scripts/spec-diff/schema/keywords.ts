/**
 * The keywords about a value itself: each says whether their value admits more or less than ours.
 */
import { type Context, missing, type Side } from "../findings.js";
import { type Relation, relationOf } from "../verdict.js";
import { ANNOTATIONS, canonicalKeyword, plainText } from "./canonical.js";
import { type EffectiveSchema, reportKeyword, type Schemas, sideOf } from "./effective.js";
import { type Lengths, lengthsOf } from "./pattern-lengths.js";

interface Rule {
  /** The value that says the same as leaving the keyword out. */
  readonly neutral?: unknown;
  /** Whether a `pattern` that is known of the value says as much already. */
  readonly isImplied?: (value: unknown, lengths: Lengths) => boolean;
  /** How two different values relate; default: neither includes the other. */
  readonly relate?: (ours: unknown, theirs: unknown) => Relation;
}

const LOWER_LIMIT: Rule = { neutral: 0, relate: (ours, theirs) => relateNumbers(theirs, ours) };
const UPPER_LIMIT: Rule = { relate: relateNumbers };
const RULES: Readonly<Record<string, Rule>> = {
  format: { relate: relateFormats },
  minLength: { ...LOWER_LIMIT, isImplied: (value, { least }) => Number(value) <= least },
  minItems: LOWER_LIMIT,
  minProperties: LOWER_LIMIT,
  maxLength: { ...UPPER_LIMIT, isImplied: (value, { most }) => Number(value) >= most },
  maxItems: UPPER_LIMIT,
  maxProperties: UPPER_LIMIT,
  multipleOf: { relate: relateMultiples },
  uniqueItems: { neutral: false },
};

/** Keywords that have a comparison of their own. */
const COMPARED_ELSEWHERE: ReadonlySet<string> = new Set(
  "type enum const minimum maximum exclusiveMinimum exclusiveMaximum items additionalProperties oneOf anyOf".split(" "),
);

/** Compares every keyword that stands for itself; one that is not known here is compared as a whole. */
export function compareKeywords(context: Context, schemas: Schemas): void {
  for (const keyword of new Set(schemas.flatMap(({ keywords }) => [...keywords.keys()]))) {
    if (COMPARED_ELSEWHERE.has(keyword) || ANNOTATIONS.has(keyword)) continue;
    context.count();
    const relation = relateKeyword(keyword, schemas);
    if (relation !== undefined) reportKeyword(context, schemas, keyword, relation);
  }
}

function relateKeyword(keyword: string, schemas: Schemas): Relation | undefined {
  const rule = RULES[keyword] ?? {};
  const patterns = schemas.flatMap(({ keywords }) => keywords.get("pattern")?.text ?? []);
  const [our, their] = schemas.map(({ keywords }) => {
    const node = keywords.get(keyword);
    if (node === undefined || node.value === rule.neutral) return undefined;
    // Of either: a bound beside no pattern says nothing more than the other side's pattern, which is compared itself.
    const isImplied = patterns.some((pattern) => rule.isImplied?.(node.value, lengthsOf(pattern)));
    return isImplied ? undefined : node;
  });
  if (our === undefined) return their === undefined ? undefined : "narrower";
  if (their === undefined) return "wider";
  if (canonicalKeyword(keyword, our) === canonicalKeyword(keyword, their)) return undefined;
  return rule.relate?.(our.value, their.value) ?? "different";
}

/** As upper limits. */
function relateNumbers(ours: unknown, theirs: unknown): Relation {
  if (typeof ours !== "number" || typeof theirs !== "number") return "different";
  return theirs < ours ? "narrower" : "wider";
}

function relateMultiples(ours: unknown, theirs: unknown): Relation {
  if (typeof ours !== "number" || typeof theirs !== "number" || ours === 0 || theirs === 0) return "different";
  if (theirs % ours === 0) return "narrower";
  return ours % theirs === 0 ? "wider" : "different";
}

const INCLUDED_FORMATS: Readonly<Record<string, string>> = { int32: "int64", float: "double" };

function relateFormats(ours: unknown, theirs: unknown): Relation {
  if (INCLUDED_FORMATS[String(ours)] === theirs) return "wider";
  return INCLUDED_FORMATS[String(theirs)] === ours ? "narrower" : "different";
}

/**
 * Compares `type` with `nullable`, which only together say which values there are.
 * @returns false if they have nothing in common: then nothing else is worth comparing
 */
export function compareTypes(context: Context, schemas: Schemas): boolean {
  context.count();
  const [our, their] = schemas.map(typesOf);
  const onlyOurs = our === undefined ? their !== undefined : [...our].some((type) => !admits(their, type));
  const onlyTheirs = their === undefined ? our !== undefined : [...their].some((type) => !admits(our, type));
  const relation = relationOf(onlyOurs, onlyTheirs);
  if (relation === undefined) return true;
  const [ours, theirs] = schemas.map(({ keywords }) => plainText(keywords.get("type")?.value));
  reportKeyword(context, schemas, ours === theirs ? "nullable" : "type", relation, { aliases: ["type"] });
  if (our === undefined || their === undefined) return true;
  return [...our].some((type) => admits(their, type)) || [...their].some((type) => admits(our, type));
}

/** `undefined`: any. */
function typesOf({ keywords }: EffectiveSchema): ReadonlySet<string> | undefined {
  const type = keywords.get("type")?.value;
  if (type === undefined) return undefined;
  const types = new Set((Array.isArray(type) ? type : [type]).map(String));
  if (keywords.get("nullable")?.value === true) types.add("null");
  return types;
}

function admits(types: ReadonlySet<string> | undefined, type: string): boolean {
  return types === undefined || types.has(type) || (type === "integer" && types.has("number"));
}

/** Compares the values that `enum` or `const` lists; their order means nothing. */
export function compareEnums(context: Context, schemas: Schemas): void {
  context.count();
  const [our, their] = schemas.map(enumOf);
  const onlyOurs = their !== undefined && (our === undefined || [...our].some((value) => !their.has(value)));
  const onlyTheirs = our !== undefined && (their === undefined || [...their].some((value) => !our.has(value)));
  const relation = relationOf(onlyOurs, onlyTheirs);
  if (relation === undefined) return;
  const keyword = schemas.some(({ keywords }) => keywords.has("const")) ? "const" : "enum";
  const [ours, theirs] = schemas;
  const sideIn = (schema: EffectiveSchema) => sideOf(schema, schema.keywords.has(keyword) ? keyword : "enum");
  reportKeyword(context, schemas, keyword, relation, { aliases: ["enum"], ours: sideIn(ours), theirs: sideIn(theirs) });
}

function enumOf({ keywords }: EffectiveSchema): ReadonlySet<string> | undefined {
  const [one, many] = [keywords.get("const"), keywords.get("enum")];
  if (one !== undefined) return new Set([plainText(one.value)]);
  return Array.isArray(many?.value) ? new Set(many.value.map(plainText)) : undefined;
}

/** The keywords of one bound; `minimum` is an upper bound of the negated values. */
const BOUNDS = [
  { plain: "minimum", exclusive: "exclusiveMinimum", sign: -1 },
  { plain: "maximum", exclusive: "exclusiveMaximum", sign: 1 },
] as const;

type Names = (typeof BOUNDS)[number];

interface Bound {
  readonly limit: number;
  readonly exclusive: boolean;
}

/** Compares the lower and the upper bound. */
export function compareBounds(context: Context, schemas: Schemas): void {
  for (const names of BOUNDS) {
    context.count();
    const [ours, theirs] = schemas;
    const [our, their] = [written(ours, names), written(theirs, names)];
    const aliases = [names.plain, names.exclusive];
    const [keyword, other] = aliases.filter((name) => our[name] !== their[name]);
    if (keyword === undefined) continue;
    const relation = relateBounds(boundOf(ours, our, names), boundOf(theirs, their, names));
    const both = { ours: bothSides(ours, our, keyword), theirs: bothSides(theirs, their, keyword) };
    reportKeyword(context, schemas, keyword, relation, { aliases, ...(other !== undefined && both) });
  }
}

type Written = Readonly<Partial<Record<string, number | true>>>;

/** The two keywords, without what says nothing: a flag that is false, or has no bound to qualify. */
function written({ keywords }: EffectiveSchema, { plain, exclusive }: Names): Written {
  const [limit, strict] = [keywords.get(plain)?.value, keywords.get(exclusive)?.value];
  return {
    ...(typeof limit === "number" && { [plain]: limit }),
    ...(typeof strict === "number" && { [exclusive]: strict }),
    ...(typeof limit === "number" && strict === true && { [exclusive]: strict }),
  };
}

function bothSides(schema: EffectiveSchema, values: Written, keyword: string): Side {
  const isThere = Object.keys(values).length > 0;
  return isThere ? { pointer: sideOf(schema, keyword).pointer, value: values } : missing(schema.node, keyword);
}

function boundOf({ keywords }: EffectiveSchema, values: Written, { plain, exclusive, sign }: Names): Bound {
  const [limit, strict] = [values[plain], values[exclusive]];
  const isInteger = keywords.get("type")?.value === "integer";
  let bound: Bound = { limit: Number.POSITIVE_INFINITY, exclusive: false };
  for (const [value, isStrict] of [[limit, strict === true] as const, [strict, true] as const]) {
    if (typeof value !== "number") continue;
    const found = { limit: sign * value, exclusive: isStrict };
    const next = isInteger ? ofIntegers(found) : found;
    if (!isTighter(bound, next)) bound = next;
  }
  return bound;
}

function ofIntegers({ limit, exclusive }: Bound): Bound {
  return { limit: exclusive ? Math.ceil(limit) - 1 : Math.floor(limit), exclusive: false };
}

function isTighter(a: Bound, b: Bound): boolean {
  return a.limit < b.limit || (a.limit === b.limit && a.exclusive && !b.exclusive);
}

function relateBounds(ours: Bound, theirs: Bound): Relation {
  if (isTighter(theirs, ours)) return "narrower";
  return isTighter(ours, theirs) ? "wider" : "equivalent";
}
