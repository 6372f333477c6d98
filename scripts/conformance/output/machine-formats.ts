/**
 * A report for machines: JUnit XML, and the annotations that GitHub Actions shows at the lines of the contract.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
import type { Failure, Report, Result } from "../report.js";
import { shortPath } from "./text.js";

/** One suite for each operation, one test case for each check. */
export function junitOf(report: Report): string {
  const suites = report.operations.map((operationId) => suite(operationId, report));
  const results = report.results;
  const attributes = totals(results, report.durationMs);
  const left = report.leftOver.map(({ id, reason }) => `could not be deleted: ${id ?? "(id unknown)"} (${reason})`);
  const leftSuite = left.length === 0 ? [] : [leftOverSuite(left)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="conformance of ${escaped(report.target)}, seed ${report.seed}"${attributes}>`,
    ...suites,
    ...leftSuite,
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(operationId: string, { results, failures, durationMs }: Report): string {
  const own = results.filter((result) => result.operationId === operationId);
  const cases = own.map((result) => {
    const found = failures.filter((failure) => failure.operationId === operationId && failure.check === result.check);
    return testCase(result, found);
  });
  const name = escaped(operationId);
  return [`  <testsuite name="${name}"${totals(own, durationMs)}>`, ...cases, "  </testsuite>"].join("\n");
}

function testCase({ operationId, check, verdict, reason }: Result, failures: readonly Failure[]): string {
  const start = `    <testcase name="${check}" classname="${escaped(operationId)}"`;
  if (verdict === "passed") return `${start}/>`;
  const inner =
    verdict === "failed"
      ? failures.map(failureElement)
      : [`      <skipped message="${escaped(reason === undefined ? verdict : `${verdict}: ${reason}`)}"/>`];
  return [`${start}>`, ...inner, "    </testcase>"].join("\n");
}

function failureElement({ check, title, problem, request, response, basis, similar }: Failure): string {
  const places = basis.map(({ says, pointer, line, source, url }) =>
    pointer === undefined ? `${source}: ${says} (${url})` : `contract: ${says} (line ${line}, ${pointer})`,
  );
  const others = similar.length === 0 ? [] : [`similar: ${similar.join("; ")}`];
  const text = [`case: ${title}`, `request: ${request}`, `response: ${response}`, ...places, ...others].join("\n");
  return `      <failure type="${check}" message="${escaped(problem)}">${escaped(text)}</failure>`;
}

function leftOverSuite(lines: readonly string[]): string {
  const text = escaped(lines.join("\n"));
  return [
    '  <testsuite name="cleaning up" tests="1" failures="1" skipped="0">',
    '    <testcase name="everything created is deleted" classname="cleaning up">',
    `      <failure type="left_over" message="${lines.length} not deleted">${text}</failure>`,
    "    </testcase>",
    "  </testsuite>",
  ].join("\n");
}

function totals(results: readonly Result[], durationMs: number): string {
  const failed = results.filter(({ verdict }) => verdict === "failed").length;
  const skipped = results.filter(({ verdict }) => verdict !== "failed" && verdict !== "passed").length;
  return ` tests="${results.length}" failures="${failed}" skipped="${skipped}" time="${(durationMs / 1000).toFixed(3)}"`;
}

/** XML 1.0 has no way to write most control characters, so they become spaces. */
function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const writable = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, " ");
  return writable.replace(/[&<>"]/g, (character) => named[character] ?? character);
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
    ...leftOver.map(({ id, reason }) =>
      command({ title: "could not be deleted" }, `${id ?? "(id unknown)"} on ${target}: ${reason}`),
    ),
  ];
}

function command(properties: Readonly<Record<string, string>>, message: string): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${percentEncoded(value, /[%\r\n:,]/g)}`);
  return `::error ${list.join(",")}::${percentEncoded(message, /[%\r\n]/g)}`;
}

/** Percent-encodes what means something in a workflow command. */
function percentEncoded(text: string, characters: RegExp): string {
  return text.replace(
    characters,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
