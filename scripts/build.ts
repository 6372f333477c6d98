/**
 * `npm run build`: bundles the library into dist/, from nothing. An import costs by the file and by what is in it, so there
 * are few files, and whatever a program may never need is in others than what it imports.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { generateDtsBundle } from "dts-bundle-generator";
import { rolldown } from "rolldown";
import ts from "typescript";
import { ROOT } from "./tarball.js";

const DIST = join(ROOT, "dist");
/** What programs import; the command line has no declarations. */
const LIBRARY = { index: "src/index.ts", testing: "src/testing/atlas/start-atlas.ts" };

/**
 * What each file begins with. A module is in the first of them whose beginning leads to it by static imports. The public face
 * is a file of its own: of the core, others need more than it shows.
 */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  core: [LIBRARY.index],
  calls: ["src/calls.ts"],
  digest: ["src/auth/digest/digest-authentication.ts"],
  rotation: ["src/rotation/run-rotations.ts"],
  // Named after the command line, whose parts they are: npm packs files by their names, and what is alike packs best together.
  "atlas-secrets-terminal": ["src/cli/terminal/command-io.ts", "src/cli/terminal/report.ts"],
  "atlas-secrets": ["src/cli/main.ts"],
  "atlas-secrets-session": ["src/cli/commands/session.ts", "src/cli/commands/create-delete.ts"],
  "atlas-secrets-rotate": ["src/cli/commands/rotate.ts", "src/cli/commands/state.ts"],
};

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);
await writeModules();
writeDeclarations();
for (const schema of ["cli/fleet/fleet.schema.json", "rotation/rotation-record.schema.json"]) {
  const minified = JSON.stringify(JSON.parse(readFileSync(join(ROOT, "src", schema), "utf8")));
  writeFileSync(join(DIST, basename(schema)), minified);
}

async function writeModules(): Promise<void> {
  const build = await rolldown({
    cwd: ROOT,
    input: { ...LIBRARY, "atlas-secrets": "src/cli/main.ts" },
    platform: "neutral",
    // Dependencies are not bundled: npm installs one copy, with its licence.
    external: [/^node:/, "commander", "openapi-fetch"],
    transform: { target: "node20.19" },
  });
  const { output } = await build.generate({
    comments: false,
    // The names of functions and classes stay, so that stack traces can be read without source maps.
    keepNames: true,
    minify: { compress: { keepNames: { function: true, class: true } }, mangle: { keepNames: true } },
    // A running program must not load a part of a version that was installed meanwhile.
    chunkFileNames: "[name]-[hash:6].js",
    codeSplitting: {
      groups: Object.entries(PARTS).map(([name, beginnings]) => {
        const paths = beginnings.map((path) => join(ROOT, path));
        return { name, test: (id) => paths.includes(id) };
      }),
    },
  });
  await build.close();
  for (const file of output) if (file.type === "chunk") writeFileSync(join(DIST, file.fileName), onLines(file.code));
  chmodSync(join(DIST, "atlas-secrets.js"), 0o755);
}

/** Each statement on a line of its own: Node prints the line from which an uncaught error comes, however long it is. */
function onLines(code: string): string {
  // Where nothing is taken from rolldown's own functions, their file would be loaded for nothing.
  return statementsOf(code.replace(/import"\.\/rolldown-runtime-[^"]*";/, "")).join("\n");
}

function statementsOf(code: string): string[] {
  const { statements } = ts.createSourceFile("bundle.ts", code, ts.ScriptTarget.Latest);
  return statements.map(({ pos, end }) => code.slice(pos, end).trim());
}

function writeDeclarations(): void {
  const entries = Object.entries(LIBRARY);
  const declarations = generateDtsBundle(
    entries.map(([name, path]) => ({
      filePath: join(ROOT, path),
      // The platform's types, which a program may lack, are named by the public face alone.
      output: { exportReferencedTypes: false, inlineDeclareGlobals: name === "index", noBanner: true },
    })),
    { preferredConfigPath: join(ROOT, "tsconfig.json") },
  );
  for (const [index, [name]] of entries.entries()) {
    // Without the indentation, which weighs as much as a small file and which no editor shows.
    const statements = statementsOf(declarations[index] ?? "").map((text) => text.replaceAll(/^\t+/gm, ""));
    // What says the same as the contract comes last: npm packs that one behind it.
    const isOfContract = (text: string) => /^export interface (paths|components|operations) /.test(text);
    const ordered = [...statements.filter((text) => !isOfContract(text)), ...statements.filter(isOfContract)];
    writeFileSync(join(DIST, `${name}.d.ts`), `${ordered.join("\n")}\n`);
  }
}
