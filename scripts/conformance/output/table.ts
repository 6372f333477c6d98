/**
 * Checks and operations as a table of ✓, ✗ and dots.
 */
import { CHECKS } from "../checks.js";
import type { Report, Verdict } from "../report.js";

const SIGNS: Readonly<Record<Verdict, string>> = {
  passed: "✓",
  failed: "✗",
  "not-provoked": "·",
  "not-applicable": "·",
  excluded: "·",
};
const GAP = 2;

/**
 * One column for each operation, as many side by side as fit.
 *
 * @param width - In characters.
 */
export function tableOf({ operations, results }: Report, width: number): string {
  const first = Math.max(...CHECKS.map(({ length }) => length)) + GAP;
  const blocks: string[] = [];
  let rest = [...operations];
  while (rest.length > 0) {
    const columns = fitting(rest, width - first);
    rest = rest.slice(columns.length);
    const line = (start: string, cells: readonly string[]): string =>
      [start.padEnd(first), ...cells.map((cell, index) => cell.padEnd((columns[index]?.length ?? 0) + GAP))]
        .join("")
        .trimEnd();
    const rows = CHECKS.map((check) =>
      line(
        check,
        columns.map((operationId) => {
          const result = results.find((each) => each.operationId === operationId && each.check === check);
          return SIGNS[result?.verdict ?? "excluded"];
        }),
      ),
    );
    blocks.push([line("", columns), ...rows].join("\n"));
  }
  return blocks.join("\n\n");
}

function fitting(operations: readonly string[], width: number): string[] {
  const columns: string[] = [];
  let used = 0;
  for (const operation of operations) {
    used += operation.length + GAP;
    if (columns.length > 0 && used > width) break;
    columns.push(operation);
  }
  return columns;
}
