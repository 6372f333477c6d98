// npm run generate, npm run generate:check: writes generated/ from the contract, or says how the two differ.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ContractError } from "./contract-error.js";
import { generate } from "./generate.js";
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

process.exitCode = await main(process.argv.slice(2));

/** Answers the exit status: 0 done, 1 not done or different, 2 wrongly called. */
async function main(args: string[]): Promise<number> {
  let options: ReturnType<typeof parseOptions>;
  try {
    options = parseOptions(args);
  } catch (error) {
    return fail(`${messageOf(error)} (try --help)`, 2);
  }
  if (options.help) {
    console.log(help);
    return 0;
  }
  const { spec = fromRepository("openapi/atlas-service-account-secrets.yaml"), out = fromRepository("generated") } =
    options;
  try {
    const files = await generate(await readContract(await readFile(spec, "utf8")));
    if (options.check) return await check(out, files);
    await write(out, files);
    return 0;
  } catch (error) {
    return fail(error instanceof ContractError ? `${spec}#${error.pointer}: ${error.message}` : messageOf(error), 1);
  }
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      spec: { type: "string" },
      out: { type: "string" },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

async function check(directory: string, files: ReadonlyMap<string, string>): Promise<number> {
  const differences = await compare(directory, files);
  for (const { file, kind } of differences) console.error(`generate:check: ${file} ${kind}; run npm run generate`);
  return differences.length === 0 ? 0 : 1;
}

function fail(message: string, status: number): number {
  console.error(`generate: ${message.replaceAll(/\s*\n\s*/g, " ")}`);
  return status;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
