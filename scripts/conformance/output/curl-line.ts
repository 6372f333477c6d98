/**
 * A request as a line for a shell.
 */
import type { HttpRequest } from "../http/exchange.js";
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
