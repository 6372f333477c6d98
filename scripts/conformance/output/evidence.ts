/**
 * What a failure is shown with: the request as a line for a shell and the response in a few lines, both without secrets.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { excerpt, type Redact } from "../../../src/safe/redaction.js";
import type { HttpRequest, HttpResponse } from "../http/exchange.js";
import { alteredInShell, type Identity } from "../http/identity.js";

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
