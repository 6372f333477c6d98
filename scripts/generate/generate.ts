/** From a contract to the text of every generated file, as a function and as the command around it. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandError, command, EXIT, flag, text, withDefault } from "../command.js";
import { ContractError, messageOf, type Place, type Remark } from "./json-document.js";
import { operationsOf } from "./operation-model.js";
import { linesIn, readContract } from "./read-contract.js";
import { writeClient, writeTypes } from "./write-client.js";
import { writeOperations } from "./write-operations.js";
import { oneWayProperties, writeSchema } from "./write-schema.js";
import { VALIDATOR_TYPES, writeFleetValidator, writeValidators } from "./write-validators.js";

const SPEC = "openapi/atlas-service-account-secrets.yaml";
const FLEET_SCHEMA = fromRepository("src/cli/fleet/fleet.schema.json");

export const generateCommand = command({
  name: "generate",
  about: "Writes the generated files from an OpenAPI 3.0 or 3.1 document.",
  options: {
    spec: withDefault(text("file", "the OpenAPI document, YAML or JSON"), fromRepository(SPEC), SPEC),
    out: withDefault(text("dir", "the directory of the generated files"), fromRepository("generated/"), "generated/"),
    check: flag("write nothing; exit 1 if a file differs, is missing or would not be written"),
  },
  afterHelp: "`npm run generate:check` is `npm run generate -- --check`.",
  async run({ spec, out, check }, { err }) {
    const contract = await readText(spec);
    const say = ({ pointer, message }: Remark) => `${spec}#${pointer}: ${message}`;
    try {
      const document = await readContract(contract, (remark) => err(`generate: note: ${say(remark)}`));
      const files = new Map([
        ...(await generate(document)),
        ...(await writeFleetValidator(await readText(FLEET_SCHEMA))),
      ]);
      if (!check) {
        await write(out, files);
        return EXIT.ok;
      }
      const differences = await compare(out, files);
      for (const { file, kind } of differences) {
        err(`generate:check: ${file} ${kind}; ${kind === "is extra" ? "remove it" : "run npm run generate"}`);
      }
      return differences.length === 0 ? EXIT.ok : EXIT.found;
    } catch (cause) {
      if (!(cause instanceof ContractError)) throw new CommandError([messageOf(cause)], EXIT.found, { cause });
      const lineOf = linesIn(contract);
      const messages = cause.problems.map((each) => say(each) + (each.pointer && ` (line ${lineOf(each.pointer)})`));
      throw new CommandError(messages, EXIT.found, { cause });
    }
  },
});

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw new CommandError([`cannot read ${path}: ${messageOf(cause)}`], EXIT.found, { cause });
  }
}

/**
 * The generated files by name. The same contract always gives the same text.
 * @param document what `readContract` returns
 * @throws {ContractError} for what only the tools that write it find
 */
export async function generate(document: Place): Promise<Map<string, string>> {
  const operations = operationsOf(document);
  const oneWay = oneWayProperties(operations);
  return new Map([
    ["schema.ts", await writeSchema(document, oneWay)],
    ["operations.ts", writeOperations(operations)],
    ["validators.js", await writeValidators(document, operations)],
    ["validators.d.ts", VALIDATOR_TYPES],
    ["types.ts", writeTypes(operations, oneWay)],
    ["client.ts", writeClient(operations)],
  ]);
}

function fromRepository(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Every file that differs, is missing or is extra, by name. A directory that is not there lacks every file. */
export async function compare(directory: string, files: ReadonlyMap<string, string>) {
  const present = await namesIn(directory, files);
  const names = [...new Set([...present, ...files.keys()])].sort();
  const differences = names.map(async (file) => {
    const text = files.get(file);
    if (text === undefined) return { file, kind: "is extra" };
    if (!present.includes(file)) return { file, kind: "is missing" };
    return (await readFile(join(directory, file), "utf8")) === text ? [] : { file, kind: "differs" };
  });
  return (await Promise.all(differences)).flat();
}

/**
 * Writes the files; others in the directory stay. Every text is on the disk under another name before the first old file
 * is replaced, so that what fails leaves the old output as it was.
 */
export async function write(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  await namesIn(directory, files);
  // Within the directory, because a rename is atomic only on one file system.
  const temporary = await mkdtemp(join(directory, ".generate-"));
  try {
    for (const [file, text] of files) await writeFile(join(temporary, file), text);
    for (const file of files.keys()) await rename(join(temporary, file), join(directory, file));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @throws {Error} for a directory in the place of one of the files */
async function namesIn(directory: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const inTheWay = entries.find((entry) => files.has(entry.name) && entry.isDirectory());
  if (inTheWay !== undefined) throw new Error(`${join(directory, inTheWay.name)} is a directory`);
  return entries.map(({ name }) => name);
}
