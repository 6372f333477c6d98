/**
 * What a part of the bench reports, and how it is shown.
 */
import type { Spread } from "./statistics.js";

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
