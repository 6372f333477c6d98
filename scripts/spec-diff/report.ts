/** A comparison as text for people, as JSON for programs, and as annotations for GitHub. */
import type { ContractDocument } from "../../contract-tests/contract/document.js";
import { annotation } from "../command.js";
import type { Comparison } from "./compare.js";
import { type Difference, type Part, type Side, VERDICTS } from "./findings.js";

export function exitCodeOf({ differences }: Comparison): 0 | 1 {
  return differences.some(({ verdict }) => verdict === "breaking") ? 1 : 0;
}

/** The comparison as an object for `--json`; a side without a value has nothing there. */
export function toJson(comparison: Comparison): object {
  const { contract, official, compared, differences, theirPaths, ...more } = comparison;
  const side = (document: ContractDocument, { pointer, ...value }: Side) => {
    return { pointer, line: document.lineOf(pointer), ...value };
  };
  return {
    contract: contract.source,
    document: official.source,
    ...more,
    comparisons: compared,
    summary: Object.fromEntries(countsOf(comparison)),
    exitCode: exitCodeOf(comparison),
    differences: differences.map(({ ours, theirs, alsoTheirs, ...found }) => ({
      ...found,
      ours: side(contract, ours),
      // JSON leaves out what is undefined.
      theirs: { ...side(official, theirs), alsoAt: alsoTheirs.length > 0 ? alsoTheirs : undefined },
    })),
  };
}

/** The comparison as annotations, which GitHub shows beside the lines of the contract. */
export function toGitHub(comparison: Comparison): string {
  const { contract, official, differences } = comparison;
  const lines = differences.map(({ verdict, what, ours, theirs, why, sunset }) => {
    const level = verdict === "breaking" ? "error" : sunset === undefined ? "notice" : "warning";
    const place = { file: contract.source, line: contract.lineOf(ours.pointer), title: `${verdict}: ${what}` };
    const theirLine = `${official.source}, line ${official.lineOf(theirs.pointer)}`;
    const sides = `ours: ${valueText(ours)}, theirs: ${valueText(theirs)} (${theirLine})`;
    return printable(annotation(level, place, `${why}\n${sides}`));
  });
  return [...lines, summaryOf(comparison)].join("\n");
}

export function toText(comparison: Comparison): string {
  const { contract, official, theirPaths, isSdkDocument, differences } = comparison;
  const blocks = differences.flatMap((difference) => {
    const { verdict, what, places, why } = difference;
    const reason = why.replaceAll(/\s+/g, " ").match(/\S.{0,99}(?= |$)|\S+/g) ?? [];
    const sides = sideLines(difference, contract, official);
    const lines = [...sides, ...labelled("in", placeLines(places)), ...labelled("why", reason)];
    return [`${verdict}  ${printable(what)}`, ...lines.map(printable), ""];
  });
  return [
    `ours    ${contract.source}`,
    `theirs  ${official.source} (${counted(theirPaths, "path")}${isSdkDocument ? "; MongoDB's SDK document" : ""})`,
    "",
    ...blocks,
    summaryOf(comparison),
  ].join("\n");
}

/** Documents are text of others: what would move the cursor or colour the terminal is shown escaped. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((text, index) => `  ${(index === 0 ? label : "").padEnd(6)}  ${text}`.trimEnd());
}

const MAX_WIDTH = 120;

/** Value, line and pointer in columns, or the pointer below if it would be too far to the right. */
function sideLines({ ours, theirs, alsoTheirs }: Difference, contract: ContractDocument, official: ContractDocument) {
  const rowOf = (label: string, document: ContractDocument, value: string, pointer: string) => {
    return { label, value, line: `line ${document.lineOf(pointer)}`, pointer };
  };
  const rows = [
    rowOf("ours", contract, valueText(ours), ours.pointer),
    rowOf("theirs", official, valueText(theirs), theirs.pointer),
    ...alsoTheirs.map((pointer) => rowOf("", official, "", pointer)),
  ];
  const widthOf = (column: "value" | "line" | "pointer") => Math.max(...rows.map((each) => each[column].length));
  const isNarrow = widthOf("value") + widthOf("line") + widthOf("pointer") + 14 <= MAX_WIDTH;
  return rows.flatMap(({ label, value, line, pointer }) => {
    const place = `${line.padEnd(widthOf("line"))}  ${pointer}`;
    if (isNarrow) return labelled(label, [`${value.padEnd(widthOf("value"))}  ${place}`]);
    return labelled(label, label === "" ? [place] : [value, place]);
  });
}

const MAX_VALUE = 56;

function valueText(side: Side): string {
  if (!("value" in side)) return "(nothing)";
  const text = JSON.stringify(side.value) ?? "";
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

/** `response 400` and `response 404` of one operation are `responses 400, 404`. */
function placeLines(places: readonly Part[]): readonly string[] {
  return [...new Set(places.map(({ operation }) => operation))].map((operation) => {
    const parts = places.filter((place) => place.operation === operation).map(({ part }) => part);
    const statuses = parts.flatMap((part) => /^response (.*)/.exec(part)?.[1] ?? []);
    const others = parts.filter((part) => !part.startsWith("response "));
    if (statuses.length > 0) others.push(`response${statuses.length === 1 ? "" : "s"} ${statuses.join(", ")}`);
    return `${operation}: ${others.join(", ")}`;
  });
}

function summaryOf(comparison: Comparison): string {
  const { operations, compared, differences } = comparison;
  const looked = `${counted(operations.length, "operation")}, ${compared} comparisons`;
  if (differences.length === 0) return `${looked}: no difference`;
  const counts = countsOf(comparison).flatMap(([verdict, count]) => (count > 0 ? [`${count} ${verdict}`] : []));
  return `${looked}: ${counted(differences.length, "difference")} (${counts.join(", ")})`;
}

function countsOf({ differences }: Comparison) {
  return VERDICTS.map((verdict) => [verdict, differences.filter((each) => each.verdict === verdict).length] as const);
}

const counted = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
