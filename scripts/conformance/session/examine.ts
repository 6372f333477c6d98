/**
 * What an answer means for each check: its own case's expectation, and what the observing checks make of it.
 */
import type { Case } from "../cases/case.js";
import { isNegotiationStatus } from "../cases/negotiation.js";
import type { CheckName } from "../checks.js";
import type { Located } from "../contract/document.js";
import type { DocumentedResponse } from "../contract/operations.js";
import { type Answer, NoAnswer } from "../http/answer.js";
import { judge } from "../prism/judge.js";
import type { ShownSecrets } from "./shown-secrets.js";

/** A check that an answer does not pass. */
export interface Fault {
  readonly check: CheckName;
  readonly problem: string;
  readonly contract: readonly { readonly says: string; readonly at: Located }[];
}

/** What came of looking at one answer. */
export interface Examination {
  readonly judged: ReadonlySet<CheckName>;
  readonly faults: readonly Fault[];
  /** The documented response that the answer is an instance of. */
  readonly documented: DocumentedResponse | undefined;
}

/** Looks at one answer to a case, or at its absence. */
export function examine(each: Case, outcome: Answer | NoAnswer, secrets: ShownSecrets): Examination {
  if (outcome instanceof NoAnswer) return examineNoAnswer(each, outcome);
  const judged = new Set<CheckName>(["not_a_server_error"]);
  const faults: Fault[] = [];
  const asked = each.prefer === outcome.status;
  if (outcome.status >= 500 && !asked) {
    const contract = [{ says: "is the server's own failure, whatever the request", at: responsesOf(each) }];
    faults.push({ check: "not_a_server_error", problem: `answered ${outcome.status}`, contract });
  }
  if (each.expected !== undefined) {
    judged.add(each.check);
    if (!each.expected.accepts(outcome.status)) faults.push(expectationFault(each, outcome.status));
  }
  const observed = observe(each, outcome, secrets);
  for (const check of observed.judged) judged.add(check);
  return { judged, faults: [...faults, ...observed.faults], documented: observed.documented };
}

/** The expectation of a case that was not fulfilled. */
export function expectationFault({ check, expected }: Case, status: number): Fault {
  const hint = expected?.hint?.(status);
  const problem = `answered ${status} instead of ${expected?.words ?? "a documented status"}`;
  return { check, problem: hint === undefined ? problem : `${problem}. ${hint}`, contract: expected?.contract ?? [] };
}

function observe(each: Case, answer: Answer, secrets: ShownSecrets): Examination {
  const none: Examination = { judged: new Set(), faults: [], documented: undefined };
  // Behind another method there is no operation whose answers are documented.
  const judgement = each.method === undefined ? judge(each.operation, answer) : undefined;
  const documented = judgement?.documented;
  const leaks = secrets.inspect(documented, answer).map(faultOf);
  const tolerated = each.expected?.undocumented(answer.status) === true;
  const unjudged = documented === undefined && (tolerated || isNegotiationStatus(answer.status));
  if (judgement === undefined || unjudged) return { ...none, faults: leaks };
  return { judged: judgement.judged, faults: [...judgement.findings.map(faultOf), ...leaks], documented };
}

function faultOf({ check, problem, at }: { check: CheckName; problem: string; at: Located }): Fault {
  return { check, problem, contract: [{ says: summary(at), at }] };
}

function examineNoAnswer(each: Case, { message }: NoAnswer): Examination {
  const contract = [{ says: "gives every request an answer", at: responsesOf(each) }];
  const checks = new Set<CheckName>(["not_a_server_error"]);
  if (each.expected !== undefined) checks.add(each.check);
  const faults = [...checks].map((check) => ({ check, problem: `not answered: ${message}`, contract }));
  return { judged: checks, faults, documented: undefined };
}

function responsesOf({ operation }: Case): Located {
  return operation.at.get("responses") ?? operation.at;
}

/** What stands at a place, in a few words: a keyword with its value, an object by its names. */
function summary({ value, place }: Located): string {
  const key = place.pointer.split("/").at(-1) ?? "";
  if (typeof value !== "object" || value === null) return `${key}: ${JSON.stringify(value)}`;
  const names = Array.isArray(value) ? value.map(String) : Object.keys(value);
  return `${key}: ${names.join(", ")}`;
}
