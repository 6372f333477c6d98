/**
 * Runs the check against a server of a test.
 */
import { FROZEN_CONTRACT, readContract } from "../../../contract-tests/contract/operations.js";
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
  /** Path under which the server serves everything. */
  readonly prefix?: string;
}

/** Starts a server with a fault, checks it, and closes it. */
export async function checkServer(
  plant?: Plant,
  { credentials, otherIds, prefix = "", ...options }: CheckingOptions = {},
): Promise<{ report: Report; server: TestServer }> {
  const server = await startServer(plant, prefix);
  try {
    const target = { ...targetAt(server.url), otherIds, ...(credentials === undefined ? {} : { credentials }) };
    return { report: await runConformance({ spec: contract, target, seed: 1, ...options }), server };
  } finally {
    await server.close();
  }
}

/** Selects all checks of the operations that the names of failed checks end with: the others would only take time. */
export function operationsOf(failed: readonly string[]): NonNullable<ConformanceOptions["selects"]> {
  return (operationId) => failed.some((name) => operationId.startsWith(name.split(" ")[1] ?? ""));
}

/** The checks that failed, each as `check operation`, with the operation's first word. */
export function failedChecks({ failures }: Report): string[] {
  const names = failures.map(
    ({ check, operationId }) => `${check} ${operationId.startsWith("create") ? "create" : "delete"}`,
  );
  return [...new Set(names)].sort();
}
