/**
 * A schema as it takes effect: what its `allOf` branches (and, in OpenAPI 3.1, the keywords beside a `$ref`) say is
 * merged into one set of keywords, each still knowing where it stands. And how a keyword that differs is reported.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import { type Context, missing, present, type Side } from "../findings.js";
import { type Judgement, judge, keywordReason, type Relation } from "../verdict.js";
import { ANNOTATIONS, canonicalKeyword, canonicalSchema, isCompared } from "./canonical.js";

/** One schema with `allOf` taken apart. */
export interface EffectiveSchema {
  /** Where a keyword would stand that is not there. */
  readonly node: Place;
  /** The schema itself, the branches of `allOf` and everything else that was merged. */
  readonly sources: readonly Place[];
  /** Every compared keyword but `properties`, `required` and `allOf`. */
  readonly keywords: ReadonlyMap<string, Place>;
  readonly properties: ReadonlyMap<string, Place>;
  readonly required: ReadonlySet<string>;
  /** Where `required` stands, first. */
  readonly requiredNode: Place | undefined;
  /** What `allOf` branches say against another branch, and so cannot be merged. */
  readonly contradictions: readonly Place[];
}

/** Takes a schema apart. */
export function effective(node: Place): EffectiveSchema {
  const sources = gather(node, []);
  const keywords = new Map<string, Place>();
  const properties = new Map<string, Place>();
  const required = new Set<string>();
  const contradictions: Place[] = [];
  let requiredNode: Place | undefined;
  for (const [keyword, value] of sources.flatMap((source) => membersOf(source, source.keys().filter(isCompared)))) {
    if (keyword === "required") {
      requiredNode ??= value;
      for (const name of value.items()) required.add(String(name.value));
    } else if (keyword === "properties") {
      for (const [name, property] of membersOf(value, value.keys())) {
        const known = properties.get(name);
        if (known === undefined) properties.set(name, property);
        else if (canonicalSchema(known) !== canonicalSchema(property)) contradictions.push(property);
      }
    } else if (keyword !== "allOf") {
      const known = keywords.get(keyword);
      if (known === undefined) keywords.set(keyword, value);
      // The outermost annotation wins.
      else if (!ANNOTATIONS.has(keyword) && canonicalKeyword(keyword, known) !== canonicalKeyword(keyword, value))
        contradictions.push(value);
    }
  }
  return { node, sources, keywords, properties, required, requiredNode, contradictions };
}

function membersOf(node: Place, keys: readonly string[]): readonly (readonly [string, Place])[] {
  return keys.flatMap((key) => {
    const value = node.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
}

/** The schema and its branches, each once, so that an `allOf` that holds itself ends. */
function gather(node: Place, sources: Place[]): readonly Place[] {
  if (sources.some(({ pointer }) => pointer === node.pointer)) return sources;
  sources.push(node, ...node.siblings);
  for (const source of [node, ...node.siblings]) {
    for (const branch of source.get("allOf")?.items() ?? []) gather(branch, sources);
  }
  return sources;
}

/** Two schemas that are compared, ours first. */
export type Schemas = readonly [ours: EffectiveSchema, theirs: EffectiveSchema];

/**
 * Compares two schemas and all below them; passed to what compares a part of a schema with schemas in it.
 *
 * @param isRequired whether the contract makes the other side count on the value being there
 */
export type CompareSchemas = (context: Context, ours: Place, theirs: Place, isRequired: boolean) => void;

/** How a keyword is reported, if not as its value with the usual judgement of the relation. */
interface Unusual {
  /** All names under which the contract may give its reason for being stricter, besides the keyword. */
  readonly aliases?: readonly string[];
  /** What differs, if "keyword of subject" does not say it. */
  readonly what?: string;
  readonly ours?: Side;
  readonly theirs?: Side;
  readonly judgement?: Judgement;
}

/** Notes that a keyword differs; a reason in the contract makes it "stricter on purpose", or "explained" if ours is looser. */
export function reportKeyword(
  context: Context,
  [ours, theirs]: Schemas,
  keyword: string,
  relation: Relation,
  { aliases = [], ...unusual }: Unusual = {},
): void {
  const reasonFor = (extension: Parameters<typeof keywordReason>[1]) =>
    ours.sources
      .map((source) => keywordReason(source, extension, [keyword, ...aliases]))
      .find((text) => text !== undefined);
  const stricter = relation === "wider" ? reasonFor("x-stricter-than-documentation") : undefined;
  let judgement = unusual.judgement ?? judge(context.direction, relation);
  // What they do not return needs no excuse, but the contract may name its source.
  const looser = judgement.verdict === "compatible" ? reasonFor("x-documented-elsewhere") : undefined;
  if (stricter !== undefined) judgement = { verdict: "stricter on purpose", why: stricter };
  if (looser !== undefined) judgement = { verdict: "explained", why: looser };
  const what = unusual.what ?? `${keyword} of ${context.subject}`;
  context.report(what, unusual.ours ?? sideOf(ours, keyword), unusual.theirs ?? sideOf(theirs, keyword), judgement);
}

/** The keyword where it stands, or where it would. */
export function sideOf(schema: EffectiveSchema, keyword: string): Side {
  const node = schema.keywords.get(keyword);
  return node === undefined ? missing(schema.node, keyword) : present(node);
}
