/**
 * How close a fleet of rotations comes to the server's own rate: the time it takes against the time that a token bucket
 * needs to let as many requests through.
 */
import { startChild } from "../child.js";
import type { Table } from "../figures.js";
import type { Packages } from "../packages.js";
import type { Budget } from "../progress.js";

const SIZE = 1000;
/** Requests in every second; the bucket holds as many, and gets them back at every full second. */
const RATE = 250;
/** `rotateSecrets`'s own default, and the twice as many that a fleet of this size may want. */
const CONCURRENCIES = [4, 8];

interface Seen {
  readonly requests: number;
  readonly tokenRequests: number;
  readonly ownTokenRequests: number;
  readonly rateLimited: number;
}
interface Rotated {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly failed: number;
  readonly peakBytes: number;
  readonly grownBytes: number;
}

export async function measureFleet({ entry }: Packages, budget: Budget): Promise<Table> {
  const rows = [];
  for (const concurrency of CONCURRENCIES) {
    budget.report(`${concurrency} at a time`);
    const { seen, rotated } = await rotateFleet(entry, concurrency);
    // The bucket is full at the start; the rest comes in at the full seconds after that.
    const leastSeconds = Math.ceil(seen.requests / RATE) - 1;
    rows.push({
      concurrency: `${concurrency} at a time`,
      ratio: rotated.seconds / leastSeconds,
      seconds: rotated.seconds,
      cpu: (rotated.cpuSeconds / SIZE) * 1000,
      leastSeconds,
      failed: rotated.failed,
      requests: seen.requests,
      rateLimited: seen.rateLimited,
      tokens: seen.tokenRequests,
      ownTokens: seen.ownTokenRequests,
      peak: rotated.peakBytes / 1e6,
      grown: rotated.grownBytes / 1e6,
    });
  }
  return {
    title: `A fleet of ${SIZE} rotations through a token bucket of ${RATE} requests a second`,
    notes: [
      "ratio: of the time taken to the time that the bucket itself needs for these requests (target 1.08). cpu: of the client, for each rotation.",
      "token requests: one by the client for all its calls, and one for each new secret that is verified.",
    ],
    columns: [
      { key: "concurrency", heading: "" },
      { key: "ratio", heading: "ratio", digits: 3 },
      { key: "seconds", heading: "s", digits: 2 },
      { key: "leastSeconds", heading: "bucket s" },
      { key: "cpu", heading: "cpu ms each", digits: 2 },
      { key: "failed", heading: "failed" },
      { key: "requests", heading: "requests" },
      { key: "rateLimited", heading: "429 besides" },
      { key: "tokens", heading: "token requests" },
      { key: "ownTokens", heading: "the client's own" },
      { key: "peak", heading: "peak MB" },
      { key: "grown", heading: "of it for the fleet" },
    ],
    rows,
  };
}

async function rotateFleet(entry: URL, concurrency: number): Promise<{ seen: Seen; rotated: Rotated }> {
  // Written in TypeScript, so it runs as the bench itself does.
  const server = await startChild(
    new URL("server.ts", import.meta.url),
    [String(SIZE), String(RATE)],
    process.execArgv,
  );
  try {
    const fleet = await startChild(new URL("rotations.mjs", import.meta.url), [entry.href]);
    const rotated = await fleet.ask({ ...Object(server.ready), concurrency });
    const seen = await server.ask({});
    // The messages of rotations.mjs and server.ts, which send nothing else.
    return { seen: seen as Seen, rotated: rotated as Rotated };
  } finally {
    server.stop();
  }
}
