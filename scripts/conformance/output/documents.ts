/**
 * A report as a document: one page that needs nothing else, no script and nothing from the network, and JUnit's XML.
 */
import { type Basis, type Failure, type Report, type Result, type Section, sectionsOf } from "../report.js";
import { conclusion, LEGEND, SIGNS, shortPath } from "./text.js";

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
${rows(report, file)}</tbody>
</table>
</section>
<p class="soft">${LEGEND}; the number of responses that were judged.</p>
${failures.map((failure, index) => failureSection(failure, index, file))}
${sectionsOf(report).map(omissionsSection)}
</main>
</body>
</html>
`.text;
}

function rows({ results, operations, failures }: Report, file: string): Markup[] {
  return [...new Set(results.map(({ check }) => check))].map((check) => {
    const own = results.filter((result) => result.check === check);
    const cells = operations.map((operationId) => {
      const index = failures.findIndex((failure) => failure.check === check && failure.operationId === operationId);
      return own.filter((result) => result.operationId === operationId).map((result) => cell(result, index));
    });
    const bases = new Map(own.flatMap(({ basis }) => basis).map((each) => [reference(each, file).text, each]));
    const rests = [...bases.values()].map(
      (each) => markup`<span title="${each.says}">${reference(each, file)}</span> `,
    );
    return markup`<tr><th scope="row"><code>${check}</code></th>${cells.flat()}<td class="basis">${rests}</td></tr>\n`;
  });
}

function cell({ verdict, judged, reason }: Result, failure: number): Markup {
  const sign = failure < 0 ? SIGNS[verdict] : markup`<a href="#failure-${failure}">${SIGNS[verdict]}</a>`;
  const title = reason === undefined ? verdict : `${verdict}: ${reason}`;
  return markup`<td class="${verdict}" title="${title}">${sign} <small>${judged || ""}</small></td>`;
}

function failureSection(failure: Failure, index: number, file: string): Markup {
  const { check, operationId, title, problem, request, response, basis, similar } = failure;
  const list = (items: readonly (string | Markup)[]): Markup =>
    markup`<ul>${items.map((each) => markup`<li>${each}</li>`)}</ul>`;
  const others = markup`<details><summary>${similar.length} similar</summary>${list(similar)}</details>`;
  return markup`<section id="failure-${index}" class="failure">
<h2><span class="failed">✗</span> <code>${check}</code> <small>${operationId}</small></h2>
<p><strong>${problem}</strong></p>
<p>Case: ${title}</p>
<h3>Request</h3>
<pre>${request}</pre>
<h3>Response</h3>
<pre>${response}</pre>
<h3>By</h3>
${list(basis.map((each) => markup`${reference(each, file)}: ${each.says}`))}
${similar.length > 0 ? others : ""}
</section>
`;
}

function omissionsSection({ title, items }: Section): Markup {
  const entries = items.map(({ what, reason }) => markup`<dt>${what}</dt><dd>${reason}</dd>\n`);
  return markup`<section><h2>${title}</h2><dl>${entries}</dl></section>\n`;
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

/** Markup, in which every value is escaped already. */
class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | readonly Value[];

/** A template: lists are joined, markup stays as it is, all else is escaped. */
function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(escaped)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(escaped).join("");
  // XML 1.0 has no way to write most control characters, so they become spaces.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const writable = String(value).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, " ");
  return writable.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
