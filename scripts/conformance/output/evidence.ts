/**
 * What a failure is shown with: the request as a line for a shell and the response in a few lines, both without secrets.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { redactByForm } from "../../../src/safe/redaction.js";
import { type HttpRequest, type HttpResponse, NoResponse } from "../http/exchange.js";
import type { Alteration, Identity } from "../http/sign-in.js";

/** Writes the request so that it can be pasted; credentials are shell variables to be set before. */
export function curlLine(request: HttpRequest, identity: Identity, usesDigest: boolean): string {
  const { method, url, headers, body } = request;
  const words = ["curl", "--include", ...(method === "HEAD" ? ["--head"] : ["--request", method])];
  if (/[[\]{}]|\/\.\.?(\/|$)/.test(url)) words.push("--globoff", "--path-as-is");
  words.push(quoted(url), ...authorization(identity, usesDigest));
  const shown = Object.entries(headers).filter(([name]) => name !== "authorization");
  for (const [name, value] of shown) words.push("--header", header(canonical(name), value));
  // curl would send these on its own.
  if (headers["accept"] === undefined) words.push("--header", "'Accept:'");
  if (body !== undefined && headers["content-type"] === undefined) words.push("--header", "'Content-Type:'");
  if (body !== undefined) words.push("--data-raw", quoted(body));
  return words.join(" ");
}

function authorization(identity: Identity, usesDigest: boolean): string[] {
  switch (identity.kind) {
    case "none":
      return [];
    case "header":
      return ["--header", header("Authorization", identity.value)];
    case "altered":
      return usesDigest
        ? ["--digest", "--user", `"$PUBLIC_KEY:${alteredVariable("PRIVATE_KEY", identity.change)}"`]
        : ["--header", `"Authorization: Bearer ${alteredVariable("ACCESS_TOKEN", identity.change)}"`];
    case "client": {
      const secret =
        identity.change === undefined ? "$CLIENT_SECRET" : alteredVariable("CLIENT_SECRET", identity.change);
      return ["--user", `"${identity.clientId}:${secret}"`];
    }
    case "wrong-key":
      return ["--digest", "--user", quoted(`${identity.publicKey}:${identity.privateKey}`)];
    case "given":
      return usesDigest
        ? ["--digest", "--user", `"$PUBLIC_KEY:$PRIVATE_KEY"`]
        : ["--header", `"Authorization: Bearer $ACCESS_TOKEN"`];
  }
}

/** What `altered` does, done by the shell. */
function alteredVariable(name: string, change: Alteration): string {
  const through = (command: string): string => `$(printf %s "$${name}" | ${command})`;
  switch (change) {
    case "longer":
      return `\${${name}}x`;
    case "shorter":
      return `\${${name}%?}`;
    case "other end":
      return `\${${name}%????}zzzz`;
    case "other beginning":
      return `zzzz\${${name}#????}`;
    case "same length":
      return through("tr a-zA-Z0-68-97 '[7*61]8'");
    case "other letter case":
      return through("tr a-zA-Z A-Za-z");
  }
}

/** curl takes a header without a value for one to leave out, unless it ends with a semicolon. */
function header(name: string, value: string): string {
  return quoted(value === "" ? `${name};` : `${name}: ${value}`);
}

function canonical(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const LONGEST_BODY = 400;
const LONGEST_VALUE = 120;

/**
 * Status, the headers that are judged, and the beginning of the body; or why there is no response.
 *
 * @param mask - Applied before anything is cut, so that no half of a secret is left.
 */
export function describeResponse(
  { responses }: Operation,
  outcome: HttpResponse | NoResponse,
  mask: (text: string) => string,
): string {
  if (outcome instanceof NoResponse) return `none: ${outcome.message}`;
  const documented = responses.flatMap(({ headers }) => headers.map(({ name }) => name));
  const names = new Map(["Content-Type", ...documented].map((name) => [name.toLowerCase(), name]));
  const headers = [...names].flatMap(([name, shown]) => {
    const value = outcome.headers[name];
    return value === undefined ? [] : [`${shown}: ${bounded(mask(value), LONGEST_VALUE)}`];
  });
  const body = outcome.text === "" ? "(no body)" : bounded(mask(outcome.text), LONGEST_BODY);
  return [[String(outcome.status), ...headers].join(", "), body].join("\n");
}

/** On one line, without control characters. */
function bounded(text: string, length: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const line = text.replace(/[\0-\x1f\x7f]+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line;
}

const MASK = "***";
/** Masking shorter values would garble ordinary words. */
const SHORTEST = 6;

/** Knows what must not be shown. */
export interface Mask {
  /** From now on this value is never shown. */
  protect(value: string): void;
  /** A text of the check's own, such as a curl line: only known values are masked. */
  own(text: string): string;
  /** A text of the server's: what looks like a credential is masked too. */
  foreign(text: string): string;
}

export function createMask(): Mask {
  const values = new Set<string>();
  const own = (text: string): string => {
    let masked = text;
    for (const value of values) masked = masked.replaceAll(value, MASK);
    return masked;
  };
  return {
    protect(value) {
      if (value.length >= SHORTEST) values.add(value);
    },
    own,
    foreign: (text) => redactByForm(own(text)),
  };
}
