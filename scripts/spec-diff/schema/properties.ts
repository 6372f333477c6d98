/**
 * The members of an object: `properties`, `required` and `additionalProperties`.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import { type Context, matched, missing, present } from "../findings.js";
import { breaking, compatible, type Direction, judge, judgeMissing, reasonIn, relationOf } from "../verdict.js";
import { type CompareSchemas, type EffectiveSchema, reportKeyword, type Schemas } from "./effective.js";

/** The contract's mark on an optional property of a response that the client of this project cannot do without. */
const NEEDED = "x-needed-by-client";

/** Compares the members by name. */
export function compareMembers(context: Context, schemas: Schemas, compare: CompareSchemas): void {
  const [ours, theirs] = schemas;
  const { pairs, gone, added } = matched(ours.properties, theirs.properties, ([name]) => name);
  // First what is here: a name that is met again further down is reported by its shorter path.
  for (const property of gone) reportGone(context, schemas, ...property);
  for (const property of added) reportNew(context, schemas, ...property);
  compareRequired(context, schemas);
  compareAdditional(context, schemas, compare);
  for (const [[name, our], [, their]] of pairs) {
    const inner = context.about(`${context.subject}.${name}`, directionOf(our, context.direction));
    compare(inner, our, their, ours.required.has(name) || reasonIn(our, NEEDED) !== undefined);
  }
}

/** Nobody sends a `readOnly` property in a request, or a `writeOnly` one in a response. */
function directionOf(property: Place, direction: Direction): Direction {
  return property.flag(direction === "request" ? "readOnly" : "writeOnly") ? "unused" : direction;
}

function reportGone(context: Context, [ours, theirs]: Schemas, name: string, our: Place): void {
  const direction = directionOf(our, context.direction);
  const need = reasonIn(our, NEEDED);
  let judgement = judge(direction, "narrower");
  if (direction === "request") judgement = breaking("a client sends it, and they do not say that they take it");
  if (direction === "response" && ours.required.has(name))
    judgement = breaking("a client counts on it in every response");
  if (direction === "response" && need !== undefined) judgement = breaking(need);
  const side = missing(theirs.node, "properties", name);
  context.report(`only ours: property ${context.subject}.${name}`, present(our), side, judgeMissing(our, judgement));
}

function reportNew(context: Context, [ours, theirs]: Schemas, name: string, their: Place): void {
  const direction = directionOf(their, context.direction);
  const isRequired = theirs.required.has(name);
  const isClosed = ours.keywords.get("additionalProperties")?.value === false;
  let judgement = compatible("a client need not send it, and ignores what it does not know");
  if (direction === "request" && isRequired) judgement = breaking("they refuse a request without it");
  if (direction === "response" && isClosed) judgement = judge("response", "wider");
  const what = `only theirs: ${isRequired ? "required " : ""}property ${context.subject}.${name}`;
  context.report(what, missing(ours.node, "properties", name), present(their), judgement);
}

/** The names that both or neither describe; a property that only one of them has is reported as that. */
function compareRequired(context: Context, schemas: Schemas): void {
  context.count();
  const [ours, theirs] = schemas;
  const onlyIn = (one: EffectiveSchema, other: EffectiveSchema) =>
    [...one.required].filter(
      (name) => !other.required.has(name) && ours.properties.has(name) === theirs.properties.has(name),
    );
  const [dropped, added] = [onlyIn(ours, theirs), onlyIn(theirs, ours)];
  if (dropped.length + added.length === 0) return;
  const matters = (name: string, schema: EffectiveSchema) => {
    const property = schema.properties.get(name);
    return property === undefined || directionOf(property, context.direction) !== "unused";
  };
  const relation = relationOf(
    added.some((name) => matters(name, theirs)),
    dropped.some((name) => matters(name, ours)),
  );
  reportKeyword(context, schemas, "required", relation ?? "narrower", {
    ours: requiredSide(ours),
    theirs: requiredSide(theirs),
    ...(relation === undefined && { judgement: judge("unused", "narrower") }),
  });
}

function requiredSide({ required, requiredNode, node }: EffectiveSchema) {
  return requiredNode === undefined ? missing(node, "required") : present(requiredNode, [...required]);
}

function compareAdditional(context: Context, schemas: Schemas, compare: CompareSchemas): void {
  const keyword = "additionalProperties";
  context.count();
  const [our, their] = schemas.map(({ keywords }) => keywords.get(keyword));
  const [kind, theirKind] = [kindOf(our), kindOf(their)];
  if (our !== undefined && their !== undefined && kind === "some" && theirKind === "some")
    compare(context.about(`${context.subject}.*`), our, their, false);
  else if (kind !== theirKind)
    reportKeyword(context, schemas, keyword, kind === "any" || theirKind === "none" ? "narrower" : "wider");
}

/** Which other members an object may have. */
function kindOf(node: Place | undefined): "any" | "some" | "none" {
  if (node?.value === false) return "none";
  return node === undefined || node.value === true || node.keys().length === 0 ? "any" : "some";
}
