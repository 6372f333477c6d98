/**
 * The middle and the spread of measurements, and the tables in which they are shown.
 */

/** Half of all values lie from `low` to `high`: the first and the third quartile. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @throws RangeError if there are no values */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

export function medianOf(values: readonly number[]): number {
  return spreadOf(values).median;
}

/** Between two values, the straight line from the one to the other. */
function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError("there is nothing to take the middle of");
  return below + (above - below) * (position - Math.floor(position));
}

/** The same values in an order drawn anew, so that nobody always goes first. */
export function shuffled<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** Text, a number, or a median with its quartiles. */
export type Cell = string | number | Spread;

export interface Column {
  /** Of the member of a row. */
  readonly key: string;
  readonly heading: string;
  /** Digits behind the decimal point. */
  readonly digits?: number;
}

export interface Table {
  readonly title: string;
  /** What was measured and how to read it. */
  readonly notes: readonly string[];
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

/** For people: aligned columns, numbers to the right. */
export function format({ title, notes, columns, rows }: Table): string {
  const cells = rows.map((row) => columns.map(({ key, digits = 0 }) => show(row[key], digits)));
  const widths = columns.map(({ heading }, index) =>
    Math.max(heading.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const isText = columns.map(({ key }) => rows.every((row) => typeof row[key] === "string"));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => (isText[index] ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0)))
      .join("  ")
      .trimEnd();
  return [
    `## ${title}`,
    ...notes,
    "",
    line(columns.map(({ heading }) => heading)),
    line(widths.map((width) => "-".repeat(width))),
    ...cells.map(line),
    "",
  ].join("\n");
}

function show(cell: Cell | undefined, digits: number): string {
  if (cell === undefined) return "";
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return cell.toFixed(digits);
  const { median, low, high } = cell;
  return `${median.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}
