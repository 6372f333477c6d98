/** What all measurements have in common: how long they may take, turns drawn by lot, middle and spread, tables. */

export type Budget = ReturnType<typeof createBudget>;

/** @param err - Takes a line of progress. */
export function createBudget(part: string, seconds: number, err: (text: string) => void) {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let untilFirstRound = 0;
  return {
    /** Whether there is time for this round, if it takes as long as those before it; `least` are made in any case. */
    allows(round: number, least: number): boolean {
      if (round === 1) untilFirstRound = elapsed();
      const each = (elapsed() - untilFirstRound) / Math.max(1, round - 1);
      return round <= least || elapsed() + each <= seconds;
    },
    report: (what: string) => err(`bench: ${part}, ${elapsed().toFixed(0)} of ${seconds.toFixed(0)} s: ${what}`),
  };
}

/** @throws RangeError if there are no values */
export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

/** The median, and in parentheses the quartiles: half of all values lie between them. */
export function spreadOf(values: readonly number[], digits: number): string {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantileOf(values, share).toFixed(digits));
  return `${median} (${low}–${high})`;
}

/** Between two values, the straight line from the one to the other. */
function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError("there is nothing to take the middle of");
  return below + (above - below) * (position - Math.floor(position));
}

/** The same values in an order drawn anew, so that nobody always goes first. */
export function shuffled<Value>(values: readonly Value[]): Value[] {
  const drawn = values.map((value) => ({ value, key: Math.random() }));
  return drawn.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

type Row = Readonly<Record<string, string>>;

/** A table in Markdown, whose headings are the names in its rows; `notes` say what was measured and how to read it. */
export function table(title: string, notes: readonly string[], rows: readonly Row[]): string {
  const headings = Object.keys(rows[0] ?? {});
  const cells = [headings, ...rows.map((row) => headings.map((heading) => row[heading] ?? ""))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [head, ...lines] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [`## ${title}`, "", ...notes, "", head, rule, ...lines, ""].join("\n");
}
