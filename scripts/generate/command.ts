/**
 * The command line of the generator: its options, its one-line errors, its exit status.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generate } from "./generate.js";
import { ContractError } from "./json-document.js";
import { compare, write } from "./output-directory.js";
import { readContract } from "./read-contract.js";

const help = `Usage: npm run generate -- [--spec FILE] [--out DIR]
       npm run generate:check -- [--spec FILE] [--out DIR]

Writes the generated files from an OpenAPI 3.0 document. generate:check writes nothing and exits 1 when a file in DIR
is not what would be written, is missing, or is one that would not be written.

  --spec FILE  the OpenAPI document, YAML or JSON (default: openapi/atlas-service-account-secrets.yaml)
  --out DIR    where the files are (default: generated/)
  --check      compare instead of writing
  --help       show this text`;

const fromRepository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const defaultSpec = fromRepository("openapi/atlas-service-account-secrets.yaml");
const defaultOut = fromRepository("generated");

/** Where the command writes: a console, or what a test gives. */
export interface Output {
  log(line: string): void;
  error(line: string): void;
}

/** Runs the command and returns its exit status: 0 done, 1 not done or different, 2 wrongly called. Never throws. */
export async function runCommand(args: readonly string[], output: Output): Promise<number> {
  let options: ReturnType<typeof parseOptions>;
  try {
    options = parseOptions(args);
  } catch (error) {
    output.error(oneLine(`${messageOf(error)} (try --help)`));
    return 2;
  }
  if (options.help) {
    output.log(help);
    return 0;
  }
  const { spec = defaultSpec, out = defaultOut } = options;
  try {
    const files = await generate(await readContract(await readFile(spec, "utf8")));
    if (options.check) return await check(out, files, output);
    await write(out, files);
    return 0;
  } catch (error) {
    output.error(
      oneLine(error instanceof ContractError ? `${spec}#${error.pointer}: ${error.message}` : messageOf(error)),
    );
    return 1;
  }
}

function parseOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      spec: { type: "string" },
      out: { type: "string" },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

async function check(directory: string, files: ReadonlyMap<string, string>, output: Output): Promise<number> {
  const differences = await compare(directory, files);
  for (const { file, kind } of differences) {
    const remedy = kind === "is extra" ? "remove it" : "run npm run generate";
    output.error(`generate:check: ${file} ${kind}; ${remedy}`);
  }
  return differences.length === 0 ? 0 : 1;
}

function oneLine(message: string): string {
  return `generate: ${message.replaceAll(/\s*\n\s*/g, " ")}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
