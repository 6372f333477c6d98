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
  present,
  reasonIn,
  relationOf,
  used,
} from "../findings.js";
import { compareMembers } from "../members.js";
import { compareKeywords, relateSets } from "./keywords.js";
import { ANNOTATIONS, canonicalSchema, type EffectiveSchema, effective, SchemaPair, sideOf } from "./schema.js";

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
  const isSilent = context.direction !== "unused" && pair.theirs.keywords.get(silences)?.value === true;
  compareValues(isSilent ? pair.in(context.about(context.subject, "unused")) : pair);
}

function compareValues(pair: SchemaPair): void {
  if (compareWithAnything(pair)) return;
  const union = UNION_KEYWORDS.find((keyword) => pair.both(unionOf).includes(keyword));
  if (union !== undefined && pair.places(union).includes(undefined)) {
    compareBranches(pair, union, ({ at, keywords }) => keywords.get(union)?.items() ?? [at]);
    return;
  }
  if (!compareKeywords(pair)) return;
  for (const keyword of UNION_KEYWORDS) compareUnions(pair, keyword);
  compareDiscriminators(pair);
  compareItems(pair);
  compareProperties(pair);
  compareContradictions(pair);
}

/** Compares what says how a value is used. */
function compareUse(pair: SchemaPair, isRequired: boolean): void {
  for (const keyword of ["readOnly", "writeOnly", "deprecated", "default"]) {
    const [our, their] = pair.places(keyword).map((place) => {
      const saysNothing = place === undefined || (keyword !== "default" && place.value === false);
      return saysNothing ? undefined : canonicalSchema(place);
    });
    const use = `${keyword} in ${pair.context.direction}`;
    const isOnBothSides = our !== undefined && their !== undefined;
    let judgement = compatible("it changes no request and no response");
    if (pair.context.direction === "unused") judgement = judge("unused", "different");
    else if (use === "readOnly in request" && their !== undefined) judgement = judge("request", "narrower");
    else if (use === "writeOnly in response" && their !== undefined)
      judgement = isRequired ? COUNTED_ON : judge("response", "narrower");
    else if (use === "default in request" && isOnBothSides)
      judgement = breaking("a request that leaves it out now means something else");
    const relation = their === undefined ? "wider" : "different";
    pair.note(keyword, our === their ? undefined : relation, { judgement });
  }
}

const COUNTED_ON = breaking("a client counts on it in every response");

/** If a schema that admits everything meets one that says several things, that is one difference, not one for each. */
function compareWithAnything(pair: SchemaPair): boolean {
  const [our, their] = pair.both(weightOf);
  if (Math.min(our, their) > 0 || Math.max(our, their) < 2) return false;
  pair.note("schema", our === 0 ? "narrower" : "wider", { sideOf: ({ at }) => present(at) });
  return true;
}

/** How many keywords make some values invalid; `false` (OpenAPI 3.1) makes all of them. */
function weightOf({ at, keywords, properties, required, contradictions }: EffectiveSchema): number {
  if (at.value === false) return Number.POSITIVE_INFINITY;
  const names = [...keywords.keys()].filter((keyword) => !ANNOTATIONS.has(keyword) && keyword !== "required");
  return names.length + properties.size + required.size + contradictions.length;
}

function compareItems(pair: SchemaPair): void {
  const [our, their] = pair.places("items");
  const alone = our ?? their;
  if (our !== undefined && their !== undefined) {
    compareSchemas(pair.context.about(`${pair.context.subject}[]`), our, their, false);
  } else if (alone !== undefined && alone.value !== true && weightOf(effective(alone)) > 0) {
    pair.note("items", our === undefined ? "narrower" : "wider");
  }
}

/** `allOf` branches that contradict each other are compared as a whole. */
function compareContradictions(pair: SchemaPair): void {
  const [our, their] = pair.both(({ contradictions }) => contradictions.map(canonicalSchema).sort().join());
  pair.note("allOf", our === their ? undefined : "different", { sideOf: ({ at }) => present(at) });
}

const UNION_KEYWORDS = ["oneOf", "anyOf"] as const;

/** The keyword of a schema that is a union and nothing else: another schema is held against it as its only branch. */
function unionOf({ keywords, properties }: EffectiveSchema): string | undefined {
  const [name, ...others] = [...keywords.keys()].filter((keyword) => keyword !== "discriminator");
  return others.length === 0 && properties.size === 0 ? UNION_KEYWORDS.find((keyword) => keyword === name) : undefined;
}

function compareUnions(pair: SchemaPair, keyword: string): void {
  const [our, their] = pair.places(keyword);
  if (our === undefined || their === undefined) pair.note(keyword, relationOf(their !== undefined, our !== undefined));
  else compareBranches(pair, keyword, ({ keywords }) => keywords.get(keyword)?.items() ?? []);
}

/** The branches are matched by what they mean, then by their name, and what is left by itself. */
function compareBranches(
  pair: SchemaPair,
  keyword: string,
  branchesOf: (schema: EffectiveSchema) => readonly Place[],
): void {
  const others = matched(...pair.both(branchesOf), canonicalSchema);
  const named = matched(others.gone, others.added, nameOf);
  const isLastPair = named.gone.length === 1 && named.added.length === 1;
  const left = matched(named.gone, named.added, isLastPair ? () => "" : nameOf);
  for (const [a, b] of [...named.pairs, ...left.pairs]) {
    compareSchemas(pair.context.about(`${pair.context.subject}(${keyword} ${nameOf(a)})`), a, b, false);
  }
  pair.note(keyword, relationOf(left.gone.length > 0, left.added.length > 0), {
    sideOf: (schema) => ({ ...sideOf(schema, keyword), value: schema.keywords.get(keyword)?.items().map(nameOf) }),
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
  const named = new Set(mapped.map(([, name]) => name));
  const branches = UNION_KEYWORDS.flatMap((union) => keywords.get(union)?.items() ?? []);
  const others = branches.map(nameOf).filter((name) => !named.has(name));
  const property = discriminator.get("propertyName")?.text;
  return new Map(
    [...mapped, ...others.map((name) => [name, name] as const)].map(([value, name]) => [`${property}: ${value}`, name]),
  );
}

/** The component's name behind a reference; else the title, the type, or the pointer. */
function nameOf(branch: Place): string {
  const component = branch.pointer === branch.usedAt ? undefined : keysOf(branch.pointer).at(-1);
  return component ?? branch.get("title")?.text ?? branch.get("type")?.text ?? branch.pointer;
}

/** The contract's mark on an optional property of a response that the client of this project cannot do without. */
const NEEDED = "x-needed-by-client";

/** Compares the members of an object by name: `properties`, `required` and `additionalProperties`. */
function compareProperties(pair: SchemaPair): void {
  const { context, ours, theirs } = pair;
  const { pairs, gone, added } = matched(ours.properties, theirs.properties, ([name]) => name);
  // First what is here: a name that is met again further down is reported by its shorter path.
  for (const [name, property] of gone) {
    const side = missing(theirs.at, "properties", name);
    const judgement = judgeGone(pair, name, property);
    context.noteOnlyOurs(`property ${context.subject}.${name}`, used(property), side, [property], judgement);
  }
  for (const [name, property] of added) {
    const what = `${theirs.required.has(name) ? "required " : ""}property ${context.subject}.${name}`;
    const side = missing(ours.at, "properties", name);
    context.noteOnlyTheirs(what, side, used(property), judgeAdded(pair, name, property));
  }
  compareRequired(pair);
  compareAdditional(pair);
  for (const [[name, our], [, their]] of pairs) {
    const inner = context.about(`${context.subject}.${name}`, directionOf(our, context.direction));
    compareSchemas(inner, our, their, ours.required.has(name) || reasonIn(our, NEEDED) !== undefined);
  }
}

/** Nobody sends a `readOnly` property in a request, or a `writeOnly` one in a response. */
function directionOf(property: Place, direction: Direction): Direction {
  return property.flag(direction === "request" ? "readOnly" : "writeOnly") ? "unused" : direction;
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

/** The names that both or neither describe; a property that only one of them has is reported as that. */
function compareRequired(pair: SchemaPair): void {
  const { ours, theirs } = pair;
  const onlyIn = (one: EffectiveSchema, other: EffectiveSchema) =>
    [...one.required].filter(
      (name) => !other.required.has(name) && ours.properties.has(name) === theirs.properties.has(name),
    );
  const [dropped, added] = [onlyIn(ours, theirs), onlyIn(theirs, ours)];
  const isSent = (name: string, { properties }: EffectiveSchema) => {
    const property = properties.get(name);
    return property === undefined || directionOf(property, pair.context.direction) !== "unused";
  };
  const relation = relationOf(
    added.some((name) => isSent(name, theirs)),
    dropped.some((name) => isSent(name, ours)),
  );
  const isSame = dropped.length + added.length === 0;
  pair.note("required", isSame ? undefined : (relation ?? "narrower"), {
    sideOf: (schema) => {
      const side = sideOf(schema, "required");
      return "value" in side ? { ...side, value: [...schema.required] } : side;
    },
    ...(relation === undefined && { judgement: judge("unused", "narrower") }),
  });
}

function compareAdditional(pair: SchemaPair): void {
  const { context } = pair;
  const keyword = "additionalProperties";
  const [our, their] = pair.places(keyword);
  const [kind, theirKind] = [kindOf(our), kindOf(their)];
  if (our !== undefined && their !== undefined && kind === "some" && theirKind === "some")
    compareSchemas(context.about(`${context.subject}.*`), our, their, false);
  else if (kind !== theirKind) pair.note(keyword, kind === "any" || theirKind === "none" ? "narrower" : "wider");
}

/** Which other members an object may have. */
function kindOf(additional: Place | undefined): "any" | "some" | "none" {
  if (additional?.value === false) return "none";
  return additional === undefined || additional.value === true || additional.keys().length === 0 ? "any" : "some";
}
