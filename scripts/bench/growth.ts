/**
 * How generation and type-check grow with the number of operations. The contract is the project's own two operations, again
 * and again under other names.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { temporaryFolder } from "../tarball.js";
import { runNode } from "./child.js";
import { type Budget, medianOf, table } from "./measuring.js";
import { ROOT } from "./packages.js";

const SIZES = [2, 20, 200, 500];
const root = (path: string) => fileURLToPath(new URL(path, ROOT));

interface Measured {
  readonly size: number;
  /** Milliseconds. */
  readonly generation: number;
  /** Milliseconds. */
  readonly typeCheck: number;
  /** Types that the compiler worked out: how much it had to do, whatever else the machine did. */
  readonly instantiations: number;
}

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
    return [
      String(size),
      ...[(median(size, "generation") / 1000).toFixed(2), each("generation", 1)],
      ...[(median(size, "typeCheck") / 1000).toFixed(2), each("typeCheck", 1)],
      ...[String(median(size, "instantiations")), each("instantiations", 0)],
    ];
  });
  return table(
    "Growth with the number of operations",
    [
      "Medians of processor time: of the generator's whole command, and of tsc on the generated files and the library.",
      "for each more: against the size above it. It stays the same if the growth is linear.",
      "types: what the compiler counts as instantiations, the same on every machine.",
    ],
    [
      ...["operations", "generation s", "ms for each more", "type-check s", "ms for each more"],
      ...["types", "for each more"],
    ],
    rows,
  );
}

function measureOnce(size: number, folder: string): Measured {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const contract = join(folder, "contract.yaml");
  writeFileSync(contract, contractOf(size));
  // Written in TypeScript, so it runs as the bench itself does.
  const generator = [...process.execArgv, root("scripts/generate/main.ts")];
  const generated = runNode([...generator, "--spec", contract, "--out", join(folder, "generated")]);
  layOut(folder);
  const { cpu, stdout } = runNode([root("node_modules/typescript/bin/tsc"), "-p", folder, "--diagnostics"]);
  const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
  return { size, generation: generated.cpu, typeCheck: cpu, instantiations };
}

/** Puts the library and its compiler options beside the generated files. */
function layOut(folder: string): void {
  const isTest = (path: string) => path.endsWith(".test.ts") || /[\\/]testing$/.test(path);
  cpSync(root("src"), join(folder, "src"), { recursive: true, filter: (path) => !isTest(path) });
  symlinkSync(root("node_modules"), join(folder, "node_modules"), "dir");
  const config = { extends: root("tsconfig.json"), include: ["src", "generated"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
}

interface Document {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** @param size number of operations, an even one; every pair of them has schemas of its own */
function contractOf(size: number): string {
  // The project's own contract, whose form its tests vouch for.
  const contract: Document = parse(readFileSync(root("openapi/atlas-service-account-secrets.yaml"), "utf8"));
  const copies = Array.from({ length: size / 2 }, (_, index) => copyOf(contract, index));
  const paths = Object.assign({}, ...copies.map((copy) => copy.paths));
  const schemas = Object.assign({}, contract.components.schemas, ...copies.map((copy) => copy.schemas));
  // Each copy written out: a reader takes very many aliases for an attack.
  const document = { ...contract, paths, components: { ...contract.components, schemas } };
  return stringify(document, { aliasDuplicateObjects: false });
}

/** The first copy keeps its names, because the client's own code uses them. */
function copyOf({ paths, components }: Document, index: number): { readonly paths: object; readonly schemas: object } {
  if (index === 0) return { paths, schemas: {} };
  const renamed = (value: object) =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll("/api/atlas/v2/", `/api/atlas/v2/copy${index}/`)
        .replaceAll(/"operationId":"(\w+)"/g, `"operationId":"$1${index}"`)
        .replaceAll(/#\/components\/schemas\/(ServiceAccount\w+)/g, `#/components/schemas/$1${index}`),
    );
  const own = Object.entries(components.schemas).filter(([name]) => name.startsWith("ServiceAccount"));
  return {
    paths: renamed(paths),
    schemas: Object.fromEntries(own.map(([name, schema]) => [`${name}${index}`, schema])),
  };
}
