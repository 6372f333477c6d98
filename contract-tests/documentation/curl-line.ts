/** A curl line of the documentation, read as the request that curl sends. */

export interface CurlRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly digest: boolean;
  readonly body: string | undefined;
}

/**
 * Knows the options that the pages use.
 *
 * @throws Error for any other, since a line that is half understood proves nothing.
 */
export function readCurlLine(line: string): CurlRequest {
  const [program, ...words] = wordsOf(line);
  if (program !== "curl") throw new Error(`Not a curl line: ${line}`);
  const headers: Record<string, string> = {};
  let method = "GET";
  let url = "";
  let body: string | undefined;
  let digest = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--header") {
      const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(words.shift() ?? "") ?? [];
      headers[name.toLowerCase()] = value;
    } else if (word === "-X") method = words.shift() ?? "";
    else if (word === "-d") body = words.shift();
    else if (word === "--digest") digest = true;
    else if (word === "--user") words.shift();
    else if (word.startsWith("https://")) url = word;
    else if (word !== "--include") throw new Error(`Unknown curl option ${word}`);
  }
  return { method, url, headers, digest, body };
}

/** As a shell splits them: quotes hold together, a backslash joins lines. */
function wordsOf(line: string): string[] {
  const words = line.replaceAll("\\\n", " ").match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/s, "$2"));
}
