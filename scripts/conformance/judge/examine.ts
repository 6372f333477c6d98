/**
 * What a response means for each check: its own case's expectation, and what the observing checks find in it.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import type { DocumentedResponse } from "../../../contract-tests/contract/operations.js";
import type { Case } from "../cases/case.js";
import { isNegotiationStatus } from "../cases/negotiation.js";
import type { CheckName } from "../checks.js";
import { type HttpResponse, NoResponse } from "../http/exchange.js";
import type { Judge } from "./judge-response.js";
import type { ShownSecrets } from "./shown-secrets.js";

/** A check that a response does not pass. */
export interface Fault {
  readonly check: CheckName;
  readonly problem: string;
  readonly contract: readonly { readonly says: string; readonly at: Place }[];
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
  readonly secrets: ShownSecrets;
}

/** Looks at one response to a case, or at its absence. */
export function examine(each: Case, outcome: HttpResponse | NoResponse, judges: Judges): Examination {
  if (outcome instanceof NoResponse) return examineAbsence(each, outcome);
  const { status } = outcome;
  const judged = new Set<CheckName>(["not_a_server_error"]);
  const faults: Fault[] = [];
  if (status >= 500 && each.prefer !== status) {
    const contract = [{ says: "is the server's own failure, whatever the request", at: responsesOf(each) }];
    faults.push({ check: "not_a_server_error", problem: `status ${status}`, contract });
  }
  if (each.expected !== undefined) {
    judged.add(each.check);
    if (!each.expected.accepts(status)) faults.push(expectationFault(each, status));
  }
  const observed = observe(each, outcome, judges);
  for (const check of observed.judged) judged.add(check);
  return { judged, faults: [...faults, ...observed.faults], documented: observed.documented };
}

/** The expectation of a case that was not fulfilled. */
export function expectationFault({ check, expected }: Case, status: number): Fault {
  const hint = expected?.hint?.(status);
  const problem = `status ${status} instead of ${expected?.words ?? "a documented one"}`;
  return { check, problem: hint === undefined ? problem : `${problem}. ${hint}`, contract: expected?.contract ?? [] };
}

function observe(each: Case, response: HttpResponse, { judge, secrets }: Judges): Examination {
  // Behind another method there is no operation whose responses are documented.
  const judgement = each.method === undefined ? judge(each.operation, response) : undefined;
  const documented = judgement?.documented;
  const leaks = secrets.inspect(documented, response).map(faultOf);
  const tolerated = each.expected?.undocumented(response.status) === true;
  const unjudged = documented === undefined && (tolerated || isNegotiationStatus(response.status));
  if (judgement === undefined || unjudged) return { judged: new Set(), faults: leaks, documented: undefined };
  return { judged: judgement.judged, faults: [...judgement.findings.map(faultOf), ...leaks], documented };
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
