/**
 * How long the project's own tests take.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./compile.js";
import type { Table } from "./table.js";

/** @throws Error where the tests cannot be run; tests that fail are counted */
export function measureSuite(): Table {
  const folder = mkdtempSync(join(tmpdir(), "bench-suite-"));
  try {
    const file = join(folder, "report.json");
    const started = performance.now();
    spawnSync("npm", ["test", "--", "--reporter=json", `--outputFile=${file}`], { cwd: ROOT, stdio: "ignore" });
    const seconds = (performance.now() - started) / 1000;
    // Vitest's report, of which these two numbers are read.
    const report: { numTotalTests: number; numFailedTests: number } = JSON.parse(readFileSync(file, "utf8"));
    return {
      title: "The test suite",
      notes: ["npm test, from start to end."],
      columns: [
        { key: "seconds", heading: "s", digits: 1 },
        { key: "cases", heading: "cases" },
        { key: "failed", heading: "failed" },
        { key: "rate", heading: "cases a second", digits: 1 },
      ],
      rows: [
        {
          seconds,
          cases: report.numTotalTests,
          failed: report.numFailedTests,
          rate: report.numTotalTests / seconds,
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
