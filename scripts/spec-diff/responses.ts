/**
 * The responses of an operation, by status, with their headers.
 */
import {
  type DocumentedResponse,
  isSuccess,
  type Operation,
  type ResponseHeader,
} from "../../contract-tests/contract/operations.js";
import { pointerTo } from "../../contract-tests/contract/pointer.js";
import { compareAnnouncements } from "./announcements.js";
import { type Findings, judgeMissing, missing } from "./findings.js";
import { compareContent, compareRequired, compareSchemaMember } from "./members.js";
import type { Context } from "./schema/context.js";
import type { Judgement } from "./verdict.js";

type Responses = Map<string, DocumentedResponse>;

/** Compares the responses; theirs may document one as a range (`4XX`) or, for errors, as `default`. */
export function compareResponses(findings: Findings, ours: Operation, theirs: Operation): void {
  const [gone, added] = [responsesOf(ours), responsesOf(theirs)];
  const their = responsesOf(theirs);
  for (const [status, response] of responsesOf(ours)) {
    findings.count();
    const candidates = [status, `${status.charAt(0)}XX`, ...(isError(status) ? ["default"] : [])];
    const match = candidates.map((candidate) => their.get(candidate)).find((found) => found !== undefined);
    if (match === undefined) continue;
    compareResponse(contextOf(findings, ours, status), response, match);
    gone.delete(status);
    added.delete(match.status);
  }
  compareSuccess(findings, ours, gone, added);
  for (const response of gone.values()) reportGone(findings, ours, theirs, response);
  for (const response of added.values()) reportNew(findings, ours, response);
}

/** If one successful status takes the place of another, that is one difference, and the two responses are compared. */
function compareSuccess(findings: Findings, ours: Operation, gone: Responses, added: Responses): void {
  const [our, ...otherOurs] = [...gone.values()].filter(isSuccess);
  const [their, ...otherTheirs] = [...added.values()].filter(isSuccess);
  if (our === undefined || their === undefined || otherOurs.length + otherTheirs.length > 0) return;
  const context = contextOf(findings, ours, our.status);
  findings.add({
    place: context.place,
    what: "status of the successful response",
    ours: { pointer: our.at.usedAt, value: our.status },
    theirs: { pointer: their.at.usedAt, value: their.status },
    verdict: "breaking",
    why: "a client takes another status for success",
  });
  compareResponse(context, our, their);
  gone.delete(our.status);
  added.delete(their.status);
}

function compareResponse(context: Context, ours: DocumentedResponse, theirs: DocumentedResponse): void {
  compareHeaders(context, ours, theirs);
  compareContent(context, ours.at, theirs.at);
}

function responsesOf({ responses }: Operation): Responses {
  return new Map(responses.map((response) => [response.status, response]));
}

function isError(status: string): boolean {
  return status.startsWith("4") || status.startsWith("5") || status === "default";
}

function contextOf(findings: Findings, operation: Operation, status: string): Context {
  const place = { operation: operation.operationId, part: `response ${status}` };
  return { findings, place, direction: "response", subject: "response", seen: new Set() };
}

function pointerOf(operation: Operation, status: string): string {
  return pointerTo(pointerTo(operation.at.pointer, "responses"), status);
}

function reportGone(findings: Findings, ours: Operation, theirs: Operation, { status, at }: DocumentedResponse): void {
  const otherwise: Judgement = isError(status)
    ? { verdict: "compatible", why: "a client is ready for an error that does not come" }
    : { verdict: "breaking", why: "a client waits for it, and they do not say that they return it" };
  findings.add({
    place: contextOf(findings, ours, status).place,
    what: `only ours: response ${status}`,
    ours: { pointer: at.usedAt, value: status },
    theirs: missing(pointerOf(theirs, status)),
    ...judgeMissing(at, otherwise),
  });
}

function reportNew(findings: Findings, ours: Operation, { status, at }: DocumentedResponse): void {
  findings.add({
    place: contextOf(findings, ours, status).place,
    what: `only theirs: response ${status}`,
    ours: missing(pointerOf(ours, status)),
    theirs: { pointer: at.usedAt, value: status },
    verdict: isError(status) ? "compatible" : "breaking",
    why: isError(status)
      ? "a client treats every error by its status"
      : "they may return what the contract does not describe",
  });
}

/** Compares the headers by name, whatever the case. */
function compareHeaders(context: Context, ours: DocumentedResponse, theirs: DocumentedResponse): void {
  const left = new Map(theirs.headers.map((header) => [header.name.toLowerCase(), header]));
  for (const header of ours.headers) {
    context.findings.count();
    const { name, at } = header;
    const their = left.get(name.toLowerCase());
    left.delete(name.toLowerCase());
    if (their === undefined) reportGoneHeader(context, header, theirs);
    else {
      const inner = { ...context, subject: `header ${name}` };
      compareRequired(inner, at, their.at);
      compareAnnouncements(inner, at, their.at);
      compareSchemaMember(inner, at, their.at);
    }
  }
  for (const { name, at } of left.values()) {
    context.findings.add({
      place: context.place,
      what: `only theirs: header ${name}`,
      ours: missing(pointerTo(pointerTo(ours.at.pointer, "headers"), name)),
      theirs: { pointer: at.usedAt, value: at.value },
      verdict: "compatible",
      why: "a client ignores what it does not know",
    });
  }
}

function reportGoneHeader(context: Context, { name, at }: ResponseHeader, theirs: DocumentedResponse): void {
  const otherwise: Judgement = at.flag("required")
    ? { verdict: "breaking", why: "a client counts on it in every response" }
    : { verdict: "compatible", why: "a client does without it" };
  context.findings.add({
    place: context.place,
    what: `only ours: header ${name}`,
    ours: { pointer: at.usedAt, value: at.value },
    theirs: missing(pointerTo(pointerTo(theirs.at.pointer, "headers"), name)),
    ...judgeMissing(at, otherwise),
  });
}
