/**
 * Runs the command as it is typed, on a server of a test.
 */
import { relative } from "node:path";
import { onTestFinished } from "vitest";
import { FROZEN_CONTRACT } from "../../../contract-tests/contract/operations.js";
import { runCommand } from "../../testing/run-command.js";
import { conformanceCommand } from "../command.js";
import { account, type Plant, startServer, type TestServer } from "./server.js";

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
