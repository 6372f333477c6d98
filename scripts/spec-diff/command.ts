/** The command `npm run spec:diff`, and how it gets a document from a file or a URL. */
import { relative } from "node:path";
import { ContractError, firstLineOf } from "../../contract-tests/contract/document.js";
import { CONTRACT_FILE } from "../../contract-tests/contract/operations.js";
import { MAX_DOCUMENT_BYTES, parseDocumentText, readDocument } from "../../contract-tests/contract/read-document.js";
import { CommandError, command, flag, seconds, text, UsageError, withDefault } from "../command.js";
import { compareDocuments } from "./compare.js";
import { exitCodeOf, toGitHub, toJson, toText } from "./report.js";

const RULES = `Operations are matched by method and path, whatever the placeholders and operationIds are called, and compared as a
whole, with references followed. Not compared: operations that only they have, descriptions, examples, tags, and x-
extensions other than x-rolesRequirements and x-sunset. A bound on a length that a pattern implies is no difference.

Verdicts
  breaking             a client that keeps to the contract can fail
                         requests: they take less than the contract lets a client send, read it otherwise, or ask for
                         another way to sign in, another role or another host
                         responses: they may return what the contract does not describe, or leave out what a client
                         counts on: a success status, a media type, a required property, a property that the contract
                         marks with x-needed-by-client, { reason }
                         an operation that they do not have, or whose x-sunset has passed
  stricter on purpose  they are looser than the contract, which gives a reason: x-stricter-than-documentation,
                         { keyword, reason } or a list of them, beside the keyword
  explained            they lack something for which the contract names another source: x-documented-elsewhere,
                         { reason }, on what they lack; { keyword, reason } beside a keyword that is looser in the
                         contract. Also what MongoDB's SDK document leaves out on purpose
  compatible           anything else, also a deprecation or an x-sunset still to come (a warning with --github)

Exit codes
  0  nothing is breaking      1  something is breaking
  2  wrong usage, or a document that cannot be read, is no OpenAPI 3 or has references that cannot be followed

Example
  npm run spec:diff -- https://raw.githubusercontent.com/mongodb/openapi/main/openapi/v2.json`;

export const specDiff = command({
  name: "spec:diff",
  about: "Compares the contract with an official Atlas OpenAPI document, operation by operation.",
  positionals: { "file-or-url": "OpenAPI 3, JSON or YAML; redirects are followed" },
  options: {
    contract: withDefault(text("file", "the contract"), relative(process.cwd(), CONTRACT_FILE)),
    json: flag("print the result as JSON"),
    github: flag("print the result as annotations for GitHub Actions"),
    timeout: withDefault(seconds("seconds", "for the download as a whole", 3600), 30),
  },
  afterHelp: RULES,
  async run({ "file-or-url": location, contract: file, json, github, timeout }, { out }) {
    if (json && github) throw new UsageError("--json and --github exclude each other");
    try {
      const contract = await loadDocument(file);
      const comparison = compareDocuments(contract, await loadDocument(location, { timeoutMs: timeout * 1000 }));
      if (json) out(JSON.stringify(toJson(comparison), null, 2));
      else out(github ? toGitHub(comparison) : toText(comparison));
      return exitCodeOf(comparison);
    } catch (error) {
      if (error instanceof ContractError) throw new CommandError([error.message]);
      if (error instanceof RangeError) throw new CommandError([`${location} is nested too deeply to be compared`]);
      throw error;
    }
  },
});

/**
 * The document at a file path or an http(s) URL; the limits are of a download as a whole, redirects included, unpacked.
 *
 * @throws ContractError of one line if it cannot be read or is no OpenAPI 3 document
 */
export async function loadDocument(location: string, { timeoutMs = 30_000, maxBytes = MAX_DOCUMENT_BYTES } = {}) {
  if (!/^https?:\/\//i.test(location)) return readDocument(location);
  if (!URL.canParse(location)) throw new ContractError("the URL is not valid");
  const { protocol, host, pathname, username, password } = new URL(location);
  // Credentials, query and fragment can hold a token.
  const shown = `${protocol}//${host}${pathname}`;
  const refusal = (problem: string) => new ContractError(`cannot get ${shown}: ${problem}`);
  if (username !== "" || password !== "") {
    throw refusal("credentials in a URL are not sent; download the file instead");
  }
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(location, { signal, headers: { accept: "application/json, application/yaml, */*" } });
    if (response.status !== 200) throw refusal(`the status is ${response.status} ${response.statusText}`.trimEnd());
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      // Leaving the loop cancels the rest of the body.
      if (size > maxBytes) throw refusal(`the body has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return parseDocumentText(shown, Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw refusal(signal.aborted ? `no complete response within ${timeoutMs / 1000} s` : rootMessage(error));
  }
}

/** What fetch's "fetch failed" hides is in its cause. */
function rootMessage(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  if (cause === undefined) return firstLineOf(error);
  return rootMessage(cause instanceof AggregateError ? cause.errors[0] : cause);
}
