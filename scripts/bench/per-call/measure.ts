/**
 * What a call costs: create and delete through the client and through its peers, against the built-in fetch doing the
 * same work by hand.
 */
import { type RunningChild, startChild } from "../child.js";
import { medianOf, type Spread, shuffled, spreadOf, type Table } from "../figures.js";
import type { Packages } from "../packages.js";
import type { Budget } from "../progress.js";

const DIGEST = "client, API key (digest)";
const CONTESTANTS = [
  "client, access token",
  "client, service account",
  DIGEST,
  "openapi-fetch",
  "openapi-fetch, one middleware",
  "ky",
  "axios",
  "hey-api's client",
  "built-in fetch, its timer cleared",
] as const;
/** The built-in fetch, and the same signing by digest: what each contestant is held against. */
const BASELINES = ["built-in fetch", "built-in fetch, digest"] as const;

/** How the engine optimizes differs from process to process, hence several takes. */
const TAKES = 3;
/** As many as it takes for every round to have its share of garbage collections. */
const CALLS_A_ROUND = 500;
/**
 * The young generation at its full size from the start: by itself it grows sooner or later by chance, and the same program
 * is then a quarter slower in one process than in the next.
 */
const EXEC_ARGV = ["--min-semi-space-size=16", "--max-semi-space-size=16"];

type Operation = "create" | "remove";
interface Cost {
  /** Microseconds by the clock. */
  readonly wall: number;
  /** Microseconds of the process, on all cores. */
  readonly cpu: number;
}
interface Pair {
  readonly operation: Operation;
  readonly baseline: Cost;
  readonly contestant: Cost;
}
type Pairs = ReadonlyMap<string, Pair[]>;

/** As many rounds in each take as the time allows. */
export async function measurePerCall({ entry, heyApi }: Packages, budget: Budget): Promise<Table> {
  const pairs: Pairs = new Map(CONTESTANTS.map((name) => [name, []]));
  const rounds: number[] = [];
  for (let take = 1; take <= TAKES; take += 1) {
    const part = budget.split(TAKES);
    part.report(`take ${take} of ${TAKES}: warming up ${BASELINES.length + CONTESTANTS.length} processes`);
    rounds.push(await measureTake([entry.href, heyApi.href], pairs, part));
  }
  return {
    title: "One call, as a multiple of the built-in fetch doing the same by hand",
    notes: [
      `Keep-alive loopback; ${rounds.join(", ")} paired rounds of ${CALLS_A_ROUND} calls in ${TAKES} processes each; median (quartiles).`,
      `Warm: after 3,000 calls of each operation. Every process with ${EXEC_ARGV.join(" ")}.`,
      "cpu: processor time of the calling process alone; it hardly depends on what else the machine does.",
      "Target: 1.10 of the cpu, with every kind of credential. The two other Atlas clients have neither operation.",
    ],
    columns: [
      { key: "who", heading: "" },
      { key: "createCpu", heading: "create, cpu", digits: 2 },
      { key: "deleteCpu", heading: "delete, cpu", digits: 2 },
      { key: "create", heading: "create, wall", digits: 2 },
      { key: "delete", heading: "delete, wall", digits: 2 },
      { key: "createMicroseconds", heading: "create µs cpu" },
      { key: "deleteMicroseconds", heading: "delete µs cpu" },
    ],
    rows: CONTESTANTS.map((who) => {
      const own = pairs.get(who) ?? [];
      return {
        who,
        create: ratio(own, "create", "wall"),
        createCpu: ratio(own, "create", "cpu"),
        delete: ratio(own, "remove", "wall"),
        deleteCpu: ratio(own, "remove", "cpu"),
        createMicroseconds: microseconds(own, "create"),
        deleteMicroseconds: microseconds(own, "remove"),
      };
    }),
  };
}

/**
 * Each in a process of its own, so that none pays for another's garbage; they take turns.
 *
 * @returns how many rounds were made
 */
async function measureTake(locations: readonly string[], pairs: Pairs, budget: Budget): Promise<number> {
  const server = await startChild(new URL("server.mjs", import.meta.url));
  const children = new Map<string, RunningChild>();
  try {
    for (const name of shuffled([...BASELINES, ...CONTESTANTS])) {
      const args = [name, String(server.ready), ...locations];
      children.set(name, await startChild(new URL("contestant.mjs", import.meta.url), args, EXEC_ARGV));
    }
    let round = 1;
    for (; budget.allows(round, 1); round += 1) {
      if (round % 5 === 1) budget.report(`round ${round}`);
      for (const operation of ["create", "remove"] as const) {
        const costs = new Map<string, Cost>();
        for (const [name, child] of shuffled([...children])) {
          // What contestant.mjs sends.
          costs.set(name, (await child.ask({ operation, calls: CALLS_A_ROUND })) as Cost);
        }
        for (const name of CONTESTANTS) {
          const baseline = costs.get(BASELINES[name === DIGEST ? 1 : 0]);
          const contestant = costs.get(name);
          if (baseline !== undefined && contestant !== undefined) {
            pairs.get(name)?.push({ operation, baseline, contestant });
          }
        }
      }
    }
    return round - 1;
  } finally {
    for (const child of [...children.values(), server]) child.stop();
  }
}

function ratio(pairs: readonly Pair[], operation: Operation, of: keyof Cost): Spread {
  const own = pairs.filter((pair) => pair.operation === operation);
  return spreadOf(own.map(({ contestant, baseline }) => contestant[of] / baseline[of]));
}

function microseconds(pairs: readonly Pair[], operation: Operation): number {
  const own = pairs.filter((pair) => pair.operation === operation);
  return medianOf(own.map(({ contestant }) => contestant.cpu));
}
