/**
 * The keywords that stand for themselves: each says whether their value admits more or less than ours.
 */
import { pointerTo } from "../../../contract-tests/contract/pointer.js";
import { missing, type Side } from "../findings.js";
import type { Relation } from "../verdict.js";
import { ANNOTATIONS, canonicalKeyword } from "./canonical.js";
import { type Context, report, sideOf } from "./context.js";
import type { EffectiveSchema } from "./effective.js";
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
export function compareKeywords(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  for (const keyword of new Set([...ours.keywords.keys(), ...theirs.keywords.keys()])) {
    if (COMPARED_ELSEWHERE.has(keyword) || ANNOTATIONS.has(keyword)) continue;
    context.findings.count();
    const relation = relateKeyword(keyword, ours, theirs);
    if (relation !== undefined) report(context, ours, theirs, { keyword, relation });
  }
}

function relateKeyword(keyword: string, ours: EffectiveSchema, theirs: EffectiveSchema): Relation | undefined {
  const rule = RULES[keyword] ?? {};
  const patterns = [ours, theirs].flatMap((schema) => schema.keywords.get("pattern")?.text ?? []);
  const [our, their] = [ours, theirs].map((schema) => {
    const node = schema.keywords.get(keyword);
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

/** `minimum` is an upper bound of the negated values. */
interface Names {
  readonly plain: "minimum" | "maximum";
  readonly exclusive: "exclusiveMinimum" | "exclusiveMaximum";
  readonly sign: 1 | -1;
}

interface Bound {
  readonly limit: number;
  readonly exclusive: boolean;
}

/** Compares the lower and the upper bound. */
export function compareBounds(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  compareBound(context, ours, theirs, { plain: "minimum", exclusive: "exclusiveMinimum", sign: -1 });
  compareBound(context, ours, theirs, { plain: "maximum", exclusive: "exclusiveMaximum", sign: 1 });
}

function compareBound(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema, names: Names): void {
  context.findings.count();
  const [our, their] = [written(ours, names), written(theirs, names)];
  const differing = [names.plain, names.exclusive].filter((keyword) => our[keyword] !== their[keyword]);
  const [keyword] = differing;
  if (keyword === undefined) return;
  report(context, ours, theirs, {
    keyword,
    relation: relate(boundOf(ours, our, names), boundOf(theirs, their, names)),
    aliases: [names.plain, names.exclusive],
    ...(differing.length === 2 && { ours: bothSides(ours, our, keyword), theirs: bothSides(theirs, their, keyword) }),
  });
}

type Written = Readonly<Partial<Record<string, number | true>>>;

/** The two keywords, without what says nothing: a flag that is false, or has no bound to qualify. */
function written(schema: EffectiveSchema, { plain, exclusive }: Names): Written {
  const limit = schema.keywords.get(plain)?.value;
  const exclusiveLimit = schema.keywords.get(exclusive)?.value;
  return {
    ...(typeof limit === "number" && { [plain]: limit }),
    ...(typeof exclusiveLimit === "number" && { [exclusive]: exclusiveLimit }),
    ...(typeof limit === "number" && exclusiveLimit === true && { [exclusive]: true as const }),
  };
}

function bothSides(schema: EffectiveSchema, values: Written, keyword: string): Side {
  const { pointer } = sideOf(schema, keyword);
  return Object.keys(values).length === 0
    ? missing(pointerTo(schema.node.pointer, keyword))
    : { pointer, value: values };
}

function boundOf(schema: EffectiveSchema, values: Written, { plain, exclusive, sign }: Names): Bound {
  const bounds: Bound[] = [];
  const [limit, strict] = [values[plain], values[exclusive]];
  if (typeof limit === "number") bounds.push({ limit: sign * limit, exclusive: strict === true });
  if (typeof strict === "number") bounds.push({ limit: sign * strict, exclusive: true });
  const isInteger = schema.keywords.get("type")?.value === "integer";
  const unbounded: Bound = { limit: Number.POSITIVE_INFINITY, exclusive: false };
  return bounds
    .map((bound) => (isInteger ? ofIntegers(bound) : bound))
    .reduce((a, b) => (isTighter(a, b) ? a : b), unbounded);
}

function ofIntegers({ limit, exclusive }: Bound): Bound {
  return { limit: exclusive ? Math.ceil(limit) - 1 : Math.floor(limit), exclusive: false };
}

function isTighter(a: Bound, b: Bound): boolean {
  return a.limit < b.limit || (a.limit === b.limit && a.exclusive && !b.exclusive);
}

function relate(ours: Bound, theirs: Bound): Relation {
  if (isTighter(theirs, ours)) return "narrower";
  return isTighter(ours, theirs) ? "wider" : "equivalent";
}
