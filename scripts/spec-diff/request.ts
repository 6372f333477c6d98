/**
 * The parameters of a request.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import type { Operation, Parameter } from "../../contract-tests/contract/operations.js";
import { pointerTo } from "../../contract-tests/contract/pointer.js";
import { compareAnnouncements } from "./announcements.js";
import { type Findings, judgeMissing, missing } from "./findings.js";
import { compareContent, compareRequired, compareSchemaMember } from "./members.js";
import { placeholdersOf } from "./operations.js";
import { type Context, reportMember } from "./schema/context.js";
import { isSdkDocument, STRIPPED, STRIPPED_ON_PURPOSE } from "./sdk-document.js";
import { judge } from "./verdict.js";

/** Compares the parameters of two operations and their paths. */
export function compareParameters(findings: Findings, ours: Operation, theirs: Operation): void {
  const place = { operation: ours.operationId, part: "request" };
  const contextOf = (our: Parameter): Context => ({
    findings,
    place,
    direction: "request",
    subject: titleOf(our),
    seen: new Set(),
  });
  const left = parametersByPlace(theirs);
  const unmatched: Parameter[] = [];
  for (const [key, our] of parametersByPlace(ours)) {
    findings.count();
    const their = left.get(key);
    if (their === undefined) unmatched.push(our);
    else compareParameter(contextOf(our), our.at, their.at);
    left.delete(key);
  }
  for (const our of unmatched) {
    const [key, moved] = [...left].find(([, { name }]) => name === our.name) ?? [];
    if (key === undefined || moved === undefined) reportGone(contextOf(our), our, theirs);
    else {
      const why = "a client puts it where they do not look for it";
      reportMember(contextOf(our), our.at, moved.at, "in", { verdict: "breaking", why });
      left.delete(key);
    }
  }
  for (const their of left.values()) reportNew(contextOf(their), their, ours);
}

/** By where a parameter goes: for a path that is the position of its placeholder, which may have any name. */
function parametersByPlace(operation: Operation): Map<string, Parameter> {
  const placeholders = placeholdersOf(operation);
  return new Map(
    operation.parameters.map((parameter) => {
      const { name, in: place } = parameter;
      const position = place === "path" ? placeholders.indexOf(name) : -1;
      return [`${place} ${position !== -1 ? position : place === "header" ? name.toLowerCase() : name}`, parameter];
    }),
  );
}

function titleOf({ name, in: place }: Parameter): string {
  return `${place} parameter ${name}`;
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
  context.findings.count();
  if (styleOf(ours) !== styleOf(theirs)) {
    const why = "they read the value otherwise than a client writes it";
    reportMember(context, ours, theirs, "style", { verdict: "breaking", why });
  } else if (isExploded(ours) !== isExploded(theirs)) {
    const isCompound = ["array", "object"].includes(ours.get("schema")?.get("type")?.text ?? "");
    reportMember(context, ours, theirs, "explode", judge("request", isCompound ? "different" : "equivalent"));
  }
}

function styleOf(parameter: Place): string {
  return (
    parameter.get("style")?.text ?? (["query", "cookie"].includes(parameter.get("in")?.text ?? "") ? "form" : "simple")
  );
}

function isExploded(parameter: Place): unknown {
  return parameter.get("explode")?.value ?? styleOf(parameter) === "form";
}

function reportGone(context: Context, our: Parameter, theirs: Operation): void {
  const why = "a client may send it, and they do not say that they take it";
  const isStripped = STRIPPED.includes(our.name) && our.in === "query" && isSdkDocument(theirs.at.document);
  context.findings.add({
    place: context.place,
    what: `only ours: ${context.subject}`,
    ours: { pointer: our.at.usedAt, value: our.at.value },
    theirs: missing(pointerTo(theirs.at.pointer, "parameters")),
    ...judgeMissing(our.at, isStripped ? STRIPPED_ON_PURPOSE : { verdict: "breaking", why }),
  });
}

function reportNew(context: Context, their: Parameter, ours: Operation): void {
  const isRequired = their.required;
  context.findings.add({
    place: context.place,
    what: `only theirs: ${isRequired ? "required " : ""}${context.subject}`,
    ours: missing(pointerTo(ours.at.pointer, "parameters")),
    theirs: { pointer: their.at.usedAt, value: their.at.value },
    verdict: isRequired ? "breaking" : "compatible",
    why: isRequired ? "they refuse a request without it" : "a client need not send it",
  });
}

/** Compares the request bodies of two operations. */
export function compareRequestBody(findings: Findings, ours: Operation, theirs: Operation): void {
  findings.count();
  const place = { operation: ours.operationId, part: "request" };
  const [our, their] = [ours.at.get("requestBody"), theirs.at.get("requestBody")];
  if (our !== undefined && their !== undefined) {
    const context: Context = { findings, place, direction: "request", subject: "request body", seen: new Set() };
    compareRequired(context, our, their);
    compareContent(context, our, their);
  } else if (our !== undefined) {
    const why = "a client sends one, and they do not say that they take it";
    findings.add({
      place,
      what: "only ours: request body",
      ours: { pointer: our.usedAt, value: our.value },
      theirs: missing(pointerTo(theirs.at.pointer, "requestBody")),
      ...judgeMissing(our, { verdict: "breaking", why }),
    });
  } else if (their !== undefined) {
    const isRequired = their.flag("required");
    findings.add({
      place,
      what: `only theirs: ${isRequired ? "required " : ""}request body`,
      ours: missing(pointerTo(ours.at.pointer, "requestBody")),
      theirs: { pointer: their.usedAt, value: their.value },
      verdict: isRequired ? "breaking" : "compatible",
      why: isRequired ? "they refuse a request without it" : "a client need not send it",
    });
  }
}
