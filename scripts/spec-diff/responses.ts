/**
 * What comes back, by status.
 */
import { compareContent } from "./content.js";
import type { SpecNode } from "./document.js";
import { type Findings, judgeMissing, missing } from "./findings.js";
import { compareHeaders } from "./headers.js";
import type { Operation } from "./operations.js";
import { pointerTo } from "./pointer.js";
import type { Context } from "./schema/context.js";
import type { Judgement } from "./verdict.js";

type Answers = ReadonlyMap<string, SpecNode>;

/** Compares the answers; theirs may document one as a range (`4XX`) or, for errors, as `default`. */
export function compareResponses(findings: Findings, ours: Operation, theirs: Operation): void {
  const [our, their] = [answersOf(ours), answersOf(theirs)];
  const [gone, added] = [new Map(our), new Map(their)];
  for (const [status, answer] of our) {
    findings.count();
    const candidates = [status, `${status.charAt(0)}XX`, ...(isError(status) ? ["default"] : [])];
    const match = candidates.find((candidate) => their.has(candidate));
    const partner = match === undefined ? undefined : their.get(match);
    if (match === undefined || partner === undefined) continue;
    compareAnswer(contextOf(findings, ours, status), answer, partner);
    gone.delete(status);
    added.delete(match);
  }
  compareSuccess(findings, ours, gone, added);
  for (const [status, answer] of gone) reportGone(findings, ours, theirs, answer, status);
  for (const [status, answer] of added) reportNew(findings, ours, answer, status);
}

/** Where one successful status stands for another, that is one difference, and the two answers are compared. */
function compareSuccess(
  findings: Findings,
  ours: Operation,
  gone: Map<string, SpecNode>,
  added: Map<string, SpecNode>,
): void {
  const [our, ...otherOurs] = [...gone].filter(([status]) => isSuccess(status));
  const [their, ...otherTheirs] = [...added].filter(([status]) => isSuccess(status));
  if (our === undefined || their === undefined || otherOurs.length + otherTheirs.length > 0) return;
  findings.add({
    place: contextOf(findings, ours, our[0]).place,
    what: "status of the successful answer",
    ours: { pointer: our[1].usedAt, value: our[0] },
    theirs: { pointer: their[1].usedAt, value: their[0] },
    verdict: "breaking",
    why: "a client takes another status for success",
  });
  compareAnswer(contextOf(findings, ours, our[0]), our[1], their[1]);
  gone.delete(our[0]);
  added.delete(their[0]);
}

function compareAnswer(context: Context, ours: SpecNode, theirs: SpecNode): void {
  compareHeaders(context, ours, theirs);
  compareContent(context, ours, theirs);
}

function answersOf({ node }: Operation): Answers {
  const responses = node.get("responses");
  return new Map(
    (responses?.keys() ?? []).flatMap((status) => {
      const answer = status.startsWith("x-") ? undefined : responses?.get(status);
      return answer === undefined ? [] : [[status, answer] as const];
    }),
  );
}

function isSuccess(status: string): boolean {
  return status.startsWith("2");
}

function isError(status: string): boolean {
  return status.startsWith("4") || status.startsWith("5") || status === "default";
}

function contextOf(findings: Findings, operation: Operation, status: string): Context {
  const place = { operation: operation.name, part: `answer ${status}` };
  return { findings, place, direction: "response", subject: "answer", seen: new Set() };
}

function pointerOf(operation: Operation, status: string): string {
  return pointerTo(pointerTo(operation.node.pointer, "responses"), status);
}

function reportGone(findings: Findings, ours: Operation, theirs: Operation, answer: SpecNode, status: string): void {
  const otherwise: Judgement = isError(status)
    ? { verdict: "compatible", why: "a client is ready for an error that does not come" }
    : { verdict: "breaking", why: "a client waits for it, and they do not say that they give it" };
  findings.add({
    place: contextOf(findings, ours, status).place,
    what: `only ours: answer ${status}`,
    ours: { pointer: answer.usedAt, value: status },
    theirs: missing(pointerOf(theirs, status)),
    ...judgeMissing(answer, otherwise),
  });
}

function reportNew(findings: Findings, ours: Operation, answer: SpecNode, status: string): void {
  findings.add({
    place: contextOf(findings, ours, status).place,
    what: `only theirs: answer ${status}`,
    ours: missing(pointerOf(ours, status)),
    theirs: { pointer: answer.usedAt, value: status },
    verdict: isError(status) ? "compatible" : "breaking",
    why: isError(status)
      ? "a client treats every error by its status"
      : "they may answer what the contract does not describe",
  });
}
