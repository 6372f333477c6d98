/** What a run found, and how it is collected: what was judged, what failed and what was not shown. */
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Basis, basisOf, CHECKS, type CheckName, OBSERVING_CHECKS } from "./checks.js";

/**
 * `passed`: every response that the check had to judge was right. `not-provoked`: the server could not be made to show what
 * it judges. `not-applicable`: the contract gives it nothing to judge. `excluded`: it was not selected.
 */
export type Verdict = "passed" | "failed" | "not-provoked" | "not-applicable" | "excluded";

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

export type Report = ReturnType<Verdicts["report"]>;
export type Result = Report["results"][number];

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

const newTally = () => ({
  judged: 0,
  failures: new Map<string, Failure>(),
  /** Why requests of it were not sent or not judged. */
  reasons: new Set<string>(),
});

export class Verdicts {
  readonly #tallies = new Map<string, ReturnType<typeof newTally>>();
  readonly #shown = new Set<string>();
  readonly #notTried: Omission[] = [];

  /** @param selects - Whether a check of an operation was selected; others are never judged. */
  constructor(readonly selects: (operation: Operation, check: CheckName) => boolean) {}

  /** Whether requests of these checks are judged by one that was selected: one of them, or one that observes. */
  needs(operation: Operation, ...checks: readonly CheckName[]): boolean {
    return [...OBSERVING_CHECKS, ...checks].some((check) => this.selects(operation, check));
  }

  /** One response was judged; nothing was wrong with it, unless `fail` says so too. */
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

  report(
    operations: readonly Operation[],
    whyNotShown: string,
    about: {
      readonly target: string;
      readonly contract: string;
      readonly seed: number;
      readonly requests: number;
      readonly durationMs: number;
      readonly interrupted: boolean;
      readonly leftOver: readonly LeftOver[];
    },
  ) {
    const results = [];
    const failures: Failure[] = [];
    const notProvoked: Omission[] = [];
    for (const operation of operations) {
      const { operationId, responses } = operation;
      const unseen = responses.filter(({ status }) => !this.#shown.has(`${operationId} ${status}`));
      notProvoked.push(
        ...unseen.map(({ status }) => ({ operationId, what: `the documented ${status}`, reason: whyNotShown })),
      );
      for (const check of CHECKS) {
        const basis = basisOf(operation, check);
        const isSelected = this.selects(operation, check);
        const { judged, failures: found, reasons } = isSelected ? this.#tally(operation, check) : newTally();
        const isUnseen = isSelected && judged + found.size + reasons.size === 0;
        if (isUnseen && OBSERVING_CHECKS.includes(check) && basis.length > 0)
          reasons.add("no response showed what it judges");
        let verdict: Verdict = reasons.size === 0 ? "not-applicable" : "not-provoked";
        if (judged > 0) verdict = "passed";
        if (found.size > 0) verdict = "failed";
        if (!isSelected) verdict = "excluded";
        /** Why it is neither passed nor failed. */
        const reason = verdict === "not-provoked" ? [...reasons][0] : undefined;
        results.push({ operationId, check, verdict, judged, reason, basis });
        failures.push(...found.values());
        notProvoked.push(...[...reasons].map((each) => ({ operationId, what: check, reason: each })));
      }
    }
    const ids = operations.map(({ operationId }) => operationId);
    const isPassed = results.some(({ verdict }) => verdict === "passed");
    return {
      ...about,
      /** Something passed, nothing failed, nothing is left over, and it ran to its end. */
      conforms: isPassed && failures.length + about.leftOver.length === 0 && !about.interrupted,
      operations: ids,
      results,
      failures,
      /** Documented responses that the server did not show, and checks that it gave nothing to judge. */
      notProvoked,
      /** Constraints and values that no request could be made for, or that were left out on purpose. */
      notTried: this.#notTried.filter(({ operationId }) => ids.includes(operationId)),
    };
  }

  #tally({ operationId }: Operation, check: CheckName): ReturnType<typeof newTally> {
    const key = `${operationId} ${check}`;
    const tally = this.#tallies.get(key) ?? newTally();
    this.#tallies.set(key, tally);
    return tally;
  }
}
