/**
 * The parameters and the body of a request.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import type { Operation, Parameter } from "../../contract-tests/contract/operations.js";
import { compareAnnouncements } from "./announcements.js";
import { isSdkDocument, placeholdersOf, STRIPPED, STRIPPED_ON_PURPOSE } from "./documents.js";
import { type Context, matched, missing, used } from "./findings.js";
import { compareContent, compareRequired, compareSchemaMember } from "./members.js";
import { breaking, compatible, type Judgement, judge, judgeMissing } from "./verdict.js";

const GONE = breaking("a client may send it, and they do not say that they take it");

function judgeNew(required: boolean): Judgement {
  return required ? breaking("they refuse a request without it") : compatible("a client need not send it");
}

/** Compares the parameters of two operations and their paths. */
export function compareParameters(operation: Context, ours: Operation, theirs: Operation): void {
  const request = operation.in("request", "request", "request");
  const subjectOf = ({ name, in: place }: Parameter) => `${place} parameter ${name}`;
  const keys = [({ key }: Placed) => key, ({ parameter }: Placed) => parameter.name];
  const { pairs, gone, added } = matched(placed(ours), placed(theirs), ...keys);
  for (const _ of ours.parameters) request.count();
  for (const [our, their] of pairs) {
    const context = request.in("request", "request", subjectOf(our.parameter));
    const [at, theirAt] = [our.parameter.at, their.parameter.at];
    if (our.key === their.key) compareParameter(context, at, theirAt);
    else context.reportMember(at, theirAt, "in", breaking("a client puts it where they do not look for it"));
  }
  for (const { parameter } of gone) {
    const { name, in: place, at } = parameter;
    const isStripped = STRIPPED.includes(name) && place === "query" && isSdkDocument(theirs.at.document);
    const judgement = judgeMissing(at, isStripped ? STRIPPED_ON_PURPOSE : GONE);
    request.report(`only ours: ${subjectOf(parameter)}`, used(at), missing(theirs.at, "parameters"), judgement);
  }
  for (const { parameter } of added) {
    const { required, at } = parameter;
    const what = `only theirs: ${required ? "required " : ""}${subjectOf(parameter)}`;
    request.report(what, missing(ours.at, "parameters"), used(at), judgeNew(required));
  }
}

interface Placed {
  readonly parameter: Parameter;
  /** Where it goes: for a path that is the position of its placeholder, which may have any name. */
  readonly key: string;
}

function placed(operation: Operation): readonly Placed[] {
  const placeholders = placeholdersOf(operation);
  return operation.parameters.map((parameter) => {
    const { name, in: place } = parameter;
    const position = place === "path" ? placeholders.indexOf(name) : -1;
    const sent = place === "header" ? name.toLowerCase() : name;
    return { parameter, key: `${place} ${position === -1 ? sent : position}` };
  });
}

function compareParameter(context: Context, ours: Place, theirs: Place): void {
  compareRequired(context, ours, theirs);
  compareStyle(context, ours, theirs);
  compareAnnouncements(context, ours, theirs);
  compareSchemaMember(context, ours, theirs);
  compareContent(context, ours, theirs);
}

/** How a value is written into the request; the defaults depend on the place. */
function compareStyle(context: Context, ours: Place, theirs: Place): void {
  context.count();
  if (styleOf(ours) !== styleOf(theirs)) {
    const judgement = breaking("they read the value otherwise than a client writes it");
    context.reportMember(ours, theirs, "style", judgement);
  } else if (isExploded(ours) !== isExploded(theirs)) {
    const isCompound = ["array", "object"].includes(ours.get("schema", "type")?.text ?? "");
    context.reportMember(ours, theirs, "explode", judge("request", isCompound ? "different" : "equivalent"));
  }
}

function styleOf(parameter: Place): string {
  const isForm = ["query", "cookie"].includes(parameter.get("in")?.text ?? "");
  return parameter.get("style")?.text ?? (isForm ? "form" : "simple");
}

function isExploded(parameter: Place): unknown {
  return parameter.get("explode")?.value ?? styleOf(parameter) === "form";
}

/** Compares the request bodies of two operations. */
export function compareRequestBody(operation: Context, ours: Operation, theirs: Operation): void {
  const context = operation.in("request", "request", "request body");
  context.count();
  const [our, their] = [ours.body?.at, theirs.body?.at];
  if (our !== undefined && their !== undefined) {
    compareRequired(context, our, their);
    compareContent(context, our, their);
  } else if (our !== undefined) {
    const judgement = judgeMissing(our, breaking("a client sends one, and they do not say that they take it"));
    context.report("only ours: request body", used(our), missing(theirs.at, "requestBody"), judgement);
  } else if (their !== undefined) {
    const isRequired = their.flag("required");
    const what = `only theirs: ${isRequired ? "required " : ""}request body`;
    context.report(what, missing(ours.at, "requestBody"), used(their), judgeNew(isRequired));
  }
}
