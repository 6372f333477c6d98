/**
 * What a call costs: create and delete through the client and through its peers, against the built-in fetch doing the
 * same work by hand.
 */
import { runChild, startChild } from "../child.js";
import { medianOf, type Spread, shuffled, spreadOf } from "../statistics.js";
import type { Table } from "../table.js";

const CONTESTANTS = [
  "client, access token",
  "client, service account",
  "client, API key (digest)",
  "openapi-fetch",
  "openapi-fetch, one middleware",
  "ky",
  "axios",
] as const;
/** How the engine optimizes differs from process to process, hence several. */
const PROCESSES = 4;
const CALLS_A_ROUND = 50;

type Operation = "create" | "remove";
interface Cost {
  /** Microseconds by the clock. */
  readonly wall: number;
  /** Microseconds of the process, on all cores. */
  readonly cpu: number;
}
interface Pair {
  readonly operation: Operation;
  readonly fetch: Cost;
  readonly contestant: Cost;
}

/** @param rounds altogether, for each contestant and operation */
export async function measurePerCall(entry: URL, rounds: number): Promise<Table> {
  const pairs = new Map<string, Pair[]>(CONTESTANTS.map((name) => [name, []]));
  const server = await startChild(new URL("server.mjs", import.meta.url));
  try {
    for (let take = 0; take < PROCESSES; take += 1) {
      for (const name of shuffled(CONTESTANTS)) {
        const args = [
          name,
          String(server.ready),
          entry.href,
          String(Math.ceil(rounds / PROCESSES)),
          String(CALLS_A_ROUND),
        ];
        // The messages of rounds.mjs, which sends nothing else.
        pairs.get(name)?.push(...((await runChild(new URL("rounds.mjs", import.meta.url), args)) as Pair[]));
      }
    }
  } finally {
    server.stop();
  }
  return {
    title: "One call, as a multiple of the built-in fetch doing the same by hand",
    notes: [
      `Keep-alive loopback, ${rounds} paired rounds of ${CALLS_A_ROUND} calls in ${PROCESSES} processes each; median (quartiles).`,
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

function ratio(pairs: readonly Pair[], operation: Operation, of: keyof Cost): Spread {
  const own = pairs.filter((pair) => pair.operation === operation);
  return spreadOf(own.map(({ contestant, fetch }) => contestant[of] / fetch[of]));
}

function microseconds(pairs: readonly Pair[], operation: Operation): number {
  const own = pairs.filter((pair) => pair.operation === operation);
  return medianOf(own.map(({ contestant }) => contestant.wall));
}
