/**
 * Collects what was judged, what failed and what was not shown.
 */
import { CHECKS, type CheckName } from "../checks.js";
import type { Operation } from "../contract/operations.js";
import type { Failure, Omission, Result, Verdict } from "../report.js";

interface Tally {
  judged: number;
  failed: number;
  /** Why requests of it were not sent or not judged. */
  readonly reasons: Set<string>;
}

/** The state of all checks of all operations. */
export class Verdicts {
  readonly #selected: (operation: Operation, check: CheckName) => boolean;
  readonly #tallies = new Map<string, Tally>();
  readonly #failures = new Map<string, Failure>();
  readonly #seen = new Set<string>();

  /** @param selected - Whether a check of an operation was asked for; others are never judged. */
  constructor(selected: (operation: Operation, check: CheckName) => boolean) {
    this.#selected = selected;
  }

  selects(operation: Operation, check: CheckName): boolean {
    return this.#selected(operation, check);
  }

  /** Whether any check of an operation was asked for. */
  selectsAny(operation: Operation): boolean {
    return CHECKS.some((check) => this.#selected(operation, check));
  }

  /** One answer was judged, and nothing was wrong with it unless `fail` says so too. */
  judged(operation: Operation, check: CheckName): void {
    this.#tally(operation, check).judged += 1;
  }

  /** @param likeness - Failures of one check with the same text here are shown once. */
  fail(operation: Operation, likeness: string, failure: Omit<Failure, "operationId" | "alike">): void {
    if (!this.#selected(operation, failure.check)) return;
    this.#tally(operation, failure.check).failed += 1;
    const key = `${operation.operationId} ${failure.check} ${likeness}`;
    const earlier = this.#failures.get(key);
    const { operationId } = operation;
    const merged = earlier && { ...earlier, alike: [...new Set([...earlier.alike, failure.title])] };
    this.#failures.set(key, merged ?? { operationId, ...failure, alike: [] });
  }

  /** A request of this check was not sent, or its answer says nothing. */
  omitted(operation: Operation, check: CheckName, reason: string): void {
    this.#tally(operation, check).reasons.add(reason);
  }

  /** A documented answer was shown. */
  shown(operation: Operation, status: string): void {
    this.#seen.add(`${operation.operationId} ${status}`);
  }

  get failures(): Failure[] {
    return [...this.#failures.values()];
  }

  /** Documented answers that were not shown. */
  notShown(operations: readonly Operation[], reason: string): Omission[] {
    return operations.flatMap(({ operationId, responses }) =>
      responses
        .filter(({ status }) => !this.#seen.has(`${operationId} ${status}`))
        .map(({ status }) => ({ operationId, what: `the documented ${status}`, reason })),
    );
  }

  /** Requests that were left out although their check was asked for. */
  omissions(operations: readonly Operation[]): Omission[] {
    return operations.flatMap((operation) =>
      CHECKS.filter((check) => this.#selected(operation, check)).flatMap((check) =>
        [...this.#tally(operation, check).reasons].map((reason) => ({
          operationId: operation.operationId,
          what: check,
          reason,
        })),
      ),
    );
  }

  results(operations: readonly Operation[]): Result[] {
    return operations.flatMap((operation) => CHECKS.map((check) => this.#result(operation, check)));
  }

  #result(operation: Operation, check: CheckName): Result {
    const { operationId } = operation;
    const { judged, failed, reasons } = this.#tally(operation, check);
    const result = (verdict: Verdict, reason?: string): Result =>
      reason === undefined ? { operationId, check, verdict, judged } : { operationId, check, verdict, judged, reason };
    if (!this.#selected(operation, check)) return result("excluded");
    if (failed > 0) return result("failed");
    if (judged > 0) return result("passed");
    const [reason] = reasons;
    return reason === undefined ? result("not-applicable") : result("not-provoked", reason);
  }

  #tally(operation: Operation, check: CheckName): Tally {
    const key = `${operation.operationId} ${check}`;
    const tally = this.#tallies.get(key) ?? { judged: 0, failed: 0, reasons: new Set<string>() };
    this.#tallies.set(key, tally);
    return tally;
  }
}
