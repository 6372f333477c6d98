/**
 * `oneOf` and `anyOf`: the branches are matched by what they mean, then by their name, and what is left by itself.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import { keysOf } from "../../../contract-tests/contract/json.js";
import { type Context, type Matched, matched, present } from "../findings.js";
import { relationOf } from "../verdict.js";
import { canonicalSchema } from "./canonical.js";
import { type CompareSchemas, type EffectiveSchema, reportKeyword, type Schemas } from "./effective.js";

const UNION_KEYWORDS = ["oneOf", "anyOf"] as const;

/** Compares the alternatives branch by branch. */
export function compareUnions(context: Context, schemas: Schemas, compare: CompareSchemas): void {
  for (const keyword of UNION_KEYWORDS) {
    const [our, their] = schemas.map(({ keywords }) => keywords.get(keyword));
    if (our === undefined && their === undefined) continue;
    context.count();
    if (our === undefined || their === undefined) {
      reportKeyword(context, schemas, keyword, our === undefined ? "narrower" : "wider");
      continue;
    }
    const { pairs, gone, added } = matchBranches(our.items(), their.items());
    for (const [a, b] of pairs) compare(context.about(`${context.subject}(${keyword} ${nameOf(a)})`), a, b, false);
    const relation = relationOf(gone.length > 0, added.length > 0);
    if (relation === undefined) continue;
    reportKeyword(context, schemas, keyword, relation, {
      ours: present(our, our.items().map(nameOf)),
      theirs: present(their, their.items().map(nameOf)),
    });
  }
}

/**
 * If only one of the two is a union, and nothing else: the other may be one of its branches.
 * @returns whether that was so, and is reported
 */
export function compareWithUnion(context: Context, schemas: Schemas): boolean {
  const [our, their] = schemas.map(onlyUnion);
  if ((our === undefined) === (their === undefined)) return false;
  const [ours, theirs] = schemas;
  const [keyword, branches] = our ?? their ?? ["oneOf", []];
  const whole = canonicalSchema((our === undefined ? ours : theirs).node);
  const isBranch = branches.some((branch) => canonicalSchema(branch) === whole);
  const relation = isBranch ? (our === undefined ? "wider" : "narrower") : "different";
  reportKeyword(context, schemas, keyword, relation);
  return true;
}

function onlyUnion(schema: EffectiveSchema): readonly [string, readonly Place[]] | undefined {
  const [keyword, ...others] = [...schema.keywords.keys()].filter((key) => key !== "discriminator");
  if (keyword === undefined || others.length > 0 || schema.properties.size > 0) return undefined;
  const isUnion = UNION_KEYWORDS.some((union) => union === keyword);
  return isUnion ? [keyword, schema.keywords.get(keyword)?.items() ?? []] : undefined;
}

/** The branches that differ. */
function matchBranches(ours: readonly Place[], theirs: readonly Place[]): Matched<Place> {
  const others = matched(ours, theirs, canonicalSchema);
  const { pairs, gone, added } = matched(others.gone, others.added, nameOf);
  const [our, their] = [gone[0], added[0]];
  return gone.length === 1 && added.length === 1 && our !== undefined && their !== undefined
    ? { pairs: [...pairs, [our, their] as const], gone: [], added: [] }
    : { pairs, gone, added };
}

/** The title or, behind a reference, the component's name; else its type, or where it stands. */
function nameOf(branch: Place): string {
  const component = branch.pointer === branch.usedAt ? undefined : keysOf(branch.pointer).at(-1);
  return component ?? branch.get("title")?.text ?? branch.get("type")?.text ?? branch.pointer;
}
