/**
 * `npm run test:package`: packs the library, installs the tarball into an empty project outside the repository, and uses
 * it there as its consumers do: from JavaScript, from strict TypeScript, from the command line.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mockCredentials } from "../contract-tests/mock/settings.js";
import { startMock } from "../contract-tests/mock/start-mock.js";
import { command, EXIT, runMain } from "./command.js";
import { codeBlocks } from "./readmes.js";
import {
  compile,
  createProject,
  DEV_DEPENDENCIES,
  packTarball,
  RESOLUTIONS,
  ROOT as root,
  runProgram as run,
} from "./tarball.js";

/** Where the tarball and its consumer are; made and removed by the run. */
let work = "";

const consumer = () => join(work, "consumer");

await runMain(
  command({
    name: "test:package",
    about:
      "Packs the library, installs the tarball into an empty project outside the repository and uses it there as its " +
      "consumers do: from JavaScript, from strict TypeScript, from the command line.",
    options: {},
    async run(_values, { out, err }) {
      const step = async (name: string, action: () => void | Promise<void>): Promise<void> => {
        const start = performance.now();
        await action();
        out(`✓ ${name.padEnd(58)} ${((performance.now() - start) / 1000).toFixed(1)} s`);
      };
      work = mkdtempSync(join(tmpdir(), "atlas-package-"));
      try {
        await checkPackage(step);
        return EXIT.ok;
      } catch (error) {
        // What a failed child has said is worth more than the lines of this script.
        err(error instanceof Error ? error.message : String(error));
        return EXIT.found;
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
  }),
);

async function checkPackage(step: (name: string, action: () => void | Promise<void>) => Promise<void>): Promise<void> {
  const [quickstart] = codeBlocks(readFileSync(join(root, "README.md"), "utf8"), "ts");
  if (quickstart === undefined) throw new Error("README has no quickstart");
  const { code } = quickstart;
  let tarball = "";
  await step("builds and packs, with nothing in it that is not for consumers", async () => {
    tarball = (await packTarball(work)).path;
  });
  await step("publint and attw find nothing", () => checkAsConsumersSeeIt(tarball));
  await step("installs into an empty project", () => install(tarball));
  await step("imports from JavaScript", importFromJavaScript);
  await step("tries again to load what could not be loaded", loadAgain);
  await step("recognizes the errors of a second copy", () => recognizeSecondCopy(tarball));
  await step("compiles under node16, nodenext and bundler", () => compileFromTypeScript(code));
  await step("runs README's quickstart against the mock", runQuickstart);
  await step("runs the examples of the test double", runTestDouble);
  await step("npx atlas-secrets --help", tryCommandLine);
}

async function install(tarball: string): Promise<void> {
  const types = ["typescript", "@types/node"].map((name) => `${name}@${DEV_DEPENDENCIES[name]}`);
  await createProject(consumer(), [tarball, ...types]);
}

async function importFromJavaScript(): Promise<void> {
  const script = `
    import * as library from "atlas-service-account-secrets";
    import { createRequire } from "node:module";
    import { readFileSync } from "node:fs";
    const require = createRequire(import.meta.url);
    const { resolve } = require;
    if (require("atlas-service-account-secrets").rotateSecret !== library.rotateSecret) throw new Error("require() differs");
    const contract = readFileSync(resolve("atlas-service-account-secrets/openapi.yaml"), "utf8");
    for (const schema of ["fleet.schema.json", "rotation-record.schema.json"])
      JSON.parse(readFileSync(resolve("atlas-service-account-secrets/" + schema), "utf8"));
    if (!contract.includes("openapi: 3.0.3")) throw new Error("no contract");
    console.log(Object.keys(library).sort().join(" "));`;
  writeFileSync(join(consumer(), "use.js"), script);
  const names = (await run(process.execPath, ["use.js"], consumer())).trim().split(" ");
  for (const name of [
    "createAtlasClient",
    "optionsFromEnv",
    "rotateSecret",
    "rotateSecrets",
    "AtlasError",
    "SecretRotationError",
  ]) {
    if (!names.includes(name)) throw new Error(`${name} is not exported; there are ${names.join(", ")}`);
  }
}

/** As while another version is installed under a running program. */
async function loadAgain(): Promise<void> {
  const script = `
    import { readdirSync, renameSync } from "node:fs";
    import { AtlasNetworkError, AtlasRequestError, createAtlasClient } from "atlas-service-account-secrets";
    const dist = new URL(".", import.meta.resolve("atlas-service-account-secrets"));
    const file = new URL(readdirSync(dist).find((name) => name.startsWith("calls-")), dist);
    const away = new URL("away.js", import.meta.url);
    const atlas = createAtlasClient({ credentials: { accessToken: "fake" }, baseUrl: "http://127.0.0.1:1", retry: false });
    const ids = { orgId: "0".repeat(24), clientId: "mdb_sa_id_" + "0".repeat(24), secretId: "0".repeat(24) };
    const call = () => atlas.deleteOrgServiceAccountSecret(ids).catch((thrown) => thrown);
    renameSync(file, away);
    const without = await call();
    if (!(without instanceof AtlasRequestError) || without.outcome !== "not-applied") throw new Error(without);
    renameSync(away, file);
    const again = await call();
    if (!(again instanceof AtlasNetworkError)) throw new Error("not loaded: " + again);`;
  writeFileSync(join(consumer(), "load-again.js"), script);
  await run(process.execPath, ["load-again.js"], consumer());
}

/** Two copies of the package in one program, as npm installs them if two dependencies ask for two versions. */
async function recognizeSecondCopy(tarball: string): Promise<void> {
  await run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--prefer-offline", `second-copy@file:${tarball}`],
    consumer(),
  );
  const script = `
    import { AtlasError, AtlasNetworkError, rotateSecret, SecretNotStoredError } from "atlas-service-account-secrets";
    import * as second from "second-copy";
    import { startAtlas, ADMIN } from "atlas-service-account-secrets/testing";
    if (second.AtlasError === AtlasError) throw new Error("there is only one copy");
    const refusing = second.createAtlasClient({ credentials: { accessToken: "fake" }, baseUrl: "http://127.0.0.1:1", retry: false });
    const ids = { orgId: "0".repeat(24), clientId: "mdb_sa_id_" + "0".repeat(24), secretId: "0".repeat(24) };
    const error = await refusing.deleteOrgServiceAccountSecret(ids).catch((thrown) => thrown);
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
  writeFileSync(join(consumer(), "two-copies.js"), script);
  await run(process.execPath, ["two-copies.js"], consumer());
}

/** The quickstart of README under every way to resolve modules, with every declaration checked. */
async function compileFromTypeScript(quickstart: string): Promise<void> {
  writeFileSync(join(consumer(), "quickstart.ts"), quickstart);
  for (const resolution of RESOLUTIONS) {
    const options = { ...resolution, target: "es2023", lib: ["es2023"], types: ["node"] };
    await compile("node_modules/typescript/bin/tsc", consumer(), "quickstart.ts", options);
  }
}

async function runQuickstart(): Promise<void> {
  const mock = await startMock();
  try {
    const env = {
      MONGODB_ATLAS_BASE_URL: mock.url,
      MONGODB_ATLAS_CLIENT_ID: mockCredentials.clientId,
      MONGODB_ATLAS_CLIENT_SECRET: mockCredentials.clientSecret,
    };
    // In a process of its own, as a stranger would run it; the mock goes on in this one.
    const child = spawn(process.execPath, ["out/quickstart.js"], { cwd: consumer(), env: { ...process.env, ...env } });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    const calls = mock.requests.map(({ method, status }) => `${method} ${status}`).join(", ");
    if (code !== 0 || !calls.includes("POST 201, DELETE 204"))
      throw new Error(`The quickstart called ${calls} and exited with ${code}`);
  } finally {
    await mock.stop();
  }
}

/** The examples of the fake Atlas, which are JavaScript as well, with the test runner that each is for. */
async function runTestDouble(): Promise<void> {
  const readme = readFileSync(join(root, "src/testing/atlas/README.md"), "utf8");
  const examples = codeBlocks(readme, "ts").map(({ code }) => code);
  const ofNode = examples.find((code) => code.includes('"node:test"'));
  const ofVitest = examples.find((code) => code.includes('"vitest"'));
  if (ofNode === undefined || ofVitest === undefined) throw new Error("README has no two examples of the test double");
  writeFileSync(join(consumer(), "node.test.mjs"), ofNode);
  await run(process.execPath, ["--test", "node.test.mjs"], consumer());
  writeFileSync(join(consumer(), "vitest.test.mjs"), ofVitest);
  symlinkSync(join(root, "node_modules/vitest"), join(consumer(), "node_modules/vitest"), "junction");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  await run(process.execPath, [vitest, "run", "vitest.test.mjs", "--root", consumer()], consumer());
}

async function tryCommandLine(): Promise<void> {
  const help = await run("npx", ["--no-install", "atlas-secrets", "--help"], consumer());
  for (const command of ["create", "delete", "rotate"]) {
    if (!help.includes(command)) throw new Error(`--help does not name ${command}:\n${help}`);
  }
}

async function checkAsConsumersSeeIt(tarball: string): Promise<void> {
  const bin = (name: string) => join(root, "node_modules", ".bin", name);
  await run(bin("publint"), ["run", tarball, "--strict"], root);
  // Node's own CommonJS cannot `require` an ES module in every version that is supported: ESM only, on purpose.
  // The contract is data for whoever reads the file; nothing imports it as a module.
  await run(bin("attw"), [tarball, "--profile", "esm-only", "--exclude-entrypoints", "openapi.yaml"], root);
}
