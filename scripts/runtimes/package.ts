/**
 * The package as its consumers use it on this Node: from JavaScript, from strict TypeScript, from the command line, in
 * their tests, and beside a second copy of it.
 */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mockCredentials } from "../../contract-tests/mock/settings.js";
import { startMock } from "../../contract-tests/mock/start-mock.js";
import { codeBlocks } from "../readmes.js";
import { compile, DEV_DEPENDENCIES, RESOLUTIONS, ROOT, runProgram } from "../tarball.js";
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
  const examples = examplesIn("src/testing/atlas/README.md");
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
export function examplesIn(readme: string): readonly string[] {
  return codeBlocks(readFileSync(join(ROOT, readme), "utf8"), "ts").map(({ code }) => code);
}
