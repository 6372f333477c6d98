/**
 * The packages that the client is measured against; the bench has a package.json of its own for them.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/**
 * Installs them on first use, as the bench's lock file has them.
 *
 * @throws Error where npm cannot
 */
export function installPeers(): void {
  if (existsSync(new URL("node_modules/.package-lock.json", import.meta.url))) return;
  console.error("bench: installing the packages to compare with (once): npm ci --prefix scripts/bench");
  const { status } = spawnSync("npm", ["ci", "--prefix", FOLDER, "--ignore-scripts", "--no-audit", "--no-fund"], {
    // Standard output is kept for the figures.
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("the packages to compare with cannot be installed");
}
