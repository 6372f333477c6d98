/**
 * A report for people.
 */
import { relative } from "node:path";
import { CHECKS } from "../checks.js";
import type { Failure, LeftOver, Omission, Report, Verdict } from "../report.js";

const MOST_SIMILAR = 3;
/** What stands for a verdict in a table. */
export const SIGNS: Readonly<Record<Verdict, string>> = {
  passed: "✓",
  failed: "✗",
  "not-provoked": "·",
  "not-applicable": "·",
  excluded: "·",
};
const GAP = 2;

/**
 * The table, then every failure, then what was not shown, not tried and not deleted, then one line that sums it up.
 *
 * @param width - Of the terminal, in characters.
 */
export function textOf(report: Report, width: number): string {
  const file = shortPath(report.contract);
  return [
    `${report.target} against ${file}, seed ${report.seed}`,
    tableOf(report, width),
    "✓ conforms   ✗ does not   · not provoked, not applicable or not selected",
    ...report.failures.map((failure) => failureText(failure, file)),
    omissionsText("Not provoked", report.notProvoked, width),
    omissionsText("Not tried", report.notTried, width),
    leftOverText(report.leftOver),
    conclusion(report),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** One column for each operation, as many side by side as fit. */
function tableOf({ operations, results }: Report, width: number): string {
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

function failureText(
  { check, operationId, title, problem, request, response, basis, similar }: Failure,
  file: string,
): string {
  const others = similar.slice(0, MOST_SIMILAR).join("; ");
  const more = similar.length > MOST_SIMILAR ? `; ${similar.length - MOST_SIMILAR} more` : "";
  return [
    `✗ ${check}  ${operationId}`,
    field("case", title),
    field("problem", problem),
    field("request", request),
    field("response", response),
    ...basis.flatMap(({ says, pointer, line, source = "", url = "" }) =>
      pointer === undefined
        ? [field("by", `${source}: ${says}`), field("", url)]
        : [field("contract", says), field("", `${file}:${line}  ${pointer}`)],
    ),
    ...(similar.length === 0 ? [] : [field("similar", `${others}${more}`)]),
  ].join("\n");
}

function field(name: string, value: string): string {
  const indent = " ".repeat(12);
  return `  ${name.padEnd(10)}${value.replaceAll("\n", `\n${indent}`)}`;
}

function omissionsText(title: string, list: readonly Omission[], width: number): string {
  if (list.length === 0) return "";
  const lines = byReason(list).map(
    ({ operationId, all, reason }) =>
      `${wrapped(`${operationId}: ${all.join(", ")}`, 2, width)}\n${wrapped(reason, 4, width)}`,
  );
  return [`${title}:`, ...lines].join("\n");
}

/** The same reason is said once, with all that it is the reason for. */
export function byReason(list: readonly Omission[]): readonly (Omission & { readonly all: readonly string[] })[] {
  const groups = new Map<string, Omission & { readonly all: string[] }>();
  for (const each of list) {
    const key = `${each.operationId} ${each.reason}`;
    const group = groups.get(key) ?? { ...each, all: [] };
    group.all.push(each.what);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function leftOverText(leftOver: readonly LeftOver[]): string {
  if (leftOver.length === 0) return "";
  const counts = new Map<string, number>();
  for (const { id, operationId, reason } of leftOver) {
    const line = `${id ?? "(id unknown)"}  created by ${operationId}: ${reason}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].map(([line, count]) => `  ${count === 1 ? "" : `${count} x `}${line}`);
  return ["Could not be deleted:", ...lines].join("\n");
}

/** One line that sums the report up. */
export function conclusion({ conforms, interrupted, results, requests, durationMs, leftOver }: Report): string {
  const count = (verdict: string): number => results.filter((result) => result.verdict === verdict).length;
  const judged = count("passed") + count("failed") > 0;
  const verdict = interrupted
    ? "Interrupted"
    : conforms
      ? "Conforms"
      : judged
        ? "Does not conform"
        : "Nothing was judged";
  const left = leftOver.length === 0 ? "" : `, ${leftOver.length} not deleted`;
  const work = `${requests} requests in ${(durationMs / 1000).toFixed(1)} s`;
  return `${verdict}: ${count("passed")} checks passed, ${count("failed")} failed${left}; ${work}`;
}

function wrapped(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width - indent) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => " ".repeat(indent) + line).join("\n");
}

/** Relative to where the check was started, if it is below. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || short === "" ? path : short;
}
