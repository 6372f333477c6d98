/**
 * From a contract to the text of every generated file, as a function and as the command around it.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CommandError, type CommandIo, command, EXIT, flag, text, withDefault } from "../command.js";
import { ContractError, type JsonObject, type Remark } from "./json-document.js";
import { operationsOf } from "./operation-model.js";
import { compare, write } from "./output-directory.js";
import { readContract } from "./read-contract.js";
import { writeClient, writeTypes } from "./write-client.js";
import { writeFleetValidator } from "./write-fleet-validator.js";
import { writeOperations } from "./write-operations.js";
import { OneWayProperties, writeSchema } from "./write-schema.js";
import { VALIDATOR_TYPES, writeValidators } from "./write-validators.js";

const DEFAULT_SPEC = "openapi/atlas-service-account-secrets.yaml";
const DEFAULT_OUT = "generated/";
const FLEET_SCHEMA = "src/cli/fleet/fleet.schema.json";

/** Exit codes: 0 done, 1 cannot be generated or differs, 2 wrong usage. */
export const generateCommand = command({
  name: "generate",
  about: "Writes the generated files from an OpenAPI 3.0 or 3.1 document.",
  options: {
    spec: withDefault(text("file", "the OpenAPI document, YAML or JSON"), fromRepository(DEFAULT_SPEC), DEFAULT_SPEC),
    out: withDefault(text("dir", "the directory of the generated files"), fromRepository(DEFAULT_OUT), DEFAULT_OUT),
    check: flag("write nothing; exit 1 if a file differs, is missing or would not be written"),
  },
  afterHelp: "`npm run generate:check` is `npm run generate -- --check`.",
  async run({ spec, out, check }, io) {
    try {
      const note = ({ pointer, message }: Remark) => io.err(`generate: note: ${spec}#${pointer}: ${message}`);
      const contract = await generate(await readContract(await readFile(spec, "utf8"), note));
      const fleetSchema = JSON.parse(await readFile(fromRepository(FLEET_SCHEMA), "utf8"));
      const files = new Map([...contract, ...(await writeFleetValidator(fleetSchema))]);
      if (check) return await report(out, files, io);
      await write(out, files);
      return EXIT.ok;
    } catch (error) {
      if (error instanceof ContractError) {
        const problems = error.problems.map(({ pointer, message }) => `${spec}#${pointer}: ${message}`);
        throw new CommandError(problems, EXIT.found, { cause: error });
      }
      throw new CommandError([error instanceof Error ? error.message : String(error)], EXIT.found, { cause: error });
    }
  },
});

/**
 * The generated files by name. The same contract always gives the same text.
 * @param document what `readContract` returns
 * @throws {ContractError} for what only the tools that write it find
 */
export async function generate(document: JsonObject): Promise<Map<string, string>> {
  const operations = operationsOf(document);
  const oneWay = new OneWayProperties(document, operations);
  return new Map([
    ["schema.ts", await writeSchema(document, oneWay)],
    ["operations.ts", writeOperations(document, operations)],
    ["validators.js", await writeValidators(document, operations)],
    ["validators.d.ts", VALIDATOR_TYPES],
    ["types.ts", writeTypes(document, operations, oneWay)],
    ["client.ts", writeClient(operations)],
  ]);
}

async function report(directory: string, files: ReadonlyMap<string, string>, { err }: CommandIo): Promise<number> {
  const differences = await compare(directory, files);
  for (const { file, kind } of differences) {
    err(`generate:check: ${file} ${kind}; ${kind === "is extra" ? "remove it" : "run npm run generate"}`);
  }
  return differences.length === 0 ? EXIT.ok : EXIT.found;
}

function fromRepository(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
