/** How close a fleet of rotations comes to what a token bucket lets through. */
import { ADMIN, GROUP_ID, ORG_ID, startAtlas } from "../../src/testing/atlas/start-atlas.js";
import { startChild } from "./child.js";
import { type Budget, table } from "./measuring.js";
import { ENTRY } from "./packages.js";

const SIZE = 1000;
/** Requests in every second; the bucket holds as many, and gets them back at every full second. */
const RATE = 250;
/** `rotateSecrets`'s own default, and the twice as many that a fleet of this size may want. */
const CONCURRENCIES = [4, 8];

/** The message of rotations.mjs. */
type Rotated = Readonly<Record<"seconds" | "cpuSeconds" | "failed" | "peakBytes", number>>;

export async function measureFleet(budget: Budget): Promise<string> {
  const rows: Record<string, string>[] = [];
  for (const concurrency of CONCURRENCIES) {
    budget.report(`${concurrency} at a time`);
    rows.push(await rotateFleet(concurrency));
  }
  return table(
    `A fleet of ${SIZE} rotations through a token bucket of ${RATE} requests a second`,
    [
      "ratio: of the time taken to the time that the bucket itself needs for these requests (target 1.08). cpu: of the client, for each rotation.",
      "token requests: one by the client for all its calls, and one for each new secret that is verified.",
    ],
    rows,
  );
}

/** The server runs here, with nothing beside it; the fleet in a process of its own. */
async function rotateFleet(concurrency: number): Promise<Record<string, string>> {
  const atlas = await startAtlas({ rateLimit: { capacity: RATE, refill: RATE, periodSeconds: 1 } });
  const plans = Array.from({ length: SIZE }, (_, index) => {
    const clientId = `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
    const previousSecretId = atlas.addAccount(clientId).id;
    return { groupId: GROUP_ID, orgId: ORG_ID, clientId, secretExpiresAfterHours: 8, previousSecretId };
  });
  const fleet = await startChild(new URL("rotations.mjs", import.meta.url), [ENTRY.href]);
  try {
    const asked = { url: atlas.url, credentials: ADMIN, plans, concurrency };
    const { seconds, cpuSeconds, failed, peakBytes } = (await fleet.ask(asked)) as Rotated;
    const requests = atlas.requests.filter(({ response }) => response?.status !== 429);
    const tokens = requests.filter(({ kind }) => kind === "token");
    // The bucket is full at the start; the rest comes in at the full seconds after that.
    const leastSeconds = Math.ceil(requests.length / RATE) - 1;
    return {
      "": `${concurrency} at a time`,
      ratio: (seconds / leastSeconds).toFixed(3),
      s: seconds.toFixed(2),
      "bucket s": String(leastSeconds),
      "cpu ms each": ((cpuSeconds / SIZE) * 1000).toFixed(2),
      failed: String(failed),
      requests: String(requests.length),
      "429 besides": String(atlas.requests.length - requests.length),
      "token requests": String(tokens.length),
      "the client's own": String(tokens.filter(({ clientId }) => clientId === ADMIN.clientId).length),
      "peak MB": (peakBytes / 1e6).toFixed(0),
    };
  } finally {
    fleet.stop();
    await atlas.close();
  }
}
