/**
 * A comparison as text for people, as JSON for programs, and as annotations for GitHub.
 */
import { styleText } from "node:util";
import type { ContractDocument } from "../../contract-tests/contract/document.js";
import type { Comparison } from "./compare.js";
import type { Difference, Part, Side } from "./findings.js";
import { VERDICTS, type Verdict } from "./verdict.js";

/** The two documents of a comparison. */
export interface Documents {
  readonly contract: ContractDocument;
  readonly official: ContractDocument;
}

/** 1 as soon as something is breaking: everything else has its reason, or needs none. */
export function exitCodeOf({ differences }: Comparison): 0 | 1 {
  return differences.some(({ verdict }) => verdict === "breaking") ? 1 : 0;
}

/** The comparison as an object for `--json`; a side without a value has nothing there. */
export function toJson(comparison: Comparison, documents: Documents): object {
  const side = (document: ContractDocument, { pointer, ...rest }: Side) => ({
    pointer,
    line: document.lineOf(pointer),
    ...rest,
  });
  return {
    contract: documents.contract.source,
    document: documents.official.source,
    isSdkDocument: comparison.isSdkDocument,
    operations: comparison.operations,
    comparisons: comparison.compared,
    summary: Object.fromEntries(VERDICTS.map((verdict) => [verdict, count(comparison, verdict)])),
    exitCode: exitCodeOf(comparison),
    differences: comparison.differences.map(({ ours, theirs, alsoTheirs, ...difference }) => ({
      verdict: difference.verdict,
      what: difference.what,
      ours: side(documents.contract, ours),
      theirs: { ...side(documents.official, theirs), ...(alsoTheirs.length > 0 && { alsoAt: alsoTheirs }) },
      why: difference.why,
      ...(difference.sunset !== undefined && { sunset: difference.sunset }),
      places: difference.places,
    })),
  };
}

/** The comparison as text. */
export function toText(comparison: Comparison, documents: Documents, colour: boolean): string {
  const { contract, official } = documents;
  const paths = counted(comparison.theirPaths, "path");
  return [
    `ours    ${contract.source}`,
    `theirs  ${official.source} (${paths}${comparison.isSdkDocument ? "; MongoDB's SDK document" : ""})`,
    "",
    ...comparison.differences.flatMap((difference) => [...blockOf(difference, documents, colour), ""]),
    summaryOf(comparison),
  ].join("\n");
}

/**
 * The comparison as workflow commands, which GitHub shows beside the lines of the contract.
 * See https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function toGitHub(comparison: Comparison, { contract, official }: Documents): string {
  const lines = comparison.differences.map(({ verdict, what, ours, theirs, why, sunset }) => {
    const level = verdict === "breaking" ? "error" : sunset === undefined ? "notice" : "warning";
    const where = `file=${property(contract.source)},line=${contract.lineOf(ours.pointer)}`;
    const sides = `ours: ${valueText(ours)}, theirs: ${valueText(theirs)} (${official.source}, ${lineText(official, theirs.pointer)})`;
    return `::${level} ${where},title=${property(`${verdict}: ${what}`)}::${data(`${why}\n${sides}`)}`;
  });
  return [...lines, summaryOf(comparison)].join("\n");
}

/** The text of a workflow command must stay on one line. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

const COLOURS = { breaking: "red", "stricter on purpose": "cyan", explained: "cyan", compatible: "green" } as const;

function blockOf(difference: Difference, documents: Documents, colour: boolean): readonly string[] {
  const { verdict, what, why } = difference;
  // The decision has been made: `styleText` would look at this process's own stdout.
  const title = colour ? styleText([COLOURS[verdict], "bold"], verdict, { validateStream: false }) : verdict;
  return [
    `${title}  ${what}`,
    ...sideLines(difference, documents),
    ...labelled("in", placeLines(difference.places)),
    ...labelled("why", wrapped(why)),
  ];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((text, index) => `  ${(index === 0 ? label : "").padEnd(6)}  ${text}`.trimEnd());
}

/** Value, line and pointer in columns, or the pointer below if it would be too far to the right. */
function sideLines({ ours, theirs, alsoTheirs }: Difference, { contract, official }: Documents): readonly string[] {
  const rows = [
    { label: "ours", value: valueText(ours), line: lineText(contract, ours.pointer), pointer: ours.pointer },
    ...[theirs.pointer, ...alsoTheirs].map((pointer, index) => ({
      label: index === 0 ? "theirs" : "",
      value: index === 0 ? valueText(theirs) : "",
      line: lineText(official, pointer),
      pointer,
    })),
  ];
  const width = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
  const [valueWidth, lineWidth] = [width(rows.map(({ value }) => value)), width(rows.map(({ line }) => line))];
  const isNarrow = valueWidth + lineWidth + width(rows.map(({ pointer }) => pointer)) + 14 <= MAX_WIDTH;
  return rows.flatMap(({ label, value, line, pointer }) => {
    const place = `${line.padEnd(lineWidth)}  ${pointer}`;
    if (isNarrow) return labelled(label, [`${value.padEnd(valueWidth)}  ${place}`]);
    return labelled(label, label === "" ? [place] : [value, place]);
  });
}

function lineText(document: ContractDocument, pointer: string): string {
  return `line ${document.lineOf(pointer)}`;
}

const MAX_WIDTH = 120;
const MAX_VALUE = 56;

function valueText(side: Side): string {
  if (!("value" in side)) return "(nothing)";
  const text = JSON.stringify(side.value) ?? "";
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

/** `response 400` and `response 404` of one operation are `responses 400, 404`. */
function placeLines(places: readonly Part[]): readonly string[] {
  const byOperation = new Map<string, string[]>();
  for (const { operation, part } of places) byOperation.set(operation, [...(byOperation.get(operation) ?? []), part]);
  return [...byOperation].map(([operation, parts]) => {
    const statuses = parts.filter((part) => part.startsWith("response ")).map((part) => part.slice("response ".length));
    const others = parts.filter((part) => !part.startsWith("response "));
    const word = statuses.length === 1 ? "response" : "responses";
    const responses = statuses.length === 0 ? [] : [`${word} ${statuses.join(", ")}`];
    return `${operation}: ${[...others, ...responses].join(", ")}`;
  });
}

const TEXT_WIDTH = 100;

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= TEXT_WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function summaryOf(comparison: Comparison): string {
  const { operations, compared, differences } = comparison;
  const looked = `${counted(operations.length, "operation")}, ${compared} comparisons`;
  if (differences.length === 0) return `${looked}: no difference`;
  const counts = VERDICTS.map((verdict) => `${count(comparison, verdict)} ${verdict}`);
  const found = counts.filter((text) => !text.startsWith("0 ")).join(", ");
  return `${looked}: ${counted(differences.length, "difference")} (${found})`;
}

function count({ differences }: Comparison, verdict: Verdict): number {
  return differences.filter((difference) => difference.verdict === verdict).length;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
