/**
 * Runs the check against a server of a test.
 */

import { readContract } from "../contract/operations.js";
import type { Report } from "../report.js";
import { type ConformanceOptions, OWN_CONTRACT, runConformance } from "../run.js";
import type { Plant } from "./faults.js";
import { account } from "./rules.js";
import { type StatefulServer, startStatefulServer } from "./stateful-server.js";

/** Read once: it takes as long as a run. */
const contract = readContract(OWN_CONTRACT);

/** Ids and credentials for a stateful server. */
export function targetAt(url: string): NonNullable<ConformanceOptions["target"]> {
  const { groupId, orgId, clientId, accessToken } = account;
  return { url, credentials: { accessToken }, ids: { groupId, orgId, clientId }, createRealSecrets: false };
}

/** How a server is to be checked. */
export interface CheckingOptions extends Partial<ConformanceOptions> {
  readonly credentials?: NonNullable<ConformanceOptions["target"]>["credentials"];
  /** Path under which the server serves everything. */
  readonly prefix?: string;
}

/** Starts a server with a fault, checks it, and stops it. */
export async function checkServer(
  plant?: Plant,
  { credentials, prefix = "", ...options }: CheckingOptions = {},
): Promise<{ report: Report; server: StatefulServer }> {
  const server = await startStatefulServer(plant, prefix);
  try {
    const target = { ...targetAt(server.url), ...(credentials === undefined ? {} : { credentials }) };
    const report = await runConformance({ spec: await contract, target, seed: 1, timeoutMs: 10_000, ...options });
    return { report, server };
  } finally {
    await server.stop();
  }
}

/** Selects all checks of the operations that the names of failed checks end with: the others would only take time. */
export function operationsOf(failed: readonly string[]): NonNullable<ConformanceOptions["selects"]> {
  return (operationId) => failed.some((name) => operationId.startsWith(name.split(" ")[1] ?? ""));
}

/** The checks that failed, each as `check operation`, with the operation's last word. */
export function failedChecks({ failures }: Report): string[] {
  const names = failures.map(
    ({ check, operationId }) => `${check} ${operationId.startsWith("create") ? "create" : "delete"}`,
  );
  return [...new Set(names)].sort();
}
