/**
 * For tests: the command line as a process of its own, as cron starts it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestEnd } from "./command.js";

export interface Program {
  /** One file with everything in it: starting it takes a tenth of what a loader for TypeScript takes. */
  readonly path: string;
  remove(): void;
}

export async function bundledProgram(): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), "atlas-secrets-program-"));
  const path = join(directory, "atlas-secrets.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../main.ts", import.meta.url))],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    // commander is CommonJS and asks for Node's own modules by `require`.
    banner: { js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);' },
    logLevel: "error",
  });
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly stderr: () => string;
  /** Resolves when it has said this. */
  said(text: string): Promise<void>;
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Starts a command in a process group of its own, as a shell does. It ends with the test, if not before. */
export function start(
  test: TestEnd,
  command: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd?: string },
): Running {
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  test.onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(() => ({
    exitCode: child.exitCode,
    signal: child.signalCode,
    stdout,
    stderr,
  }));
  return {
    child,
    stderr: () => stderr,
    ended,
    async said(text) {
      while (!stderr.includes(text)) await once(child.stderr, "data");
    },
  };
}
