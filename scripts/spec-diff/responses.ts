/**
 * The responses of an operation, by status, with their headers.
 */
import {
  type DocumentedResponse,
  isSuccess,
  type Operation,
  type ResponseHeader,
} from "../../contract-tests/contract/operations.js";
import { compareAnnouncements } from "./announcements.js";
import { type Context, matched, missing, used } from "./findings.js";
import { compareContent, compareRequired, compareSchemaMember } from "./members.js";
import { breaking, compatible, judge, judgeMissing } from "./verdict.js";

type Responses = Map<string, DocumentedResponse>;

/** Compares the responses; theirs may document one as a range (`4XX`) or, for errors, as `default`. */
export function compareResponses(operation: Context, ours: Operation, theirs: Operation): void {
  const contextOf = (status: string) => operation.in(`response ${status}`, "response", "response");
  const [gone, added, their] = [responsesOf(ours), responsesOf(theirs), responsesOf(theirs)];
  for (const [status, response] of responsesOf(ours)) {
    operation.count();
    const candidates = [status, `${status.charAt(0)}XX`, ...(isError(status) ? ["default"] : [])];
    const match = candidates.map((candidate) => their.get(candidate)).find((found) => found !== undefined);
    if (match === undefined) continue;
    compareResponse(contextOf(status), response, match);
    gone.delete(status);
    added.delete(match.status);
  }
  const [our, other] = swappedSuccess(gone, added);
  if (our !== undefined && other !== undefined) {
    const context = contextOf(our.status);
    const sides = [used(our.at, our.status), used(other.at, other.status)] as const;
    context.report(
      "status of the successful response",
      ...sides,
      breaking("a client takes another status for success"),
    );
    compareResponse(context, our, other);
    gone.delete(our.status);
    added.delete(other.status);
  }
  for (const { status, at } of gone.values()) {
    const judgement = isError(status)
      ? compatible("a client is ready for an error that does not come")
      : breaking("a client waits for it, and they do not say that they return it");
    const side = missing(theirs.at, "responses", status);
    contextOf(status).report(`only ours: response ${status}`, used(at, status), side, judgeMissing(at, judgement));
  }
  for (const { status, at } of added.values()) {
    const judgement = isError(status)
      ? compatible("a client treats every error by its status")
      : judge("response", "wider");
    const side = missing(ours.at, "responses", status);
    contextOf(status).report(`only theirs: response ${status}`, side, used(at, status), judgement);
  }
}

/** If one successful status takes the place of another, that is one difference, and the two responses are compared. */
function swappedSuccess(gone: Responses, added: Responses): readonly DocumentedResponse[] {
  const [our, their] = [gone, added].map((responses) => [...responses.values()].filter(isSuccess));
  return our?.length === 1 && their?.length === 1 ? [...our, ...their] : [];
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

/** Compares the headers by name, whatever the case. */
function compareHeaders(context: Context, ours: DocumentedResponse, theirs: DocumentedResponse): void {
  const keyOf = ({ name }: ResponseHeader) => name.toLowerCase();
  const { pairs, gone, added } = matched(ours.headers, theirs.headers, keyOf);
  for (const _ of ours.headers) context.count();
  for (const [{ name, at }, their] of pairs) {
    const header = context.about(`header ${name}`);
    compareRequired(header, at, their.at);
    compareAnnouncements(header, at, their.at);
    compareSchemaMember(header, at, their.at);
  }
  for (const { name, at } of gone) {
    const judgement = at.flag("required")
      ? breaking("a client counts on it in every response")
      : compatible("a client does without it");
    const side = missing(theirs.at, "headers", name);
    context.report(`only ours: header ${name}`, used(at), side, judgeMissing(at, judgement));
  }
  for (const { name, at } of added) {
    const judgement = compatible("a client ignores what it does not know");
    context.report(`only theirs: header ${name}`, missing(ours.at, "headers", name), used(at), judgement);
  }
}
