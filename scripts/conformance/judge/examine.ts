/** What a response means for each check: its own case's expectation, and what the observing checks find in it. */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import type { Case } from "../cases/case.js";
import { isNegotiationStatus, methodsOf } from "../cases/refused.js";
import { type CheckName, type Fault, type Finding, inContract, inHttp, responsesOf, versionRule } from "../checks.js";
import type { HttpResponse } from "../http/exchange.js";
import type { Judge } from "./judge-response.js";
import type { Secrets } from "./secrets.js";

export interface Judges {
  readonly judge: Judge;
  readonly secrets: Secrets;
  /** Whether the server keeps state, by the operation that creates; absent as long as it is not known. */
  readonly stateful: ReadonlyMap<Operation, boolean>;
}

export function* examine(each: Case, response: HttpResponse, judges: Judges): Iterable<Finding> {
  const { check, expected, operation, method, prefer } = each;
  const { status, failure } = response;
  const checks: CheckName[] = ["not_a_server_error", ...(expected === undefined ? [] : [check])];
  yield* checks;
  if (failure !== undefined) {
    const basis = [inContract("gives every request a response", responsesOf(operation))];
    for (const name of checks) yield { check: name, problem: `no response: ${failure.message}`, basis };
    return;
  }
  // 501 says that a method is not known, which a server may say of any that the contract does not list.
  const isUnknownMethod = status === 501 && method !== undefined;
  if (status >= 500 && prefer !== status && !isUnknownMethod) {
    const basis = [inHttp("15.6", "is the server's own failure, whatever the request")];
    yield { check: "not_a_server_error", problem: `status ${status}`, basis };
  }
  if (expected?.accepts(status) === false) yield expectationFault(each, status);
  if (check === "unsupported_method") yield* judgeAllow(each, response);
  yield* observe(each, response, judges);
}

/** What also refuses because of who runs the check. */
const HINTED = [400, 403, 409, 422];

function expectationFault({ check, expected }: Case, status: number): Fault {
  const { words, hint = "", basis } = expected ?? { words: "a documented one", basis: [] };
  const problem = `status ${status} instead of ${words}`;
  return { check, problem: hint !== "" && HINTED.includes(status) ? `${problem}. ${hint}` : problem, basis };
}

/** A 405 names the methods that there are; OPTIONS may. */
function* judgeAllow(
  { check, operation, expected }: Case,
  { status, headers: { allow } }: HttpResponse,
): Iterable<Finding> {
  if (allow === undefined && status !== 405) return;
  const allowed = (allow ?? "").split(",").map((method) => method.trim().toUpperCase());
  const missing = methodsOf(operation).filter((method) => !allowed.includes(method));
  if (missing.length === 0) return;
  const problem = allow === undefined ? `status ${status} without Allow` : `Allow does not name ${missing.join(", ")}`;
  yield { check, problem, basis: expected?.basis ?? [] };
}

function* observe(each: Case, response: HttpResponse, { judge, secrets, stateful }: Judges): Iterable<Finding> {
  const { operation, expected, method } = each;
  const { status } = response;
  // Behind another method there is no operation whose responses are documented.
  const { documented, findings } = method === undefined ? judge(operation, response) : { findings: [] };
  const isAsDescribed = !findings.some(
    (found) => typeof found === "object" && "check" in found && found.check === "response_schema_conformance",
  );
  const isTolerated = expected?.undocumented?.(status) === true || isNegotiationStatus(status);
  const isJudged = documented !== undefined || (method === undefined && !isTolerated);
  if (isJudged) yield* findings;
  yield* secrets.inspect(each, documented, response, {
    stateful: stateful.get(operation) === true,
    // What should have been refused, or is not as the schema describes it, is another check's finding.
    isMeant: method === undefined && isAsDescribed && expected?.accepts(status) !== false,
  });
  if (isJudged) yield* judgeVersion(each, response);
}

/** A version that the contract lists, but not the one that the request asks for. */
function* judgeVersion({ operation, accept }: Case, { headers, text }: HttpResponse): Iterable<Finding> {
  const { listed = [], basis = [] } = versionRule(operation) ?? {};
  const given = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isListed = listed.some((name) => name.toLowerCase() === given);
  if (accept === undefined || text === "" || !isListed || !listed.includes(accept)) return;
  if (given === accept.toLowerCase()) return;
  const problem = "the response has another version than the one that Accept names";
  yield { check: "version_negotiation", problem, basis };
}
