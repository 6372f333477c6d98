/**
 * What it costs to have the package: an import in a process that does nothing else, the command line, and bytes in a bundle
 * and in the tarball. Everything is measured as it is installed from the tarball.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type OutputFile } from "esbuild";
import { type ProcessCost, runNode } from "./child.js";
import { medianOf, type Spread, shuffled, spreadOf, type Table } from "./figures.js";
import { CACHE, type Packages, PEERS } from "./packages.js";
import type { Budget } from "./progress.js";

const NOTHING = "nothing: bare Node";
const CLIENT = "createAtlasClient";
const BASELINE = "openapi-fetch";
const VERSION = "atlas-secrets --version";
const DRY_RUN = "atlas-secrets rotate --dry-run";
const CREDENTIALS = {
  MONGODB_ATLAS_CLIENT_ID: `mdb_sa_id_${"0".repeat(24)}`,
  MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_fake-secret-of-the-bench",
};
const ROTATE = [
  ...["rotate", "--dry-run", "--project-id", "0".repeat(24), "--org-id", "0".repeat(24)],
  ...["--client-id", `mdb_sa_id_${"1".repeat(24)}`, "--expires-after-hours", "8", "--exec", "true"],
];

interface Bundle {
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
  /** Gzipped bytes of what is loaded later, if at all. */
  readonly lazyBytes: number;
  /** How many files the import loads when they are not bundled. */
  readonly modules: number;
}

/** As many processes of each as the time allows, in turns. */
export async function measureStartUp({ project, commandLine, tarball, heyApi }: Packages, budget: Budget) {
  const cli = fileURLToPath(commandLine);
  const all = (location: string) => `import * as all from ${JSON.stringify(location)}; globalThis.all = { ...all };`;
  /** What a program imports, and whence. */
  const imports: readonly (readonly [name: string, location: string, folder: URL])[] = [
    [CLIENT, "atlas-service-account-secrets", project],
    ...PEERS.map((name) => [name, name, name === BASELINE ? project : CACHE] as const),
    ["hey-api's client", heyApi.href, CACHE],
  ];
  const bundles = new Map<string, Bundle>();
  for (const [name, location, folder] of imports) {
    const source = location.startsWith("file:") ? fileURLToPath(location) : location;
    bundles.set(name, await bundleOf(name === CLIENT ? `export { ${CLIENT} } from "${source}";` : all(source), folder));
  }
  const programs = new Map<string, readonly string[]>([
    [NOTHING, [programWith("", CACHE)]],
    ...imports.map(
      ([name, location, folder]) => [name, [programWith(`import ${JSON.stringify(location)};`, folder)]] as const,
    ),
    [VERSION, [cli, "--version"]],
    [DRY_RUN, [cli, ...ROTATE]],
  ]);
  const costs = new Map<string, ProcessCost[]>([...programs.keys()].map((name) => [name, []]));
  for (let round = 1; budget.allows(round, 3); round += 1) {
    budget.report(`round ${round} of start-up, ${programs.size} processes`);
    for (const [name, args] of shuffled([...programs])) costs.get(name)?.push(await runNode(args, CREDENTIALS));
  }
  return tablesOf(costs, bundles, tarball);
}

/** A program of one line, in a folder from which what it imports is found. */
function programWith(code: string, folder: URL): string {
  const file = new URL(`${Buffer.from(code).toString("hex").slice(-60) || "empty"}.mjs`, folder);
  writeFileSync(file, code);
  return fileURLToPath(file);
}

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

function tablesOf(
  costs: ReadonlyMap<string, readonly ProcessCost[]>,
  bundles: ReadonlyMap<string, Bundle>,
  tarball: Packages["tarball"],
): Table[] {
  const bare = costs.get(NOTHING) ?? [];
  const over = (name: string, of: keyof ProcessCost) =>
    (costs.get(name) ?? []).map((cost, round) => cost[of] - (bare[round]?.[of] ?? Number.NaN));
  const baseline = medianOf(over(BASELINE, "cpu"));
  const multiple = (name: string): Spread => spreadOf(over(name, "cpu").map((cpu) => cpu / baseline));
  const own = bundles.get(CLIENT);
  const targets: readonly (readonly [figure: string, measured: number | undefined, target: number])[] = [
    [`import, cpu over bare Node, times ${BASELINE}`, multiple(CLIENT).median, 2],
    ["modules that the import loads", own?.modules, 4],
    [`${VERSION}, cpu ms over bare Node`, medianOf(over(VERSION, "cpu")), 25],
    [`${DRY_RUN}, cpu ms over bare Node`, medianOf(over(DRY_RUN, "cpu")), 80],
    ["tarball, packed kB", tarball.bytes / 1000, 90],
    ["tarball, files", tarball.files.length, 20],
    [`bundle of ${CLIENT}, min + gzip kB, lazy parts apart`, (own?.gzippedBytes ?? Number.NaN) / 1000, 15],
  ];
  const rows = [...costs.keys()].map((who) => {
    const bundle = bundles.get(who);
    const itself = who === NOTHING;
    const cost = (of: keyof ProcessCost) => (itself ? bare.map((each) => each[of]) : over(who, of));
    return {
      who: itself ? `${NOTHING} (itself)` : who,
      cpu: spreadOf(cost("cpu")),
      ...(itself ? {} : { multiple: multiple(who) }),
      wall: spreadOf(cost("wall")),
      heap: medianOf(cost("heap")) / 1e6,
      ...(bundle && {
        gzipped: bundle.gzippedBytes / 1000,
        lazy: bundle.lazyBytes / 1000,
        minified: bundle.minifiedBytes / 1000,
        modules: bundle.modules,
      }),
    };
  });
  return [
    {
      title: "What starting costs, against its targets",
      notes: [`Medians of ${bare.length} rounds; as installed from the tarball.`],
      columns: [
        { key: "figure", heading: "" },
        { key: "measured", heading: "measured", digits: 1 },
        { key: "target", heading: "at most" },
        { key: "met", heading: "" },
      ],
      rows: targets.map(([figure, measured = Number.NaN, target]) => {
        return { figure, measured, target, met: measured <= target ? "met" : "missed" };
      }),
    },
    {
      title: "Start-up over bare Node, and bytes in a bundle",
      notes: [
        `${bare.length} rounds of a process each; medians (quartiles), of each round less bare Node's own cost in it.`,
        `cpu: processor time of the whole process. multiple: of the cpu of importing ${BASELINE}.`,
        "Bundles are minified and gzipped by esbuild, dependencies included; lazy: loaded only when it is needed.",
        "files: how many an import loads when nothing is bundled.",
      ],
      columns: [
        { key: "who", heading: "" },
        { key: "cpu", heading: "cpu ms", digits: 1 },
        { key: "multiple", heading: "multiple", digits: 1 },
        { key: "wall", heading: "wall ms", digits: 1 },
        { key: "heap", heading: "heap MB", digits: 2 },
        { key: "gzipped", heading: "gzipped kB", digits: 1 },
        { key: "lazy", heading: "lazy kB", digits: 1 },
        { key: "minified", heading: "minified kB", digits: 1 },
        { key: "modules", heading: "files" },
      ],
      rows,
    },
  ];
}
