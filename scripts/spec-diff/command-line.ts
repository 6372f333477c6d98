/**
 * The command line of `npm run spec:diff`.
 */
import { parseArgs } from "node:util";
import { SpecDiffError } from "./document.js";

/** What was asked for. */
interface CommandLine {
  readonly help: boolean;
  readonly json: boolean;
  /** The other document: a path or an http(s) URL. */
  readonly official: string;
  /** The contract's path; `undefined`: the project's own. */
  readonly contract: string | undefined;
  /** For a download as a whole. */
  readonly timeoutMs: number;
}

/** What `--help` prints. */
export const help = `Compares the contract with an official Atlas OpenAPI document, operation by operation.

  npm run spec:diff -- FILE_OR_URL [options]

  FILE_OR_URL          OpenAPI 3, JSON or YAML; redirects are followed, at most five
  --contract FILE      the contract (default: openapi/atlas-service-account-secrets.yaml)
  --json               print the result as JSON
  --timeout SECONDS    for the download as a whole (default: 30)
  --help               print this

Example
  npm run spec:diff -- https://raw.githubusercontent.com/mongodb/openapi/main/openapi/v2.json

Operations are matched by method and path; what the placeholders and operationIds are called does not matter. Paths,
parameters, bodies, statuses, headers, media types, schemas and security are compared with references followed;
descriptions, examples, tags and x- extensions are not. Operations that only they have are left alone.

Verdicts
  breaking             who keeps to the contract can fail with them
                         requests: they take less than the contract lets a client send: a new required parameter or
                         property, a removed parameter, body, property or media type, a tighter schema, another default,
                         another way to sign in
                         answers: they may give what the contract does not describe: another success status, a removed
                         media type or required property, a looser schema
                         an operation that they do not have
  stricter on purpose  they are looser where the contract gives a reason: x-stricter-than-documentation,
                         { keyword, reason } or a list of them, beside the keyword
  explained            they lack something for which the contract names another source: x-documented-elsewhere,
                         { reason }, on the operation, parameter, body, media type, answer, header, property,
                         security scheme or server
  compatible           anything else: a new optional parameter or property, a new or removed error status, a looser
                         request, a tighter answer, a renamed placeholder, a deprecation

Exit status
  0  nothing is breaking      1  something is breaking
  2  wrong usage, or a document that cannot be read, is no OpenAPI 3 or has references that cannot be followed
`;

/**
 * Reads the arguments after the program's name.
 * @throws SpecDiffError for wrong usage
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parsed(args);
  const [official, ...rest] = positionals;
  const isHelp = values.help === true;
  if (!isHelp && (official === undefined || official === "")) throw usage("FILE_OR_URL is missing");
  if (rest.length > 0) throw usage(`one FILE_OR_URL is compared at a time, not also ${JSON.stringify(rest[0])}`);
  const seconds = Number(values.timeout ?? "30");
  if (!(seconds > 0 && seconds <= 3600))
    throw usage(`--timeout is a number of seconds up to 3600, not ${JSON.stringify(values.timeout)}`);
  return {
    help: isHelp,
    json: values.json === true,
    official: official ?? "",
    contract: values.contract,
    timeoutMs: seconds * 1000,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        json: { type: "boolean" },
        contract: { type: "string" },
        timeout: { type: "string" },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw usage(message.split(/\. |\n/, 1).join(""));
  }
}

function usage(problem: string): SpecDiffError {
  return new SpecDiffError(`${problem} (see --help)`);
}
