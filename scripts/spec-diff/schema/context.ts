/**
 * What a comparison of two schemas carries along, and how it reports a keyword.
 */

import type { Place } from "../../../contract-tests/contract/document.js";
import { pointerTo } from "../../../contract-tests/contract/pointer.js";
import { type Findings, keywordReason, memberSide, missing, type Part, present, type Side } from "../findings.js";
import { type Direction, type Judgement, judge, type Relation } from "../verdict.js";
import type { EffectiveSchema } from "./effective.js";

/** Where a comparison is. */
export interface Context {
  readonly findings: Findings;
  readonly place: Part;
  readonly direction: Direction;
  /** What the schema is of, such as `parameter pretty` or `$.badRequestDetail.fields[]`. */
  readonly subject: string;
  /** Pairs of schemas that are being compared already: a cycle ends there. */
  readonly seen: Set<string>;
}

/**
 * Compares two schemas and all below them; passed to what compares a part of a schema with schemas in it.
 *
 * @param isRequired whether the contract makes the other side count on the value being there
 */
export type CompareSchemas = (context: Context, ours: Place, theirs: Place, isRequired: boolean) => void;

/** A keyword that differs. */
interface KeywordDifference {
  readonly keyword: string;
  readonly relation: Relation;
  /** All names under which the contract may give its reason for being stricter; default: the keyword. */
  readonly aliases?: readonly string[];
  /** What differs, if "keyword of subject" does not say it. */
  readonly what?: string;
  /** Where and what, if it is not simply the keyword's value. */
  readonly ours?: Side;
  readonly theirs?: Side;
  /** A judgement other than the usual one of the relation. */
  readonly judgement?: Judgement;
}

/** Notes that a keyword differs; a reason in the contract makes it "stricter on purpose", or "explained" if ours is looser. */
export function report(
  context: Context,
  ours: EffectiveSchema,
  theirs: EffectiveSchema,
  difference: KeywordDifference,
): void {
  const { keyword, relation } = difference;
  const names = [keyword, ...(difference.aliases ?? [])];
  const reasonFor = (extension: Parameters<typeof keywordReason>[1]) =>
    ours.sources.map((source) => keywordReason(source, extension, names)).find((text) => text !== undefined);
  const stricter = relation === "wider" ? reasonFor("x-stricter-than-documentation") : undefined;
  let judgement = difference.judgement ?? judge(context.direction, relation);
  // What they do not return needs no excuse, but the contract may name its source.
  const looser = judgement.verdict === "compatible" ? reasonFor("x-documented-elsewhere") : undefined;
  if (stricter !== undefined) judgement = { verdict: "stricter on purpose", why: stricter };
  if (looser !== undefined) judgement = { verdict: "explained", why: looser };
  context.findings.add({
    place: context.place,
    what: difference.what ?? `${keyword} of ${context.subject}`,
    ours: difference.ours ?? sideOf(ours, keyword),
    theirs: difference.theirs ?? sideOf(theirs, keyword),
    ...judgement,
  });
}

/** The keyword where it stands, or where it would. */
export function sideOf(schema: EffectiveSchema, keyword: string): Side {
  const node = schema.keywords.get(keyword);
  return node === undefined ? missing(pointerTo(schema.node.pointer, keyword)) : present(node);
}

/** Notes that a member of something else than a schema differs. */
export function reportMember(
  context: Context,
  ours: Place,
  theirs: Place,
  key: string,
  judgement: Judgement & { readonly sunset?: string },
): void {
  context.findings.add({
    place: context.place,
    what: `${key} of ${context.subject}`,
    ours: memberSide(ours, key),
    theirs: memberSide(theirs, key),
    ...judgement,
  });
}
