/** What a run found, and how it is collected: what was judged, what failed and what was not shown. */
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Basis, basisOf, CHECKS, type CheckName, OBSERVING_CHECKS } from "./checks.js";

/**
 * `passed`: every response that the check had to judge was right. `not-provoked`: the server could not be made to show what
 * it judges. `not-applicable`: the contract gives it nothing to judge. `excluded`: it was not selected.
 */
export type Verdict = "passed" | "failed" | "not-provoked" | "not-applicable" | "excluded";

export interface Result {
  readonly operationId: string;
  readonly check: CheckName;
  readonly verdict: Verdict;
  readonly judged: number;
  /** Why it is neither passed nor failed. */
  readonly reason?: string | undefined;
  readonly basis: readonly Basis[];
}

/** One way in which the server does not do what the contract says. */
export interface Failure {
  readonly operationId: string;
  readonly check: CheckName;
  readonly title: string;
  readonly problem: string;
  /** The request as a line for a shell, its credentials masked. */
  readonly request: string;
  /** The response, bounded, its secrets masked; or why there was none. */
  readonly response: string;
  readonly basis: readonly Basis[];
  /** What was special about the other requests that failed in the same way. */
  readonly similar: readonly string[];
}

/** Something that was not shown, not tried, or left out on purpose. */
export interface Untried {
  readonly what: string;
  readonly reason: string;
}

interface Omission extends Untried {
  readonly operationId: string;
}

/** A secret, or whatever else was created, that is still there. */
export interface LeftOver {
  /** `undefined` if the response was lost or has no id. */
  readonly id: string | undefined;
  readonly operationId: string;
  readonly reason: string;
}

export interface Report {
  readonly target: string;
  readonly contract: string;
  readonly seed: number;
  readonly requests: number;
  readonly durationMs: number;
  readonly interrupted: boolean;
  /** Something passed, nothing failed, nothing is left over, and it ran to its end. */
  readonly conforms: boolean;
  readonly operations: readonly string[];
  readonly results: readonly Result[];
  readonly failures: readonly Failure[];
  /** Documented responses that the server did not show. */
  readonly notProvoked: readonly Omission[];
  /** Constraints and values that no request could be made for, or that were left out on purpose. */
  readonly notTried: readonly Omission[];
  readonly leftOver: readonly LeftOver[];
}

export function describeLeftOver({ id, reason }: LeftOver): string {
  return `${id ?? "(id unknown)"} (${reason})`;
}

/** What was not shown, not tried or not deleted, for people: what shares a reason is listed together. */
export function sectionsOf({ notProvoked, notTried, leftOver }: Report) {
  const left = leftOver.map(({ id, operationId, reason }) => ({ operationId, what: id ?? "(id unknown)", reason }));
  const sections = { "Not provoked": notProvoked, "Not tried": notTried, "Could not be deleted": left };
  return Object.entries(sections).flatMap(([title, list]) => {
    const groups = new Map<string, Untried>();
    for (const { operationId, what, reason } of list) {
      const key = `${operationId} ${reason}`;
      const group = groups.get(key);
      groups.set(key, { what: group ? `${group.what}, ${what}` : `${operationId}: ${what}`, reason });
    }
    return groups.size === 0 ? [] : [{ title, items: [...groups.values()] }];
  });
}

interface Tally {
  judged: number;
  readonly failures: Map<string, Failure>;
  /** Why requests of it were not sent or not judged. */
  readonly reasons: Set<string>;
}

export class Verdicts {
  readonly #tallies = new Map<string, Tally>();
  readonly #shown = new Set<string>();
  readonly #notTried: Omission[] = [];

  /** @param selects - Whether a check of an operation was selected; others are never judged. */
  constructor(readonly selects: (operation: Operation, check: CheckName) => boolean) {}

  /** Whether requests of these checks are judged by one that was selected: one of them, or one that observes. */
  needs(operation: Operation, ...checks: readonly CheckName[]): boolean {
    return [...OBSERVING_CHECKS, ...checks].some((check) => this.selects(operation, check));
  }

  /** One response was judged, and nothing was wrong with it unless `fail` says so too. */
  judged(operation: Operation, check: CheckName): void {
    this.#tally(operation, check).judged += 1;
  }

  /** @param kind - Failures of one check with the same text here are shown once. */
  fail(operation: Operation, kind: string, failure: Omit<Failure, "operationId" | "similar">): void {
    const { failures } = this.#tally(operation, failure.check);
    const earlier = failures.get(kind);
    const similar = earlier === undefined ? [] : [...new Set([...earlier.similar, failure.title])];
    failures.set(kind, { operationId: operation.operationId, ...(earlier ?? failure), similar });
  }

  /** A request of this check was not sent, or its response says nothing. */
  omit(operation: Operation, check: CheckName, reason: string): void {
    this.#tally(operation, check).reasons.add(reason);
  }

  /** No case could be made of something, or it was left out on purpose. */
  notTried({ operationId }: Operation, what: string, reason: string): void {
    this.#notTried.push({ operationId, what, reason });
  }

  shown({ operationId }: Operation, status: string): void {
    this.#shown.add(`${operationId} ${status}`);
  }

  /** @param whyNotShown - Why the server did not show documented responses. */
  findings(operations: readonly Operation[], whyNotShown: string) {
    const all = operations.flatMap((operation) => CHECKS.map((check) => this.#finding(operation, check)));
    const notShown = operations.flatMap(({ operationId, responses }) =>
      responses
        .filter(({ status }) => !this.#shown.has(`${operationId} ${status}`))
        .map(({ status }) => ({ operationId, what: `the documented ${status}`, reason: whyNotShown })),
    );
    return {
      results: all.map(({ result }) => result),
      failures: all.flatMap(({ failures }) => failures),
      notProvoked: [...notShown, ...all.flatMap(({ omissions }) => omissions)],
      notTried: this.#notTried.filter((each) => operations.some(({ operationId }) => operationId === each.operationId)),
    };
  }

  #finding(operation: Operation, check: CheckName) {
    const { operationId } = operation;
    const isSelected = this.selects(operation, check);
    const basis = basisOf(operation, check);
    const tally = this.#tally(operation, check);
    const failures = isSelected ? [...tally.failures.values()] : [];
    const reasons = isSelected ? [...tally.reasons] : [];
    const isShowable = isSelected && OBSERVING_CHECKS.includes(check) && basis.length > 0;
    if (isShowable && tally.judged + failures.length + reasons.length === 0) {
      reasons.push("no response showed what it judges");
    }
    const [reason] = reasons;
    let verdict: Verdict = reason === undefined ? "not-applicable" : "not-provoked";
    if (tally.judged > 0) verdict = "passed";
    if (failures.length > 0) verdict = "failed";
    if (!isSelected) verdict = "excluded";
    const why = verdict === "not-provoked" ? { reason } : {};
    const result: Result = { operationId, check, judged: tally.judged, basis, verdict, ...why };
    return { result, failures, omissions: reasons.map((each) => ({ operationId, what: check, reason: each })) };
  }

  #tally({ operationId }: Operation, check: CheckName): Tally {
    const key = `${operationId} ${check}`;
    const tally = this.#tallies.get(key) ?? { judged: 0, failures: new Map(), reasons: new Set() };
    this.#tallies.set(key, tally);
    return tally;
  }
}
