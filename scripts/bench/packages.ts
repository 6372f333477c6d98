/** The packages that are measured: the project's own as it is shipped, and the peers in the bench's own package.json. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createProject, install, packTarball, ROOT, runProgram, type Tarball } from "../tarball.js";

const BENCH = new URL("./", import.meta.url);
/** Where modules find the peers and git sees nothing. */
export const CACHE = new URL("node_modules/.cache/", BENCH);
/** A project with the package installed from its tarball. */
export const PROJECT = new URL("project/", CACHE);
const INSTALLED = new URL("node_modules/atlas-service-account-secrets/dist/", PROJECT);
/** What a program imports. */
export const ENTRY = new URL("index.js", INSTALLED);
export const COMMAND_LINE = new URL("atlas-secrets.js", INSTALLED);
/** What can be imported instead; hey-api's client, which its generator writes from the contract, has no name. */
export const PEERS = ["openapi-fetch", "ky", "axios", "@mongodb-js/mcp-atlas-api-client", "mongodb-atlas-api-client"];
export const HEY_API = new URL("hey-api.mjs", CACHE);

/**
 * Builds, packs and installs the package, since what is measured must be neither stale nor seen through tsx, and installs
 * the peers. What these depend on is the newest that they accept: a lock file of some thousand lines would say more than a
 * measurement needs.
 */
export async function preparePackages(err: (text: string) => void): Promise<Tarball> {
  err("bench: building and packing the package");
  const folder = fileURLToPath(PROJECT);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tarball = await packTarball(folder);
  await createProject(folder, [tarball.path]);
  err("bench: installing the packages to compare with");
  await install(fileURLToPath(BENCH), "--no-package-lock", "--ignore-scripts");
  await generateHeyApi();
  return tarball;
}

async function generateHeyApi(): Promise<void> {
  const output = fileURLToPath(new URL("hey-api/", CACHE));
  const options = {
    input: join(ROOT, "openapi/atlas-service-account-secrets.yaml"),
    output,
    plugins: ["@hey-api/client-fetch", "@hey-api/sdk"],
    logs: { level: "silent" },
  };
  const code = `import { createClient } from "@hey-api/openapi-ts"; await createClient(${JSON.stringify(options)});`;
  await runProgram(process.execPath, ["--input-type=module", "--eval", code], fileURLToPath(BENCH));
  const contents = `export * from "./index.js"; export { createClient } from "./client/index.js";`;
  const bundle = { bundle: true, format: "esm", platform: "node", logLevel: "error" } as const;
  await build({ stdin: { contents, resolveDir: output }, outfile: fileURLToPath(HEY_API), ...bundle });
}
