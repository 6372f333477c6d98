/**
 * The keywords about a value itself: each says whether their value admits more or less than ours.
 */
import { missing, type Relation, relationOf, sideOf } from "../findings.js";
import { ANNOTATIONS, canonical, type EffectiveSchema, plainText, type SchemaPair } from "./schema.js";

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
/** Of a keyword that is not known here, the value is compared as a whole. */
const RULES: Readonly<Record<string, Rule>> = {
  format: { includes: (wider, narrower) => WIDER_FORMATS[String(narrower)] === wider },
  minLength: { ...LOWER_LIMIT, isImplied: (value, { least }) => Number(value) <= least },
  minItems: LOWER_LIMIT,
  minProperties: LOWER_LIMIT,
  maxLength: { ...UPPER_LIMIT, isImplied: (value, { most }) => Number(value) >= most },
  maxItems: UPPER_LIMIT,
  maxProperties: UPPER_LIMIT,
  multipleOf: { includes: (wider, narrower) => Number(narrower) % Number(wider) === 0 },
};

/** The keywords of one bound; `minimum` is an upper bound of the negated values. */
const BOUNDS = [
  { limit: "minimum", strict: "exclusiveMinimum", sign: -1 },
  { limit: "maximum", strict: "exclusiveMaximum", sign: 1 },
] as const;

/** Keywords that have a comparison of their own. */
const COMPARED_ELSEWHERE: ReadonlySet<string> = new Set([
  ...["type", "enum", "const", "items", "required", "additionalProperties", "oneOf", "anyOf"],
  ...BOUNDS.flatMap(({ limit, strict }) => [limit, strict]),
  ...ANNOTATIONS,
]);

/**
 * Compares what both say about a value itself.
 * @returns false if their types have nothing in common: then nothing else is worth comparing
 */
export function compareKeywords(pair: SchemaPair): boolean {
  const [our, their] = pair.both(typesOf);
  const relation = relateSets(our, their, admitsType);
  compareGroup(pair, ["type", "nullable"], relation, ["type"]);
  // Asked the other way round, the relation tells what they have in common.
  const inCommon = relateSets(our, their, (types, type) => !admitsType(types, type));
  if (relation === "different" && inCommon === undefined) return false;
  compareGroup(pair, ["const", "enum"], relateSets(...pair.both(enumOf)), ["enum"]);
  for (const { limit, strict, sign } of BOUNDS) {
    const bounds = pair.both((schema) => boundOf(schema, limit, strict, sign));
    compareGroup(pair, [limit, strict], relateBounds(...bounds), [limit, strict]);
  }
  for (const keyword of new Set(pair.both(({ keywords }) => [...keywords.keys()]).flat())) {
    if (!COMPARED_ELSEWHERE.has(keyword)) pair.note(keyword, relateKeyword(pair, keyword));
  }
  return true;
}

function relateKeyword(pair: SchemaPair, keyword: string): Relation | undefined {
  const { neutral, isImplied, includes } = RULES[keyword] ?? {};
  const patterns = pair.places("pattern").flatMap((place) => place?.text ?? []);
  const [our, their] = pair.places(keyword).map((place) => {
    // Of either: a bound beside no pattern says nothing more than the other side's pattern, which is compared itself.
    const saysNothing =
      place?.value === neutral || patterns.some((pattern) => isImplied?.(place?.value, lengthsOf(pattern)));
    return saysNothing ? undefined : place;
  });
  if (our === undefined || their === undefined) return relationOf(their !== undefined, our !== undefined);
  if (canonical(keyword, our) === canonical(keyword, their)) return undefined;
  if (includes?.(their.value, our.value)) return "wider";
  return includes?.(our.value, their.value) ? "narrower" : "different";
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

/** The types with `nullable`: only together they say which values there are. */
function typesOf({ keywords }: EffectiveSchema): Values {
  const type = keywords.get("type")?.value;
  if (type === undefined) return undefined;
  return new Set([...[type].flat().map(String), ...(keywords.has("nullable") ? ["null"] : [])]);
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

/** An upper bound, and whether it is admitted itself (1) or not (0). */
type Bound = readonly [limit: number, isAdmitted: number];

/** The tightest bound that the two keywords set: `strict` is a number of its own, or says that `limit` is not admitted. */
function boundOf({ keywords }: EffectiveSchema, limit: string, strict: string, sign: number): Bound {
  const [type, plain, exclusive] = ["type", limit, strict].map((keyword) => keywords.get(keyword)?.value);
  const bound = (value: unknown, isAdmitted: 0 | 1): Bound => {
    if (typeof value !== "number") return [Number.POSITIVE_INFINITY, 1];
    if (type !== "integer") return [sign * value, isAdmitted];
    return [isAdmitted === 1 ? Math.floor(sign * value) : Math.ceil(sign * value) - 1, 1];
  };
  const [one, other] = [bound(plain, exclusive === true ? 0 : 1), bound(exclusive, 0)];
  return byTightness(one, other) < 0 ? one : other;
}

function byTightness(a: Bound, b: Bound): number {
  return a[0] === b[0] ? a[1] - b[1] : a[0] - b[0];
}

/** Bounds that are the same may be written differently; without a limit there is nothing that `true` could exclude. */
function relateBounds(ours: Bound, theirs: Bound): Relation | undefined {
  const order = byTightness(theirs, ours);
  if (order === 0) return Number.isFinite(ours[0]) ? "equivalent" : undefined;
  return order < 0 ? "narrower" : "wider";
}

/** Notes keywords that say something together as one difference, under the name of the first that differs. */
function compareGroup(
  pair: SchemaPair,
  group: readonly [string, string],
  relation: Relation | undefined,
  names: readonly string[],
): void {
  const differing = group.filter((keyword) => {
    const [our, their] = pair.places(keyword).map((place) => JSON.stringify(place?.value));
    return our !== their;
  });
  const [first = group[0], ...others] = differing;
  const sideInBoth = ({ at, keywords }: EffectiveSchema) => {
    const there = group.filter((keyword) => keywords.has(keyword));
    const [keyword] = there;
    if (keyword === undefined) return missing(at, first);
    const value = Object.fromEntries(there.map((name) => [name, keywords.get(name)?.value]));
    return { ...sideOf(at, keyword, keywords.get(keyword)), value };
  };
  const side = others.length > 0 ? sideInBoth : undefined;
  pair.note(first, differing.length === 0 ? undefined : relation, side, [first, ...names]);
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
