/**
 * A report as one page that needs nothing else: no script, nothing from the network.
 */
import type { Basis, Failure, Omission, Report, Result } from "../report.js";
import { byReason, conclusion, SIGNS, shortPath } from "./text.js";

/** The table, each failure with its curl line and what it rests on, and what was not shown, not tried and not deleted. */
export function htmlOf(report: Report): string {
  const { target, seed, failures, notProvoked, notTried, leftOver, operations, conforms } = report;
  const file = shortPath(report.contract);
  const left = leftOver.map(({ id, operationId, reason }) => ({ operationId, what: id ?? "(id unknown)", reason }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${conforms ? "Conforms" : "Does not conform"}: ${escaped(target)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Conformance of <code>${escaped(target)}</code></h1>
<p class="${conforms ? "good" : "bad"}">${escaped(conclusion(report))}</p>
<p>Against <code>${escaped(file)}</code>, seed ${seed}.</p>
</header>
<main>
<section class="wide">
<table>
<thead><tr><th scope="col">Check</th>${operations.map((id) => `<th scope="col"><code>${escaped(id)}</code></th>`).join("")}<th scope="col">Rests on</th></tr></thead>
<tbody>
${rows(report, file)}
</tbody>
</table>
</section>
<p class="soft">✓ conforms, ✗ does not, · not provoked, not applicable or not selected; the number of responses that were judged.</p>
${failures.map((failure, index) => failureSection(failure, index, file)).join("\n")}
${omissionsSection("Not provoked", notProvoked)}
${omissionsSection("Not tried", notTried)}
${omissionsSection("Could not be deleted", left)}
</main>
</body>
</html>
`;
}

function rows({ results, operations, failures }: Report, file: string): string {
  const checks = [...new Set(results.map(({ check }) => check))];
  return checks
    .map((check) => {
      const own = results.filter((result) => result.check === check);
      const cells = operations.map((operationId) => {
        const index = failures.findIndex((failure) => failure.check === check && failure.operationId === operationId);
        return cell(
          own.find((result) => result.operationId === operationId),
          index,
        );
      });
      const basis = new Map(own.flatMap((result) => result.basis).map((each) => [reference(each, file), each.says]));
      const rests = [...basis].map(([place, says]) => `<span title="${escaped(says)}">${place}</span>`);
      return `<tr><th scope="row"><code>${check}</code></th>${cells.join("")}<td class="basis">${rests.join("<br>")}</td></tr>`;
    })
    .join("\n");
}

function cell(result: Result | undefined, failure: number): string {
  if (result === undefined) return "<td></td>";
  const { verdict, judged, reason } = result;
  const title = escaped(reason === undefined ? verdict : `${verdict}: ${reason}`);
  const sign =
    verdict === "failed" && failure >= 0 ? `<a href="#failure-${failure}">${SIGNS.failed}</a>` : SIGNS[verdict];
  return `<td class="${verdict}" title="${title}">${sign}${judged > 0 ? ` <small>${judged}</small>` : ""}</td>`;
}

function failureSection(failure: Failure, index: number, file: string): string {
  const { check, operationId, title, problem, request, response, basis, similar } = failure;
  const places = basis.map((each) => `<li>${reference(each, file)}: ${escaped(each.says)}</li>`);
  const others = similar.length === 0 ? "" : details(`${similar.length} similar`, similar);
  return `<section id="failure-${index}" class="failure">
<h2><span class="bad">✗</span> <code>${check}</code> <small>${escaped(operationId)}</small></h2>
<p><strong>${escaped(problem)}</strong></p>
<p>Case: ${escaped(title)}</p>
<h3>Request</h3>
<pre>${escaped(request)}</pre>
<h3>Response</h3>
<pre>${escaped(response)}</pre>
<h3>By</h3>
<ul>${places.join("")}</ul>
${others}
</section>`;
}

function details(summary: string, items: readonly string[]): string {
  return `<details><summary>${escaped(summary)}</summary><ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul></details>`;
}

function omissionsSection(title: string, list: readonly Omission[]): string {
  if (list.length === 0) return "";
  const items = byReason(list).map(
    ({ operationId, all, reason }) =>
      `<dt><code>${escaped(operationId)}</code>: ${escaped(all.join(", "))}</dt><dd>${escaped(reason)}</dd>`,
  );
  return `<section><h2>${title}</h2><dl>${items.join("\n")}</dl></section>`;
}

function reference({ pointer, line, source, url }: Basis, file: string): string {
  if (pointer !== undefined) return `<code title="${escaped(pointer)}">${escaped(file)}:${line}</code>`;
  return `<a href="${escaped(url ?? "")}">${escaped(source ?? "")}</a>`;
}

function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => named[character] ?? character);
}

const STYLE = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #59636e; --good: #0a6b3d; --bad: #b3261e; --code: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3a424c; --soft: #a3adb8; --good: #5fd39a; --bad: #ff8a80; --code: #1d2228; }
}
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin-top: 0; overflow-wrap: anywhere; }
h3 { font-size: 0.85rem; color: var(--soft); margin: 0.75rem 0 0.25rem; }
code, pre { font: 0.87em/1.5 ui-monospace, monospace; }
pre { background: var(--code); padding: 0.6rem; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: 4px; margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; font-weight: normal; }
thead th { color: var(--soft); overflow-wrap: anywhere; min-width: 6rem; }
section { margin: 1rem 0; }
.failure { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 4px; padding: 1rem; }
.good, .passed { color: var(--good); }
.bad, .failed, .failed a { color: var(--bad); font-weight: 600; }
.soft, small, .basis, dd { color: var(--soft); }
.basis { font-size: 0.87em; white-space: nowrap; }
dt { margin-top: 0.5rem; }
dd { margin: 0; }
ul { margin: 0.25rem 0; padding-left: 1.25rem; }
`;
