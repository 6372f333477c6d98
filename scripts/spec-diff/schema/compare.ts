/**
 * Compares two schemas, keyword by keyword, down to where they end or come back to themselves.
 */
import { compareSunset } from "../announcements.js";
import { type Context, present } from "../findings.js";
import { breaking, compatible, type Judgement, judge } from "../verdict.js";
import { ANNOTATIONS, canonicalSchema } from "./canonical.js";
import { type CompareSchemas, type EffectiveSchema, effective, reportKeyword, type Schemas } from "./effective.js";
import { compareBounds, compareEnums, compareKeywords, compareTypes } from "./keywords.js";
import { compareMembers } from "./properties.js";
import { compareUnions, compareWithUnion } from "./unions.js";

/** Compares two schemas and all below them. */
export const compareSchemas: CompareSchemas = (context, ourNode, theirNode, isRequired) => {
  const pair = `${ourNode.pointer} ${theirNode.pointer} ${context.direction} ${isRequired}`;
  if (context.seen.has(pair)) return;
  context.seen.add(pair);
  const schemas = [effective(ourNode), effective(theirNode)] as const;
  compareSunset(context, ourNode, theirNode);
  const isReadAside = compareUse(context, schemas, isRequired);
  const inner = isReadAside ? context.about(context.subject, "unused") : context;
  if (compareWithAnything(inner, schemas) || compareWithUnion(inner, schemas) || !compareTypes(inner, schemas)) return;
  compareEnums(inner, schemas);
  compareBounds(inner, schemas);
  compareKeywords(inner, schemas);
  compareUnions(inner, schemas, compareSchemas);
  compareItems(inner, schemas);
  compareMembers(inner, schemas, compareSchemas);
  compareContradictions(inner, schemas);
};

/** Whether a schema that admits everything meets one that says several things: one difference, not one for each of them. */
function compareWithAnything(context: Context, schemas: Schemas): boolean {
  const [ours, theirs] = schemas;
  const [our, their] = [weightOf(ours), weightOf(theirs)];
  if (Math.min(our, their) > 0 || Math.max(our, their) < 2) return false;
  const sides = { ours: present(ours.node), theirs: present(theirs.node) };
  reportKeyword(context, schemas, "schema", our === 0 ? "narrower" : "wider", sides);
  return true;
}

/** How many keywords make some values invalid; `false` (OpenAPI 3.1) makes all of them. */
function weightOf(schema: EffectiveSchema): number {
  if (schema.node.value === false) return Number.POSITIVE_INFINITY;
  const keywords = [...schema.keywords.keys()].filter((keyword) => !ANNOTATIONS.has(keyword));
  return keywords.length + schema.properties.size + schema.required.size + schema.contradictions.length;
}

function compareItems(context: Context, schemas: Schemas): void {
  const [our, their] = schemas.map(({ keywords }) => keywords.get("items"));
  const alone = our ?? their;
  if (our !== undefined && their !== undefined)
    compareSchemas(context.about(`${context.subject}[]`), our, their, false);
  else if (alone !== undefined && alone.value !== true && weightOf(effective(alone)) > 0)
    reportKeyword(context, schemas, "items", our === undefined ? "narrower" : "wider");
}

/** What says how a value is used; @returns whether one of the two says that it is not sent in this direction at all. */
function compareUse(context: Context, schemas: Schemas, isRequired: boolean): boolean {
  for (const keyword of ["readOnly", "writeOnly", "deprecated", "default", "discriminator"]) {
    context.count();
    const [our, their] = schemas.map(({ keywords }) => {
      const node = keywords.get(keyword);
      return node === undefined || (keyword !== "default" && node.value === false) ? undefined : canonicalSchema(node);
    });
    if (our === their) continue;
    const judgement = judgeUse(context, keyword, our, their, isRequired);
    reportKeyword(context, schemas, keyword, their === undefined ? "wider" : "different", { judgement });
  }
  const silences = context.direction === "request" ? "readOnly" : "writeOnly";
  return context.direction !== "unused" && schemas[1].keywords.get(silences)?.value === true;
}

function judgeUse(
  { direction }: Context,
  keyword: string,
  ours: string | undefined,
  theirs: string | undefined,
  isRequired: boolean,
): Judgement {
  const use = `${keyword} in ${direction}`;
  if (direction === "unused") return judge("unused", "different");
  if (use === "readOnly in request" && theirs !== undefined) return judge("request", "narrower");
  if (use === "writeOnly in response" && theirs !== undefined)
    return isRequired ? breaking("a client counts on it in every response") : judge("response", "narrower");
  if (use === "default in request" && ours !== undefined && theirs !== undefined)
    return breaking("a request that leaves it out now means something else");
  return compatible("it changes no request and no response");
}

/** `allOf` branches that contradict each other are compared as a whole. */
function compareContradictions(context: Context, schemas: Schemas): void {
  const [our, their] = schemas.map(({ contradictions }) => contradictions.map(canonicalSchema).sort().join());
  if (our === their) return;
  const [ours, theirs] = schemas;
  reportKeyword(context, schemas, "allOf", "different", { ours: present(ours.node), theirs: present(theirs.node) });
}
