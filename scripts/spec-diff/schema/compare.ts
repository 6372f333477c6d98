/**
 * Compares two schemas, keyword by keyword, down to where they end or come back to themselves.
 */
import { compareSunset } from "../announcements.js";
import { present } from "../findings.js";
import { type Judgement, judge } from "../verdict.js";
import { ANNOTATIONS, canonicalSchema } from "./canonical.js";
import { type CompareSchemas, type Context, report } from "./context.js";
import { type EffectiveSchema, effective } from "./effective.js";
import { compareBounds, compareKeywords } from "./keywords.js";
import { compareMembers } from "./properties.js";
import { compareUnions, compareWithUnion } from "./unions.js";
import { compareEnums, compareTypes } from "./values.js";

/** Compares two schemas and all below them. */
export const compareSchemas: CompareSchemas = (context, ourNode, theirNode, isRequired) => {
  const pair = `${ourNode.pointer} ${theirNode.pointer} ${context.direction} ${isRequired}`;
  if (context.seen.has(pair)) return;
  context.seen.add(pair);
  const [ours, theirs] = [effective(ourNode), effective(theirNode)];
  compareSunset(context, ourNode, theirNode);
  const isReadAside = compareUse(context, ours, theirs, isRequired);
  const inner: Context = isReadAside ? { ...context, direction: "unused" } : context;
  if (compareWithAnything(inner, ours, theirs) || compareWithUnion(inner, ours, theirs)) return;
  if (!compareTypes(inner, ours, theirs)) return;
  compareEnums(inner, ours, theirs);
  compareBounds(inner, ours, theirs);
  compareKeywords(inner, ours, theirs);
  compareUnions(inner, ours, theirs, compareSchemas);
  compareItems(inner, ours, theirs);
  compareMembers(inner, ours, theirs, compareSchemas);
  compareContradictions(inner, ours, theirs);
};

/** Whether a schema that admits everything meets one that says several things: one difference, not one for each of them. */
function compareWithAnything(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): boolean {
  const [our, their] = [weightOf(ours), weightOf(theirs)];
  if (Math.min(our, their) > 0 || Math.max(our, their) < 2) return false;
  report(context, ours, theirs, {
    keyword: "schema",
    relation: our === 0 ? "narrower" : "wider",
    what: `schema of ${context.subject}`,
    ours: present(ours.node),
    theirs: present(theirs.node),
  });
  return true;
}

/** How many keywords make some values invalid; `false` (OpenAPI 3.1) makes all of them. */
function weightOf(schema: EffectiveSchema): number {
  if (schema.node.value === false) return Number.POSITIVE_INFINITY;
  const keywords = [...schema.keywords.keys()].filter((keyword) => !ANNOTATIONS.has(keyword));
  return keywords.length + schema.properties.size + schema.required.size + schema.contradictions.length;
}

function compareItems(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  const [our, their] = [ours.keywords.get("items"), theirs.keywords.get("items")];
  if (our !== undefined && their !== undefined) {
    compareSchemas({ ...context, subject: `${context.subject}[]` }, our, their, false);
  } else if (our !== undefined || their !== undefined) {
    const node = our ?? their;
    if (node !== undefined && node.value !== true && weightOf(effective(node)) > 0) {
      report(context, ours, theirs, { keyword: "items", relation: our === undefined ? "narrower" : "wider" });
    }
  }
}

/** What says how a value is used; @returns whether one of the two says that it is not sent in this direction at all. */
function compareUse(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema, isRequired: boolean): boolean {
  for (const keyword of ["readOnly", "writeOnly", "deprecated", "default", "discriminator"]) {
    context.findings.count();
    const [our, their] = [ours, theirs].map((schema) => {
      const node = schema.keywords.get(keyword);
      return node === undefined || (keyword !== "default" && node.value === false) ? undefined : canonicalSchema(node);
    });
    if (our === their) continue;
    const judgement = judgeUse(context, keyword, our, their, isRequired);
    report(context, ours, theirs, { keyword, relation: their === undefined ? "wider" : "different", judgement });
  }
  const silences = context.direction === "request" ? "readOnly" : "writeOnly";
  return context.direction !== "unused" && theirs.keywords.get(silences)?.value === true;
}

function judgeUse(
  context: Context,
  keyword: string,
  ours: string | undefined,
  theirs: string | undefined,
  isRequired: boolean,
): Judgement {
  const { direction } = context;
  if (direction === "unused") return judge("unused", "different");
  if (keyword === "readOnly" && direction === "request" && theirs !== undefined) return judge("request", "narrower");
  if (keyword === "writeOnly" && direction === "response" && theirs !== undefined) {
    return isRequired
      ? { verdict: "breaking", why: "a client counts on it in every response" }
      : judge("response", "narrower");
  }
  if (keyword === "default" && direction === "request" && ours !== undefined && theirs !== undefined) {
    return { verdict: "breaking", why: "a request that leaves it out now means something else" };
  }
  return { verdict: "compatible", why: "it changes no request and no response" };
}

/** `allOf` branches that contradict each other are compared as a whole. */
function compareContradictions(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  const [our, their] = [ours, theirs].map(({ contradictions }) => contradictions.map(canonicalSchema).sort().join());
  if (our !== their)
    report(context, ours, theirs, {
      keyword: "allOf",
      relation: "different",
      ours: present(ours.node),
      theirs: present(theirs.node),
    });
}
