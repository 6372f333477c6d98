/**
 * Measures how close a fleet of rotations comes to the server's own rate: 200 rotations, eight at a time, against a
 * token bucket of 50 that gets 50 more at every full second. Run: npx tsx scripts/bench/rotation-fleet.ts
 */
import { createAtlasClient, rotateSecrets } from "../../src/index.js";
import { admin, groupId, orgId, startAtlasServer } from "../../src/rotation/testing/atlas-server.js";

const SIZE = 200;
const CONCURRENCY = 8;
const RATE_LIMIT = { capacity: 50, refill: 50, periodMs: 1000 };
/** How much longer than the bucket itself needs is still good. */
const BOUND = 1.25;

async function main(): Promise<void> {
  const server = await startAtlasServer({ rateLimit: RATE_LIMIT });
  const atlas = createAtlasClient({ credentials: admin, baseUrl: server.url });
  const plans = Array.from({ length: SIZE }, (_, index) => {
    const clientId = `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
    const previousSecretId = server.addAccount(clientId).id;
    return { groupId, orgId, clientId, secretExpiresAfterHours: 8, previousSecretId, store: () => undefined };
  });
  const start = performance.now();
  const results = await rotateSecrets(atlas, plans, { concurrency: CONCURRENCY });
  const seconds = (performance.now() - start) / 1000;
  server.close();

  const failed = results.filter(({ status }) => status === "rejected").length;
  const ownTokens = server.requests.filter(({ kind, clientId }) => kind === "token" && clientId === admin.clientId);
  // The bucket is full at the start; the rest comes in at the full seconds after that.
  const needed = ((Math.ceil(server.requests.length / RATE_LIMIT.refill) - 1) * RATE_LIMIT.periodMs) / 1000;
  console.log(`${SIZE} rotations, ${CONCURRENCY} at a time: ${server.requests.length} requests, ${failed} failed`);
  console.log(`${server.rateLimited()} times 429, ${ownTokens.length} token request(s) of the client's own`);
  console.log(`${seconds.toFixed(2)} s; the bucket needs ${needed} s: ${(seconds / needed).toFixed(3)} of it`);
  if (failed > 0 || ownTokens.length !== 1 || seconds / needed > BOUND) process.exitCode = 1;
}

await main();
