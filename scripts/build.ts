/**
 * `npm run build`: bundles the library into dist/, from nothing: few files, since an import costs by the file, with
 * whatever a program may never need in chunks of its own.
 */
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { generateDtsBundle } from "dts-bundle-generator";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = `${ROOT}dist`;
/** What programs import; the command line has no declarations. */
const LIBRARY = { index: "src/index.ts", testing: "src/testing/atlas/start-atlas.ts" };

rmSync(DIST, { recursive: true, force: true });
await build({
  absWorkingDir: ROOT,
  entryPoints: { ...LIBRARY, "atlas-secrets": "src/cli/main.ts" },
  outdir: DIST,
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  // Dependencies are not bundled: npm installs one copy, with its licence.
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20.19",
  // Names stay as they are, so that stack traces can be read without source maps.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
});
const declarations = generateDtsBundle(
  Object.values(LIBRARY).map((filePath) => ({
    filePath: `${ROOT}${filePath}`,
    output: { exportReferencedTypes: false, inlineDeclareGlobals: true, noBanner: true },
  })),
  { preferredConfigPath: `${ROOT}tsconfig.json` },
);
for (const [index, name] of Object.keys(LIBRARY).entries()) {
  writeFileSync(`${DIST}/${name}.d.ts`, declarations[index] ?? "");
}
for (const schema of ["cli/fleet/fleet.schema.json", "rotation/rotation-record.schema.json"]) {
  copyFileSync(`${ROOT}src/${schema}`, `${DIST}/${basename(schema)}`);
}
