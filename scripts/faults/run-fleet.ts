/**
 * Rotates a fleet through a token bucket whose `Retry-After` is rounded down, so that whoever waits as long as it says is
 * refused again.
 */
import { type AtlasClient, type AtlasClientOptions, createAtlasClient, rotateSecrets } from "../../src/index.js";
import { ADMIN, GROUP_ID, ORG_ID, startAtlas } from "../../src/testing/atlas/start-atlas.js";

export interface FleetRun {
  readonly accounts: number;
  /** Requests that the bucket holds and gets back at every full second. */
  readonly requestsPerSecond: number;
  /** Instead of the client of this library: a test gives a wrong one, to see it found out. */
  readonly makeClient?: (options: AtlasClientOptions) => AtlasClient;
  /** Is called with how many accounts are done. */
  readonly onProgress?: (done: number) => void;
}

export interface FleetReport {
  readonly rateLimited: number;
  /** What is wrong with an account, in a sentence. */
  readonly untrue: readonly string[];
}

export async function runFleet(run: FleetRun): Promise<FleetReport> {
  const { accounts, requestsPerSecond, makeClient = createAtlasClient, onProgress } = run;
  const atlas = await startAtlas({
    rateLimit: { capacity: requestsPerSecond, periodSeconds: 1, roundsDown: true },
  });
  const stored = new Map<string, string>();
  const plans = Array.from({ length: accounts }, (_, index) => {
    const clientId = `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
    return {
      groupId: GROUP_ID,
      orgId: ORG_ID,
      clientId,
      secretExpiresAfterHours: 8,
      previousSecretId: atlas.addAccount(clientId).id,
      store: ({ secret }: { readonly secret: string }) => void stored.set(clientId, secret),
    };
  });
  try {
    const client = makeClient({ credentials: ADMIN, baseUrl: atlas.url });
    const results = await rotateSecrets(client, plans, { onProgress: ({ done }) => onProgress?.(done) });
    const untrue = plans.flatMap(({ clientId }, index) => {
      const result = results[index];
      if (result?.status !== "fulfilled") return [`${clientId} was not rotated: ${result?.reason}`];
      const [only, ...others] = atlas.accounts.secretsOf(clientId);
      const isWhole = only?.value === stored.get(clientId) && others.length === 0;
      return isWhole ? [] : [`${clientId} does not have the stored secret alone`];
    });
    return { rateLimited: atlas.requests.filter(({ response }) => response?.status === 429).length, untrue };
  } finally {
    await atlas.close();
  }
}
