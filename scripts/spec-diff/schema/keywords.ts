/**
 * The keywords that stand for themselves: each says whether their value admits more or less than ours.
 */
import type { Relation } from "../verdict.js";
import { canonicalKeyword } from "./canonical.js";
import { type Context, report } from "./context.js";
import type { EffectiveSchema } from "./effective.js";
import { annotations } from "./vocabulary.js";

interface Rule {
  /** The value that says the same as leaving the keyword out. */
  readonly neutral?: unknown;
  /** How two different values relate; default: neither includes the other. */
  readonly relate?: (ours: unknown, theirs: unknown) => Relation;
}

const lowerLimit: Rule = { neutral: 0, relate: (ours, theirs) => relateNumbers(theirs, ours) };
const upperLimit: Rule = { relate: relateNumbers };

const rules: Readonly<Record<string, Rule>> = {
  format: { relate: relateFormats },
  minLength: lowerLimit,
  minItems: lowerLimit,
  minProperties: lowerLimit,
  maxLength: upperLimit,
  maxItems: upperLimit,
  maxProperties: upperLimit,
  multipleOf: { relate: relateMultiples },
  uniqueItems: { neutral: false },
};

/** Keywords that have a comparison of their own. */
const comparedElsewhere: ReadonlySet<string> = new Set(
  "type enum const minimum maximum exclusiveMinimum exclusiveMaximum items additionalProperties oneOf anyOf".split(" "),
);

/** Compares every keyword that stands for itself; one that is not known here is compared as a whole. */
export function compareKeywords(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  for (const keyword of new Set([...ours.keywords.keys(), ...theirs.keywords.keys()])) {
    if (comparedElsewhere.has(keyword) || annotations.has(keyword)) continue;
    context.findings.count();
    const relation = relateKeyword(keyword, ours, theirs);
    if (relation !== undefined) report(context, ours, theirs, { keyword, relation });
  }
}

function relateKeyword(keyword: string, ours: EffectiveSchema, theirs: EffectiveSchema): Relation | undefined {
  const rule = rules[keyword] ?? {};
  const [our, their] = [ours, theirs].map((schema) => {
    const node = schema.keywords.get(keyword);
    return node === undefined || node.value === rule.neutral ? undefined : node;
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

const includedFormats: Readonly<Record<string, string>> = { int32: "int64", float: "double" };

function relateFormats(ours: unknown, theirs: unknown): Relation {
  if (includedFormats[String(ours)] === theirs) return "wider";
  return includedFormats[String(theirs)] === ours ? "narrower" : "different";
}
