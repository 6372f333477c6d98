/**
 * The parameters of a request.
 */
import { compareContent } from "./content.js";
import type { SpecNode } from "./document.js";
import { type Findings, judgeMissing, missing } from "./findings.js";
import { compareDeprecated, compareRequired, compareSchemaMember, reportMember } from "./members.js";
import type { Operation } from "./operations.js";
import { pointerTo } from "./pointer.js";
import type { Context } from "./schema/context.js";
import { judge } from "./verdict.js";

interface Parameter {
  readonly node: SpecNode;
  readonly name: string;
  readonly in: string;
  /** Where the parameter goes: for a path the position of its placeholder, which may have any name. */
  readonly key: string;
}

/** Compares the parameters of two operations and their paths. */
export function compareParameters(findings: Findings, ours: Operation, theirs: Operation): void {
  const place = { operation: ours.name, part: "request" };
  const contextOf = (our: Parameter): Context => ({
    findings,
    place,
    direction: "request",
    subject: titleOf(our),
    seen: new Set(),
  });
  const left = new Map(parametersOf(theirs).map((parameter) => [parameter.key, parameter]));
  const unmatched: Parameter[] = [];
  for (const our of parametersOf(ours)) {
    findings.count();
    const their = left.get(our.key);
    if (their === undefined) unmatched.push(our);
    else compareParameter(contextOf(our), our.node, their.node);
    left.delete(our.key);
  }
  for (const our of unmatched) {
    const moved = [...left.values()].find(({ name }) => name === our.name);
    if (moved === undefined) reportGone(contextOf(our), our, theirs);
    else {
      const why = "a client puts it where they do not look for it";
      reportMember(contextOf(our), our.node, moved.node, "in", { verdict: "breaking", why });
      left.delete(moved.key);
    }
  }
  for (const their of left.values()) reportNew(contextOf(their), their, ours);
}

/** Headers that OpenAPI leaves to other parts of the document. */
const ignoredHeaders: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);

function parametersOf({ pathItem, node, placeholders }: Operation): readonly Parameter[] {
  const byKey = new Map<string, Parameter>();
  // The operation's own come last and replace those of the path.
  for (const parameter of [pathItem, node].flatMap((holder) => holder.get("parameters")?.items() ?? [])) {
    const name = parameter.text("name") ?? "";
    const place = parameter.text("in") ?? "";
    if (place === "header" && ignoredHeaders.has(name.toLowerCase())) continue;
    const position = place === "path" ? placeholders.indexOf(name) : -1;
    const key = `${place} ${position !== -1 ? position : place === "header" ? name.toLowerCase() : name}`;
    byKey.set(key, { node: parameter, name, in: place, key });
  }
  return [...byKey.values()];
}

function titleOf({ name, in: place }: Parameter): string {
  return `${place} parameter ${name}`;
}

function compareParameter(context: Context, ours: SpecNode, theirs: SpecNode): void {
  compareRequired(context, ours, theirs);
  compareStyle(context, ours, theirs);
  compareDeprecated(context, ours, theirs);
  compareSchemaMember(context, ours, theirs);
  compareContent(context, ours, theirs);
}

/** How a value is written into the request; the defaults depend on the place. */
function compareStyle(context: Context, ours: SpecNode, theirs: SpecNode): void {
  context.findings.count();
  if (styleOf(ours) !== styleOf(theirs)) {
    const why = "they read the value otherwise than a client writes it";
    reportMember(context, ours, theirs, "style", { verdict: "breaking", why });
  } else if (isExploded(ours) !== isExploded(theirs)) {
    const isCompound = ["array", "object"].includes(ours.get("schema")?.text("type") ?? "");
    reportMember(context, ours, theirs, "explode", judge("request", isCompound ? "different" : "equivalent"));
  }
}

function styleOf(parameter: SpecNode): string {
  return parameter.text("style") ?? (["query", "cookie"].includes(parameter.text("in") ?? "") ? "form" : "simple");
}

function isExploded(parameter: SpecNode): unknown {
  return parameter.get("explode")?.value ?? styleOf(parameter) === "form";
}

function reportGone(context: Context, our: Parameter, theirs: Operation): void {
  const why = "a client may send it, and they do not say that they take it";
  context.findings.add({
    place: context.place,
    what: `only ours: ${context.subject}`,
    ours: { pointer: our.node.usedAt, value: our.node.value },
    theirs: missing(pointerTo(theirs.node.pointer, "parameters")),
    ...judgeMissing(our.node, { verdict: "breaking", why }),
  });
}

function reportNew(context: Context, their: Parameter, ours: Operation): void {
  const isRequired = their.node.flag("required");
  context.findings.add({
    place: context.place,
    what: `only theirs: ${isRequired ? "required " : ""}${context.subject}`,
    ours: missing(pointerTo(ours.node.pointer, "parameters")),
    theirs: { pointer: their.node.usedAt, value: their.node.value },
    verdict: isRequired ? "breaking" : "compatible",
    why: isRequired ? "they refuse a request without it" : "nobody is made to send it",
  });
}
