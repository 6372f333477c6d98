/**
 * A report as lines: for people, and as the annotations that GitHub Actions shows at the lines of the contract.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
import { relative } from "node:path";
import { CHECKS } from "../checks.js";
import { describeLeftOver, type Failure, type Report, sectionsOf, type Verdict } from "../report.js";

/** What stands for a verdict in a table. */
export function signOf(verdict: Verdict): string {
  return verdict === "passed" ? "✓" : verdict === "failed" ? "✗" : "·";
}
export const LEGEND = "✓ conforms   ✗ does not   · not provoked, not applicable or not selected";
const GAP = 2;

/** @param width - Of the terminal, in characters */
export function textOf(report: Report, width: number): string {
  const file = shortPath(report.contract);
  const sections = sectionsOf(report).map(({ title, items }) => {
    return [`${title}:`, ...items.flatMap(({ what, reason }) => [`  ${what}`, `    ${reason}`])].join("\n");
  });
  return [
    `${report.target} against ${file}, seed ${report.seed}`,
    ...tablesOf(report, width),
    LEGEND,
    ...report.failures.map((failure) => failureText(failure, file)),
    ...sections,
    conclusion(report),
  ].join("\n\n");
}

/** One column for each operation, as many side by side as fit. */
function tablesOf({ operations, results }: Report, width: number): string[] {
  const first = Math.max(...CHECKS.map(({ length }) => length)) + GAP;
  const column = Math.max(0, ...operations.map(({ length }) => length)) + GAP;
  const most = Math.max(1, Math.floor((width - first + GAP) / column));
  const line = (start: string, cells: readonly string[]): string =>
    [start.padEnd(first), ...cells.map((cell) => cell.padEnd(column))].join("").trimEnd();
  const starts = [...operations.keys()].filter((index) => index % most === 0);
  return starts.map((start) => {
    const shown = operations.slice(start, start + most);
    const lines = CHECKS.map((check) => {
      const own = results.filter((each) => each.check === check && shown.includes(each.operationId));
      return line(
        check,
        own.map(({ verdict }) => signOf(verdict)),
      );
    });
    return [line("", shown), ...lines].join("\n");
  });
}

const MOST_SIMILAR = 3;

/** What a failure is shown with, by name; if the contract's file is given, with what it rests on. */
export function fieldsOf({ title, problem, request, response, similar, basis }: Failure, file?: string) {
  const fields: [name: string, text: string][] = Object.entries({ case: title, problem, request, response });
  const more = similar.length > MOST_SIMILAR ? [`${similar.length - MOST_SIMILAR} more`] : [];
  if (similar.length > 0) fields.push(["similar", [...similar.slice(0, MOST_SIMILAR), ...more].join("; ")]);
  for (const { says, pointer, line, source, url } of file === undefined ? [] : basis) {
    if (pointer === undefined) fields.push(["by", `${source}: ${says}\n${url}`]);
    else fields.push(["contract", `${says}\n${file}:${line}  ${pointer}`]);
  }
  return fields;
}

function failureText(failure: Failure, file: string): string {
  const fields = fieldsOf(failure, file).map(
    ([name, text]) => `  ${name.padEnd(10)}${text.replaceAll("\n", `\n${" ".repeat(12)}`)}`,
  );
  return [`✗ ${failure.check}  ${failure.operationId}`, ...fields].join("\n");
}

/** One line that sums the report up. */
export function conclusion({ conforms, interrupted, results, requests, durationMs, leftOver }: Report): string {
  const count = (verdict: string): number => results.filter((result) => result.verdict === verdict).length;
  const [passed, failed] = [count("passed"), count("failed")];
  const verdict = passed + failed === 0 ? "Nothing was judged" : conforms ? "Conforms" : "Does not conform";
  const left = leftOver.length === 0 ? "" : `, ${leftOver.length} not deleted`;
  const work = `${requests} requests in ${(durationMs / 1000).toFixed(1)} s`;
  return `${interrupted ? "Interrupted" : verdict}: ${passed} checks passed, ${failed} failed${left}; ${work}`;
}

/** Relative to where the check was started, if it is below. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || short === "" ? path : short;
}

/** One workflow command for each failure, and one for each resource that could not be deleted. */
export function annotationsOf({ failures, leftOver, contract, target }: Report): string[] {
  const file = shortPath(contract);
  return [
    ...failures.map(({ check, operationId, title, problem, request, basis }) => {
      const line = basis.find((each) => each.line !== undefined)?.line;
      const place = { file, ...(line === undefined ? {} : { line: String(line) }) };
      return command({ ...place, title: `${check} ${operationId}` }, `${problem}\nCase: ${title}\n${request}`);
    }),
    ...leftOver.map((each) => command({ title: "could not be deleted" }, `${describeLeftOver(each)} on ${target}`)),
  ];
}

function command(properties: Readonly<Record<string, string>>, message: string): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${encoded(value, /[%\r\n:,]/g)}`);
  return `::error ${list.join(",")}::${encoded(message, /[%\r\n]/g)}`;
}

/** Percent-encodes what means something in a workflow command; `encodeURIComponent` leaves none of it. */
function encoded(text: string, characters: RegExp): string {
  return text.replace(characters, encodeURIComponent);
}
