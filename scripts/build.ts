/**
 * `npm run build`: compiles the library into dist/, from nothing.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const typescript = createRequire(import.meta.url).resolve("typescript/bin/tsc");

rmSync(new URL("dist", root), { recursive: true, force: true });
try {
  execFileSync(process.execPath, [typescript, "-p", "tsconfig.build.json"], {
    cwd: fileURLToPath(root),
    stdio: "inherit",
  });
} catch {
  // The compiler has already said what is wrong.
  process.exit(1);
}
/** Functions that ajv has compiled, with their types. */
const COMPILED = ["validators", "fleet-validator"].flatMap((name) => [
  `generated/${name}.js`,
  `generated/${name}.d.ts`,
]);

// The compiler leaves what is JavaScript, a declaration or JSON already where it is.
for (const file of [...COMPILED, "src/cli/fleet/fleet.schema.json"]) {
  copyFileSync(new URL(file, root), new URL(`dist/${file}`, root));
}
