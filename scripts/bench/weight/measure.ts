/**
 * What it costs to have the package: bytes in a bundle, time and memory of its import.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { runChild } from "../child.js";
import { medianOf, type Spread, shuffled, spreadOf, type Table } from "../figures.js";
import { BENCH, ROOT } from "../packages.js";

const CLIENT = "createAtlasClient";
const BASELINE = "openapi-fetch";
const IMPORT_COST = new URL("import-cost.mjs", import.meta.url);
const PEERS = ["@mongodb-js/mcp-atlas-api-client", "mongodb-atlas-api-client", "ky", "axios"];

/** What one import costs, in milliseconds and bytes. */
interface ImportCost {
  readonly milliseconds: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** @param rounds imports of each, in fresh processes */
export async function measureWeight(entry: URL, rounds: number): Promise<Table[]> {
  const own = await bundleOf('export { createAtlasClient } from "./src/index.js";', ROOT);
  const bundles = new Map<string, Bundle>([[CLIENT, own]]);
  for (const name of [BASELINE, ...PEERS]) bundles.set(name, await bundleOfAll(name));
  const imports = new Map([[CLIENT, entry.href], ...[BASELINE, ...PEERS].map((name) => [name, name] as const)]);
  return [weightTable(bundles, await importRounds(imports, rounds), rounds), contributorTable(own)];
}

/** Everything that a package exports, whether or not it has a default export. */
async function bundleOfAll(name: string): Promise<Bundle> {
  return bundleOf(`import * as all from "${name}"; globalThis.all = { ...all };`, BENCH);
}

async function importRounds(imports: ReadonlyMap<string, string>, rounds: number): Promise<Map<string, ImportCost[]>> {
  const costs = new Map<string, ImportCost[]>([...imports.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, location] of shuffled([...imports])) {
      // The message of import-cost.mjs, which sends nothing else.
      const cost = (await runChild(IMPORT_COST, [location], ["--expose-gc"])) as ImportCost;
      costs.get(name)?.push(cost);
    }
  }
  return costs;
}

function weightTable(
  bundles: ReadonlyMap<string, Bundle>,
  costs: ReadonlyMap<string, readonly ImportCost[]>,
  rounds: number,
): Table {
  const baseline = costs.get(BASELINE) ?? [];
  return {
    title: "Weight",
    notes: [
      "Bundle: minified and gzipped by esbuild for Node, dependencies included; of the client what createAtlasClient pulls in (target 12 kB).",
      `Import: of the whole package in a fresh process, ${rounds} paired rounds; median (quartiles), and as a multiple of ${BASELINE}.`,
    ],
    columns: [
      { key: "who", heading: "" },
      { key: "gzipped", heading: "gzipped kB", digits: 1 },
      { key: "minified", heading: "minified kB", digits: 1 },
      { key: "time", heading: "import ms", digits: 1 },
      { key: "timeRatio", heading: "ratio", digits: 2 },
      { key: "heap", heading: "heap MB", digits: 2 },
      { key: "heapRatio", heading: "ratio", digits: 2 },
      { key: "resident", heading: "resident MB", digits: 1 },
    ],
    rows: [...bundles].map(([who, { gzippedBytes, minifiedBytes }]) => {
      const own = costs.get(who) ?? [];
      return {
        who,
        gzipped: gzippedBytes / 1000,
        minified: minifiedBytes / 1000,
        time: spreadOf(own.map(({ milliseconds }) => milliseconds)),
        timeRatio: ratio(own, baseline, "milliseconds"),
        heap: medianOf(own.map(({ heapBytes }) => heapBytes)) / 1e6,
        heapRatio: ratio(own, baseline, "heapBytes"),
        resident: medianOf(own.map(({ residentBytes }) => residentBytes)) / 1e6,
      };
    }),
  };
}

/** Round by round. */
function ratio(own: readonly ImportCost[], baseline: readonly ImportCost[], of: keyof ImportCost): Spread {
  return spreadOf(own.map((cost, round) => cost[of] / (baseline[round]?.[of] ?? Number.NaN)));
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

/** Bundled and minified by esbuild, compressed by gzip. */
interface Bundle {
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
  /** Minified bytes by where they come from: a package, or a folder of the project. */
  readonly contributors: ReadonlyMap<string, number>;
}

/**
 * How many bytes a program takes in with an import.
 *
 * @param code what a program writes to import it
 * @param folder where its imports are resolved from
 */
async function bundleOf(code: string, folder: URL): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(folder) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["node:*"],
    write: false,
    absWorkingDir: fileURLToPath(folder),
    metafile: true,
    logLevel: "error",
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    minifiedBytes: contents.length,
    gzippedBytes: gzipSync(contents, { level: 9 }).length,
    contributors: contributorsOf(metafile),
  };
}

function contributorsOf({ outputs }: Metafile): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
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
  return dependency ?? /^(?:src\/(?:[^/]+\/)?|generated\/)/.exec(path)?.[0] ?? path;
}
