/**
 * The command `npm run spec:diff`: its options, and what it does with them.
 */
import { relative } from "node:path";
import { ContractError } from "../../contract-tests/contract/document.js";
import { CONTRACT_FILE } from "../../contract-tests/contract/operations.js";
import { CommandError, command, flag, seconds, text, UsageError, withDefault } from "../command.js";
import { compareDocuments } from "./compare.js";
import { loadDocument } from "./load-document.js";
import { exitCodeOf, toGitHub, toJson, toText } from "./report.js";

const RULES = `Operations are matched by method and path, whatever the placeholders and operationIds are called. Paths, servers,
parameters, bodies, statuses, headers, media types, schemas, security, roles (x-rolesRequirements), deprecated and
x-sunset are compared, with references followed; descriptions, examples, tags and other x- extensions are not.
Operations that only they have are left out. A bound on a length that a pattern implies is no difference. MongoDB's SDK
document is recognized.

Verdicts
  breaking             a client that keeps to the contract can fail
                         requests: they take less than the contract lets a client send: a new required parameter or
                         property, a removed parameter, body, property or media type, a tighter schema, another default,
                         another way to sign in, another role, another host
                         responses: they may return what the contract does not describe: another success status or
                         none, a removed media type or required property, a looser schema, a removed property that
                         the contract marks with x-needed-by-client, { reason }
                         an operation that they do not have, or whose x-sunset has passed
  stricter on purpose  they are looser than the contract, which gives a reason: x-stricter-than-documentation,
                         { keyword, reason } or a list of them, beside the keyword
  explained            they lack something for which the contract names another source: x-documented-elsewhere,
                         { reason }, on the operation, parameter, body, media type, response, header, property,
                         security scheme or server; { keyword, reason } beside a keyword that is looser in the contract
  compatible           anything else: a new optional parameter or property, a new or removed error status, a looser
                         request, a tighter response, a renamed placeholder or operationId, a deprecation, an x-sunset
                         still to come (a warning with --github)

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
