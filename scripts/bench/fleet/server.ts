/**
 * The server of the fleet measurement: as much of Atlas as a rotation meets, behind a token bucket.
 *
 * Arguments: number of accounts, requests that the bucket lets through in every second. Responds to any message with
 * what it has seen.
 */
import { ADMIN, GROUP_ID, ORG_ID, startAtlas } from "../../../src/testing/atlas/start-atlas.js";

const [size = 0, rate = 1] = process.argv.slice(2).map(Number);
const server = await startAtlas({ rateLimit: { capacity: rate, refill: rate, periodSeconds: 1 } });
const plans = Array.from({ length: size }, (_, index) => {
  const clientId = `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
  return {
    groupId: GROUP_ID,
    orgId: ORG_ID,
    clientId,
    secretExpiresAfterHours: 8,
    previousSecretId: server.addAccount(clientId).id,
  };
});

process.on("message", () => {
  const requests = server.requests.filter(({ response }) => response?.status !== 429);
  const tokens = requests.filter(({ kind }) => kind === "token");
  process.send?.({
    requests: requests.length,
    tokenRequests: tokens.length,
    ownTokenRequests: tokens.filter(({ clientId }) => clientId === ADMIN.clientId).length,
    rateLimited: server.requests.length - requests.length,
  });
});
process.on("disconnect", () => process.exit());
process.send?.({ url: server.url, credentials: ADMIN, plans });
