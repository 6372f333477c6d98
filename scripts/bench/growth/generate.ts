/**
 * Generates from a contract of some size in a fresh process, and prints the milliseconds of processor time that it took.
 * The contract is the project's own two operations, again and again under other names.
 *
 * Arguments: number of operations, folder for the generated files.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { generate } from "../../generate/generate.js";
import { readContract } from "../../generate/read-contract.js";
import { ROOT } from "../packages.js";

const [size = "2", folder = ""] = process.argv.slice(2);
const text = documentOf(Number(size));
const before = process.cpuUsage();
const files = await generate(await readContract(text));
const { user, system } = process.cpuUsage(before);
mkdirSync(folder, { recursive: true });
for (const [name, content] of files) writeFileSync(join(folder, name), content);
console.log((user + system) / 1000);

interface Document {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** @param size number of operations, an even one; every pair of them has schemas of its own */
function documentOf(size: number): string {
  // The project's own contract, whose form its tests vouch for.
  const contract: Document = parse(readFileSync(new URL("openapi/atlas-service-account-secrets.yaml", ROOT), "utf8"));
  const copies = Array.from({ length: size / 2 }, (_, index) => copyOf(contract, index));
  const document = {
    ...contract,
    paths: Object.assign({}, ...copies.map(({ paths }) => paths)),
    components: {
      ...contract.components,
      schemas: Object.assign({}, contract.components.schemas, ...copies.map(({ components }) => components.schemas)),
    },
  };
  // Each copy written out: a reader takes very many aliases for an attack.
  return stringify(document, { aliasDuplicateObjects: false });
}

/** The first copy keeps its names, because the client's own code uses them. */
function copyOf({ paths, components }: Document, index: number): Document {
  if (index === 0) return { paths, components };
  const renamed = (text: string) =>
    text
      .replaceAll("/api/atlas/v2/", `/api/atlas/v2/copy${index}/`)
      .replaceAll(/"operationId":"(\w+)"/g, `"operationId":"$1${index}"`)
      .replaceAll(/#\/components\/schemas\/(ServiceAccount\w+)/g, `#/components/schemas/$1${index}`);
  const own = Object.entries(components.schemas).filter(([name]) => name.startsWith("ServiceAccount"));
  return {
    paths: JSON.parse(renamed(JSON.stringify(paths))),
    components: {
      schemas: Object.fromEntries(own.map(([name, schema]) => [`${name}${index}`, schema])),
    },
  };
}
