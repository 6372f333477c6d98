/**
 * The body of a request.
 */
import { compareContent } from "./content.js";
import { type Findings, judgeMissing, missing } from "./findings.js";
import { compareRequired } from "./members.js";
import type { Operation } from "./operations.js";
import { pointerTo } from "./pointer.js";
import type { Context } from "./schema/context.js";

/** Compares the request bodies of two operations. */
export function compareRequestBody(findings: Findings, ours: Operation, theirs: Operation): void {
  findings.count();
  const place = { operation: ours.name, part: "request" };
  const [our, their] = [ours.node.get("requestBody"), theirs.node.get("requestBody")];
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
      theirs: missing(pointerTo(theirs.node.pointer, "requestBody")),
      ...judgeMissing(our, { verdict: "breaking", why }),
    });
  } else if (their !== undefined) {
    const isRequired = their.flag("required");
    findings.add({
      place,
      what: `only theirs: ${isRequired ? "required " : ""}request body`,
      ours: missing(pointerTo(ours.node.pointer, "requestBody")),
      theirs: { pointer: their.usedAt, value: their.value },
      verdict: isRequired ? "breaking" : "compatible",
      why: isRequired ? "they refuse a request without it" : "nobody is made to send it",
    });
  }
}
