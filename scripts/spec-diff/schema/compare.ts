/** Compares two schemas, keyword by keyword, down to where they end or come back to themselves. */
import type { Place } from "../../../contract-tests/contract/document.js";
import { keysOf } from "../../../contract-tests/contract/json.js";
import {
  breaking,
  compatible,
  type Direction,
  type Found,
  type Judgement,
  judge,
  MEANING,
  matched,
  type Pair,
  reasonIn,
  relationOf,
  sideOf,
} from "../findings.js";
import { compareMembers } from "../members.js";
import { compareKeywords, relateSets } from "./keywords.js";
import { ANNOTATIONS, type EffectiveSchema, effective, plainText, type SchemaPair, textOf } from "./schema.js";

/**
 * Compares two schemas and all below them.
 * @param isRequired whether the contract makes the other side count on the value being there
 */
export function compareSchemas(places: Pair, isRequired: boolean): void {
  const { direction, findings, place, subject } = places;
  // What stands beside a reference counts too.
  const pointers = places.both(({ at }) => [at, ...at.siblings].map(({ pointer }) => pointer));
  const key = JSON.stringify([place, pointers, direction, isRequired]);
  if (findings.seen.has(key)) return;
  findings.seen.add(key);
  compareMembers(places, "x-sunset");
  const pair = places.of(effective(places.ours.at), effective(places.theirs.at));
  compareUse(pair, isRequired);
  const silences = direction === "request" ? "readOnly" : "writeOnly";
  const isSilent = direction !== "unused" && pair.theirs.keywords.has(silences);
  compareValues(isSilent ? pair.of(pair.ours, pair.theirs, subject, "unused") : pair);
}

function compareValues(pair: SchemaPair): void {
  const [our, their] = pair.both(weightOf);
  const union = UNION_KEYWORDS.find((keyword) => pair.both(unionOf).includes(keyword));
  if (Math.min(our, their) === 0 && Math.max(our, their) > 1) {
    // Everything against several keywords is one difference, not one for each.
    pair.noteMember("schema", our === 0 ? "narrower" : "wider", whole);
  } else if (union !== undefined && pair.members(union).includes(undefined)) {
    compareBranches(pair, union);
  } else if (compareKeywords(pair)) {
    for (const keyword of UNION_KEYWORDS) {
      const [ours, theirs] = pair.members(keyword);
      if (ours !== undefined && theirs !== undefined) compareBranches(pair, keyword);
      else pair.noteMember(keyword, relationOf(theirs !== undefined, ours !== undefined));
    }
    compareDiscriminators(pair);
    compareInner(pair, "items", "[]");
    compareInner(pair, "additionalProperties", ".*");
    compareProperties(pair);
    // What `allOf` branches say against each other is compared as a whole.
    const [ours, theirs] = pair.both(({ contradictions }) => contradictions.map(textOf).sort().join());
    pair.noteMember("allOf", ours === theirs ? undefined : "different", whole);
  }
}

const whole = ({ at }: EffectiveSchema) => ({ pointer: at.pointer, value: at.value });

const CHANGED_DEFAULT = breaking("a request that leaves it out now means something else");

function compareUse(pair: SchemaPair, isRequired: boolean): void {
  const { direction } = pair;
  for (const keyword of ["readOnly", "writeOnly", "deprecated", "default"]) {
    const [our, their] = pair.members(keyword).map((place) => place && plainText(place.value));
    const use = `${keyword} in ${direction}`;
    let found: Found = compatible("it changes no request and no response");
    if (direction === "unused") found = judge(direction, "different");
    else if (use === "readOnly in request" && their) found = "narrower";
    else if (use === "writeOnly in response" && their) found = isRequired ? MEANING.countedOn : "narrower";
    else if (use === "default in request" && our && their) found = CHANGED_DEFAULT;
    pair.noteMember(keyword, our === their ? undefined : found);
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
  const [our, their] = pair.members(keyword).map((place) => (place?.value === true ? undefined : place));
  if (our !== undefined && their !== undefined && our.value !== false && their.value !== false) {
    compareSchemas(pair.of({ at: our }, { at: their }, `${pair.subject}${suffix}`), false);
    return;
  }
  const [weight = 0, theirWeight = 0] = [our, their].map((place) => place && weightOf(effective(place)));
  if (weight !== theirWeight) pair.noteMember(keyword, weight < theirWeight ? "narrower" : "wider");
}

const UNION_KEYWORDS = ["oneOf", "anyOf"] as const;

/** The keyword of a schema that is a union and nothing else: another schema is held against it as its only branch. */
function unionOf({ keywords, properties }: EffectiveSchema): string | undefined {
  const [name, ...others] = [...keywords.keys()].filter((keyword) => keyword !== "discriminator");
  return others.length === 0 && properties.size === 0 ? UNION_KEYWORDS.find((keyword) => keyword === name) : undefined;
}

/** The branches are matched by what they mean, then by their name, and what is left by itself. */
function compareBranches(pair: SchemaPair, keyword: string): void {
  const branches = pair.both(({ at, keywords }) => keywords.get(keyword)?.items() ?? [at]);
  const others = matched(...branches, textOf);
  const named = matched(others.gone, others.added, nameOf);
  const isLastPair = named.gone.length === 1 && named.added.length === 1;
  const left = matched(named.gone, named.added, isLastPair ? () => "" : nameOf);
  for (const [ours, theirs] of [...named.pairs, ...left.pairs]) {
    const subject = `${pair.subject}(${keyword} ${nameOf(ours)})`;
    compareSchemas(pair.of({ at: ours }, { at: theirs }, subject), false);
  }
  const names = (schema: EffectiveSchema) => {
    return { ...sideOf(schema, keyword), value: schema.keywords.get(keyword)?.items().map(nameOf) };
  };
  pair.noteMember(keyword, relationOf(left.gone.length > 0, left.added.length > 0), names);
}

/** If only one of them has a discriminator, the branches say the same without it. */
function compareDiscriminators(pair: SchemaPair): void {
  const keyword = "discriminator";
  const [our, their] = pair.both(branchesByValue);
  if (our === undefined || their === undefined) {
    pair.noteMember(keyword, our === their ? undefined : "equivalent");
    return;
  }
  const relation = relateSets(new Set(our.keys()), new Set(their.keys()));
  // A component of another name may have been renamed, unless it is the one for another value of ours.
  const isMoved = [...our].some(([value, name]) => {
    const theirName = their.get(value) ?? name;
    return theirName !== name && [...our.values()].includes(theirName);
  });
  pair.noteMember(keyword, isMoved ? "different" : relation);
}

/** The components by property and value: those that the mapping names, and the others of the union by their own names. */
function branchesByValue({ keywords }: EffectiveSchema): ReadonlyMap<string, string> | undefined {
  const discriminator = keywords.get("discriminator");
  if (discriminator === undefined) return undefined;
  const mapping = discriminator.entries("mapping");
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
  const { direction, ours, subject, theirs } = pair;
  const { pairs, gone, added } = matched(ours.properties, theirs.properties, ([name]) => name);
  // First what is here: a name that is met again further down is reported by its shorter path.
  for (const [name, at] of gone) {
    pair.noteOnlyOurs(`property ${subject}.${name}`, at, ["properties", name], judgeGone(pair, name, at));
  }
  for (const [name, at] of added) {
    const what = `${theirs.required.has(name) ? "required " : ""}property ${subject}.${name}`;
    pair.noteOnlyTheirs(what, at, ["properties", name], judgeAdded(pair, name, at));
  }
  compareRequired(pair);
  for (const [[name, our], [, their]] of pairs) {
    const inner = pair.of({ at: our }, { at: their }, `${subject}.${name}`, directionOf(our, direction));
    compareSchemas(inner, ours.required.has(name) || reasonIn(our, NEEDED) !== undefined);
  }
}

/** Nobody sends a `readOnly` property in a request, or a `writeOnly` one in a response. */
function directionOf(property: Place | undefined, direction: Direction): Direction {
  return property?.flag(direction === "request" ? "readOnly" : "writeOnly") ? "unused" : direction;
}

function judgeGone(pair: SchemaPair, name: string, property: Place): Judgement {
  const direction = directionOf(property, pair.direction);
  const need = reasonIn(property, NEEDED);
  if (direction === "request") return MEANING.untaken;
  if (direction === "response" && need !== undefined) return breaking(need);
  if (direction === "response" && pair.ours.required.has(name)) return MEANING.countedOn;
  return judge(direction, "narrower");
}

function judgeAdded({ ours, theirs, direction: outer }: SchemaPair, name: string, property: Place): Judgement {
  const direction = directionOf(property, outer);
  const isClosed = ours.keywords.get("additionalProperties")?.value === false;
  if (direction === "request" && theirs.required.has(name)) return MEANING.demanded;
  if (direction === "response") return isClosed ? judge("response", "wider") : MEANING.ignored;
  return MEANING.optional;
}

/** A property that only one of them has is reported as that. */
function compareRequired(pair: SchemaPair): void {
  for (const name of new Set(pair.both(({ required }) => [...required]).flat())) {
    const [isOurs, isTheirs] = pair.both(({ required }) => required.has(name));
    const [our, their] = pair.both(({ properties }) => properties.get(name));
    if (isOurs === isTheirs || (our === undefined) !== (their === undefined)) continue;
    const direction = directionOf(isOurs ? our : their, pair.direction);
    pair.of(pair.ours, pair.theirs, pair.subject, direction).noteMember("required", isOurs ? "wider" : "narrower");
  }
}
