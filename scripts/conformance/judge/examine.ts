/**
 * What a response means for each check: its own case's expectation, and what the observing checks find in it.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import type { DocumentedResponse, Operation } from "../../../contract-tests/contract/operations.js";
import type { Case } from "../cases/case.js";
import { isNegotiationStatus, methodsOf } from "../cases/negotiation.js";
import { type CheckName, http, type Statement, versionRule } from "../checks.js";
import { type HttpResponse, NoResponse } from "../http/exchange.js";
import type { Judge } from "./judge-response.js";
import type { Secrets } from "./secrets.js";

/** A check that a response does not pass. */
export interface Fault {
  readonly check: CheckName;
  readonly problem: string;
  readonly contract: readonly Statement[];
}

/** What was found by looking at one response. */
export interface Examination {
  readonly judged: ReadonlySet<CheckName>;
  readonly faults: readonly Fault[];
  /** The documented response that it is an instance of. */
  readonly documented: DocumentedResponse | undefined;
}

/** What responses are judged by. */
interface Judges {
  readonly judge: Judge;
  readonly secrets: Secrets;
  /** Whether the server keeps state, by the operation that creates; absent as long as it is not known. */
  readonly stateful: ReadonlyMap<Operation, boolean>;
}

/** Looks at one response to a case, or at its absence. */
export function examine(each: Case, outcome: HttpResponse | NoResponse, judges: Judges): Examination {
  if (outcome instanceof NoResponse) return examineAbsence(each, outcome);
  const { status } = outcome;
  const judged = new Set<CheckName>(["not_a_server_error"]);
  const faults: Fault[] = [];
  // 501 says that a method is not known, which a server may say of any that the contract does not list.
  const isUnknownMethod = status === 501 && each.method !== undefined;
  if (status >= 500 && each.prefer !== status && !isUnknownMethod) {
    const contract = [{ says: "is the server's own failure, whatever the request", at: http("15.6") }];
    faults.push({ check: "not_a_server_error", problem: `status ${status}`, contract });
  }
  if (each.expected !== undefined) {
    judged.add(each.check);
    if (!each.expected.accepts(status)) faults.push(expectationFault(each, status));
    faults.push(...allowFaults(each, outcome));
  }
  const observed = observe(each, outcome, judges);
  for (const check of observed.judged) judged.add(check);
  return { judged, faults: [...faults, ...observed.faults], documented: observed.documented };
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
  // Behind another method there is no operation whose responses are documented.
  const judgement = each.method === undefined ? judge(each.operation, response) : undefined;
  const documented = judgement?.documented;
  const isAsDescribed = judgement?.findings.every(({ check }) => check !== "response_schema_conformance") === true;
  const ofSecrets = secrets.inspect(each, documented, response, {
    stateful: stateful.get(each.operation) === true,
    // What should have been refused, or is not as the schema describes it, is another check's finding.
    isMeant: isAsDescribed && each.expected?.accepts(response.status) !== false,
  });
  const tolerated = each.expected?.undocumented(response.status) === true;
  const unjudged = documented === undefined && (tolerated || isNegotiationStatus(response.status));
  if (judgement === undefined || unjudged) {
    return { judged: new Set(), faults: ofSecrets.faults, documented: undefined };
  }
  const version = wrongVersion(each, response);
  return {
    judged: new Set([...judgement.judged, ...ofSecrets.judged]),
    faults: [...judgement.findings.map(faultOf), ...ofSecrets.faults, ...version],
    documented,
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

function faultOf({ check, problem, at }: { check: CheckName; problem: string; at: Place }): Fault {
  return { check, problem, contract: [{ says: summary(at), at }] };
}

function examineAbsence(each: Case, { message }: NoResponse): Examination {
  const contract = [{ says: "gives every request a response", at: responsesOf(each) }];
  const judged = new Set<CheckName>(["not_a_server_error"]);
  if (each.expected !== undefined) judged.add(each.check);
  const faults = [...judged].map((check) => ({ check, problem: `no response: ${message}`, contract }));
  return { judged, faults, documented: undefined };
}

function responsesOf({ operation }: Case): Place {
  return operation.at.get("responses") ?? operation.at;
}

/** A place in a few words: a keyword with its value, an object by its names. */
function summary({ value, pointer }: Place): string {
  const key = pointer.split("/").at(-1) ?? "";
  if (typeof value !== "object" || value === null) return `${key}: ${JSON.stringify(value)}`;
  const names = Array.isArray(value) ? value.map(String) : Object.keys(value);
  return `${key}: ${names.join(", ")}`;
}
