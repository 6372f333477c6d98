/**
 * A report in a file.
 */
import { writeFile } from "node:fs/promises";
import type { Report } from "../report.js";
import { junitOf } from "./junit.js";

/** What a report file can be. */
export function isReportFile(path: string): boolean {
  return path.endsWith(".json") || path.endsWith(".xml");
}

/** Writes JSON, or JUnit XML where the name ends with `.xml`. */
export async function writeReport(path: string, report: Report): Promise<void> {
  await writeFile(path, path.endsWith(".xml") ? junitOf(report) : `${JSON.stringify(report, undefined, 2)}\n`);
}
