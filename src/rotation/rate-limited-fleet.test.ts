/**
 * A fleet against a rate limit: the limit makes it wait and fails nobody. How close it comes to the server's own rate is
 * measured by `npm run bench -- --only fleet`; a test that runs beside others can only hold it to a generous bound.
 */
import { expect, it, onTestFinished } from "vitest";
import { createAtlasClient } from "../client.js";
import { rotateSecrets } from "./rotate-secrets.js";
import { admin, groupId, orgId, startAtlasServer } from "./testing/atlas-server.js";

const rateLimit = { capacity: 50, refill: 50, periodMs: 1000 };
const SIZE = 80;

it("80 rotations at a bucket of 50 a second fail nowhere and ask for one token of the client's own", async () => {
  const server = await startAtlasServer({ rateLimit });
  onTestFinished(() => server.close());
  const atlas = createAtlasClient({ credentials: admin, baseUrl: server.url });
  const plans = Array.from({ length: SIZE }, (_, index) => {
    const clientId = `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
    const previousSecretId = server.addAccount(clientId).id;
    return { groupId, orgId, clientId, secretExpiresAfterHours: 8, previousSecretId, store: () => undefined };
  });
  const start = performance.now();
  const results = await rotateSecrets(atlas, plans, { concurrency: 8 });
  const seconds = (performance.now() - start) / 1000;
  expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
  expect(server.requests).toHaveLength(3 * SIZE + 1);
  expect(server.requests.filter(({ kind, clientId }) => kind === "token" && clientId === admin.clientId)).toHaveLength(
    1,
  );
  expect(server.rateLimited()).toBeGreaterThan(0);
  const bucketSeconds = Math.ceil((3 * SIZE + 1) / rateLimit.refill) - 1;
  expect(seconds).toBeLessThan(4 * bucketSeconds);
}, 60_000);
