/**
 * Sends a case whose arguments are complete, takes note of what it created or deleted, and reports what its response means for
 * each check.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Operation, versionIn } from "../../contract-tests/contract/operations.js";
import { writeRequest } from "../../contract-tests/contract/requests.js";
import { type Redactor, redactByForm } from "../../src/safe/redaction.js";
import { mediaTypeOf } from "../../src/testing/atlas/http.js";
import { isSuccess } from "../../src/transport/pipeline.js";
import { type Callable, type Case, isRefusal } from "./cases/case.js";
import { methodsOf } from "./cases/refused.js";
import { basisOf, type CheckName, type Fault, type Finding, successTypes } from "./checks.js";
import type { CreatedResource, CreatedResources, ResourceLink } from "./created-resources.js";
import type { HttpResponse } from "./http/exchange.js";
import { isGiven, type Server } from "./http/server.js";
import type { Judge } from "./judge/judge-response.js";
import type { Secrets } from "./judge/secrets.js";
import { curlLine, describeResponse } from "./output/text.js";
import type { Verdicts } from "./report.js";
import type { Target } from "./target.js";

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
  readonly casesPerKind: (check: CheckName) => number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (words: string) => void;
}

/** The checks whose requests are valid. */
const VALID: ReadonlySet<CheckName> = new Set(["positive_data_acceptance", "use_after_free", "secret_limit"]);

/** Whether a case may be applied by a server that does everything right. */
export function mayBeApplied(each: Case): boolean {
  return isGiven(each.identity) && (each.expected === undefined || VALID.has(each.check));
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
  const { operationId } = operation;
  const draft = writeRequest(operation, each, each.contentType);
  // Of a callable all parameters can be written, and what breaks a constraint is made so that it can be.
  if (draft === undefined) throw new Error(`${each.title}: a parameter's style is not known`);
  const { method = draft.method, rawBody: body = draft.body } = each;
  const headers = { ...draft.headers };
  if (accept !== undefined) headers["accept"] = accept;
  if (prefer !== undefined) headers["prefer"] = `code=${prefer}`;
  const request = { operationId, target: draft.target, method, headers, body, identity, prefer };
  const signal = uninterrupted ? undefined : run.signal;
  // Its own check does not judge a response that only limits the rate.
  const examineLimited = (limited: HttpResponse) => examineResponse(run, { ...each, expected: undefined }, limited);
  const values = Object.values(each.parameters);
  const named = run.created.remaining().find(({ id }) => values.includes(id));
  const isThere = VALID.has(check) && isGiven(each.identity) && !unexamined;
  let response: HttpResponse;
  for (;;) {
    // A server of several machines may not find everywhere yet what is new.
    const isNew = isThere && named !== undefined && performance.now() - named.since < 3 * run.settleMs;
    response = await run.server.send(request, signal, examineLimited);
    if (!isNew || response.status !== 404) break;
    await wait(run.settleMs);
  }
  recordCreation(run, each, response);
  if (named !== undefined) recordDeletion(named, each, response);
  const isLimited = response.status === 429 && prefer !== 429;
  if (isLimited) run.verdicts.omit(operation, check, "the server limits the rate, and waiting does not help");
  if (unexamined) return response;
  if (isLimited) examineLimited(response);
  else examineResponse(run, each, response);
  return response;
}

/** Whether a request may have been applied, its response being no success. */
const isUncertain = ({ status, failure }: HttpResponse): boolean =>
  failure?.reason !== "unreachable" && (!isRefusal(status) || status === 408);

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
  } else if (mayBeApplied(each) && isUncertain(response) && status !== each.prefer) {
    created.lose(operation, failure?.message ?? `status ${status}`);
  }
}

export function examineResponse(run: Run, each: Case, response: HttpResponse): void {
  for (const found of new Set(examine(run, each, response))) {
    if (typeof found === "string") run.verdicts.judged(each.operation, found);
    else if ("shown" in found) run.verdicts.shown(each.operation, found.shown);
    else reportFault(run, each, response, found);
  }
}

/** Reports a fault, by default one that the case's own check is for. */
export function reportFault(
  { verdicts, mask, credentials }: Run,
  { operation, title, identity, ...each }: Case,
  response: HttpResponse,
  { problem, check = each.check, basis = basisOf(operation, check) }: Partial<Fault> & Pick<Fault, "problem">,
): void {
  const foreign = (text: string): string => redactByForm(mask.redact(text));
  const pointers = basis.map(({ pointer = "" }) => pointer);
  verdicts.fail(operation, `${problem} ${pointers.join(" ")}`, {
    check,
    title: mask.redact(title),
    problem: foreign(problem),
    request: mask.redact(curlLine(response.sent, identity, credentials.publicKey !== undefined)),
    response: describeResponse(operation, response, foreign),
    basis,
  });
}

/** What also refuses because of who runs the check. */
const HINTED = [400, 403, 409, 422];

/** The expectation of the response's own case, and what the observing checks find in it. */
function* examine(run: Run, each: Case, response: HttpResponse): Iterable<Finding> {
  const { check, expected, operation, method, prefer } = each;
  const { status, failure } = response;
  const checks: CheckName[] = ["not_a_server_error", ...(expected === undefined ? [] : [check])];
  yield* checks;
  if (failure !== undefined) {
    const basis = basisOf(operation, "status_code_conformance");
    for (const name of checks) yield { check: name, problem: `no response: ${failure.message}`, basis };
    return;
  }
  // 501 says that a method is not known, which a server may say of any that the contract does not list.
  const isUnknownMethod = status === 501 && method !== undefined;
  if (status >= 500 && prefer !== status && !isUnknownMethod) {
    yield { check: "not_a_server_error", problem: `status ${status}` };
  }
  if (expected?.accepts(status) === false) {
    const { words, hint = "", basis } = expected;
    const ending = hint !== "" && HINTED.includes(status) ? `. ${hint}` : "";
    yield { check, problem: `status ${status} instead of ${words}${ending}`, basis };
  }
  if (check === "unsupported_method") yield* allowFaults(each, response);
  yield* observe(run, each, response);
}

/** A 405 names the methods that there are; OPTIONS may. */
function* allowFaults({ check, operation }: Case, { status, headers: { allow } }: HttpResponse): Iterable<Finding> {
  if (allow === undefined && status !== 405) return;
  const allowed = (allow ?? "").split(",").map((method) => method.trim().toUpperCase());
  const missing = methodsOf(operation).filter((method) => !allowed.includes(method));
  if (missing.length === 0) return;
  yield {
    check,
    problem: allow === undefined ? `status ${status} without Allow` : `Allow does not name ${missing.join(", ")}`,
  };
}

/** Statuses that no operation documents: only their own checks judge them. */
const NEGOTIATION = [405, 406, 415];

function* observe({ judge, secrets, stateful }: Run, each: Case, response: HttpResponse): Iterable<Finding> {
  const { operation, expected, method } = each;
  const { status } = response;
  // Behind another method there is no operation whose responses are documented.
  const { documented, findings } = method === undefined ? judge(operation, response) : { findings: [] };
  const isAsDescribed = !findings.some(
    (found) => typeof found === "object" && "check" in found && found.check === "response_schema_conformance",
  );
  const isTolerated = expected?.undocumented?.(status) === true || NEGOTIATION.includes(status);
  const isJudged = documented !== undefined || (method === undefined && !isTolerated);
  if (isJudged) yield* findings;
  yield* secrets.inspect(each, documented, response, {
    stateful: stateful.get(operation) === true,
    // What should have been refused, or is not as the schema describes it, is another check's finding.
    isMeant: method === undefined && isAsDescribed && expected?.accepts(status) !== false,
  });
  if (isJudged) yield* versionFaults(each, response);
}

/** A version that the contract lists, but not the one that the request asks for. */
function* versionFaults({ operation, accept = "" }: Case, { headers, text }: HttpResponse): Iterable<Finding> {
  const given = mediaTypeOf(headers["content-type"]);
  const listed = successTypes(operation).map(({ name }) => name);
  const isListed = listed.includes(accept) && listed.some((name) => name.toLowerCase() === given);
  if (text === "" || !isListed || given === accept.toLowerCase() || !listed.some(versionIn)) return;
  yield { check: "version_negotiation", problem: "the response has another version than the one that Accept names" };
}
