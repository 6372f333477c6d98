/**
 * What a response means for each check: its own case's expectation, and what the observing checks find in it.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import type { Case } from "../cases/case.js";
import { isNegotiationStatus, methodsOf } from "../cases/refused.js";
import { type CheckName, type Examination, type Fault, http, versionRule } from "../checks.js";
import type { HttpResponse } from "../http/exchange.js";
import type { Judge } from "./judge-response.js";
import type { Secrets } from "./secrets.js";

/** What responses are judged by. */
interface Judges {
  readonly judge: Judge;
  readonly secrets: Secrets;
  /** Whether the server keeps state, by the operation that creates; absent as long as it is not known. */
  readonly stateful: ReadonlyMap<Operation, boolean>;
}

/** Looks at one response to a case, or at its absence. */
export function examine(each: Case, response: HttpResponse, judges: Judges): Examination {
  const { check, expected, operation } = each;
  const { status, failure } = response;
  const judged = new Set<CheckName>(["not_a_server_error"]);
  if (expected !== undefined) judged.add(check);
  if (failure !== undefined) {
    const at = operation.at.get("responses") ?? operation.at;
    const contract = [{ says: "gives every request a response", at }];
    const problem = `no response: ${failure.message}`;
    return { judged, faults: [...judged].map((each) => ({ check: each, problem, contract })) };
  }
  const faults: Fault[] = [];
  // 501 says that a method is not known, which a server may say of any that the contract does not list.
  const isUnknownMethod = status === 501 && each.method !== undefined;
  if (status >= 500 && each.prefer !== status && !isUnknownMethod) {
    const contract = [{ says: "is the server's own failure, whatever the request", at: http("15.6") }];
    faults.push({ check: "not_a_server_error", problem: `status ${status}`, contract });
  }
  if (expected?.accepts(status) === false) faults.push(expectationFault(each, status));
  if (expected !== undefined) faults.push(...allowFaults(each, response));
  const observed = observe(each, response, judges);
  return { ...observed, judged: new Set([...judged, ...observed.judged]), faults: [...faults, ...observed.faults] };
}

/** A 405 names the methods that there are; OPTIONS may. */
function allowFaults({ check, operation, expected }: Case, { status, headers }: HttpResponse): Fault[] {
  const { allow } = headers;
  if (check !== "unsupported_method" || (allow === undefined && status !== 405)) return [];
  const allowed = (allow ?? "").split(",").map((method) => method.trim().toUpperCase());
  const missing = methodsOf(operation).filter((method) => !allowed.includes(method));
  if (missing.length === 0) return [];
  const problem = allow === undefined ? `status ${status} without Allow` : `Allow does not name ${missing.join(", ")}`;
  return [{ check, problem, contract: expected?.contract ?? [] }];
}

/** The expectation of a case that was not fulfilled. */
export function expectationFault({ check, expected }: Case, status: number): Fault {
  const hint = expected?.hint?.(status);
  const problem = `status ${status} instead of ${expected?.words ?? "a documented one"}`;
  return { check, problem: hint === undefined ? problem : `${problem}. ${hint}`, contract: expected?.contract ?? [] };
}

function observe(each: Case, response: HttpResponse, { judge, secrets, stateful }: Judges): Examination {
  const { operation, expected, method } = each;
  const { status } = response;
  // Behind another method there is no operation whose responses are documented.
  const judgement = method === undefined ? judge(operation, response) : undefined;
  const isAsDescribed = judgement?.faults.every(({ check }) => check !== "response_schema_conformance") === true;
  const ofSecrets = secrets.inspect(each, judgement?.documented, response, {
    stateful: stateful.get(operation) === true,
    // What should have been refused, or is not as the schema describes it, is another check's finding.
    isMeant: isAsDescribed && expected?.accepts(status) !== false,
  });
  const tolerated = expected?.undocumented?.(status) === true || isNegotiationStatus(status);
  if (judgement === undefined || (judgement.documented === undefined && tolerated)) {
    return { judged: new Set(), faults: ofSecrets.faults };
  }
  return {
    ...judgement,
    judged: new Set([...judgement.judged, ...ofSecrets.judged]),
    faults: [...judgement.faults, ...ofSecrets.faults, ...wrongVersion(each, response)],
  };
}

/** A version that the contract lists, but not the one that the request asks for. */
function wrongVersion({ operation, accept }: Case, response: HttpResponse): Fault[] {
  const rule = versionRule(operation);
  const given = response.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isListed = rule?.listed.some((name) => name.toLowerCase() === given) === true;
  if (rule === undefined || accept === undefined || response.text === "") return [];
  if (!isListed || !rule.listed.includes(accept) || given === accept.toLowerCase()) return [];
  const problem = "the response has another version than the one that Accept names";
  return [{ check: "version_negotiation", problem, contract: rule.basis }];
}
