/**
 * How generation and type-check grow with the number of operations.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "../child.js";
import { ROOT } from "../compile.js";
import { medianOf } from "../statistics.js";
import type { Table } from "../table.js";

const SIZES = [2, 20, 200, 500] as const;

interface Times {
  readonly generation: number[];
  readonly typeCheck: number[];
}

/** @param rounds measurements of each size, one after the other, in fresh processes */
export async function measureGrowth(rounds: number): Promise<Table> {
  const times = new Map<number, Times>(SIZES.map((size) => [size, { generation: [], typeCheck: [] }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const size of SIZES) await measureOnce(size, times.get(size));
  }
  const rows = SIZES.map((size, index) => {
    const smaller = SIZES[index - 1];
    const column = (of: keyof Times) => {
      const median = (at: number | undefined) => medianOf(times.get(at ?? size)?.[of] ?? []);
      const marginal = smaller === undefined ? "" : (median(size) - median(smaller)) / (size - smaller);
      return { seconds: median(size) / 1000, marginal };
    };
    const generation = column("generation");
    const typeCheck = column("typeCheck");
    return {
      size,
      generation: generation.seconds,
      generationEach: generation.marginal,
      typeCheck: typeCheck.seconds,
      typeCheckEach: typeCheck.marginal,
    };
  });
  return {
    title: "Growth with the number of operations",
    notes: [
      `Median of ${rounds} rounds in fresh processes; the type-check is tsc on the generated files and the library.`,
      "ms for each more: against the size above it. It stays the same where the growth is linear.",
    ],
    columns: [
      { key: "size", heading: "operations" },
      { key: "generation", heading: "generation s", digits: 2 },
      { key: "generationEach", heading: "ms for each more", digits: 1 },
      { key: "typeCheck", heading: "type-check s", digits: 2 },
      { key: "typeCheckEach", heading: "ms for each more", digits: 1 },
    ],
    rows,
  };
}

async function measureOnce(size: number, times: Times | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-growth-"));
  try {
    const generate = new URL("generate.ts", import.meta.url);
    const milliseconds = await runChild(generate, [String(size), join(folder, "generated")], process.execArgv);
    times?.generation.push(Number(milliseconds));
    layOut(folder);
    const started = performance.now();
    const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const { status } = spawnSync(process.execPath, [compiler, "-p", folder], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    times?.typeCheck.push(performance.now() - started);
    if (status !== 0) throw new Error(`the client of ${size} operations does not compile`);
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
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
}
