/**
 * The command `npm run spec:diff`: its options, and what it does with them.
 */
import { isAbsolute, relative } from "node:path";
import { ContractError } from "../../contract-tests/contract/document.js";
import { CONTRACT_FILE } from "../../contract-tests/contract/operations.js";
import { CommandError, command, flag, seconds, text, withDefault } from "../command.js";
import { compareDocuments } from "./compare.js";
import { loadDocument } from "./load-document.js";
import { exitCodeOf, toJson, toText } from "./report.js";

const RULES = `Operations are matched by method and path; what the placeholders and operationIds are called does not matter. Paths,
parameters, bodies, statuses, headers, media types, schemas and security are compared with references followed;
descriptions, examples, tags and x- extensions are not. Operations that only they have are left out.

Verdicts
  breaking             a client that keeps to the contract can fail
                         requests: they take less than the contract lets a client send: a new required parameter or
                         property, a removed parameter, body, property or media type, a tighter schema, another default,
                         another way to sign in
                         responses: they may return what the contract does not describe: another success status, a
                         removed media type or required property, a looser schema
                         an operation that they do not have
  stricter on purpose  they are looser than the contract, which gives a reason: x-stricter-than-documentation,
                         { keyword, reason } or a list of them, beside the keyword
  explained            they lack something for which the contract names another source: x-documented-elsewhere,
                         { reason }, on the operation, parameter, body, media type, response, header, property,
                         security scheme or server; { keyword, reason } beside a keyword that is looser in the contract
  compatible           anything else: a new optional parameter or property, a new or removed error status, a looser
                         request, a tighter response, a renamed placeholder, a deprecation

Exit codes
  0  nothing is breaking      1  something is breaking
  2  wrong usage, or a document that cannot be read, is no OpenAPI 3 or has references that cannot be followed

Example
  npm run spec:diff -- https://raw.githubusercontent.com/mongodb/openapi/main/openapi/v2.json`;

export const specDiff = command({
  name: "spec:diff",
  about: "Compares the contract with an official Atlas OpenAPI document, operation by operation.",
  positionals: { "file-or-url": "OpenAPI 3, JSON or YAML; redirects are followed, at most five" },
  options: {
    contract: withDefault(text("file", "the contract"), CONTRACT_FILE, "openapi/atlas-service-account-secrets.yaml"),
    json: flag("print the result as JSON"),
    timeout: withDefault(seconds("seconds", "for the download as a whole", 3600), 30),
  },
  afterHelp: RULES,
  async run({ "file-or-url": location, contract: file, json, timeout }, { out, colour = false }) {
    try {
      const contract = await loadDocument(shortest(file));
      const official = await loadDocument(location, { timeoutMs: timeout * 1000 });
      const documents = { contract, official };
      const comparison = compareDocuments(contract, official);
      out(json ? JSON.stringify(toJson(comparison, documents), null, 2) : toText(comparison, documents, colour));
      return exitCodeOf(comparison);
    } catch (error) {
      if (error instanceof ContractError) throw new CommandError([error.message]);
      throw error;
    }
  },
});

/** As it would be typed here. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") || isAbsolute(fromHere) || !isAbsolute(path) ? path : fromHere;
}
