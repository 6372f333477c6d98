/**
 * A report as lines: for people, and as the annotations that GitHub Actions shows at the lines of the contract. And what a
 * failure is shown with, without secrets: the request as a line for a shell and the response in a few lines.
 */
import { relative } from "node:path";
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { excerpt, type Redact } from "../../../src/safe/redaction.js";
import { annotation } from "../../command.js";
import { CHECKS, type CheckName } from "../checks.js";
import type { HttpRequest, HttpResponse } from "../http/exchange.js";
import { alteredInShell, type Identity } from "../http/server.js";
import { describeLeftOver, type Failure, type Report, sectionsOf, type Verdict } from "../report.js";

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
  const widthOf = (names: readonly string[]): number => Math.max(0, ...names.map(({ length }) => length)) + GAP;
  const [first, column] = [widthOf(CHECKS), widthOf(operations)];
  const most = Math.max(1, Math.floor((width - first + GAP) / column));
  const line = (start: string, cells: readonly string[]): string =>
    [start.padEnd(first), ...cells.map((cell) => cell.padEnd(column))].join("").trimEnd();
  const starts = [...operations.keys()].filter((index) => index % most === 0);
  return starts.map((start) => {
    const shown = operations.slice(start, start + most);
    const ofShown = results.filter(({ operationId }) => shown.includes(operationId));
    const signs = (check: CheckName) =>
      ofShown.filter((each) => each.check === check).map((each) => signOf(each.verdict));
    return [line("", shown), ...CHECKS.map((check) => line(check, signs(check)))].join("\n");
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
      const place = { file, ...(line !== undefined && { line }), title: `${check} ${operationId}` };
      return annotation("error", place, `${problem}\nCase: ${title}\n${request}`);
    }),
    ...leftOver.map((each) =>
      annotation("error", { title: "could not be deleted" }, `${describeLeftOver(each)} on ${target}`),
    ),
  ];
}

/** Writes the request so that it can be pasted; credentials are shell variables to be set before. */
export function curlLine(request: HttpRequest, identity: Identity, usesDigest: boolean): string {
  const { method, url, headers, body } = request;
  const words = ["curl", "--include", ...(method === "HEAD" ? ["--head"] : ["--request", method])];
  if (/[[\]{}]|\/\.\.?(\/|$)/.test(url)) words.push("--globoff", "--path-as-is");
  words.push(quoted(url), ...authorization(identity, usesDigest));
  const shown = Object.entries(headers).filter(([name]) => name !== "authorization");
  for (const [name, value] of shown) {
    const canonical = name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
    words.push("--header", header(canonical, value));
  }
  // curl would send these on its own.
  if (headers["accept"] === undefined) words.push("--header", "'Accept:'");
  if (body !== undefined && headers["content-type"] === undefined) words.push("--header", "'Content-Type:'");
  if (body !== undefined) words.push("--data-raw", quoted(body));
  return words.join(" ");
}

function authorization(identity: Identity, usesDigest: boolean): string[] {
  switch (identity.kind) {
    case "header":
      return identity.value === undefined ? [] : ["--header", header("Authorization", identity.value)];
    case "key":
      return ["--digest", "--user", quoted(`${identity.publicKey}:${identity.privateKey}`)];
    case "client":
      return ["--user", `"${identity.clientId}:${alteredInShell("CLIENT_SECRET", identity.change)}"`];
    case "given":
      return usesDigest
        ? ["--digest", "--user", `"$PUBLIC_KEY:${alteredInShell("PRIVATE_KEY", identity.change)}"`]
        : ["--header", `"Authorization: Bearer ${alteredInShell("ACCESS_TOKEN", identity.change)}"`];
  }
}

/** curl takes a header without a value for one to leave out, unless it ends with a semicolon. */
function header(name: string, value: string): string {
  return quoted(value === "" ? `${name};` : `${name}: ${value}`);
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const LONGEST_BODY = 400;
const LONGEST_VALUE = 120;

/** Status, the headers that are judged, and the beginning of the body; or why there is no response. */
export function describeResponse({ responses }: Operation, response: HttpResponse, mask: Redact): string {
  if (response.failure !== undefined) return `none: ${response.failure.message}`;
  const documented = responses.flatMap(({ headers }) => headers.map(({ name }) => name));
  const names = new Map(["Content-Type", ...documented].map((name) => [name.toLowerCase(), name]));
  const headers = [...names].flatMap(([name, shown]) => {
    const value = response.headers[name];
    return value === undefined ? [] : [`${shown}: ${excerpt(value, LONGEST_VALUE, mask)}`];
  });
  const body = response.text === "" ? "(no body)" : excerpt(response.text, LONGEST_BODY, mask);
  return [[String(response.status), ...headers].join(", "), body].join("\n");
}
