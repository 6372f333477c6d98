/**
 * How generation and type-check grow with the number of operations.
 */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runNode } from "../child.js";
import { medianOf, type Table } from "../figures.js";
import { ROOT } from "../packages.js";
import type { Budget } from "../progress.js";

const SIZES = [2, 20, 200, 500] as const;

/** Of one size: what every round measured. */
interface Measured {
  /** Milliseconds. */
  readonly generation: number[];
  /** Milliseconds. */
  readonly typeCheck: number[];
  /** Types that the compiler worked out: how much it had to do, whatever else the machine did. */
  readonly instantiations: number[];
}

/** As many rounds as the time allows, each in fresh processes. */
export async function measureGrowth(budget: Budget): Promise<Table> {
  const measured = SIZES.map((size): Measured & { size: number } => {
    return { size, generation: [], typeCheck: [], instantiations: [] };
  });
  let rounds = 0;
  while (budget.allows(rounds + 1, 1)) {
    rounds += 1;
    for (const each of measured) {
      budget.report(`round ${rounds}, ${each.size} operations`);
      await measureOnce(each.size, each);
    }
  }
  const rows = measured.map((own, index) => {
    const smaller = measured[index - 1];
    const each = (of: keyof Measured) =>
      smaller === undefined ? "" : (medianOf(own[of]) - medianOf(smaller[of])) / (own.size - smaller.size);
    return {
      size: own.size,
      generation: medianOf(own.generation) / 1000,
      generationEach: each("generation"),
      typeCheck: medianOf(own.typeCheck) / 1000,
      typeCheckEach: each("typeCheck"),
      instantiations: medianOf(own.instantiations),
      instantiationsEach: each("instantiations"),
    };
  });
  return {
    title: "Growth with the number of operations",
    notes: [
      `Median of ${rounds} rounds, processor time; the type-check is tsc on the generated files and the library.`,
      "for each more: against the size above it. It stays the same if the growth is linear.",
      "types: what the compiler counts as instantiations, the same on every machine.",
    ],
    columns: [
      { key: "size", heading: "operations" },
      { key: "generation", heading: "generation s", digits: 2 },
      { key: "generationEach", heading: "ms for each more", digits: 1 },
      { key: "typeCheck", heading: "type-check s", digits: 2 },
      { key: "typeCheckEach", heading: "ms for each more", digits: 1 },
      { key: "instantiations", heading: "types" },
      { key: "instantiationsEach", heading: "for each more" },
    ],
    rows,
  };
}

async function measureOnce(size: number, measured: Measured): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-growth-"));
  try {
    const generate = new URL("generate.ts", import.meta.url);
    const args = [...process.execArgv, fileURLToPath(generate), String(size), join(folder, "generated")];
    const generated = await runNode(args);
    measured.generation.push(Number(generated.stdout));
    layOut(folder);
    const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const { cpu, stdout } = await runNode([compiler, "-p", folder, "--diagnostics"]);
    measured.typeCheck.push(cpu);
    measured.instantiations.push(Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the library and its compiler options beside the generated files. */
function layOut(folder: string): void {
  const isTest = (path: string) => path.endsWith(".test.ts") || /[\\/]testing$/.test(path);
  cpSync(new URL("src", ROOT), join(folder, "src"), { recursive: true, filter: (path) => !isTest(path) });
  symlinkSync(fileURLToPath(new URL("node_modules", ROOT)), join(folder, "node_modules"), "dir");
  const config = { extends: fileURLToPath(new URL("tsconfig.json", ROOT)), include: ["src", "generated"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  // What is generated from something else than the contract stays as it is.
  cpSync(new URL("generated", ROOT), join(folder, "generated"), { recursive: true, force: false });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
}
