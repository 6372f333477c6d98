/**
 * Drives creates and deletes through a fake Atlas that fails at random, and compares what it did with what the client said.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { type AtlasClient, type AtlasClientOptions, AtlasError, createAtlasClient } from "../../src/index.js";
import { type SeededRandom, seededRandom } from "../../src/testing/atlas/seeded-random.js";
import {
  ADMIN,
  type AtlasRequest,
  type FakeAtlas,
  type Fault,
  GROUP_ID,
  ORG_ID,
  startAtlas,
} from "../../src/testing/atlas/start-atlas.js";
import { chooseKind, REDIRECTED, type Sent, statusOf } from "./faults.js";
import { type Arrival, FOLLOWED, judge, type PlannedCall, type Said } from "./judge.js";

/** As much of a client as is tried. */
export type TriedClient = Pick<AtlasClient, "createGroupServiceAccountSecret" | "deleteOrgServiceAccountSecret">;

export interface FaultRun {
  readonly seed: number;
  readonly calls: number;
  /** Instead of the client of this library: a test gives a wrong one, to see it found out. */
  readonly makeClient?: (options: AtlasClientOptions) => TriedClient;
}

export interface FaultReport {
  /** How the calls ended, and how many did so. */
  readonly endings: ReadonlyMap<string, number>;
  /** What the server did, and how often. */
  readonly faults: ReadonlyMap<string, number>;
  /** Whatever the client said that is not so. */
  readonly untrue: readonly string[];
}

const TIMEOUT_MS = 500;
/** Each client has its own gate for rate limits; with one for all, a 429 would hold up the whole run. */
const CLIENTS = 16;
const CALLS_AT_ONCE_PER_CLIENT = 2;
/** A call that takes longer than its attempts and waits can take has been forgotten. */
const LONGEST_CALL_MS = 30_000;
/** What the clients sign in with, in turns: most with what can fail most. */
const API_KEY = { publicKey: "fake-public-key", privateKey: "not-a-real-private-key" };
const ACCESS_TOKEN = "not-a-real-token";
const CREDENTIALS = [ADMIN, { accessToken: ACCESS_TOKEN }, ADMIN, API_KEY];

export async function runFaults({ seed, calls, makeClient = createAtlasClient }: FaultRun): Promise<FaultReport> {
  const plan = Array.from({ length: calls }, (_, number) => planCall(seed, number));
  const [atlas, deaf] = await Promise.all([startFailingAtlas(plan, seed), startDeafServers()]);
  const said = new Map<PlannedCall, Said>();
  const sent = new Map<string, number>();
  const left = [...plan];
  try {
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => {
        const client = makeClient({
          credentials: CREDENTIALS[index % CREDENTIALS.length] ?? ADMIN,
          baseUrl: atlas.url,
          timeoutMs: TIMEOUT_MS,
          retry: { maxAttempts: 4, maxDelayMs: 5 },
          fetch: sometimesUnheard(seed, sent, deaf),
        });
        const drive = async () => {
          for (let call = left.shift(); call !== undefined; call = left.shift()) {
            said.set(call, await runCall(client, call));
          }
        };
        await Promise.all(Array.from({ length: CALLS_AT_ONCE_PER_CLIENT }, drive));
      }),
    );
    await atlas.idle();
  } finally {
    await Promise.all([atlas.close(), deaf.close()]);
  }
  const untrue = plan.flatMap((call) =>
    judge(call, {
      said: said.get(call) ?? { error: "nothing" },
      secrets: atlas.accounts.secretsOf(call.clientId),
      arrivals: atlas.arrivalsOf(call.clientId),
      sent: sent.get(call.clientId) ?? 0,
    }),
  );
  return { endings: count([...said.values()].map(nameOf)), faults: count(atlas.faultNames()), untrue };
}

function planCall(seed: number, number: number): PlannedCall {
  const random = seededRandom(seed, `plan ${number}`);
  const digits = number.toString(16).padStart(24, "0");
  const kind = random.pick<"create" | "delete">(["create", "delete"]);
  return {
    number,
    kind,
    clientId: `mdb_sa_id_${digits}`,
    secretId: digits,
    // One delete in eight is of a secret that is not there.
    exists: kind === "delete" && random.chance(7 / 8),
    envelope: random.chance(0.25),
  };
}

interface FailingAtlas extends FakeAtlas {
  /** The requests for an account. */
  arrivalsOf(clientId: string): readonly Arrival[];
  /** Of all requests. */
  faultNames(): readonly string[];
}

/** The fake Atlas, with an account for each call and a fault drawn for each request. */
async function startFailingAtlas(plan: readonly PlannedCall[], seed: number): Promise<FailingAtlas> {
  const names = new Map<AtlasRequest, string>();
  const sentBeside = new Map<AtlasRequest, Sent>();
  const atlas = await startAtlas({
    accounts: [
      { clientId: ADMIN.clientId, secrets: [{ value: ADMIN.clientSecret }] },
      ...plan.map(({ clientId, secretId, exists }) => ({ clientId, secrets: exists ? [{ id: secretId }] : [] })),
    ],
    accessTokens: [ACCESS_TOKEN],
    apiKeys: [API_KEY],
    digest: { counts: "new" },
    // Whoever creates twice is to be found out, not refused.
    mostSecrets: 100,
    faults: draw,
  });

  async function draw(request: AtlasRequest): Promise<Fault | undefined> {
    if (request.path === REDIRECTED) {
      names.set(request, FOLLOWED);
      return undefined;
    }
    const random = seededRandom(seed, `server ${request.clientId} ${request.nth}`);
    const kind = chooseKind(request, random);
    const sent: Sent = {};
    names.set(request, kind.name);
    sentBeside.set(request, sent);
    return kind.plan({ request, random, longerThanTimeoutMs: TIMEOUT_MS * 1.5, sent });
  }

  return {
    ...atlas,
    arrivalsOf(clientId) {
      const requests = atlas.requests.filter(
        (request) => request.clientId === clientId || request.target === `${REDIRECTED}?${clientId}`,
      );
      return requests.map((request) => {
        const sent = sentBeside.get(request) ?? {};
        const status = sent.status ?? (request.response && statusOf(request.response)) ?? 0;
        const proof = status >= 400 && status <= 499 && status !== 408 ? status : undefined;
        return { fault: names.get(request) ?? "", proof, sent };
      });
    },
    faultNames: () => [...names.values()],
  };
}

/** The platform's fetch, whose requests now and then are not heard; counts those that may be, as far as it can be told. */
function sometimesUnheard(
  seed: number,
  sent: Map<string, number>,
  deaf: DeafServers,
): NonNullable<AtlasClientOptions["fetch"]> {
  const attempts = new Map<string, number>();
  return async (url, init) => {
    const [clientId = "token"] = /mdb_sa_id_\w+/.exec(url) ?? [];
    const attempt = attempts.get(clientId) ?? 0;
    attempts.set(clientId, attempt + 1);
    const count = () => void sent.set(clientId, (sent.get(clientId) ?? 0) + 1);
    const random = seededRandom(seed, `unheard ${clientId} ${attempt}`);
    const unheard = random.chance(0.06) ? deaf.pick(random) : undefined;
    if (unheard === undefined || unheard.looksHeard) count();
    try {
      return await fetch(unheard === undefined ? url : url.replace(new URL(url).origin, unheard.origin), init);
    } catch (error) {
      // On a busy machine a handshake can take longer than the client waits; then nothing tells that it was not done.
      if (unheard?.looksHeard === false && init.signal?.aborted === true) count();
      throw error;
    }
  };
}

async function runCall(client: TriedClient, { kind, clientId, secretId, envelope }: PlannedCall): Promise<Said> {
  const more = envelope ? { envelope } : {};
  const called: Promise<unknown> =
    kind === "create"
      ? client.createGroupServiceAccountSecret({
          groupId: GROUP_ID,
          clientId,
          body: { secretExpiresAfterHours: 8 },
          ...more,
        })
      : client.deleteOrgServiceAccountSecret({ orgId: ORG_ID, clientId, secretId, ...more });
  const ended = called.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const tooLong: Said = { error: `no end within ${LONGEST_CALL_MS} ms` };
  return await Promise.race([ended, sleep(LONGEST_CALL_MS, tooLong, { ref: false })]);
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

/** Where a request is lost before it is sent: nobody listens, or the TLS handshake fails. */
interface DeafServer {
  readonly origin: string;
  /** Whether the platform's error is one that a request which was sent can end with too: then the outcome is unknown. */
  readonly looksHeard: boolean;
}

interface DeafServers {
  pick(random: SeededRandom): DeafServer;
  close(): Promise<void>;
}

/** A port that needs privileges, with no service assigned to it: nobody listens there, and fetch does not block it. */
const NOBODY: DeafServer = { origin: "http://127.0.0.1:2", looksHeard: false };

async function startDeafServers(): Promise<DeafServers> {
  // What it is for is that a handshake fails, in each of these ways.
  const resetting = answering((socket) => socket.resetAndDestroy());
  const closing = answering((socket) => socket.end());
  const plainHttp = answering((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const withoutCertificate = createTlsServer({}).on("tlsClientError", () => undefined);
  const servers = [resetting, closing, plainHttp, withoutCertificate];
  const deaf = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("The server has no port");
      return { origin: `https://127.0.0.1:${address.port}`, looksHeard: server === resetting };
    }),
  );
  return {
    pick: (random) => random.pick([NOBODY, ...deaf]),
    async close() {
      await Promise.all(servers.map((server) => once(server.close(), "close")));
    },
  };
}

function answering(respond: (socket: Socket) => void): Server {
  return createServer((socket) => {
    socket.on("error", () => undefined).once("data", () => respond(socket));
  });
}
