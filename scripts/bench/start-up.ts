/**
 * What it costs to start: an import in a process that does nothing else, and the command line.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ProcessCost, runNode } from "./child.js";
import { medianOf, type Spread, shuffled, spreadOf, type Table } from "./figures.js";
import { CACHE, type Packages, PEERS } from "./packages.js";
import type { Budget } from "./progress.js";

const NOTHING = "nothing: bare Node";
const BASELINE = "openapi-fetch";
const CREDENTIALS = {
  MONGODB_ATLAS_CLIENT_ID: `mdb_sa_id_${"0".repeat(24)}`,
  MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_fake-secret-of-the-bench",
};
const ROTATE = [
  ...["rotate", "--dry-run", "--project-id", "0".repeat(24), "--org-id", "0".repeat(24)],
  ...["--client-id", `mdb_sa_id_${"1".repeat(24)}`, "--expires-after-hours", "8", "--exec", "true"],
];

/** As many processes of each as the time allows, in turns. */
export async function measureStartUp({ entry, commandLine, heyApi }: Packages, budget: Budget): Promise<Table> {
  const cli = fileURLToPath(commandLine);
  const imports: readonly (readonly [string, string])[] = [
    ["createAtlasClient", entry.href],
    ...PEERS.map((name) => [name, name] as const),
    ["hey-api's client", heyApi.href],
  ];
  const programs = new Map<string, readonly string[]>([
    [NOTHING, [programWith("")]],
    ...imports.map(([name, location]) => [name, [programWith(`import ${JSON.stringify(location)};`)]] as const),
    ["atlas-secrets --version", [cli, "--version"]],
    ["atlas-secrets rotate --dry-run", [cli, ...ROTATE]],
  ]);
  const costs = new Map<string, ProcessCost[]>([...programs.keys()].map((name) => [name, []]));
  for (let round = 1; budget.allows(round, 3); round += 1) {
    budget.report(`round ${round} of start-up, ${programs.size} processes`);
    for (const [name, args] of shuffled([...programs])) costs.get(name)?.push(await runNode(args, CREDENTIALS));
  }
  return tableOf(costs);
}

/** A program of one line, in a folder from which the peers can be imported. */
function programWith(code: string): string {
  const file = new URL(`${Buffer.from(code).toString("hex").slice(-60) || "empty"}.mjs`, CACHE);
  writeFileSync(file, code);
  return fileURLToPath(file);
}

function tableOf(costs: ReadonlyMap<string, readonly ProcessCost[]>): Table {
  const bare = costs.get(NOTHING) ?? [];
  const over = (name: string, of: keyof ProcessCost) =>
    (costs.get(name) ?? []).map((cost, round) => cost[of] - (bare[round]?.[of] ?? Number.NaN));
  const multiple = (name: string): Spread => {
    const baseline = medianOf(over(BASELINE, "cpu"));
    return spreadOf(over(name, "cpu").map((cpu) => cpu / baseline));
  };
  return {
    title: "Start-up, over bare Node",
    notes: [
      `${bare.length} rounds of a process each; medians (quartiles), of each round less bare Node's own cost in it.`,
      `cpu: processor time of the whole process. multiple: of the cpu of importing ${BASELINE}.`,
      "Targets: 2 times openapi-fetch for the import, 25 ms for --version, 80 ms for rotate --dry-run.",
    ],
    columns: [
      { key: "who", heading: "" },
      { key: "cpu", heading: "cpu ms", digits: 1 },
      { key: "multiple", heading: "multiple", digits: 1 },
      { key: "wall", heading: "wall ms", digits: 1 },
      { key: "heap", heading: "heap MB", digits: 2 },
    ],
    rows: [
      {
        who: `${NOTHING} (itself)`,
        cpu: spreadOf(bare.map(({ cpu }) => cpu)),
        wall: spreadOf(bare.map(({ wall }) => wall)),
        heap: medianOf(bare.map(({ heap }) => heap)) / 1e6,
      },
      ...[...costs.keys()]
        .filter((name) => name !== NOTHING)
        .map((who) => ({
          who,
          cpu: spreadOf(over(who, "cpu")),
          multiple: multiple(who),
          wall: spreadOf(over(who, "wall")),
          heap: medianOf(over(who, "heap")) / 1e6,
        })),
    ],
  };
}
