/**
 * A report for people.
 */
import { relative } from "node:path";
import type { Failure, LeftOver, Omission, Report } from "../report.js";
import { tableOf } from "./table.js";

/** How it is written. */
export interface TextOptions {
  /** Of the terminal, in characters. */
  readonly width: number;
}

const MOST_ALIKE = 3;

/** The table, then every failure, then what was not shown, not tried and not deleted, then one line that sums it up. */
export function textOf(report: Report, { width }: TextOptions): string {
  const file = shortPath(report.contract);
  return [
    `${report.target} against ${file}, seed ${report.seed}`,
    tableOf(report, width),
    "✓ conforms   ✗ does not   · not provoked, not applicable or not asked for",
    ...report.failures.map((failure) => failureText(failure, file)),
    omissions("Not provoked", report.notProvoked, width),
    omissions("Not tried", report.notTried, width),
    leftOverText(report.leftOver),
    conclusion(report),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function failureText(
  { check, operationId, title, problem, curl, came, contract, alike }: Failure,
  file: string,
): string {
  const others = alike.slice(0, MOST_ALIKE).join("; ");
  const more = alike.length > MOST_ALIKE ? `; ${alike.length - MOST_ALIKE} more` : "";
  return [
    `✗ ${check}  ${operationId}`,
    field("case", title),
    field("problem", problem),
    field("sent", curl),
    field("came", came),
    ...contract.flatMap(({ says, pointer, line }) => [
      field("contract", says),
      field("", `${file}:${line}  ${pointer}`),
    ]),
    ...(alike.length === 0 ? [] : [field("alike", `${others}${more}`)]),
  ].join("\n");
}

function field(name: string, value: string): string {
  const indent = " ".repeat(12);
  return `  ${name.padEnd(10)}${value.replaceAll("\n", `\n${indent}`)}`;
}

function omissions(title: string, list: readonly Omission[], width: number): string {
  if (list.length === 0) return "";
  // The same reason is said once, with all that it is the reason for.
  const groups = new Map<string, Omission & { readonly all: string[] }>();
  for (const each of list) {
    const key = `${each.operationId} ${each.reason}`;
    const group = groups.get(key) ?? { ...each, all: [] };
    group.all.push(each.what);
    groups.set(key, group);
  }
  const lines = [...groups.values()].map(
    ({ operationId, all, reason }) =>
      `${wrapped(`${operationId}: ${all.join(", ")}`, 2, width)}\n${wrapped(reason, 4, width)}`,
  );
  return [`${title}:`, ...lines].join("\n");
}

function leftOverText(leftOver: readonly LeftOver[]): string {
  if (leftOver.length === 0) return "";
  const counts = new Map<string, number>();
  for (const { id, operationId, reason } of leftOver) {
    const line = `${id ?? "(id unknown)"}  made by ${operationId}: ${reason}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].map(([line, count]) => `  ${count === 1 ? "" : `${count} x `}${line}`);
  return ["Could not be deleted:", ...lines].join("\n");
}

function conclusion({ conforms, interrupted, results, requests, durationMs, leftOver }: Report): string {
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
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || short === "" ? path : short;
}
