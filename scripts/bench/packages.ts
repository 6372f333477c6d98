/**
 * The packages that are measured: the project's own as it is shipped, and the peers, for which the bench has a
 * package.json of its own.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createProject, packTarball, type Tarball } from "../tarball.js";

export const ROOT = new URL("../../", import.meta.url);
export const BENCH = new URL("./", import.meta.url);
/** Where modules find the peers and git sees nothing. */
export const CACHE = new URL("node_modules/.cache/", BENCH);

/** What a program can import instead. hey-api's client is generated, so that it has no name to import. */
export const PEERS = ["openapi-fetch", "ky", "axios", "@mongodb-js/mcp-atlas-api-client", "mongodb-atlas-api-client"];

export interface Packages {
  /** A project with the package installed from its tarball. */
  readonly project: URL;
  readonly tarball: Pick<Tarball, "bytes" | "files">;
  /** What a program imports. */
  readonly entry: URL;
  /** What `atlas-secrets` runs. */
  readonly commandLine: URL;
  /** The client that hey-api's generator writes from the contract, in one file. */
  readonly heyApi: URL;
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, { readonly default: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/**
 * Builds, packs and installs the package, since what is measured must be neither stale nor seen through tsx, and installs
 * the peers in the versions that the bench's package.json pins. What these depend on is the newest that they accept: a lock
 * file of some thousand lines would say more than a measurement needs.
 *
 * @throws Error if one of them cannot be installed
 */
export async function preparePackages(err: (text: string) => void): Promise<Packages> {
  err("bench: building and packing the package");
  const project = new URL("project/", CACHE);
  const folder = fileURLToPath(project);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tarball = await packTarball(folder);
  await createProject(folder, [tarball.path]);
  const installed = new URL("node_modules/atlas-service-account-secrets/", project);
  const { exports, bin } = manifest(installed) ?? {};
  const [entry, commandLine] = [exports?.["."]?.default, bin?.["atlas-secrets"]];
  if (entry === undefined || commandLine === undefined) throw new Error("package.json names no entry or no command");
  installPeers(err);
  return {
    project,
    tarball,
    entry: new URL(entry, installed),
    commandLine: new URL(commandLine, installed),
    heyApi: await generateHeyApi(),
  };
}

function installPeers(err: (text: string) => void): void {
  const pins = Object.entries(manifest(BENCH)?.dependencies ?? {});
  const installed = pins.every(
    ([name, version]) => manifest(new URL(`node_modules/${name}/`, BENCH))?.version === version,
  );
  if (installed) return;
  err("bench: installing the packages to compare with");
  npm(BENCH, ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
}

async function generateHeyApi(): Promise<URL> {
  mkdirSync(CACHE, { recursive: true });
  const source = fileURLToPath(new URL("hey-api/", CACHE));
  const file = new URL("hey-api.mjs", CACHE);
  const input = fileURLToPath(new URL("openapi/atlas-service-account-secrets.yaml", ROOT));
  const options = {
    input,
    output: source,
    plugins: ["@hey-api/client-fetch", "@hey-api/sdk"],
    logs: { level: "silent" },
  };
  const code = `import { createClient } from "@hey-api/openapi-ts"; await createClient(${JSON.stringify(options)});`;
  // It warns of digest, which it does not know.
  run(BENCH, process.execPath, ["--input-type=module", "--eval", code], "ignore");
  const contents = `export * from ${JSON.stringify(`${source}index.js`)}; export { createClient } from ${JSON.stringify(`${source}client/index.js`)};`;
  await build({
    stdin: { contents, resolveDir: source },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: fileURLToPath(file),
    logLevel: "error",
  });
  return file;
}

function manifest(folder: URL): Manifest | undefined {
  try {
    // npm's own format, of which four members are read.
    return JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as Manifest;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function npm(folder: URL, args: readonly string[]): void {
  run(folder, "npm", args, "inherit");
}

function run(folder: URL, program: string, args: readonly string[], stderr: "inherit" | "ignore"): void {
  // Standard output is kept for the figures.
  const { status } = spawnSync(program, args, { cwd: fileURLToPath(folder), stdio: ["ignore", "ignore", stderr] });
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 2).join(" ")} failed in ${fileURLToPath(folder)}`);
}
