/**
 * The keywords about a value itself: each says whether their value admits more or less than ours.
 */
import { missing, type Relation, relationOf, type Side } from "../findings.js";
import { ANNOTATIONS, canonicalKeyword, type EffectiveSchema, plainText, type SchemaPair, sideOf } from "./schema.js";

interface Rule {
  /** The value that says the same as leaving the keyword out. */
  readonly neutral?: unknown;
  /** Whether a `pattern` that is known of the value says as much already. */
  readonly isImplied?: (value: unknown, lengths: Lengths) => boolean;
  /** Whether one value admits all that another admits; default: it does not. */
  readonly includes?: (wider: unknown, narrower: unknown) => boolean;
}

const LOWER_LIMIT: Rule = { neutral: 0, includes: (wider, narrower) => Number(wider) < Number(narrower) };
const UPPER_LIMIT: Rule = { includes: (wider, narrower) => Number(wider) > Number(narrower) };
const WIDER_FORMATS: Readonly<Record<string, string>> = { int32: "int64", float: "double" };
const RULES: Readonly<Record<string, Rule>> = {
  format: { includes: (wider, narrower) => WIDER_FORMATS[String(narrower)] === wider },
  minLength: { ...LOWER_LIMIT, isImplied: (value, { least }) => Number(value) <= least },
  minItems: LOWER_LIMIT,
  minProperties: LOWER_LIMIT,
  maxLength: { ...UPPER_LIMIT, isImplied: (value, { most }) => Number(value) >= most },
  maxItems: UPPER_LIMIT,
  maxProperties: UPPER_LIMIT,
  multipleOf: { includes: (wider, narrower) => Number(narrower) % Number(wider) === 0 },
  uniqueItems: { neutral: false },
};

/** Keywords that have a comparison of their own. */
const COMPARED_ELSEWHERE: ReadonlySet<string> = new Set(
  "type enum const minimum maximum exclusiveMinimum exclusiveMaximum items required additionalProperties oneOf anyOf".split(
    " ",
  ),
);

/**
 * Compares what both say about a value itself.
 * @returns false if their types have nothing in common: then nothing else is worth comparing
 */
export function compareKeywords(pair: SchemaPair): boolean {
  if (!compareTypes(pair)) return false;
  compareGroup(pair, ["const", "enum"], relateSets(...pair.both(enumOf)), ["enum"]);
  for (const names of BOUNDS) compareBounds(pair, names);
  const all = pair.both(({ keywords }) => [...keywords.keys()]).flat();
  for (const keyword of new Set(all)) {
    // One that is not known here is compared as a whole.
    if (!COMPARED_ELSEWHERE.has(keyword) && !ANNOTATIONS.has(keyword)) pair.note(keyword, relateKeyword(pair, keyword));
  }
  return true;
}

function relateKeyword(pair: SchemaPair, keyword: string): Relation | undefined {
  const rule = RULES[keyword] ?? {};
  const patterns = pair.places("pattern").flatMap((place) => place?.text ?? []);
  const [our, their] = pair.both(({ keywords }) => {
    const place = keywords.get(keyword);
    if (place === undefined || place.value === rule.neutral) return undefined;
    // Of either: a bound beside no pattern says nothing more than the other side's pattern, which is compared itself.
    const isImplied = patterns.some((pattern) => rule.isImplied?.(place.value, lengthsOf(pattern)));
    return isImplied ? undefined : place;
  });
  if (our === undefined || their === undefined) return relationOf(their !== undefined, our !== undefined);
  if (canonicalKeyword(keyword, our) === canonicalKeyword(keyword, their)) return undefined;
  if (rule.includes?.(their.value, our.value)) return "wider";
  return rule.includes?.(our.value, their.value) ? "narrower" : "different";
}

/** The values that are admitted; `undefined`: any. */
type Values = ReadonlySet<string> | undefined;

export function relateSets(
  ours: Values,
  theirs: Values,
  admits = (values: ReadonlySet<string>, value: string) => values.has(value),
): Relation | undefined {
  const exceeds = (values: Values, others: Values) =>
    others !== undefined && (values === undefined || [...values].some((value) => !admits(others, value)));
  return relationOf(exceeds(ours, theirs), exceeds(theirs, ours));
}

/** Compares `type` with `nullable`, which only together say which values there are. */
function compareTypes(pair: SchemaPair): boolean {
  const [our, their] = pair.both(typesOf);
  const relation = relateSets(our, their, admitsType);
  compareGroup(pair, ["type", "nullable"], relation, ["type"]);
  if (relation !== "different" || our === undefined || their === undefined) return true;
  return [...our].some((type) => admitsType(their, type)) || [...their].some((type) => admitsType(our, type));
}

function typesOf({ keywords }: EffectiveSchema): Values {
  const type = keywords.get("type")?.value;
  if (type === undefined) return undefined;
  const types = [type].flat().map(String);
  return new Set(keywords.get("nullable")?.value === true ? [...types, "null"] : types);
}

function admitsType(types: ReadonlySet<string>, type: string): boolean {
  return types.has(type) || (type === "integer" && types.has("number"));
}

/** The values that `enum` or `const` lists; their order means nothing. */
function enumOf({ keywords }: EffectiveSchema): Values {
  const [one, many] = [keywords.get("const"), keywords.get("enum")];
  const listed = Array.isArray(many?.value) ? many.value.map(plainText) : undefined;
  if (one === undefined) return listed && new Set(listed);
  const only = plainText(one.value);
  return new Set(listed?.includes(only) === false ? [] : [only]);
}

/** The keywords of one bound; `minimum` is an upper bound of the negated values. */
const BOUNDS = [
  { limit: "minimum", strict: "exclusiveMinimum", sign: -1 },
  { limit: "maximum", strict: "exclusiveMaximum", sign: 1 },
] as const;

function compareBounds(pair: SchemaPair, keywords: (typeof BOUNDS)[number]): void {
  const [our, their] = pair.both((schema) => boundOf(schema, keywords));
  const order = byTightness(their, our);
  const names = [keywords.limit, keywords.strict] as const;
  // Without a limit there is nothing that `true` could exclude.
  let relation: Relation | undefined = Number.isFinite(our[0]) ? "equivalent" : undefined;
  if (order !== 0) relation = order < 0 ? "narrower" : "wider";
  compareGroup(pair, names, relation, names);
}

/** An upper bound, and whether it is admitted itself (1) or not (0). */
type Bound = readonly [limit: number, isAdmitted: number];

function byTightness(a: Bound, b: Bound): number {
  return a[0] === b[0] ? a[1] - b[1] : a[0] - b[0];
}

/** The tightest bound that the two keywords set: `strict` is a number of its own, or says that `limit` is not admitted. */
function boundOf(schema: EffectiveSchema, { limit, strict, sign }: (typeof BOUNDS)[number]): Bound {
  const [plain, exclusive] = [limit, strict].map((keyword) => writtenIn(schema, keyword));
  const isInteger = writtenIn(schema, "type") === "integer";
  const bounds: Bound[] = [];
  for (const [value, isAdmitted] of [[plain, exclusive === true ? 0 : 1] as const, [exclusive, 0] as const]) {
    if (typeof value !== "number") continue;
    const bound = sign * value;
    if (isInteger) bounds.push([isAdmitted === 1 ? Math.floor(bound) : Math.ceil(bound) - 1, 1]);
    else bounds.push([bound, isAdmitted]);
  }
  return bounds.sort(byTightness)[0] ?? [Number.POSITIVE_INFINITY, 1];
}

/** Notes keywords that say something together as one difference, under the name of the first that differs. */
function compareGroup(
  pair: SchemaPair,
  keywords: readonly [string, string],
  relation: Relation | undefined,
  aliases: readonly string[],
): void {
  const differing = keywords.filter((keyword) => {
    const [our, their] = pair.both((schema) => JSON.stringify(writtenIn(schema, keyword)));
    return our !== their;
  });
  const [first = keywords[0]] = differing;
  const sideInBoth = (schema: EffectiveSchema): Side => {
    const there = keywords.filter((keyword) => writtenIn(schema, keyword) !== undefined);
    const [keyword] = there;
    if (keyword === undefined) return missing(schema.at, first);
    const value = Object.fromEntries(there.map((name) => [name, writtenIn(schema, name)]));
    return { ...sideOf(schema, keyword), value };
  };
  const sides = differing.length > 1 ? { sideOf: sideInBoth } : {};
  pair.note(first, differing.length === 0 ? undefined : relation, { aliases, ...sides });
}

/** A keyword's value; one that is `false` says nothing. */
function writtenIn({ keywords }: EffectiveSchema, keyword: string): unknown {
  const value = keywords.get(keyword)?.value;
  return value === false ? undefined : value;
}

/** How long the texts are that a regular expression matches; `most` is `Infinity` if there is no bound. */
interface Lengths {
  readonly least: number;
  readonly most: number;
}

/**
 * A quantifier, or one ASCII character, a kind of them or a set that names them: what `.` and `[^a]` match may be half a
 * character.
 */
const TOKEN = /(\{\d+(?:,\d*)?\}|[*+?])\??|\[(?!\^)(?:[ -Z^-~]|\\[dw\-./\]\\])+\]|\\[dw\-./\\]|[\w\-:@/ ]/g;
const RANGES: Readonly<Record<string, string>> = { "*": "{0,}", "+": "{1,}", "?": "{0,1}" };

/** The lengths of all texts that match; any, if the expression is not one of the simple ones that ids are described with. */
export function lengthsOf(pattern: string): Lengths {
  const [, start, body = "", end] = /^(\^?)(.*?)(\$?)$/s.exec(pattern.replaceAll("(?:", "(")) ?? [];
  // Each character becomes `x`, and each group its lengths, `<1,2>`, from the inside out.
  let text = body.replaceAll(TOKEN, (_, quantifier?: string) =>
    quantifier ? (RANGES[quantifier] ?? quantifier) : "x",
  );
  for (const innermost = /\(([^()]*)\)/; innermost.test(text); ) {
    text = text.replace(innermost, (_, alternatives: string) => {
      const all = alternatives.split("|").map(lengthsOfSequence);
      return `<${Math.min(...all.map(({ least }) => least))},${Math.max(...all.map(({ most }) => most))}>`;
    });
  }
  const { least, most } = lengthsOfSequence(text);
  return { least: least || 0, most: start && end && !Number.isNaN(most) ? most : Number.POSITIVE_INFINITY };
}

/** Of characters and groups one after the other; NaN if there is anything else. */
function lengthsOfSequence(text: string): Lengths {
  const parts = [...text.matchAll(/(?:x|<(\w+),(\w+)>)(?:\{(\d+)(,?)(\d*)\})?/g)];
  const sum = { least: 0, most: parts.map(([part]) => part).join("") === text ? 0 : Number.NaN };
  for (const [, least = "1", most = "1", low = "1", comma, high] of parts) {
    sum.least += Number(least) * Number(low);
    sum.most += Number(most) * (comma ? Number(high || "Infinity") : Number(low));
  }
  return Number.isNaN(sum.most) ? { least: sum.most, most: sum.most } : sum;
}
