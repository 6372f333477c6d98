/**
 * For tests: the command line with a fake Atlas, in this process or as one of its own as cron starts it, and everything
 * that it prints.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { type EventEmitter, once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { expect, onTestFinished } from "vitest";
import {
  ADMIN,
  type FakeAtlas,
  GROUP_ID,
  ORG_ID,
  type StoredSecret,
  startAtlas,
} from "../../testing/atlas/start-atlas.js";
import { run } from "../program.js";
import type { CommandIo } from "../terminal/command-io.js";
import type { ExitCode } from "../terminal/exit-code.js";

export const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

/** What every value of a secret and every token of the test server begins with. */
const ANY_SECRET = /mdb_sa_sk_fake|fake-token-/;

export interface Scene {
  readonly server: FakeAtlas;
  /** The one secret that the account has at the beginning. */
  readonly previous: StoredSecret;
  /** Credentials, base URL and ids, as a cron job has them. */
  readonly env: Readonly<Record<string, string>>;
  /** Empty, and gone with the test. */
  readonly directory: string;
}

/** Where things are put that have to go with the test; a concurrent test has its own. */
export interface TestEnd {
  onTestFinished(cleanUp: () => void): void;
}

const CURRENT_TEST: TestEnd = { onTestFinished };

/** A server with one account, gone with the test. */
export async function scene(test: TestEnd = CURRENT_TEST): Promise<Scene> {
  const server = await startAtlas();
  test.onTestFinished(() => server.close());
  const env = {
    PATH: process.env["PATH"] ?? "",
    MONGODB_ATLAS_CLIENT_ID: ADMIN.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: ADMIN.clientSecret,
    MONGODB_ATLAS_BASE_URL: server.url,
    MONGODB_ATLAS_PROJECT_ID: GROUP_ID,
    MONGODB_ATLAS_ORG_ID: ORG_ID,
    ATLAS_SECRETS_CLIENT_ID: clientId,
  };
  return { server, previous: server.addAccount(clientId), env, directory: temporaryDirectory(test) };
}

export function temporaryDirectory(test: TestEnd = CURRENT_TEST): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "atlas-secrets-")));
  test.onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Ended {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  /** What stdout holds, if it is JSON. */
  readonly json: unknown;
  readonly stderr: string;
}

export interface Environment {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Emits SIGINT and the like. */
  readonly signals?: EventEmitter;
  /** Width of the terminal that stderr is; by default it is none. */
  readonly columns?: number;
  readonly stdout?: Partial<CommandIo["stdout"]>;
  /** Called with each message as it is printed. */
  readonly onStderr?: (text: string) => void;
  readonly exit?: (code: ExitCode) => void;
  readonly now?: () => number;
}

/** Runs a command to its end. Nothing that it says may hold a secret; what it prints may, if the test says so. */
export async function command(
  args: readonly string[],
  around: Environment,
  { printsSecret = false } = {},
): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  const exitCode = await run(args, {
    env: around.env ?? {},
    stdout: {
      async write(text) {
        stdout += text;
      },
      isDiscarded: () => false,
      ...around.stdout,
    },
    stderr: {
      write(text) {
        stderr += text;
        around.onStderr?.(text);
      },
      columns: around.columns,
    },
    onSignal: (name, listener) => around.signals?.on(name, listener),
    exit: around.exit ?? ((code) => expect.fail(`exit(${code})`)),
    now: around.now ?? Date.now,
  });
  expect(stderr).not.toMatch(ANY_SECRET);
  if (!printsSecret) expect(stdout).not.toMatch(ANY_SECRET);
  return { exitCode, stdout, stderr, json: stdout.startsWith("{") ? JSON.parse(stdout) : undefined };
}

/** The server's live secrets of the account, as ids. */
export function liveIds({ server }: Pick<Scene, "server">, account = clientId): string[] {
  return server.accounts.secretsOf(account).map(({ id }) => id);
}

export interface Program {
  /** Bundled: starting it takes a tenth of what a loader for TypeScript takes. */
  readonly path: string;
  remove(): void;
}

/** What a module finds by its own place, as the contract, is where it was before the bundle. */
const WITH_OWN_URLS: Plugin = {
  name: "own-urls",
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
      loader: "ts",
    }));
  },
};

/** The command line, or a script of the project, which finds its packages where they are installed. */
export async function bundledProgram(script?: URL): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), "bundled-program-"));
  const path = join(directory, "program.mjs");
  const installed = fileURLToPath(new URL("../../../node_modules", import.meta.url));
  symlinkSync(installed, join(directory, "node_modules"), "junction");
  await build({
    entryPoints: [fileURLToPath(script ?? new URL("../main.ts", import.meta.url))],
    ...(script === undefined ? {} : { packages: "external", plugins: [WITH_OWN_URLS] }),
    outdir: directory,
    entryNames: "program",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What is imported lazily stays lazy.
    splitting: true,
    platform: "node",
    format: "esm",
    // commander is CommonJS and asks for Node's own modules by `require`. To optimize the WebAssembly in Node's fetch takes a
    // fifth of the processor time of a process that soon ends.
    banner: {
      js: `import { createRequire as r } from "node:module"; const require = r(import.meta.url);
        require("node:v8").setFlagsFromString("--liftoff-only");`,
    },
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
