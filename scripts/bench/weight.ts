/**
 * What it costs to have the package in a program: bytes in a bundle, minified by esbuild and compressed by gzip.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type OutputFile } from "esbuild";
import type { Table } from "./figures.js";
import { BENCH, type Packages, PEERS, ROOT } from "./packages.js";

const CLIENT = "createAtlasClient";

interface Bundle {
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
  /** Gzipped bytes of what is loaded later, if at all. */
  readonly lazyBytes: number;
  /** How many files the import loads when they are not bundled. */
  readonly modules: number;
  /** Minified bytes by where they come from: a package, or a folder of the project. */
  readonly contributors: ReadonlyMap<string, number>;
}

export async function measureWeight({ entry, heyApi }: Packages): Promise<Table[]> {
  const own = await bundleOf(`export { ${CLIENT} } from ${JSON.stringify(fileURLToPath(entry))};`, ROOT);
  const bundles = new Map<string, Bundle>([[CLIENT, own]]);
  for (const [name, location] of [...PEERS.map((peer) => [peer, peer]), ["hey-api's client", fileURLToPath(heyApi)]]) {
    // Everything that it exports, whether or not it has a default export.
    const code = `import * as all from ${JSON.stringify(location)}; globalThis.all = { ...all };`;
    bundles.set(name ?? "", await bundleOf(code, BENCH));
  }
  // From the sources: in the package itself they are bundled already.
  const sources = await bundleOf(`export { ${CLIENT} } from "./src/index.js";`, ROOT);
  return [weightTable(bundles), contributorTable(sources)];
}

/**
 * @param code - What a program writes to import it.
 * @param folder - Where its imports are resolved from.
 */
async function bundleOf(code: string, folder: URL): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(folder) },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["node:*"],
    write: false,
    outdir: "bundle",
    absWorkingDir: fileURLToPath(folder),
    metafile: true,
    logLevel: "error",
  });
  const [entry = ""] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint !== undefined) ?? [];
  const eager = reachable(entry, (path) => metafile.outputs[path]?.imports);
  const isEager = ({ path }: OutputFile) => [...eager].some((output) => path.endsWith(output));
  const contents = Buffer.concat(outputFiles.filter(isEager).map((file) => file.contents));
  const lazy = Buffer.concat(outputFiles.filter((file) => !isEager(file)).map((file) => file.contents));
  return {
    minifiedBytes: contents.length,
    gzippedBytes: gzipSync(contents, { level: 9 }).length,
    lazyBytes: lazy.length === 0 ? 0 : gzipSync(lazy, { level: 9 }).length,
    // Without the line of the program itself.
    modules: reachable("<stdin>", (path) => metafile.inputs[path]?.imports).size - 1,
    contributors: contributorsOf(metafile, eager),
  };
}

type Imports = readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[] | undefined;

/** Everything that is loaded at once, not only when an `import()` is reached. */
function reachable(entry: string, importsOf: (path: string) => Imports): ReadonlySet<string> {
  const found = new Set([entry]);
  for (const path of found) {
    for (const { path: imported, kind, external } of importsOf(path) ?? []) {
      if (kind !== "dynamic-import" && external !== true) found.add(imported);
    }
  }
  return found;
}

function contributorsOf({ outputs }: Metafile, eager: ReadonlySet<string>): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const [, { inputs }] of Object.entries(outputs).filter(([path]) => eager.has(path))) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = contributorOf(path);
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return new Map([...bytes].filter(([, size]) => size > 0).sort(([, a], [, b]) => b - a));
}

function contributorOf(path: string): string {
  // Greedy: of nested packages the innermost.
  const dependency = /.*node_modules\/((?:@[^/]+\/)?[^/.][^/]*)/.exec(path)?.[1];
  return dependency ?? /^(src\/(?:[^/]+\/)?|generated\/)/.exec(path)?.[1] ?? path;
}

function weightTable(bundles: ReadonlyMap<string, Bundle>): Table {
  return {
    title: "Weight",
    notes: [
      "Minified and gzipped by esbuild for Node, dependencies included; of the client what createAtlasClient pulls in (target 15 kB).",
      "lazy: loaded only when it is needed. files: how many an import loads when nothing is bundled (target 4).",
    ],
    columns: [
      { key: "who", heading: "" },
      { key: "gzipped", heading: "gzipped kB", digits: 1 },
      { key: "lazy", heading: "lazy kB", digits: 1 },
      { key: "minified", heading: "minified kB", digits: 1 },
      { key: "modules", heading: "files" },
    ],
    rows: [...bundles].map(([who, { gzippedBytes, lazyBytes, minifiedBytes, modules }]) => ({
      who,
      gzipped: gzippedBytes / 1000,
      lazy: lazyBytes / 1000,
      minified: minifiedBytes / 1000,
      modules,
    })),
  };
}

function contributorTable({ contributors, minifiedBytes, gzippedBytes }: Bundle): Table {
  return {
    title: "What createAtlasClient's bundle consists of",
    notes: ["gzipped: the contributor's share of the minified bytes, applied to the whole gzipped bundle."],
    columns: [
      { key: "contributor", heading: "" },
      { key: "minified", heading: "minified kB", digits: 2 },
      { key: "gzipped", heading: "gzipped kB, about", digits: 2 },
    ],
    rows: [...contributors].map(([contributor, bytes]) => ({
      contributor,
      minified: bytes / 1000,
      gzipped: ((bytes / minifiedBytes) * gzippedBytes) / 1000,
    })),
  };
}
