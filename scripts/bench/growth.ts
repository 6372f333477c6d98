/** How generation and type-check grow with the number of operations. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT, temporaryFolder } from "../tarball.js";
import { runNode } from "./child.js";
import { type Budget, medianOf, table } from "./measuring.js";

const SIZES = [2, 20, 200, 500];

type Measured = ReturnType<typeof measureOnce>;

/** As many rounds as the time allows, each in fresh processes. */
export async function measureGrowth(budget: Budget): Promise<string> {
  const rounds: Measured[][] = [];
  const folder = join(temporaryFolder("bench-growth-"), "project");
  for (let round = 1; budget.allows(round, 1); round += 1) {
    budget.report(`round ${round}, ${SIZES.join(", ")} operations`);
    rounds.push(SIZES.map((size) => measureOnce(size, folder)));
  }
  const rows = SIZES.map((size, index) => {
    const median = (of: keyof Measured, at = index) => medianOf(rounds.map((round) => round[at]?.[of] ?? Number.NaN));
    const each = (of: keyof Measured, digits: number) =>
      index === 0 ? "" : ((median(of) - median(of, index - 1)) / (size - (SIZES[index - 1] ?? 0))).toFixed(digits);
    return {
      operations: String(size),
      "generation s": (median("generationMs") / 1000).toFixed(2),
      "generation ms for each more": each("generationMs", 1),
      "type-check s": (median("typeCheckMs") / 1000).toFixed(2),
      "type-check ms for each more": each("typeCheckMs", 1),
      types: String(median("instantiations")),
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
  const contract = join(folder, "contract.json");
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
  return { generationMs: generated.cpu, typeCheckMs: cpu, instantiations };
}

/** The project's own contract with copies of its two operations and their schemas under other names. */
function contractOf(size: number): string {
  const contract = parse(readFileSync(join(ROOT, "openapi/atlas-service-account-secrets.yaml"), "utf8"));
  const own = JSON.stringify(contract);
  for (let index = 1; index < size / 2; index += 1) {
    const { paths, components } = JSON.parse(
      own
        .replaceAll("/api/atlas/v2/", `/api/atlas/v2/copy${index}/`)
        .replaceAll(/"operationId":"(\w+)"/g, `"operationId":"$1${index}"`)
        .replaceAll(/\b(ServiceAccountSecret\w*)"/g, `$1${index}"`),
    );
    Object.assign(contract.paths, paths);
    Object.assign(contract.components.schemas, components.schemas);
  }
  return JSON.stringify(contract);
}
