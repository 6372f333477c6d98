/**
 * The command as its users run it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const preloaded = [import.meta.resolve("tsx"), new URL("no-network.ts", import.meta.url).href];

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the generator without network. */
export async function runGenerate(args: readonly string[], cwd = process.cwd()): Promise<Outcome> {
  const options = preloaded.flatMap((module) => ["--import", module]);
  const child = spawn(process.execPath, [...options, main, ...args], { cwd });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status: child.exitCode, stdout, stderr };
}
