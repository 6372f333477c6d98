/**
 * Runs the check, or the command as it is typed, against a server of a test.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, onTestFinished } from "vitest";
import { FROZEN_CONTRACT, readContract } from "../../../contract-tests/contract/operations.js";
import { type TestEnd, temporaryDirectory } from "../../../src/cli/testing/command.js";
import { runCommand } from "../../testing/run-command.js";
import type { CheckName } from "../checks.js";
import { conformanceCommand } from "../command.js";
import type { Report } from "../report.js";
import { type ConformanceOptions, runConformance } from "../run.js";
import type { AccountIds } from "../target.js";
import { account, type Plant, startServer, type TestServer } from "./server.js";

/** A contract that stays as it is when the project's own changes; read once, which takes as long as a run. */
export const contract = await readContract(FROZEN_CONTRACT);

/** Ids and credentials for a server of a test. */
export function targetAt(url: string): NonNullable<ConformanceOptions["target"]> {
  const { groupId, orgId, clientId, accessToken } = account;
  return { url, credentials: { accessToken }, ids: { groupId, orgId, clientId }, createRealSecrets: false };
}

/** How a server is to be checked. */
export interface CheckingOptions extends Partial<ConformanceOptions> {
  readonly credentials?: NonNullable<ConformanceOptions["target"]>["credentials"];
  readonly otherIds?: AccountIds;
  readonly held?: number;
  /** Path under which the server serves everything. */
  readonly prefix?: string;
}

/** A fault with its name, the checks that have to find it, and how the server is to be checked. */
export type Fault = readonly [
  name: string,
  plant: Plant,
  caughtBy: readonly string[],
  options?: CheckingOptions | undefined,
];

/** For a fault that only some of the cases of a kind find, as `"8"` for 8 is found by one of many wrong types. */
export const ALL_CASES = { casesPerKind: (): number => Number.POSITIVE_INFINITY };

/** Starts a server with a fault, checks it with one case of each kind, as more would only take time, and closes it. */
export async function checkServer(
  plant?: Plant,
  { credentials, otherIds, held, prefix = "", ...options }: CheckingOptions = {},
): Promise<{ report: Report; server: TestServer }> {
  const server = await startServer(plant, prefix);
  try {
    const target = { ...targetAt(server.url), otherIds, held, ...(credentials === undefined ? {} : { credentials }) };
    const defaults = { spec: contract, seed: 1, settleMs: 0, casesPerKind: () => 1 };
    return { report: await runConformance({ ...defaults, target, ...options }), server };
  } finally {
    await server.close();
  }
}

/** The checks that failed, each as `check operation`, with the operation's first word. */
export function failedChecks({ failures }: Report): string[] {
  const names = failures.map(
    ({ check, operationId }) => `${check} ${operationId.startsWith("create") ? "create" : "delete"}`,
  );
  return [...new Set(names)].sort();
}

/**
 * Checks a server with a fault: the named checks find it, and no others find anything. Of the operations only those are
 * checked that the names end with, unless the options say otherwise.
 */
export async function expectCaught(
  plant: Plant,
  caughtBy: readonly string[],
  options: CheckingOptions = {},
): Promise<void> {
  const selects = (operationId: string): boolean =>
    caughtBy.some((name) => operationId.startsWith(name.split(" ")[1] ?? ""));
  // Of the other checks one case of each kind will do.
  const casesPerKind = (check: CheckName): number =>
    caughtBy.some((name) => name.startsWith(`${check} `)) ? (options.casesPerKind?.(check) ?? 1) : 1;
  const { report } = await checkServer(plant, { selects, ...options, casesPerKind });
  expect(failedChecks(report)).toEqual([...caughtBy].sort());
  expect(report.conforms).toBe(false);
}

/** Writes a copy of the contract in which something is changed; it is there until the end of the test. */
export async function changedContract(change: (text: string) => string, test?: TestEnd): Promise<string> {
  const file = join(temporaryDirectory(test), "contract.yaml");
  await writeFile(file, change(await readFile(FROZEN_CONTRACT, "utf8")));
  return file;
}

export const CREDENTIALS = { MONGODB_ATLAS_ACCESS_TOKEN: account.accessToken };

/** Not the project's own contract: what the tests say does not change with an edit there. */
export const FROZEN = relative(process.cwd(), FROZEN_CONTRACT);

/** Calls the command, and returns what it prints. */
export async function conformance(args: readonly string[], env: Readonly<Record<string, string>> = CREDENTIALS) {
  const progress: (string | undefined)[] = [];
  const spec = args.includes("--spec") || args.includes("--help") ? [] : ["--spec", FROZEN];
  const command = conformanceCommand({ onProgress: (words) => progress.push(words) });
  return { ...(await runCommand(command, [...args, ...spec], { env })), progress };
}

export async function serverWith(plant?: Plant): Promise<TestServer> {
  const server = await startServer(plant);
  onTestFinished(() => server.close());
  return server;
}
