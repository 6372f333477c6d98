/**
 * A schema as it takes effect: what its `allOf` branches (and, in OpenAPI 3.1, the keywords beside a `$ref`) say is
 * merged into one set of keywords, each still knowing where it stands.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
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
