/**
 * Sends a case whose arguments are complete, takes note of what it created or deleted, and has its response examined.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Redactor, redactByForm } from "../../src/safe/redaction.js";
import { type Callable, type Case, isAuthorized, isRefusal, writeCase } from "./cases/case.js";
import type { CheckName, Fault } from "./checks.js";
import type { CreatedResource, CreatedResources, ResourceLink } from "./created-resources.js";
import { type HttpResponse, isSuccess } from "./http/exchange.js";
import type { Server } from "./http/server.js";
import { examine } from "./judge/examine.js";
import type { Judge } from "./judge/judge-response.js";
import type { Secrets } from "./judge/secrets.js";
import { curlLine, describeResponse } from "./output/evidence.js";
import { asBasis, type Verdicts } from "./report.js";
import type { Target } from "./target.js";

/** Everything that one run against one server keeps. */
export interface Run extends Target {
  readonly server: Server;
  readonly links: readonly ResourceLink[];
  readonly callables: Map<Operation, Callable>;
  readonly created: CreatedResources;
  /** Whether the server keeps state, by the operation that creates; absent as long as it is not known. */
  readonly stateful: Map<Operation, boolean>;
  /** Refused requests of which one may have deleted what it named; worked off by `examineSuspects`. */
  readonly suspects: { readonly creator: Operation; readonly refused: readonly Case[] }[];
  /** Cases that were sent before it was their turn. */
  readonly sent: Set<Case>;
  readonly verdicts: Verdicts;
  readonly judge: Judge;
  readonly secrets: Secrets;
  /** Masks the values that must not be shown, and nothing that only looks like one. */
  readonly mask: Redactor;
  /** How long a request that is refused may take to have an effect all the same, in milliseconds. */
  readonly settleMs: number;
  /** How many cases of one kind are sent. */
  readonly casesPerKind: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Is called with what is being done, in a few words. */
  readonly onProgress: (words: string) => void;
}

/** The checks whose requests are valid. */
const VALID: ReadonlySet<CheckName> = new Set(["positive_data_acceptance", "use_after_free", "secret_limit"]);

/** Whether a case may be applied by a server that does everything right. */
export function mayBeApplied(each: Case): boolean {
  return isAuthorized(each) && (each.expected === undefined || VALID.has(each.check));
}

/**
 * @param how - `uninterrupted`: it is sent even if the run is interrupted. `unexamined`: the request breaks
 * the contract, so that no response to it is wrong.
 * @throws CannotCheck; the signal's reason.
 */
export async function sendCase(
  run: Run,
  each: Case,
  { uninterrupted = false, unexamined = false } = {},
): Promise<HttpResponse> {
  const { operation, check, accept, identity, prefer } = each;
  const { operationId } = operation;
  const draft = writeCase(each);
  const headers: Record<string, string> = { ...draft.headers };
  if (accept !== undefined) headers["accept"] = accept;
  if (prefer !== undefined) headers["prefer"] = `code=${prefer}`;
  const send = (): Promise<HttpResponse> =>
    run.server.send(
      { ...draft, operationId, headers, identity, prefer },
      uninterrupted ? undefined : run.signal,
      (rateLimited) => examineResponse(run, { ...each, expected: undefined }, rateLimited),
    );
  const named = namedBy(run, each);
  const isThere = VALID.has(check) && isAuthorized(each) && !unexamined;
  let response: HttpResponse;
  let mayBeEarly: boolean;
  do {
    mayBeEarly = isThere && named !== undefined && isNew(run, named);
    response = await send();
    if (mayBeEarly && response.status === 404) await wait(run.settleMs);
  } while (mayBeEarly && response.status === 404);
  recordCreation(run, each, response);
  if (named !== undefined) recordDeletion(named, each, response);
  const isLimited = response.status === 429 && prefer !== 429;
  if (isLimited) run.verdicts.omit(operation, check, "the server limits the rate, and waiting does not help");
  if (!unexamined) examineResponse(run, isLimited ? { ...each, expected: undefined } : each, response);
  return response;
}

/** Has a response to a case examined, and reports what is wrong with it. */
export function examineResponse(run: Run, each: Case, response: HttpResponse): void {
  const { judged, faults, documented } = examine(each, response, run);
  for (const check of judged) run.verdicts.judged(each.operation, check);
  if (documented !== undefined) run.verdicts.shown(each.operation, documented.status);
  for (const fault of faults) reportFault(run, each, fault, response);
}

/** Reports a fault. */
export function reportFault({ verdicts, mask, server }: Run, each: Case, fault: Fault, response: HttpResponse): void {
  const basis = fault.contract.map(asBasis);
  const pointers = basis.map(({ pointer = "" }) => pointer);
  const foreign = (text: string): string => redactByForm(mask.redact(text));
  verdicts.fail(each.operation, `${fault.problem} ${pointers.join(" ")}`, {
    check: fault.check,
    title: mask.redact(each.title),
    problem: foreign(fault.problem),
    request: mask.redact(curlLine(response.sent, each.identity, server.usesDigest)),
    response: describeResponse(each.operation, response, foreign),
    basis,
  });
}

/** What was created and a case names. */
function namedBy({ links, created }: Run, { operation, parameters }: Case): CreatedResource | undefined {
  const link = links.find(({ user }) => user === operation);
  const id = link && parameters[link.parameter];
  return created.remaining().find((resource) => resource.id === id);
}

/** Whether something is so new that a server of several machines may not find it everywhere yet. */
function isNew({ settleMs }: Run, { since }: CreatedResource): boolean {
  return performance.now() - since < 3 * settleMs;
}

/** Whether a request may have been applied, its response being no success. */
function isUncertain({ status }: HttpResponse): boolean {
  return !isRefusal(status) || status === 408;
}

function recordDeletion(resource: CreatedResource, each: Case, response: HttpResponse): void {
  const { method } = response.sent;
  const isMeant = VALID.has(each.check);
  if (isRefusal(response.status) && !isMeant) resource.refused.push(each);
  else if (method === "GET" || method === "HEAD") return;
  // Success for a request that should have been refused may be a lie, and another method may delete too. A server that does
  // not obey `Prefer` takes the request for the valid one that it is.
  else if (isSuccess(response)) {
    const isDeletion = method === "DELETE" && (isMeant || each.prefer !== undefined);
    resource.state = isDeletion ? "gone" : "unclear";
  } else if (isUncertain(response)) resource.state = "unclear";
}

function recordCreation({ created }: Run, each: Case, response: HttpResponse): void {
  const { operation, parameters } = each;
  const { sent, status, failure } = response;
  if (!created.creates(operation) || ["GET", "HEAD", "DELETE"].includes(sent.method)) return;
  if (isSuccess(response)) {
    const isAdded = created.add(operation, parameters, response);
    if (!isAdded && each.method === undefined) created.lose(operation, `status ${status} without an id`);
  } else if (mayBeApplied(each)) {
    if (failure !== undefined && failure.reason !== "unreachable") created.lose(operation, failure.message);
    else if (isUncertain(response) && status !== each.prefer) created.lose(operation, `status ${status}`);
  }
}
