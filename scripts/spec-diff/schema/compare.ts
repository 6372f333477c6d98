/**
 * Compares two schemas, keyword by keyword, down to where they end or come back to themselves.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import { keysOf } from "../../../contract-tests/contract/json.js";
import {
  breaking,
  type Context,
  compatible,
  type Direction,
  type Judgement,
  judge,
  matched,
  missing,
  reasonIn,
  relationOf,
} from "../findings.js";
import { compareMembers } from "../members.js";
import { compareKeywords, relateSets } from "./keywords.js";
import { ANNOTATIONS, canonical, type EffectiveSchema, effective, plainText, SchemaPair } from "./schema.js";

/**
 * Compares two schemas and all below them.
 * @param isRequired whether the contract makes the other side count on the value being there
 */
export function compareSchemas(context: Context, ours: Place, theirs: Place, isRequired: boolean): void {
  const key = `${ours.pointer} ${theirs.pointer} ${context.direction} ${isRequired}`;
  if (context.seen.has(key)) return;
  context.seen.add(key);
  compareMembers(context, ours, theirs, "x-sunset");
  const pair = new SchemaPair(context, effective(ours), effective(theirs));
  compareUse(pair, isRequired);
  const silences = context.direction === "request" ? "readOnly" : "writeOnly";
  const isSilent = context.direction !== "unused" && pair.theirs.keywords.has(silences);
  compareValues(isSilent ? pair.in(context.about(context.subject, "unused")) : pair);
}

function compareValues(pair: SchemaPair): void {
  const [our, their] = pair.both(weightOf);
  if (Math.min(our, their) === 0 && Math.max(our, their) > 1) {
    // Everything against several keywords is one difference, not one for each.
    pair.note("schema", our === 0 ? "narrower" : "wider", ({ at: { pointer, value } }) => ({ pointer, value }));
    return;
  }
  const union = UNION_KEYWORDS.find((keyword) => pair.both(unionOf).includes(keyword));
  if (union !== undefined && pair.places(union).includes(undefined)) {
    compareBranches(pair, union, ({ at, keywords }) => keywords.get(union)?.items() ?? [at]);
    return;
  }
  if (!compareKeywords(pair)) return;
  for (const keyword of UNION_KEYWORDS) {
    const [ours, theirs] = pair.places(keyword);
    const isInBoth = ours !== undefined && theirs !== undefined;
    if (isInBoth) compareBranches(pair, keyword, ({ keywords }) => keywords.get(keyword)?.items() ?? []);
    else pair.note(keyword, relationOf(theirs !== undefined, ours !== undefined));
  }
  compareDiscriminators(pair);
  compareInner(pair, "items", "[]");
  compareInner(pair, "additionalProperties", ".*");
  compareProperties(pair);
  // What `allOf` branches say against each other is compared as a whole.
  const [ours, theirs] = pair.both(({ contradictions }) => contradictions.map(textOf).sort().join());
  pair.note("allOf", ours === theirs ? undefined : "different", ({ at: { pointer, value } }) => ({ pointer, value }));
}

function textOf(schema: Place): string {
  return canonical("schema", schema);
}

const COUNTED_ON = breaking("a client counts on it in every response");

function compareUse(pair: SchemaPair, isRequired: boolean): void {
  const { direction } = pair.context;
  for (const keyword of ["readOnly", "writeOnly", "deprecated", "default"]) {
    const [our, their] = pair.places(keyword).map((place) => place && plainText(place.value));
    const use = `${keyword} in ${direction}`;
    let judgement = compatible("it changes no request and no response");
    if (direction === "unused") judgement = judge("unused", "different");
    else if (use === "readOnly in request" && their !== undefined) judgement = judge("request", "narrower");
    else if (use === "writeOnly in response" && their !== undefined)
      judgement = isRequired ? COUNTED_ON : judge("response", "narrower");
    else if (use === "default in request" && our !== undefined && their !== undefined)
      judgement = breaking("a request that leaves it out now means something else");
    pair.note(keyword, our === their ? undefined : judgement);
  }
}

/** How many keywords make some values invalid; `false` (OpenAPI 3.1) makes all of them. */
function weightOf({ at, keywords, properties, required, contradictions }: EffectiveSchema): number {
  if (at.value === false) return Number.POSITIVE_INFINITY;
  const names = [...keywords.keys()].filter((keyword) => !ANNOTATIONS.has(keyword) && keyword !== "required");
  return names.length + properties.size + required.size + contradictions.length;
}

/** Compares the schema of what is inside; without it, anything may be there. */
function compareInner(pair: SchemaPair, keyword: string, suffix: string): void {
  const [our, their] = pair.places(keyword).map((place) => (place?.value === true ? undefined : place));
  if (our !== undefined && their !== undefined && our.value !== false && their.value !== false) {
    compareSchemas(pair.context.about(`${pair.context.subject}${suffix}`), our, their, false);
    return;
  }
  const [weight = 0, theirWeight = 0] = [our, their].map((place) => place && weightOf(effective(place)));
  if (weight !== theirWeight) pair.note(keyword, weight < theirWeight ? "narrower" : "wider");
}

const UNION_KEYWORDS = ["oneOf", "anyOf"] as const;

/** The keyword of a schema that is a union and nothing else: another schema is held against it as its only branch. */
function unionOf({ keywords, properties }: EffectiveSchema): string | undefined {
  const [name, ...others] = [...keywords.keys()].filter((keyword) => keyword !== "discriminator");
  return others.length === 0 && properties.size === 0 ? UNION_KEYWORDS.find((keyword) => keyword === name) : undefined;
}

/** The branches are matched by what they mean, then by their name, and what is left by itself. */
function compareBranches(
  pair: SchemaPair,
  keyword: string,
  branchesOf: (schema: EffectiveSchema) => readonly Place[],
): void {
  const others = matched(...pair.both(branchesOf), textOf);
  const named = matched(others.gone, others.added, nameOf);
  const isLastPair = named.gone.length === 1 && named.added.length === 1;
  const left = matched(named.gone, named.added, isLastPair ? () => "" : nameOf);
  for (const [a, b] of [...named.pairs, ...left.pairs]) {
    compareSchemas(pair.context.about(`${pair.context.subject}(${keyword} ${nameOf(a)})`), a, b, false);
  }
  pair.note(keyword, relationOf(left.gone.length > 0, left.added.length > 0), ({ at, keywords }) => {
    const place = keywords.get(keyword);
    return { pointer: (place ?? missing(at, keyword)).pointer, value: place?.items().map(nameOf) };
  });
}

/** If only one of them has a discriminator, the branches say the same without it. */
function compareDiscriminators(pair: SchemaPair): void {
  const keyword = "discriminator";
  const [our, their] = pair.both(branchesByValue);
  if (our === undefined || their === undefined) {
    pair.note(keyword, our === their ? undefined : "equivalent");
    return;
  }
  // A component of another name may have been renamed, unless it is the one for another value of ours.
  const isMoved = [...our].some(([value, name]) => {
    const theirName = their.get(value);
    return theirName !== undefined && theirName !== name && [...our.values()].includes(theirName);
  });
  const relation = relateSets(new Set(our.keys()), new Set(their.keys()));
  pair.note(keyword, isMoved ? "different" : relation);
}

/** The components by property and value: those that the mapping names, and the others of the union by their own names. */
function branchesByValue({ keywords }: EffectiveSchema): ReadonlyMap<string, string> | undefined {
  const discriminator = keywords.get("discriminator");
  if (discriminator === undefined) return undefined;
  const mapping = discriminator.get("mapping")?.entries() ?? [];
  const mapped = mapping.map(([value, { text = "" }]) => [value, text.slice(text.lastIndexOf("/") + 1)] as const);
  const branches = UNION_KEYWORDS.flatMap((union) => keywords.get(union)?.items() ?? []).map(nameOf);
  const others = branches.filter((name) => !mapped.some(([, known]) => known === name)).map((name) => [name, name]);
  const property = discriminator.get("propertyName")?.text;
  return new Map([...mapped, ...others].map(([value, name]) => [`${property}: ${value}`, name]));
}

/** The component's name behind a reference; else the title, the type, or the pointer. */
function nameOf(branch: Place): string {
  const component = branch.pointer === branch.usedAt ? undefined : keysOf(branch.pointer).at(-1);
  return component ?? branch.get("title")?.text ?? branch.get("type")?.text ?? branch.pointer;
}

/** The contract's mark on an optional property of a response that the client of this project cannot do without. */
const NEEDED = "x-needed-by-client";

function compareProperties(pair: SchemaPair): void {
  const { context, ours, theirs } = pair;
  const { pairs, gone, added } = matched(ours.properties, theirs.properties, ([name]) => name);
  // First what is here: a name that is met again further down is reported by its shorter path.
  for (const [name, property] of gone) {
    const side = missing(theirs.at, "properties", name);
    context.noteOnlyOurs(`property ${context.subject}.${name}`, property, side, judgeGone(pair, name, property));
  }
  for (const [name, property] of added) {
    const what = `${theirs.required.has(name) ? "required " : ""}property ${context.subject}.${name}`;
    context.noteOnlyTheirs(what, missing(ours.at, "properties", name), property, judgeAdded(pair, name, property));
  }
  compareRequired(pair);
  for (const [[name, our], [, their]] of pairs) {
    const inner = context.about(`${context.subject}.${name}`, directionOf(our, context.direction));
    compareSchemas(inner, our, their, ours.required.has(name) || reasonIn(our, NEEDED) !== undefined);
  }
}

/** Nobody sends a `readOnly` property in a request, or a `writeOnly` one in a response. */
function directionOf(property: Place | undefined, direction: Direction): Direction {
  return property?.flag(direction === "request" ? "readOnly" : "writeOnly") ? "unused" : direction;
}

function judgeGone({ context, ours }: SchemaPair, name: string, property: Place): Judgement {
  const direction = directionOf(property, context.direction);
  const need = reasonIn(property, NEEDED);
  if (direction === "request") return breaking("a client sends it, and they do not say that they take it");
  if (direction === "response" && need !== undefined) return breaking(need);
  if (direction === "response" && ours.required.has(name)) return COUNTED_ON;
  return judge(direction, "narrower");
}

function judgeAdded({ context, ours, theirs }: SchemaPair, name: string, property: Place): Judgement {
  const direction = directionOf(property, context.direction);
  const isClosed = ours.keywords.get("additionalProperties")?.value === false;
  if (direction === "request" && theirs.required.has(name)) return breaking("they refuse a request without it");
  if (direction === "response" && isClosed) return judge("response", "wider");
  return compatible(direction === "response" ? "a client ignores what it does not know" : "a client need not send it");
}

/** A property that only one of them has is reported as that. */
function compareRequired(pair: SchemaPair): void {
  const { context } = pair;
  for (const name of new Set(pair.both(({ required }) => [...required]).flat())) {
    const [isOurs, isTheirs] = pair.both(({ required }) => required.has(name));
    const [our, their] = pair.both(({ properties }) => properties.get(name));
    if (isOurs === isTheirs || (our === undefined) !== (their === undefined)) continue;
    const direction = directionOf(isOurs ? our : their, context.direction);
    pair.in(context.about(context.subject, direction)).note("required", isOurs ? "wider" : "narrower");
  }
}
