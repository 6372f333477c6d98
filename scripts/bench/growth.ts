/**
 * How generation and type-check grow with the number of operations. The contract is the project's own two operations, again
 * and again under other names.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ROOT, temporaryFolder } from "../tarball.js";
import { runNode } from "./child.js";
import { type Budget, medianOf, table } from "./measuring.js";

const SIZES = [2, 20, 200, 500];

type Measured = ReturnType<typeof measureOnce>;

/** As many rounds as the time allows, each in fresh processes. */
export async function measureGrowth(budget: Budget): Promise<string> {
  const measured: Measured[] = [];
  const folder = join(temporaryFolder("bench-growth-"), "project");
  for (let round = 1; budget.allows(round, 1); round += 1) {
    for (const size of SIZES) {
      budget.report(`round ${round}, ${size} operations`);
      measured.push(measureOnce(size, folder));
    }
  }
  const median = (size: number, of: keyof Measured) =>
    medianOf(measured.filter((each) => each.size === size).map((each) => each[of]));
  const rows = SIZES.map((size, index) => {
    const smaller = SIZES[index - 1];
    const each = (of: keyof Measured, digits: number) =>
      smaller === undefined ? "" : ((median(size, of) - median(smaller, of)) / (size - smaller)).toFixed(digits);
    return {
      operations: String(size),
      "generation s": (median(size, "generationMs") / 1000).toFixed(2),
      "generation ms for each more": each("generationMs", 1),
      "type-check s": (median(size, "typeCheckMs") / 1000).toFixed(2),
      "type-check ms for each more": each("typeCheckMs", 1),
      types: String(median(size, "instantiations")),
      "types for each more": each("instantiations", 0),
    };
  });
  return table(
    "Growth with the number of operations",
    [
      "Medians of processor time: of the generator's whole command, and of tsc on the generated files and the library.",
      "for each more: against the size above it. It stays the same if the growth is linear.",
      "types: what the compiler counts as instantiations, the same on every machine.",
    ],
    rows,
  );
}

/** Generates into a project that holds the library and its compiler options, and checks that. */
function measureOnce(size: number, folder: string) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const contract = join(folder, "contract.yaml");
  writeFileSync(contract, contractOf(size));
  // Written in TypeScript, so it runs as the bench itself does.
  const generator = [...process.execArgv, join(ROOT, "scripts/generate/main.ts")];
  const generated = runNode([...generator, "--spec", contract, "--out", join(folder, "generated")]);

  const isTest = (path: string) => path.endsWith(".test.ts") || /[\\/]testing$/.test(path);
  cpSync(join(ROOT, "src"), join(folder, "src"), { recursive: true, filter: (path) => !isTest(path) });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  const config = { extends: join(ROOT, "tsconfig.json"), include: ["src", "generated"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const { cpu, stdout } = runNode([compiler, "-p", folder, "--diagnostics"]);
  // How much the compiler had to do, whatever else the machine did.
  const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
  return { size, generationMs: generated.cpu, typeCheckMs: cpu, instantiations };
}

interface Document {
  readonly paths: Record<string, unknown>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

/** @param size number of operations, an even one; every pair of them has schemas of its own */
function contractOf(size: number): string {
  // The project's own contract, whose form its tests vouch for.
  const contract: Document = parse(readFileSync(join(ROOT, "openapi/atlas-service-account-secrets.yaml"), "utf8"));
  const own = Object.entries(contract.components.schemas).filter(([name]) => name.startsWith("ServiceAccount"));
  const pair = JSON.stringify({ paths: contract.paths, schemas: own });
  // The first pair keeps its names, because the client's own code uses them.
  for (let index = 1; index < size / 2; index += 1) {
    const { paths, schemas } = JSON.parse(
      pair
        .replaceAll("/api/atlas/v2/", `/api/atlas/v2/copy${index}/`)
        .replaceAll(/"operationId":"(\w+)"/g, `"operationId":"$1${index}"`)
        .replaceAll(/#\/components\/schemas\/(ServiceAccount\w+)/g, `#/components/schemas/$1${index}`),
    );
    Object.assign(contract.paths, paths);
    for (const [name, schema] of schemas) contract.components.schemas[`${name}${index}`] = schema;
  }
  // Each copy written out: a reader takes very many aliases for an attack.
  return stringify(contract, { aliasDuplicateObjects: false });
}
