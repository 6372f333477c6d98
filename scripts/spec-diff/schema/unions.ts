/**
 * `oneOf` and `anyOf`: the branches are matched by what they mean, then by their name, and what is left by itself.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import { keysOf, pointerTo } from "../../../contract-tests/contract/pointer.js";
import { missing, present } from "../findings.js";
import { relationOf } from "../verdict.js";
import { canonicalSchema } from "./canonical.js";
import { type CompareSchemas, type Context, report, sideOf } from "./context.js";
import { type EffectiveSchema, effective } from "./effective.js";

const UNION_KEYWORDS = ["oneOf", "anyOf"] as const;

/** Compares the alternatives branch by branch. */
export function compareUnions(
  context: Context,
  ours: EffectiveSchema,
  theirs: EffectiveSchema,
  compare: CompareSchemas,
): void {
  for (const keyword of UNION_KEYWORDS) {
    const [our, their] = [ours.keywords.get(keyword), theirs.keywords.get(keyword)];
    if (our === undefined && their === undefined) continue;
    context.findings.count();
    if (our === undefined || their === undefined) {
      report(context, ours, theirs, { keyword, relation: our === undefined ? "narrower" : "wider" });
      continue;
    }
    const left = matchBranches(our.items(), their.items());
    for (const [a, b] of left.pairs)
      compare({ ...context, subject: `${context.subject}(${keyword} ${nameOf(a)})` }, a, b, false);
    const relation = relationOf(left.ours.length > 0, left.theirs.length > 0);
    if (relation === undefined) continue;
    report(context, ours, theirs, {
      keyword,
      relation,
      ours: present(our, our.items().map(nameOf)),
      theirs: present(their, their.items().map(nameOf)),
    });
  }
}

/**
 * If only one of the two is a union, and nothing else: the other may be one of its branches.
 * @returns whether that was so, and is reported
 */
export function compareWithUnion(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): boolean {
  const [our, their] = [onlyUnion(ours), onlyUnion(theirs)];
  if ((our === undefined) === (their === undefined)) return false;
  const [keyword, branches] = our ?? their ?? ["oneOf", []];
  const whole = canonicalSchema((our === undefined ? ours : theirs).node);
  const isBranch = branches.some((branch) => canonicalSchema(branch) === whole);
  report(context, ours, theirs, {
    keyword,
    relation: isBranch ? (our === undefined ? "wider" : "narrower") : "different",
    ours: our === undefined ? missing(pointerTo(ours.node.pointer, keyword)) : sideOf(ours, keyword),
    theirs: their === undefined ? missing(pointerTo(theirs.node.pointer, keyword)) : sideOf(theirs, keyword),
  });
  return true;
}

function onlyUnion(schema: EffectiveSchema): readonly [string, readonly Place[]] | undefined {
  const [keyword, ...others] = [...schema.keywords.keys()].filter((key) => key !== "discriminator");
  if (keyword === undefined || others.length > 0 || schema.properties.size > 0) return undefined;
  const branches = UNION_KEYWORDS.some((union) => union === keyword)
    ? schema.keywords.get(keyword)?.items()
    : undefined;
  return branches && [keyword, branches];
}

interface Matched {
  readonly pairs: readonly (readonly [Place, Place])[];
  readonly ours: readonly Place[];
  readonly theirs: readonly Place[];
}

function matchBranches(ours: readonly Place[], theirs: readonly Place[]): Matched {
  const leftOurs = [...ours];
  const leftTheirs = [...theirs];
  takePairs(leftOurs, leftTheirs, canonicalSchema);
  const pairs = takePairs(leftOurs, leftTheirs, nameOf);
  const [our, their] = [leftOurs[0], leftTheirs[0]];
  const isOneEach = leftOurs.length === 1 && leftTheirs.length === 1 && our !== undefined && their !== undefined;
  return isOneEach
    ? { pairs: [...pairs, [our, their]], ours: [], theirs: [] }
    : { pairs, ours: leftOurs, theirs: leftTheirs };
}

/** Takes out of both lists what has the same key. */
function takePairs(
  ours: Place[],
  theirs: Place[],
  keyOf: (branch: Place) => string,
): readonly (readonly [Place, Place])[] {
  const pairs: (readonly [Place, Place])[] = [];
  const keys = theirs.map(keyOf);
  for (const our of [...ours]) {
    const index = keys.indexOf(keyOf(our));
    const their = theirs[index];
    if (their === undefined) continue;
    pairs.push([our, their]);
    theirs.splice(index, 1);
    keys.splice(index, 1);
    ours.splice(ours.indexOf(our), 1);
  }
  return pairs;
}

/** The title or, behind a reference, the component's name; else where it stands. */
function nameOf(branch: Place): string {
  const title = branch.get("title")?.text;
  const component = branch.pointer === branch.usedAt ? undefined : keysOf(branch.pointer).at(-1);
  return (
    component ??
    title ??
    (typeof effective(branch).keywords.get("type")?.value === "string" ? branch.get("type")?.text : undefined) ??
    branch.pointer
  );
}
