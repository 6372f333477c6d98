/** Drives calls through a fake Atlas that fails at random, and a fleet through a rate limit that says too little. */
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import {
  type AtlasClient,
  type AtlasClientOptions,
  AtlasError,
  createAtlasClient,
  type FetchFunction,
  rotateSecrets,
} from "../../src/index.js";
import { listen } from "../../src/testing/atlas/http.js";
import { seededRandom } from "../../src/testing/atlas/seeded-random.js";
import { ADMIN, GROUP_ID, ORG_ID, startAtlas } from "../../src/testing/atlas/start-atlas.js";
import { type Arrival, drawFault } from "./faults.js";
import { judge, planCall, type Said, type TriedCall } from "./judge.js";

/** As much of a client as is tried. */
export type TriedClient = Pick<AtlasClient, "createGroupServiceAccountSecret" | "deleteOrgServiceAccountSecret">;

interface FaultRun {
  readonly seed: number;
  readonly calls: number;
  /** How long the client waits for a response, which some requests never get. Default 500. */
  readonly timeoutMs?: number;
  /** Instead of the client of this library: a test gives a wrong one, to see it found out. */
  readonly makeClient?: (options: AtlasClientOptions) => TriedClient;
}

/** Each client has its own gate for rate limits; with one for all, a 429 would hold up the whole run. */
const CLIENTS = 16;
/** A call that takes longer than its attempts and waits can take has been forgotten. */
const LONGEST_CALL_MS = 30_000;
/** What the clients sign in with, in turns: most with what can fail most. */
const API_KEY = { publicKey: "fake-public-key", privateKey: "not-a-real-private-key" };
const ACCESS_TOKEN = "not-a-real-token";
const CREDENTIALS = [ADMIN, { accessToken: ACCESS_TOKEN }, ADMIN, API_KEY];

/** @returns how calls ended and what the server did, each with how often, and whatever the client said that is not so */
export async function runFaults({ seed, calls, timeoutMs = 500, makeClient = createAtlasClient }: FaultRun) {
  const planned = Array.from({ length: calls }, (_, number) => planCall(seed, number));
  const plan = new Map(planned.map((call) => [call.clientId, call]));
  const ofTokens: Arrival[] = [];
  const atlas = await startAtlas({
    accessTokens: [ACCESS_TOKEN],
    apiKeys: [API_KEY],
    digest: { counts: "new" },
    // Whoever creates twice is to be found out, not refused.
    mostSecrets: 100,
    async faults(request) {
      const random = seededRandom(seed, `server ${request.clientId} ${request.nth}`);
      return drawFault(plan.get(request.clientId)?.arrivals ?? ofTokens, { request, random, timeoutMs });
    },
  });
  for (const { clientId, secretId, exists } of planned) {
    atlas.accounts.add({ clientId, secrets: exists ? [{ id: secretId }] : [] });
  }
  const deaf = deafServers();
  // Shared by all who drive: each takes the next call.
  const left = planned.values();
  const drive = async (client: TriedClient) => {
    for (const call of left) {
      const start = performance.now();
      call.said = await runCall(client, call);
      // Half, because a timer goes by the time at which the event loop began its turn.
      call.quick = performance.now() - start < timeoutMs / 2;
    }
  };
  try {
    const unheard = await Promise.all(deaf.map(async (server) => (await listen(server)).replace("http:", "https:")));
    const driven = Array.from({ length: CLIENTS }, (_, index) => {
      const client = makeClient({
        credentials: CREDENTIALS[index % CREDENTIALS.length] ?? ADMIN,
        baseUrl: atlas.url,
        timeoutMs,
        retry: { maxAttempts: 4, maxDelayMs: 5 },
        fetch: sometimesUnheard(seed, plan, unheard),
      });
      // Two calls at a time.
      return [drive(client), drive(client)];
    });
    await Promise.all(driven.flat());
    await atlas.idle();
  } finally {
    for (const server of deaf) server.close();
    await atlas.close();
  }
  return {
    endings: count(planned.map(({ said }) => nameOf(said))),
    faults: count([...ofTokens, ...planned.flatMap(({ arrivals }) => arrivals)].map(({ fault }) => fault)),
    untrue: planned.flatMap((call) => judge(call, atlas.accounts.secretsOf(call.clientId))),
  };
}

async function runCall(client: TriedClient, { kind, clientId, secretId, envelope }: TriedCall): Promise<Said> {
  const body = { secretExpiresAfterHours: 8 };
  const called: Promise<unknown> =
    kind === "create"
      ? client.createGroupServiceAccountSecret({ groupId: GROUP_ID, clientId, body, envelope })
      : client.deleteOrgServiceAccountSecret({ orgId: ORG_ID, clientId, secretId, envelope });
  const said = called.then<Said, Said>(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const tooLong: Said = { error: `no end within ${LONGEST_CALL_MS} ms` };
  return await Promise.race([said, sleep(LONGEST_CALL_MS, tooLong, { ref: false })]);
}

function nameOf(said: Said): string {
  if (!("error" in said)) return "resolved";
  return said.error instanceof AtlasError ? `${said.error.name}, ${said.error.outcome}` : "another error";
}

function count(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** A port that needs privileges, with no service assigned to it: nobody listens there, and fetch does not block it. */
const NOBODY = "http://127.0.0.1:2";

/** In each of these ways a TLS handshake fails; that of the first is reset. */
function deafServers(): readonly Server[] {
  const deaf = (respond: (socket: Socket) => void) =>
    createServer((socket) => void socket.on("error", () => undefined).once("data", () => respond(socket)));
  return [
    deaf((socket) => socket.resetAndDestroy()),
    deaf((socket) => socket.end()),
    deaf((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    createTlsServer({}).on("tlsClientError", () => undefined),
  ];
}

/** The platform's fetch, whose requests now and then are not heard; counts those that may be, as far as it can be told. */
function sometimesUnheard(seed: number, plan: ReadonlyMap<string, TriedCall>, deaf: string[]): FetchFunction {
  const [resetting = NOBODY, ...others] = deaf;
  const attempts = new Map<string, number>();
  return async (url, init) => {
    const [clientId = "token"] = /mdb_sa_id_\w+/.exec(url) ?? [];
    const attempt = attempts.get(clientId) ?? 0;
    attempts.set(clientId, attempt + 1);
    const call = plan.get(clientId) ?? { sent: 0 };
    const random = seededRandom(seed, `unheard ${clientId} ${attempt}`);
    const origin = random.chance(0.06) ? random.pick([resetting, NOBODY, ...others]) : undefined;
    // What a reset handshake ends with, a request that was sent can end with too: then the outcome is unknown.
    const looksHeard = origin === undefined || origin === resetting;
    if (looksHeard) call.sent += 1;
    try {
      return await fetch(origin === undefined ? url : url.replace(new URL(url).origin, origin), init);
    } catch (error) {
      // On a busy machine a handshake can take longer than the client waits; then nothing tells that it was not done.
      if (!looksHeard && init.signal?.aborted === true) call.sent += 1;
      throw error;
    }
  };
}

/** Requests that the fleet's bucket holds and gets back at every full second. */
export const REQUESTS_PER_SECOND = 5;

interface FleetRun {
  readonly accounts: number;
  readonly makeClient?: (options: AtlasClientOptions) => AtlasClient;
  readonly onProgress?: (accountsDone: number) => void;
}

/**
 * Rotates a fleet through a token bucket whose `Retry-After` is rounded down, so that whoever waits as long is refused again.
 *
 * @returns how often it was, and what is wrong with an account, in a sentence each
 */
export async function runFleet({ accounts, makeClient = createAtlasClient, onProgress }: FleetRun) {
  const rateLimit = { capacity: REQUESTS_PER_SECOND, periodSeconds: 1, roundsDown: true };
  const atlas = await startAtlas({ rateLimit });
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
    // Else the server is gone before the last tokens are revoked. Whether they are says nothing of the fleet's secrets.
    await Promise.allSettled([client.close()]);
    const untrue = plans.flatMap(({ clientId }, index) => {
      const result = results[index];
      if (result?.status !== "fulfilled") return [`${clientId} was not rotated: ${result?.reason}`];
      const [only, ...others] = atlas.accounts.secretsOf(clientId);
      if (only?.value === stored.get(clientId) && others.length === 0) return [];
      return [`${clientId} does not have the stored secret alone`];
    });
    return { rateLimited: atlas.requests.filter(({ response }) => response?.status === 429).length, untrue };
  } finally {
    await atlas.close();
  }
}
