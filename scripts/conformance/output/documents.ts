/**
 * A report as a document: one page that needs nothing else, no script and nothing from the network, and JUnit's XML.
 */
import { type Basis, CHECKS, type CheckName } from "../checks.js";
import { describeLeftOver, type Failure, type Report, type Result, sectionsOf, type Verdict } from "../report.js";
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
<header>
<h1>Conformance of <code>${target}</code></h1>
<p class="${conforms ? "passed" : "failed"}">${conclusion(report)}</p>
<p>Against <code>${file}</code>, seed ${seed}.</p>
</header>
<main>
<section class="wide">
<table>
<thead><tr><th scope="col">Check</th>${operations.map((id) => markup`<th scope="col"><code>${id}</code></th>`)}<th scope="col">Rests on</th></tr></thead>
<tbody>
${CHECKS.map((check) => row(check, report, file))}</tbody>
</table>
</section>
<p class="soft">${LEGEND}; the number of responses that were judged.</p>
${failures.map((failure, index) => failureSection(failure, index, file))}
${sectionsOf(report).map(
  ({ title, items }) =>
    markup`<section><h2>${title}</h2><dl>${items.map(
      ({ what, reason }) => markup`<dt>${what}</dt><dd>${reason}</dd>\n`,
    )}</dl></section>\n`,
)}
</main>
</body>
</html>
`.text;
}

function row(check: CheckName, { results, failures }: Report, file: string): Markup {
  const own = results.filter((result) => result.check === check);
  const cells = own.map(({ operationId, verdict, judged, reason }) => {
    const index = failures.findIndex((failure) => failure.check === check && failure.operationId === operationId);
    const sign = index < 0 ? signOf(verdict) : markup`<a href="#failure-${index}">${signOf(verdict)}</a>`;
    return markup`<td class="${verdict}" title="${described(verdict, reason)}">${sign} <small>${judged || ""}</small></td>`;
  });
  const bases = new Map(own.flatMap(({ basis }) => basis).map((each) => [reference(each, file).text, each]));
  const rests = [...bases.values()].map((each) => markup`<span title="${each.says}">${reference(each, file)}</span> `);
  return markup`<tr><th scope="row"><code>${check}</code></th>${cells}<td class="basis">${rests}</td></tr>\n`;
}

function described(verdict: Verdict, reason: string | undefined): string {
  return reason === undefined ? verdict : `${verdict}: ${reason}`;
}

function failureSection(failure: Failure, index: number, file: string): Markup {
  const { check, operationId, basis } = failure;
  const fields = Object.entries(fieldsOf(failure)).map(
    ([name, text]) => markup`<h3>${name}</h3>\n<pre>${text}</pre>\n`,
  );
  return markup`<section id="failure-${index}" class="failure">
<h2><span class="failed">✗</span> <code>${check}</code> <small>${operationId}</small></h2>
${fields}<h3>by</h3>
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
:root {
  color-scheme: light dark;
  --line: light-dark(#d0d7de, #3a424c);
  --soft: light-dark(#59636e, #a3adb8);
  --good: light-dark(#0a6b3d, #5fd39a);
  --bad: light-dark(#b3261e, #ff8a80);
  --code: light-dark(#f4f6f8, #1d2228);
}
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; }
h1, h2 { font-size: 1.2rem; overflow-wrap: anywhere; }
h3 { font-size: 0.85rem; color: var(--soft); margin: 0.75rem 0 0.25rem; }
code, pre { font: 0.87em/1.5 ui-monospace, monospace; }
pre { background: var(--code); padding: 0.6rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; font-weight: normal; }
thead th { color: var(--soft); overflow-wrap: anywhere; min-width: 6rem; }
.failure { border: 1px solid var(--line); border-left: 4px solid var(--bad); padding: 1rem; margin: 1rem 0; }
.passed { color: var(--good); }
.failed, .failed a { color: var(--bad); font-weight: 600; }
.soft, small, .basis, dd { color: var(--soft); }
.basis { font-size: 0.87em; }
.basis span { display: block; white-space: nowrap; }
dt { margin-top: 0.5rem; }
dd { margin: 0; }
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

function testCase({ operationId, check, verdict, reason }: Result, { failures }: Report): Markup {
  const found = failures.filter((failure) => failure.operationId === operationId && failure.check === check);
  const skipped = markup`      <skipped message="${described(verdict, reason)}"/>\n`;
  return markup`    <testcase name="${check}" classname="${operationId}">
${found.map(failureElement)}${verdict === "passed" || verdict === "failed" ? "" : skipped}    </testcase>
`;
}

function failureElement(failure: Failure): Markup {
  const basis = failure.basis.map(({ says, pointer, line, source, url }) =>
    pointer === undefined ? `${source}: ${says} (${url})` : `contract: ${says} (line ${line}, ${pointer})`,
  );
  const fields = Object.entries(fieldsOf(failure)).map((field) => field.join(": "));
  const text = [...fields, ...basis].join("\n");
  return markup`      <failure type="${failure.check}" message="${failure.problem}">${text}</failure>\n`;
}

function totals(results: readonly Result[], { durationMs }: Report): Markup {
  const count = (wanted: Verdict): number => results.filter(({ verdict }) => verdict === wanted).length;
  const skipped = results.length - count("failed") - count("passed");
  const time = (durationMs / 1000).toFixed(3);
  return markup` tests="${results.length}" failures="${count("failed")}" skipped="${skipped}" time="${time}"`;
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
