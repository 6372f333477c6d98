/**
 * From a contract to the text of every generated file, as a function and as the command around it.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandError, type CommandIo, command, EXIT, flag, text, withDefault } from "../command.js";
import { ContractError, type Place, type Remark } from "./json-document.js";
import { OneWayProperties } from "./one-way-properties.js";
import { operationsOf } from "./operation-model.js";
import { readContract } from "./read-contract.js";
import { writeClient } from "./write-client.js";
import { writeOperations } from "./write-operations.js";
import { writeSchema } from "./write-schema.js";
import { writeTypes } from "./write-types.js";
import { VALIDATOR_TYPES, writeFleetValidator, writeValidators } from "./write-validators.js";

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
      const contract = await generate(await readContract(await readText(spec), note));
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

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "it may not be read",
};

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Error(`cannot read ${path}: ${FILE_PROBLEMS[code] ?? code}`, { cause });
  }
}

/**
 * The generated files by name. The same contract always gives the same text.
 * @param document what `readContract` returns
 * @throws {ContractError} for what only the tools that write it find
 */
export async function generate(document: Place): Promise<Map<string, string>> {
  const operations = operationsOf(document);
  const oneWay = new OneWayProperties(document, operations);
  return new Map([
    ["schema.ts", await writeSchema(document, oneWay)],
    ["operations.ts", writeOperations(operations)],
    ["validators.js", await writeValidators(document, operations)],
    ["validators.d.ts", VALIDATOR_TYPES],
    ["types.ts", writeTypes(operations, oneWay)],
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

/** How a directory differs from what would be generated. */
export interface Difference {
  readonly file: string;
  readonly kind: "differs" | "is missing" | "is extra";
}

/** Every file that differs, is missing or is extra, by name. A directory that is not there lacks every file. */
export async function compare(directory: string, files: ReadonlyMap<string, string>): Promise<Difference[]> {
  const present = new Set(await namesIn(directory));
  const differences: Difference[] = [...present]
    .filter((file) => !files.has(file))
    .map((file) => ({ file, kind: "is extra" }));
  for (const [file, text] of files) {
    if (!present.has(file)) differences.push({ file, kind: "is missing" });
    else if (!(await readFile(join(directory, file))).equals(Buffer.from(text)))
      differences.push({ file, kind: "differs" });
  }
  return differences.sort((one, other) => (one.file < other.file ? -1 : 1));
}

/**
 * Writes the files; others in the directory stay. Every text is on the disk under another name before the first old file
 * is replaced, so that what fails leaves the old output as it was.
 * @throws {Error} of node:fs, or for a directory that has the name of a file
 */
export async function write(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const file of files.keys()) await refuseDirectory(join(directory, file));
  // Within the directory, because a rename is atomic only on one file system.
  const temporary = await mkdtemp(join(directory, ".generate-"));
  try {
    for (const [file, text] of files) await writeFile(join(temporary, file), text);
    for (const file of files.keys()) await rename(join(temporary, file), join(directory, file));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function refuseDirectory(path: string): Promise<void> {
  const status = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (status?.isDirectory()) throw new Error(`${path} is a directory`);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
