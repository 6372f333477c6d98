/**
 * The package as it is shipped, compiled apart from dist/: what is measured must be neither stale nor seen through tsx.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const ROOT = new URL("../../", import.meta.url);
/** Below the project's node_modules, so that it finds its dependencies and git never sees it. */
const OUTPUT = new URL("node_modules/.cache/bench/package/", ROOT);

export interface CompiledPackage {
  /** What a program imports. */
  readonly entry: URL;
  remove(): void;
}

/** @throws Error where the compiler fails */
export function compilePackage(): CompiledPackage {
  rmSync(OUTPUT, { recursive: true, force: true });
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const args = [compiler, "-p", "tsconfig.build.json", "--noCheck", "--outDir", fileURLToPath(OUTPUT)];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error("the package cannot be compiled");
  copyFileSync(new URL("generated/validators.js", ROOT), new URL("generated/validators.js", OUTPUT));
  return {
    entry: new URL("src/index.js", OUTPUT),
    remove: () => rmSync(OUTPUT, { recursive: true, force: true }),
  };
}
