/**
 * The headers of an answer.
 */
import type { SpecNode } from "./document.js";
import { judgeMissing, missing } from "./findings.js";
import { compareRequired, compareSchemaMember } from "./members.js";
import { pointerTo } from "./pointer.js";
import type { Context } from "./schema/context.js";
import type { Judgement } from "./verdict.js";

/** Compares `headers` by name, whatever the case. */
export function compareHeaders(context: Context, ours: SpecNode, theirs: SpecNode): void {
  const left = headersOf(theirs);
  for (const [key, { name, node }] of headersOf(ours)) {
    context.findings.count();
    const their = left.get(key);
    left.delete(key);
    if (their === undefined) reportGone(context, node, name, theirs);
    else {
      const inner = { ...context, subject: `header ${name}` };
      compareRequired(inner, node, their.node);
      compareSchemaMember(inner, node, their.node);
    }
  }
  for (const { name, node } of left.values()) {
    context.findings.add({
      place: context.place,
      what: `only theirs: header ${name}`,
      ours: missing(pointerTo(pointerTo(ours.pointer, "headers"), name)),
      theirs: { pointer: node.usedAt, value: node.value },
      verdict: "compatible",
      why: "a client reads past it",
    });
  }
}

interface Header {
  readonly name: string;
  readonly node: SpecNode;
}

/** By the name in lower case; `Content-Type` is left to `content`, as OpenAPI says. */
function headersOf(answer: SpecNode): Map<string, Header> {
  const headers = answer.get("headers");
  const found = new Map<string, Header>();
  for (const name of headers?.keys() ?? []) {
    const node = headers?.get(name);
    if (node !== undefined && name.toLowerCase() !== "content-type") found.set(name.toLowerCase(), { name, node });
  }
  return found;
}

function reportGone(context: Context, header: SpecNode, name: string, theirs: SpecNode): void {
  const otherwise: Judgement = header.flag("required")
    ? { verdict: "breaking", why: "a client counts on it in every answer" }
    : { verdict: "compatible", why: "a client does without it" };
  context.findings.add({
    place: context.place,
    what: `only ours: header ${name}`,
    ours: { pointer: header.usedAt, value: header.value },
    theirs: missing(pointerTo(pointerTo(theirs.pointer, "headers"), name)),
    ...judgeMissing(header, otherwise),
  });
}
