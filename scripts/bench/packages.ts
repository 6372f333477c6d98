/**
 * The packages that are measured: the project's own as it is shipped, and the peers, for which the bench has a
 * package.json of its own.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = new URL("../../", import.meta.url);
export const BENCH = new URL("./", import.meta.url);

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, { readonly default: string }>>;
}

/**
 * Builds the package, since what is measured must be neither stale nor seen through tsx.
 *
 * @returns what a program imports
 * @throws Error if the build fails
 */
export function buildPackage(): URL {
  npm(ROOT, ["run", "build"]);
  const entry = manifest(ROOT)?.exports?.["."]?.default;
  if (entry === undefined) throw new Error("package.json exports no entry");
  return new URL(entry, ROOT);
}

/**
 * Installs the peers in the versions that the bench's package.json pins. What these depend on is the newest that they
 * accept: a lock file of some thousand lines would say more than a measurement needs.
 *
 * @throws Error if npm cannot
 */
export function installPeers(): void {
  const pins = Object.entries(manifest(BENCH)?.dependencies ?? {});
  const installed = pins.every(
    ([name, version]) => manifest(new URL(`node_modules/${name}/`, BENCH))?.version === version,
  );
  if (installed) return;
  console.error("bench: installing the packages to compare with");
  npm(BENCH, ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]);
}

function manifest(folder: URL): Manifest | undefined {
  try {
    // npm's own format, of which three members are read.
    return JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as Manifest;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function npm(folder: URL, args: readonly string[]): void {
  // Standard output is kept for the figures.
  const { status } = spawnSync("npm", args, { cwd: fileURLToPath(folder), stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`npm ${args.slice(0, 2).join(" ")} failed in ${fileURLToPath(folder)}`);
}
