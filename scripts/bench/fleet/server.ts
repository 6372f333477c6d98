/**
 * The server of the fleet measurement: as much of Atlas as a rotation meets, behind a token bucket.
 *
 * Arguments: number of accounts, requests that the bucket lets through in every second. Any message is answered with
 * what it has seen.
 */
import { admin, groupId, orgId, startAtlasServer } from "../../../src/rotation/testing/atlas-server.js";

const [size = 0, rate = 1] = process.argv.slice(2).map(Number);
const server = await startAtlasServer({ rateLimit: { capacity: rate, refill: rate, periodMs: 1000 } });
const plans = Array.from({ length: size }, (_, index) => {
  const clientId = `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
  return { groupId, orgId, clientId, secretExpiresAfterHours: 8, previousSecretId: server.addAccount(clientId).id };
});

process.on("message", () => {
  const ownTokens = server.requests.filter(({ kind, clientId }) => kind === "token" && clientId === admin.clientId);
  const tokens = server.requests.filter(({ kind }) => kind === "token");
  process.send?.({
    requests: server.requests.length,
    tokenRequests: tokens.length,
    ownTokenRequests: ownTokens.length,
    rateLimited: server.rateLimited(),
  });
});
process.on("disconnect", () => process.exit());
process.send?.({ url: server.url, credentials: admin, plans });
