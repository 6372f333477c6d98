/**
 * A report as a document: one page that needs nothing else, no script and nothing from the network, and JUnit's XML.
 */
import { type Basis, CHECKS, type CheckName } from "../checks.js";
import { describeLeftOver, type Failure, type Report, type Result, sectionsOf } from "../report.js";
import { conclusion, fieldsOf, LEGEND, shortPath, signOf } from "./text.js";

/** The table, each failure with its curl line and what it rests on, and what was not shown, not tried and not deleted. */
export function htmlOf(report: Report): string {
  const { target, seed, failures, operations, conforms } = report;
  const file = shortPath(report.contract);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${conforms ? "Conforms" : "Does not conform"}: ${target}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<h1>Conformance of <code>${target}</code></h1>
<p class="${conforms ? "passed" : "failed"}">${conclusion(report)}</p>
<p>Against <code>${file}</code>, seed ${seed}.</p>
<div class="wide"><table>
<tr><th>Check</th>${operations.map((id) => markup`<th><code>${id}</code></th>`)}<th>Rests on</th></tr>
${CHECKS.map((check) => row(check, report, file))}</table></div>
<p class="soft">${LEGEND}</p>
${failures.map((failure, index) => failureSection(failure, index, file))}
${sectionsOf(report).map(
  ({ title, items }) =>
    markup`<h2>${title}</h2>\n<dl>${items.map(({ what, reason }) => markup`<dt>${what}</dt><dd>${reason}</dd>\n`)}</dl>\n`,
)}
</body>
</html>
`.text;
}

function row(check: CheckName, { results, failures }: Report, file: string): Markup {
  const own = results.filter((result) => result.check === check);
  const cells = own.map(({ operationId, verdict }) => {
    const index = failures.findIndex((failure) => failure.check === check && failure.operationId === operationId);
    const sign = index < 0 ? signOf(verdict) : markup`<a href="#failure-${index}">${signOf(verdict)}</a>`;
    return markup`<td class="${verdict}">${sign}</td>`;
  });
  const rests = new Set(own.flatMap(({ basis }) => basis.map((each) => reference(each, file).text)));
  const lines = [...rests].map((text) => new Markup(`${text}<br>`));
  return markup`<tr><th><code>${check}</code></th>${cells}<td class="soft">${lines}</td></tr>\n`;
}

function failureSection(failure: Failure, index: number, file: string): Markup {
  const { check, operationId, basis } = failure;
  return markup`<section id="failure-${index}">
<h2><span class="failed">✗</span> <code>${check}</code> ${operationId}</h2>
${fieldsOf(failure).map(([name, text]) => markup`<h3>${name}</h3>\n<pre>${text}</pre>\n`)}<h3>by</h3>
<ul>${basis.map((each) => markup`<li>${reference(each, file)}: ${each.says}</li>`)}</ul>
</section>
`;
}

function reference({ pointer, line, source = "", url = "" }: Basis, file: string): Markup {
  return pointer === undefined
    ? markup`<a href="${url}">${source}</a>`
    : markup`<code title="${pointer}">${file}:${line ?? 0}</code>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #3a424c); --bad: light-dark(#b3261e, #ff8a80); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; }
h1, h2 { font-size: 1.2rem; overflow-wrap: anywhere; }
h3, .soft, dd { color: light-dark(#59636e, #a3adb8); font-size: 0.87rem; }
h3 { margin: 0.75rem 0 0.25rem; }
pre { background: light-dark(#f4f6f8, #1d2228); padding: 0.6rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; }
section { border: 1px solid var(--line); border-left: 4px solid var(--bad); padding: 1rem; margin: 1rem 0; }
.passed { color: light-dark(#0a6b3d, #5fd39a); }
.failed, .failed a { color: var(--bad); font-weight: 600; }
dd { margin: 0 0 0.5rem; }
`;

/** One suite for each operation, one test case for each check. */
export function junitOf(report: Report): string {
  const { target, seed, results, operations, leftOver } = report;
  const suites = operations.map((operationId) => {
    const own = results.filter((result) => result.operationId === operationId);
    return markup`  <testsuite name="${operationId}"${totals(own, report)}>
${own.map((result) => testCase(result, report))}  </testsuite>
`;
  });
  const left = markup`  <testsuite name="cleaning up" tests="1" failures="1" skipped="0">
    <testcase name="everything created is deleted" classname="cleaning up">
      <failure type="left_over" message="${leftOver.length} not deleted">${leftOver.map(describeLeftOver).join("\n")}</failure>
    </testcase>
  </testsuite>
`;
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="conformance of ${target}, seed ${seed}"${totals(results, report)}>
${suites}${leftOver.length > 0 ? left : ""}</testsuites>
`.text;
}

function testCase({ operationId, check, verdict, reason }: Result, { failures, contract }: Report): Markup {
  const found = failures.filter((failure) => failure.operationId === operationId && failure.check === check);
  const elements = found.map((failure) => {
    const text = fieldsOf(failure, shortPath(contract))
      .map((field) => field.join(": "))
      .join("\n");
    return markup`      <failure type="${check}" message="${failure.problem}">${text}</failure>\n`;
  });
  const why = reason === undefined ? verdict : `${verdict}: ${reason}`;
  const skipped = signOf(verdict) === "·" ? markup`      <skipped message="${why}"/>\n` : "";
  return markup`    <testcase name="${check}" classname="${operationId}">
${elements}${skipped}    </testcase>
`;
}

function totals(results: readonly Result[], { durationMs }: Report): Markup {
  const count = (wanted: string): number => results.filter(({ verdict }) => signOf(verdict) === wanted).length;
  const time = (durationMs / 1000).toFixed(3);
  return markup` tests="${results.length}" failures="${count("✗")}" skipped="${count("·")}" time="${time}"`;
}

/** Markup, in which every value is escaped already. */
class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | readonly Value[];

/** A template: lists are joined, markup stays as it is, all else is escaped. */
function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(escaped)));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" };

function escaped(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(escaped).join("");
  // XML 1.0 has no way to write most control characters, so they become spaces.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const writable = String(value).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, " ");
  return writable.replace(/[&<>"']/g, (character) => `&${ENTITIES[character]};`);
}
