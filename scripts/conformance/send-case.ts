/**
 * Sends a case whose arguments are complete, takes note of what it created or deleted, and has its response examined.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Redactor, redactByForm } from "../../src/safe/redaction.js";
import { type Callable, type Case, isAuthorized, isRefusal, writeCase } from "./cases/case.js";
import { basisOf, type CheckName, type Fault } from "./checks.js";
import type { CreatedResource, CreatedResources, ResourceLink } from "./created-resources.js";
import { type HttpResponse, isSuccess } from "./http/exchange.js";
import type { Server } from "./http/server.js";
import { examine, type Judges } from "./judge/examine.js";
import { curlLine, describeResponse } from "./output/evidence.js";
import type { Verdicts } from "./report.js";
import type { Target } from "./target.js";

export interface Run extends Target, Judges {
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
  /** Masks the values that must not be shown, and nothing that only looks like one. */
  readonly mask: Redactor;
  /** How long a request that is refused may take to have an effect all the same, in milliseconds. */
  readonly settleMs: number;
  readonly casesPerKind: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (words: string) => void;
}

/** The checks whose requests are valid. */
const VALID: ReadonlySet<CheckName> = new Set(["positive_data_acceptance", "use_after_free", "secret_limit"]);

/** Whether a case may be applied by a server that does everything right. */
export function mayBeApplied(each: Case): boolean {
  return isAuthorized(each) && (each.expected === undefined || VALID.has(each.check));
}

/**
 * @param how - `uninterrupted`: it is sent even if the run is interrupted. `unexamined`: the request breaks the contract, so
 * that no response to it is wrong.
 * @throws CannotCheck; the signal's reason.
 */
export async function sendCase(
  run: Run,
  each: Case,
  { uninterrupted = false, unexamined = false } = {},
): Promise<HttpResponse> {
  const { operation, check, accept, identity, prefer } = each;
  const draft = writeCase(each);
  const headers = {
    ...draft.headers,
    ...(accept === undefined ? {} : { accept }),
    ...(prefer === undefined ? {} : { prefer: `code=${prefer}` }),
  };
  const request = { ...draft, operationId: operation.operationId, headers, identity, prefer };
  // Its own check does not judge a response that only limits the rate.
  const examineLimited = (limited: HttpResponse): void =>
    examineResponse(run, { ...each, expected: undefined }, limited);
  const named = namedBy(run, each);
  const isThere = VALID.has(check) && isAuthorized(each) && !unexamined;
  let response: HttpResponse;
  let isEarly: boolean;
  do {
    // A server of several machines may not find everywhere yet what is new.
    const isNew = isThere && named !== undefined && performance.now() - named.since < 3 * run.settleMs;
    response = await run.server.send(request, uninterrupted ? undefined : run.signal, examineLimited);
    isEarly = isNew && response.status === 404;
    if (isEarly) await wait(run.settleMs);
  } while (isEarly);
  recordCreation(run, each, response);
  if (named !== undefined) recordDeletion(named, each, response);
  const isLimited = response.status === 429 && prefer !== 429;
  if (isLimited) run.verdicts.omit(operation, check, "the server limits the rate, and waiting does not help");
  if (unexamined) return response;
  if (isLimited) examineLimited(response);
  else examineResponse(run, each, response);
  return response;
}

export function examineResponse(run: Run, each: Case, response: HttpResponse): void {
  for (const found of new Set(examine(each, response, run))) {
    if (typeof found === "string") run.verdicts.judged(each.operation, found);
    else if ("shown" in found) run.verdicts.shown(each.operation, found.shown);
    else reportFault(run, each, response, found);
  }
}

/** Reports a fault, by default one that the case's own check is for. */
export function reportFault(
  { verdicts, mask, server }: Run,
  each: Case,
  response: HttpResponse,
  { problem, check = each.check, basis = basisOf(each.operation, check) }: Pick<Fault, "problem"> & Partial<Fault>,
): void {
  const foreign = (text: string): string => redactByForm(mask.redact(text));
  const pointers = basis.map(({ pointer = "" }) => pointer);
  verdicts.fail(each.operation, `${problem} ${pointers.join(" ")}`, {
    check,
    title: mask.redact(each.title),
    problem: foreign(problem),
    request: mask.redact(curlLine(response.sent, each.identity, server.usesDigest)),
    response: describeResponse(each.operation, response, foreign),
    basis,
  });
}

function namedBy({ links, created }: Run, { operation, parameters }: Case): CreatedResource | undefined {
  const link = links.find(({ user }) => user === operation);
  const id = link && parameters[link.parameter];
  return created.remaining().find((resource) => resource.id === id);
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
