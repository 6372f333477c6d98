/**
 * Runs the check against a server of a test.
 */

import { readContract } from "../contract/operations.js";
import type { Report } from "../report.js";
import { type ConformanceOptions, OWN_CONTRACT, runConformance } from "../run.js";
import { account, type Rules, type StatefulServer, startStatefulServer } from "./stateful-server.js";

/** Read once: it takes as long as a run. */
const contract = readContract(OWN_CONTRACT);

/** Ids and credentials for a stateful server. */
export function targetAt(url: string): NonNullable<ConformanceOptions["target"]> {
  const { groupId, orgId, clientId, accessToken } = account;
  return { url, credentials: { accessToken }, ids: { groupId, orgId, clientId }, createRealSecrets: false };
}

/** Starts a server with a fault, checks it, and stops it. */
export async function checkServer(
  plant?: (rules: Rules) => void,
  options: Partial<ConformanceOptions> = {},
): Promise<{ report: Report; server: StatefulServer }> {
  const server = await startStatefulServer(plant);
  try {
    const report = await runConformance({
      spec: await contract,
      target: targetAt(server.url),
      seed: 1,
      timeoutMs: 10_000,
      ...options,
    });
    return { report, server };
  } finally {
    await server.stop();
  }
}

/** The checks that failed, each as `check operation`, with the operation's last word. */
export function failedChecks({ failures }: Report): string[] {
  const names = failures.map(
    ({ check, operationId }) => `${check} ${operationId.startsWith("create") ? "create" : "delete"}`,
  );
  return [...new Set(names)].sort();
}
