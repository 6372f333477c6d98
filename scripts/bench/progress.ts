/**
 * The time that a part of the bench may take, and what it says meanwhile.
 */

export interface Budget {
  /**
   * Whether there is time for this round, if it takes as long as those before it did.
   *
   * @param least - So many rounds are made in any case.
   */
  allows(round: number, least: number): boolean;
  /** The same time, divided among several that follow each other. */
  split(parts: number): Budget;
  /** Says what is done now. */
  report(what: string): void;
}

/** @param err - Takes a line of progress. */
export function createBudget(part: string, seconds: number, err: (text: string) => void): Budget {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let untilFirstRound = 0;
  return {
    allows(round, least) {
      if (round === 1) untilFirstRound = elapsed();
      const each = (elapsed() - untilFirstRound) / Math.max(1, round - 1);
      return round <= least || elapsed() + each <= seconds;
    },
    split: (parts) => createBudget(part, seconds / parts, err),
    report: (what) => err(`bench: ${part}, ${elapsed().toFixed(0)} of ${seconds.toFixed(0)} s: ${what}`),
  };
}
