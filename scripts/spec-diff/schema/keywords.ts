/** The keywords about a value itself: each says whether their value admits more or less than ours. */
import { type Relation, relationOf, sideOf } from "../findings.js";
import { ANNOTATIONS, canonical, type EffectiveSchema, plainText, type SchemaPair } from "./schema.js";

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
  const types = pair.both(typesOf);
  const relation = relateSets(...types, admitsType);
  noteGroup(pair, ["type", "nullable"], relation, ["type"]);
  // Asked the other way round, the relation tells what they have in common.
  const inCommon = relateSets(...types, (some, type) => !admitsType(some, type));
  if (relation === "different" && inCommon === undefined) return false;
  noteGroup(pair, ["const", "enum"], relateSets(...pair.both(valuesOf)), ["enum"]);
  for (const { limit, strict, sign } of BOUNDS) {
    const relation = relateBounds(...pair.both((schema) => boundOf(schema, limit, strict, sign)));
    noteGroup(pair, [limit, strict], relation, [limit, strict]);
  }
  for (const keyword of new Set(pair.both(({ keywords }) => [...keywords.keys()]).flat())) {
    if (!COMPARED_ELSEWHERE.has(keyword)) pair.noteMember(keyword, relateKeyword(pair, keyword));
  }
  return true;
}

function relateKeyword(pair: SchemaPair, keyword: string): Relation | undefined {
  if (/^(min|max)(Length|Items|Properties)$/.test(keyword)) return relateLimits(pair, keyword);
  const [our, their] = pair.members(keyword);
  if (our === undefined || their === undefined) return relationOf(their !== undefined, our !== undefined);
  if (canonical(keyword, our) === canonical(keyword, their)) return undefined;
  if (admitsAll(keyword, their.value, our.value)) return "wider";
  return admitsAll(keyword, our.value, their.value) ? "narrower" : "different";
}

const WIDER_FORMATS: Readonly<Record<string, string>> = { int32: "int64", float: "double" };

/** Whether one value of a keyword admits all that another does. Most are only compared as a whole. */
function admitsAll(keyword: string, wider: unknown, narrower: unknown): boolean {
  if (keyword === "format") return WIDER_FORMATS[String(narrower)] === wider;
  return keyword === "multipleOf" && Number(narrower) % Number(wider) === 0;
}

/** A length that a pattern of either implies is no difference: the patterns are compared themselves. */
function relateLimits(pair: SchemaPair, keyword: string): Relation | undefined {
  const patterns = keyword.endsWith("Length") ? pair.members("pattern").flatMap((place) => place?.text ?? []) : [];
  const implied = patterns.map(lengthsOf);
  const limitOf = ({ keywords }: EffectiveSchema) => {
    const { value } = keywords.get(keyword) ?? {};
    const given = typeof value === "number" ? [value] : [];
    if (keyword.startsWith("max")) return Math.min(...given, ...implied.map(({ most }) => most));
    return -Math.max(0, ...given, ...implied.map(({ least }) => least));
  };
  const [ours, theirs] = pair.both(limitOf);
  return ours === theirs ? undefined : relateBounds(ours, theirs);
}

/** The values that are admitted; `undefined`: any. */
type Values = ReadonlySet<string> | undefined;

const includes = (values: ReadonlySet<string>, value: string) => values.has(value);

export function relateSets(ours: Values, theirs: Values, admits = includes): Relation | undefined {
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
function valuesOf({ keywords }: EffectiveSchema): Values {
  const [one, many] = [keywords.get("const"), keywords.get("enum")];
  const listed = Array.isArray(many?.value) ? many.value.map(plainText) : undefined;
  if (one === undefined) return listed && new Set(listed);
  const only = plainText(one.value);
  return new Set(listed?.includes(only) === false ? [] : [only]);
}

/** The tightest upper bound; one that is not admitted itself is the number before it. */
function boundOf({ keywords }: EffectiveSchema, limit: string, strict: string, sign: number): number {
  const [type, plain, exclusive] = ["type", limit, strict].map((keyword) => keywords.get(keyword)?.value);
  const bound = (value: unknown, isStrict: boolean) => {
    if (typeof value !== "number") return Number.POSITIVE_INFINITY;
    return sign * value - (isStrict ? Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE) : 0);
  };
  // `strict` is a number of its own, or says that `limit` is not admitted.
  const tightest = Math.min(bound(plain, exclusive === true), bound(exclusive, true));
  return type === "integer" ? Math.floor(tightest) : tightest;
}

/** Bounds that are the same may be written differently; without a limit there is nothing that `true` could exclude. */
function relateBounds(ours: number, theirs: number): Relation | undefined {
  if (ours === theirs) return Number.isFinite(ours) ? "equivalent" : undefined;
  return theirs < ours ? "narrower" : "wider";
}

/** Notes keywords that say something together as one difference, under the name of the first that differs. */
function noteGroup(pair: SchemaPair, group: [string, string], relation: Relation | undefined, names: string[]): void {
  const differing = group.filter((keyword) => {
    const [our, their] = pair.members(keyword).map((place) => JSON.stringify(place?.value));
    return our !== their;
  });
  const [first = group[0]] = differing;
  const sideInBoth = (schema: EffectiveSchema) => {
    const there = group.filter((keyword) => schema.keywords.has(keyword));
    const value = Object.fromEntries(there.map((keyword) => [keyword, schema.keywords.get(keyword)?.value]));
    return { ...sideOf(schema, there[0] ?? first), ...(there.length > 0 && { value }) };
  };
  const side = differing.length > 1 ? sideInBoth : undefined;
  pair.noteMember(first, differing.length === 0 ? undefined : relation, side, [first, ...names]);
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
