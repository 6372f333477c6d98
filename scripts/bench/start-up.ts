/** What it costs to have the package as its tarball installs it: imports, the command line, and bytes. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import type { Tarball } from "../tarball.js";
import { type Cost, runNode } from "./child.js";
import { type Budget, medianOf, shuffled, spreadOf, table } from "./measuring.js";
import { CACHE, COMMAND_LINE, HEY_API, PEERS, PROJECT } from "./packages.js";

const BARE = "bare Node";
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

/** What a program imports, and the folder from which it is found. */
const IMPORTS: readonly (readonly [name: string, location: string, folder: URL])[] = [
  [CLIENT, "atlas-service-account-secrets", PROJECT],
  ...PEERS.map((name) => [name, name, name === BASELINE ? PROJECT : CACHE] as const),
  ["hey-api's client", HEY_API.href, CACHE],
];

/** As many processes of each as the time allows, in turns. */
export async function measureStartUp(budget: Budget, tarball: Tarball): Promise<string> {
  const cli = fileURLToPath(COMMAND_LINE);
  const programs = new Map([
    [BARE, [programWith("", CACHE, "empty")]],
    [VERSION, [cli, "--version"]],
    [DRY_RUN, [cli, ...ROTATE]],
  ]);
  const bundles = new Map<string, Bundle>();
  for (const [name, location, folder] of IMPORTS) {
    programs.set(name, [programWith(`import ${JSON.stringify(location)};`, folder, `import-${programs.size}`)]);
    bundles.set(name, await bundleOf(name, location, folder));
  }
  const rounds: ReadonlyMap<string, Cost>[] = [];
  for (let round = 1; budget.allows(round, 3); round += 1) {
    budget.report(`round ${round} of start-up, ${programs.size} processes`);
    rounds.push(new Map(shuffled([...programs]).map(([name, args]) => [name, runNode(args, CREDENTIALS)])));
  }
  const costs = (name: string, of: keyof Cost) => rounds.map((round) => round.get(name)?.[of] ?? Number.NaN);
  const over = (name: string, of: keyof Cost) => {
    const bare = name === BARE ? [] : costs(BARE, of);
    return costs(name, of).map((cost, round) => cost - (bare[round] ?? 0));
  };
  const cpu = (name: string) => medianOf(over(name, "cpu"));
  const own = bundles.get(CLIENT);
  const targets = [
    [`import, cpu over ${BARE}, times ${BASELINE}`, cpu(CLIENT) / cpu(BASELINE), 2],
    ["modules that the import loads", own?.files, 4],
    [`${VERSION}, cpu ms over ${BARE}`, cpu(VERSION), 25],
    [`${DRY_RUN}, cpu ms over ${BARE}`, cpu(DRY_RUN), 80],
    ["tarball, packed kB", tarball.bytes / 1000, 90],
    ["tarball, files", tarball.files.length, 20],
    [`bundle of ${CLIENT}, min + gzip kB, lazy parts apart`, own?.gzippedKb, 15],
  ] as const;
  return [
    table(
      "What starting costs, against its targets",
      [`Medians of ${rounds.length} rounds; as installed from the tarball.`],
      targets.map(([figure, measured = Number.NaN, target]) => ({
        "": figure,
        measured: measured.toFixed(1),
        "at most": String(target),
        target: measured <= target ? "met" : "missed",
      })),
    ),
    table(
      `Start-up over ${BARE}, and bytes in a bundle`,
      [
        `${rounds.length} rounds of a process each; medians (quartiles), of each round less ${BARE}'s own cost in it, which is the first row.`,
        "cpu: processor time of the whole process. Bundles are minified and gzipped by esbuild, dependencies included; lazy:",
        "loaded only when it is needed. files: how many an import loads when nothing is bundled.",
      ],
      [...programs.keys()].map((name) => ({
        "": name,
        "cpu ms": spreadOf(over(name, "cpu"), 1),
        [`times ${BASELINE}`]: (cpu(name) / cpu(BASELINE)).toFixed(1),
        "wall ms": spreadOf(over(name, "wall"), 1),
        "gzipped kB": bundles.get(name)?.gzippedKb.toFixed(1) ?? "",
        "lazy kB": bundles.get(name)?.lazyKb.toFixed(1) ?? "",
        files: String(bundles.get(name)?.files ?? ""),
      })),
    ),
  ].join("\n");
}

/** A program of one line, in a folder from which what it imports is found. */
function programWith(code: string, folder: URL, name: string): string {
  const file = new URL(`${name}.mjs`, folder);
  writeFileSync(file, code);
  return fileURLToPath(file);
}

type Bundle = Awaited<ReturnType<typeof bundleOf>>;

/** As esbuild bundles it, minified, with its dependencies. */
async function bundleOf(name: string, location: string, folder: URL) {
  const source = JSON.stringify(location.startsWith("file:") ? fileURLToPath(location) : location);
  const all = `import * as all from ${source}; globalThis.all = { ...all };`;
  const contents = name === CLIENT ? `export { ${CLIENT} } from ${source};` : all;
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(folder) },
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
  const eager = [...loadedBy(entry, metafile.outputs)];
  const gzippedKb = (isEager: boolean) => {
    const wanted = outputFiles.filter(({ path }) => eager.some((output) => path.endsWith(output)) === isEager);
    return gzipSync(Buffer.concat(wanted.map((file) => file.contents)), { level: 9 }).length / 1000;
  };
  // The program itself is none of the files that its import loads when they are not bundled.
  const files = loadedBy("<stdin>", metafile.inputs).size - 1;
  // Lazy: what is loaded later, if at all.
  return { gzippedKb: gzippedKb(true), lazyKb: gzippedKb(false), files };
}

/** Everything that is loaded at once, not only when an `import()` is reached. */
function loadedBy(entry: string, files: Metafile["inputs"] | Metafile["outputs"]): ReadonlySet<string> {
  const found = new Set([entry]);
  for (const path of found) {
    for (const { path: imported, kind, external } of files[path]?.imports ?? []) {
      if (kind !== "dynamic-import" && external !== true) found.add(imported);
    }
  }
  return found;
}
