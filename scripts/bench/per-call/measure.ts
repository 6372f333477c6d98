/**
 * What a call costs: create and delete through the client and through its peers, against the built-in fetch doing the
 * same work by hand.
 */
import { type RunningChild, startChild } from "../child.js";
import { medianOf, type Spread, shuffled, spreadOf, type Table } from "../figures.js";

const DIGEST = "client, API key (digest)";
const CONTESTANTS = [
  "client, access token",
  "client, service account",
  DIGEST,
  "openapi-fetch",
  "openapi-fetch, one middleware",
  "ky",
  "axios",
  "built-in fetch, its timer cleared",
] as const;
/** The built-in fetch, and the same signing by digest: what each contestant is held against. */
const BASELINES = ["built-in fetch", "built-in fetch, digest"] as const;

/** How the engine optimizes differs from process to process, hence several takes. */
const TAKES = 6;
/** As many as it takes for every round to have its share of garbage collections. */
const CALLS_A_ROUND = 1000;
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

/** @param rounds altogether, for each contestant and operation; rounded up to the same number in every take */
export async function measurePerCall(entry: URL, rounds: number): Promise<Table> {
  const roundsATake = Math.ceil(rounds / TAKES);
  const pairs: Pairs = new Map(CONTESTANTS.map((name) => [name, []]));
  for (let take = 1; take <= TAKES; take += 1) {
    console.error(`bench: per-call, take ${take} of ${TAKES}`);
    await measureTake(entry, roundsATake, pairs);
  }
  return {
    title: "One call, as a multiple of the built-in fetch doing the same by hand",
    notes: [
      `Keep-alive loopback, ${roundsATake * TAKES} paired rounds of ${CALLS_A_ROUND} calls in ${TAKES} processes each; median (quartiles).`,
      `Warm: after 5,000 calls of each operation. Every process with ${EXEC_ARGV.join(" ")}.`,
      "cpu: processor time of the calling process alone; it depends less on what else the machine does.",
      "Targets: 1.10 with access token and service account, 1.15 with digest.",
    ],
    columns: [
      { key: "who", heading: "" },
      { key: "create", heading: "create", digits: 2 },
      { key: "createCpu", heading: "create, cpu", digits: 2 },
      { key: "delete", heading: "delete", digits: 2 },
      { key: "deleteCpu", heading: "delete, cpu", digits: 2 },
      { key: "createMicroseconds", heading: "create µs" },
      { key: "deleteMicroseconds", heading: "delete µs" },
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

/** Everybody in a process of their own, so that nobody pays for another's garbage; they take turns. */
async function measureTake(entry: URL, rounds: number, pairs: Pairs): Promise<void> {
  const server = await startChild(new URL("server.mjs", import.meta.url));
  const children = new Map<string, RunningChild>();
  try {
    for (const name of shuffled([...BASELINES, ...CONTESTANTS])) {
      const args = [name, String(server.ready), entry.href];
      children.set(name, await startChild(new URL("contestant.mjs", import.meta.url), args, EXEC_ARGV));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const operation of ["create", "remove"] as const) {
        const costs = new Map<string, Cost>();
        for (const [name, child] of shuffled([...children])) {
          // What contestant.mjs answers.
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
  return medianOf(own.map(({ contestant }) => contestant.wall));
}
