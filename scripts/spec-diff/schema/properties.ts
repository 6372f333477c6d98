/**
 * The members of an object: `properties`, `required` and `additionalProperties`.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import { pointerTo } from "../../../contract-tests/contract/pointer.js";
import { judgeMissing, missing, present, reasonIn } from "../findings.js";
import { type Direction, type Judgement, judge, relationOf } from "../verdict.js";
import { type CompareSchemas, type Context, report, sideOf } from "./context.js";
import type { EffectiveSchema } from "./effective.js";

/** The contract's mark on an optional property of a response that the client of this project cannot do without. */
const NEEDED = "x-needed-by-client";

/** Compares the members by name. */
export function compareMembers(
  context: Context,
  ours: EffectiveSchema,
  theirs: EffectiveSchema,
  compare: CompareSchemas,
): void {
  for (const [name, our] of ours.properties) {
    const their = theirs.properties.get(name);
    const subject = `${context.subject}.${name}`;
    if (their === undefined) reportGone(context, ours, theirs, name, our);
    else
      compare(
        { ...context, subject, direction: directionOf(our, context.direction) },
        our,
        their,
        ours.required.has(name) || reasonIn(our, NEEDED) !== undefined,
      );
  }
  for (const [name, their] of theirs.properties) {
    if (!ours.properties.has(name)) reportNew(context, ours, theirs, name, their);
  }
  compareRequired(context, ours, theirs);
  compareAdditional(context, ours, theirs, compare);
}

/** Nobody sends a `readOnly` property in a request, or a `writeOnly` one in a response. */
function directionOf(property: Place, direction: Direction): Direction {
  return isUnused(property, direction) ? "unused" : direction;
}

function isUnused(property: Place, direction: Direction): boolean {
  return property.flag(direction === "request" ? "readOnly" : "writeOnly");
}

function reportGone(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema, name: string, our: Place): void {
  const direction = directionOf(our, context.direction);
  let judgement = judge(direction, "narrower");
  if (direction === "request")
    judgement = { verdict: "breaking", why: "a client sends it, and they do not say that they take it" };
  if (direction === "response" && ours.required.has(name))
    judgement = { verdict: "breaking", why: "a client counts on it in every response" };
  const need = reasonIn(our, NEEDED);
  if (direction === "response" && need !== undefined) judgement = { verdict: "breaking", why: need };
  context.findings.add({
    place: context.place,
    what: `only ours: property ${context.subject}.${name}`,
    ours: present(our),
    theirs: missing(pointerTo(pointerTo(theirs.node.pointer, "properties"), name)),
    ...judgeMissing(our, judgement),
  });
}

function reportNew(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema, name: string, their: Place): void {
  const direction = directionOf(their, context.direction);
  const isClosed = ours.keywords.get("additionalProperties")?.value === false;
  let judgement: Judgement = {
    verdict: "compatible",
    why: "a client need not send it, and ignores what it does not know",
  };
  if (direction === "request" && theirs.required.has(name))
    judgement = { verdict: "breaking", why: "they refuse a request without it" };
  if (direction === "response" && isClosed) judgement = judge("response", "wider");
  context.findings.add({
    place: context.place,
    what: `only theirs: ${theirs.required.has(name) ? "required " : ""}property ${context.subject}.${name}`,
    ours: missing(pointerTo(pointerTo(ours.node.pointer, "properties"), name)),
    theirs: present(their),
    ...judgement,
  });
}

/** The names that both or neither describe; a property that only one of them has is reported as that. */
function compareRequired(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  context.findings.count();
  const isShared = (name: string) => ours.properties.has(name) === theirs.properties.has(name);
  const dropped = [...ours.required].filter((name) => !theirs.required.has(name) && isShared(name));
  const added = [...theirs.required].filter((name) => !ours.required.has(name) && isShared(name));
  if (dropped.length + added.length === 0) return;
  const counts = (name: string, schema: EffectiveSchema) => {
    const property = schema.properties.get(name);
    return property === undefined || !isUnused(property, context.direction);
  };
  const relation = relationOf(
    added.some((name) => counts(name, theirs)),
    dropped.some((name) => counts(name, ours)),
  );
  report(context, ours, theirs, {
    keyword: "required",
    relation: relation ?? "narrower",
    ours: requiredSide(ours),
    theirs: requiredSide(theirs),
    ...(relation === undefined && { judgement: judge("unused", "narrower") }),
  });
}

function requiredSide({ required, requiredNode, node }: EffectiveSchema) {
  return requiredNode === undefined
    ? missing(pointerTo(node.pointer, "required"))
    : present(requiredNode, [...required]);
}

function compareAdditional(
  context: Context,
  ours: EffectiveSchema,
  theirs: EffectiveSchema,
  compare: CompareSchemas,
): void {
  const keyword = "additionalProperties";
  context.findings.count();
  const [our, their] = [ours.keywords.get(keyword), theirs.keywords.get(keyword)];
  const [isOpen, isTheirsOpen] = [isAnything(our), isAnything(their)];
  const [isClosed, isTheirsClosed] = [our?.value === false, their?.value === false];
  if ((isOpen && isTheirsOpen) || (isClosed && isTheirsClosed)) return;
  if (our !== undefined && their !== undefined && !isOpen && !isTheirsOpen && !isClosed && !isTheirsClosed) {
    compare({ ...context, subject: `${context.subject}.*` }, our, their, false);
    return;
  }
  report(context, ours, theirs, {
    keyword,
    relation: isOpen || isTheirsClosed ? "narrower" : "wider",
    ours: sideOf(ours, keyword),
    theirs: sideOf(theirs, keyword),
  });
}

function isAnything(node: Place | undefined): boolean {
  return node === undefined || node.value === true || (node.value !== false && node.keys().length === 0);
}
