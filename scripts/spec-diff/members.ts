/**
 * Members that parameters, bodies, media types and headers have in common.
 */
import type { SpecNode } from "./document.js";
import { missing, present, type Side, stricterReason } from "./findings.js";
import { pointerTo } from "./pointer.js";
import { compareSchemas } from "./schema/compare.js";
import type { Context } from "./schema/context.js";
import { type Judgement, judge } from "./verdict.js";

/** A member where it stands, or where it would. */
export function memberSide(node: SpecNode, key: string): Side {
  const member = node.get(key);
  return member === undefined ? missing(pointerTo(node.pointer, key)) : present(member);
}

/** Notes that a member differs. */
export function reportMember(
  context: Context,
  ours: SpecNode,
  theirs: SpecNode,
  key: string,
  judgement: Judgement,
): void {
  context.findings.add({
    place: context.place,
    what: `${key} of ${context.subject}`,
    ours: memberSide(ours, key),
    theirs: memberSide(theirs, key),
    ...judgement,
  });
}

/** Compares `required`: in a request it narrows what they take, in an answer what they give. */
export function compareRequired(context: Context, ours: SpecNode, theirs: SpecNode): void {
  context.findings.count();
  const isOurs = ours.flag("required");
  if (isOurs === theirs.flag("required")) return;
  const reason = isOurs ? stricterReason(ours, ["required"]) : undefined;
  const judgement = judge(context.direction, isOurs ? "wider" : "narrower");
  reportMember(
    context,
    ours,
    theirs,
    "required",
    reason === undefined ? judgement : { verdict: "stricter on purpose", why: reason },
  );
}

/** Compares `deprecated`. */
export function compareDeprecated(context: Context, ours: SpecNode, theirs: SpecNode): void {
  context.findings.count();
  if (ours.flag("deprecated") === theirs.flag("deprecated")) return;
  const why = "what is deprecated still works; look for what replaces it";
  reportMember(context, ours, theirs, "deprecated", { verdict: "compatible", why });
}

/** Compares `schema`; without one anything may come. */
export function compareSchemaMember(context: Context, ours: SpecNode, theirs: SpecNode): void {
  const [our, their] = [ours.get("schema"), theirs.get("schema")];
  if (our !== undefined && their !== undefined) compareSchemas(context, our, their, true);
  else if (our !== undefined || their !== undefined) {
    reportMember(context, ours, theirs, "schema", judge(context.direction, our === undefined ? "narrower" : "wider"));
  }
}
