/**
 * A report for machines: JUnit XML, and the annotations that GitHub Actions shows at the lines of the contract.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
import type { Failure, Report, Result } from "../report.js";
import { type Markup, markup } from "./html.js";
import { shortPath } from "./text.js";

/** One suite for each operation, one test case for each check. */
export function junitOf(report: Report): string {
  const { target, seed, results, operations, leftOver } = report;
  const suites = operations.map((operationId) => {
    const own = results.filter((result) => result.operationId === operationId);
    return markup`  <testsuite name="${operationId}"${totals(own, report)}>
${own.map((result) => testCase(result, report))}  </testsuite>
`;
  });
  const left = leftOver.map(({ id, reason }) => `could not be deleted: ${id ?? "(id unknown)"} (${reason})`);
  const leftSuite = markup`  <testsuite name="cleaning up" tests="1" failures="1" skipped="0">
    <testcase name="everything created is deleted" classname="cleaning up">
      <failure type="left_over" message="${left.length} not deleted">${left.join("\n")}</failure>
    </testcase>
  </testsuite>
`;
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="conformance of ${target}, seed ${seed}"${totals(results, report)}>
${suites}${left.length > 0 ? leftSuite : ""}</testsuites>
`.text;
}

function testCase({ operationId, check, verdict, reason }: Result, { failures }: Report): Markup {
  const found = failures.filter((failure) => failure.operationId === operationId && failure.check === check);
  const message = reason === undefined ? verdict : `${verdict}: ${reason}`;
  const skipped = markup`      <skipped message="${message}"/>\n`;
  const inner = verdict === "failed" ? found.map(failureElement) : verdict === "passed" ? [] : skipped;
  return markup`    <testcase name="${check}" classname="${operationId}">
${inner}    </testcase>
`;
}

function failureElement({ check, title, problem, request, response, basis, similar }: Failure): Markup {
  const places = basis.map(({ says, pointer, line, source, url }) =>
    pointer === undefined ? `${source}: ${says} (${url})` : `contract: ${says} (line ${line}, ${pointer})`,
  );
  const others = similar.length === 0 ? [] : [`similar: ${similar.join("; ")}`];
  const text = [`case: ${title}`, `request: ${request}`, `response: ${response}`, ...places, ...others].join("\n");
  return markup`      <failure type="${check}" message="${problem}">${text}</failure>\n`;
}

function totals(results: readonly Result[], { durationMs }: Report): Markup {
  const count = (...verdicts: string[]): number => results.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const skipped = results.length - count("failed", "passed");
  const time = (durationMs / 1000).toFixed(3);
  return markup` tests="${results.length}" failures="${count("failed")}" skipped="${skipped}" time="${time}"`;
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
  const list = Object.entries(properties).map(([name, value]) => `${name}=${encoded(value, /[%\r\n:,]/g)}`);
  return `::error ${list.join(",")}::${encoded(message, /[%\r\n]/g)}`;
}

/** Percent-encodes what means something in a workflow command; `encodeURIComponent` leaves none of it. */
function encoded(text: string, characters: RegExp): string {
  return text.replace(characters, encodeURIComponent);
}
