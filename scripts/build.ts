/**
 * `npm run build`: bundles the library into dist/, from nothing. An import costs by the file and by what is in it, so there
 * are few files, and whatever a program may never need is in others than what it imports.
 */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { generateDtsBundle } from "dts-bundle-generator";
import { type Plugin, rolldown } from "rolldown";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = `${ROOT}dist`;
/** What programs import; the command line has no declarations. */
const LIBRARY = { index: "src/index.ts", testing: "src/testing/atlas/start-atlas.ts" };

/**
 * The files of dist/ and what each begins with. A module is in the first of them whose beginning leads to it by static
 * imports; what is imported dynamically begins a file of its own.
 */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  core: ["src/index.ts"],
  calls: ["src/calls.ts"],
  digest: ["src/auth/digest/digest-authentication.ts"],
  rotation: ["src/rotation/run-rotations.ts"],
  testing: [LIBRARY.testing],
  // Named after the command line, whose parts they are: npm packs files by their names, and what is alike packs best together.
  "atlas-secrets-terminal": ["command-io", "report"].map((name) => `src/cli/terminal/${name}.ts`),
  "atlas-secrets": ["src/cli/main.ts"],
  "atlas-secrets-session": ["session", "create-delete"].map((name) => `src/cli/commands/${name}.ts`),
  "atlas-secrets-rotate": ["rotate", "state"].map((name) => `src/cli/commands/${name}.ts`),
};
/** These are what people import or run: they export what their module does, under names that stay. */
const ENTRIES: Readonly<Record<string, string>> = { ...LIBRARY, "atlas-secrets": "src/cli/main.ts" };
/** In the names of the other files: a running program must not load a part of a version that was installed meanwhile. */
const HASH = "00hash00";

/** Dependencies are not bundled: npm installs one copy, with its licence. */
const EXTERNAL = [/^node:/, "commander", "openapi-fetch"];

/** What each module imports statically, all by their paths from the root. */
const modules = new Map<string, readonly string[]>();
/** The modules that are imported dynamically. */
const lazy = new Set<string>();
await readModules();
const partOf = divide();
/** The names by which parts are imported from statically. */
const imported = new Map<string, Set<string>>();
rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);
// Whatever imports a part comes before it.
const names = ["index", ...Object.keys(PARTS).reverse()];
const files = new Map<string, string>();
for (const name of names) files.set(name, await bundle(name));
const hash = createHash("sha256")
  .update([...files.values()].join())
  .digest("hex")
  .slice(0, HASH.length);
for (const [name, code] of files)
  writeFileSync(`${DIST}/${fileOf(name).replace(HASH, hash)}`, code.replaceAll(HASH, hash));
chmodSync(`${DIST}/atlas-secrets.js`, 0o755);
// Each finds in the others all that it imports of them; or two modules of one part have exports of the same name.
for (const name of names.filter((each) => each !== "atlas-secrets")) {
  await import(pathToFileURL(`${DIST}/${fileOf(name).replace(HASH, hash)}`).href);
}
writeDeclarations();
for (const schema of ["cli/fleet/fleet.schema.json", "rotation/rotation-record.schema.json"]) {
  const minified = JSON.stringify(JSON.parse(readFileSync(`${ROOT}src/${schema}`, "utf8")));
  writeFileSync(`${DIST}/${basename(schema)}`, minified);
}

function fileOf(name: string): string {
  return name in ENTRIES ? `${name}.js` : `${name}-${HASH}.js`;
}

async function readModules(): Promise<void> {
  const fromRoot = (id: string) => id.replace(ROOT, "");
  const build = await rolldown({
    cwd: ROOT,
    input: [...new Set([...Object.values(PARTS).flat(), ...Object.values(ENTRIES)])],
    platform: "neutral",
    external: EXTERNAL,
    plugins: [
      {
        name: "read-modules",
        moduleParsed({ id, importedIds, dynamicallyImportedIds }) {
          modules.set(fromRoot(id), importedIds.map(fromRoot));
          for (const each of dynamicallyImportedIds) lazy.add(fromRoot(each));
        },
      },
    ],
  });
  await build.generate();
  await build.close();
}

/** The part of each module. */
function divide(): ReadonlyMap<string, string> {
  // The public face is a file of its own: of the core, others need more than it shows.
  const divided = new Map([[LIBRARY.index, "index"]]);
  for (const [name, beginnings] of Object.entries(PARTS)) {
    const reached = new Set(beginnings);
    for (const path of reached) {
      if (!divided.has(path)) divided.set(path, name);
      else if (!beginnings.includes(path)) continue;
      for (const each of modules.get(path) ?? []) if (modules.has(each)) reached.add(each);
    }
  }
  return divided;
}

async function bundle(name: string): Promise<string> {
  const own = [...partOf].filter(([, part]) => part === name).map(([path]) => path);
  const build = await rolldown({
    cwd: ROOT,
    input: ENTRIES[name] ?? name,
    platform: "neutral",
    external: EXTERNAL,
    transform: { target: "node20.19" },
    plugins: [otherParts(name, own)],
  });
  const { output } = await build.generate({
    format: "esm",
    comments: false,
    // The names of functions and classes stay, so that stack traces can be read without source maps.
    minify: { compress: { keepNames: { function: true, class: true } }, mangle: { keepNames: true } },
  });
  await build.close();
  const [{ code }, ...more] = output;
  if (more.length > 0) throw new Error(`${name} became more than one file`);
  for (const [, specifiers = "", part = ""] of code.matchAll(/import\{([^}]+)\}from"\.\/([\w-]+)\.js"/g)) {
    const known = imported.get(part) ?? new Set();
    for (const specifier of specifiers.split(",")) known.add(specifier.replace(/ as .*/, ""));
    imported.set(part, known);
  }
  return onLines(code);
}

/** Each statement on a line of its own: Node prints the line from which an uncaught error comes, however long it is. */
function onLines(code: string): string {
  const { statements } = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.Latest);
  return statements.map(({ pos, end }) => code.slice(pos, end).trimStart()).join("\n");
}

/** A part exports what others import of it, and finds what is in other parts in their files. */
function otherParts(name: string, own: readonly string[]): Plugin {
  const all = `all of ${name}`;
  return {
    name: "other-parts",
    async resolveId(source, importer, options) {
      if (source === name || source === all) return source;
      if (!source.startsWith(".")) return undefined;
      const resolved = await this.resolve(source, importer, options);
      const part = partOf.get(resolved?.id.replace(ROOT, "") ?? "");
      if (part === undefined || part === name) return resolved;
      return { id: `./${fileOf(part)}`, external: true };
    },
    load(id) {
      const exportAll = (paths: readonly string[]) => paths.map((path) => `export * from "./${path}";`).join("\n");
      if (id === all) return exportAll(own);
      if (id !== name) return undefined;
      const statics = [...(imported.get(basename(fileOf(name), ".js")) ?? [])];
      return `${exportAll(own.filter((path) => lazy.has(path)))}\nexport { ${statics.join(", ")} } from "${all}";`;
    },
  };
}

function writeDeclarations(): void {
  const entries = Object.entries(LIBRARY);
  const declarations = generateDtsBundle(
    entries.map(([name, path]) => ({
      filePath: `${ROOT}${path}`,
      // The platform's types, which a program may lack, are named by the public face alone.
      output: { exportReferencedTypes: false, inlineDeclareGlobals: name === "index", noBanner: true },
    })),
    { preferredConfigPath: `${ROOT}tsconfig.json` },
  );
  for (const [index, [name]] of entries.entries()) writeFileSync(`${DIST}/${name}.d.ts`, declarations[index] ?? "");
}
