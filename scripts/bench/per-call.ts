/**
 * What a call costs: create and delete through the client and through its peers, against the built-in fetch doing the
 * same work by hand.
 */
import { createServer, type Server } from "node:http";
import { close, listen } from "../../src/testing/atlas/http.js";
import { type Cost, startChild } from "./child.js";
import { type Budget, medianOf, shuffled, spreadOf, table } from "./measuring.js";
import { ENTRY, HEY_API } from "./packages.js";

const BASELINE = "built-in fetch";
/** The same with a signature by digest, which one of the client's is held against. */
const DIGEST_BASELINE = "built-in fetch, digest";
const DIGEST = "client, API key (digest)";
const CLIENTS = ["client, access token", "client, service account", DIGEST];
const PEERS = ["openapi-fetch", "ky", "axios", "hey-api's client"];
const OPERATIONS = ["create", "remove"] as const;
/** Of the baseline's processor time. */
const TARGET = 1.1;

/**
 * What a call costs differs by a twentieth from process to process, hence as many takes with processes of their own as the time
 * allows. The client's are in all of them; what the peers cost is no target, and known well enough from the first.
 */
const LEAST_TAKES = 3;
/**
 * In a take, everyone has many short turns: how fast the machine is differs by a tenth from one second to the next, and nobody
 * may have only the good ones.
 */
const ROUNDS = 30;
/** Of each operation in a turn: a fifth of a second. */
const CALLS = 200;
/**
 * The young generation at its full size from the start: by itself it grows sooner or later by chance, and the same program
 * is then a quarter slower in one process than in the next. And V8 must keep what it has compiled while a process waits for its
 * turn, or every turn would begin cold.
 */
const EXEC_ARGV = [
  "--min-semi-space-size=16",
  "--max-semi-space-size=16",
  "--no-memory-reducer",
  "--no-flush-bytecode",
];

/** Microseconds of one call, by who makes it. */
type Take = ReadonlyMap<string, Costs>;
type Costs = Readonly<Record<(typeof OPERATIONS)[number], Cost>>;

export async function measurePerCall(budget: Budget): Promise<string> {
  const takes: Take[] = [];
  const server = createBenchServer();
  const url = await listen(server);
  try {
    for (let take = 1; budget.allows(take, LEAST_TAKES); take += 1) {
      const names = [BASELINE, DIGEST_BASELINE, ...CLIENTS, ...(take === 1 ? PEERS : [])];
      budget.report(`take ${take}: ${names.length} processes`);
      takes.push(await measureTake(shuffled(names), url));
    }
  } finally {
    await close(server);
  }
  const costs = (who: string, operation: keyof Costs, of: keyof Cost) =>
    takes.flatMap((take) => take.get(who)?.[operation][of] ?? []);
  const ratios = (who: string, operation: keyof Costs, of: keyof Cost) => {
    const baseline = costs(who === DIGEST ? DIGEST_BASELINE : BASELINE, operation, of);
    return costs(who, operation, of).map((cost, take) => cost / (baseline[take] ?? Number.NaN));
  };
  const rows = [...CLIENTS, ...PEERS].map((who) => {
    const isMet = OPERATIONS.every((operation) => medianOf(ratios(who, operation, "cpu")) <= TARGET);
    return {
      "": who,
      "create, cpu": spreadOf(ratios(who, "create", "cpu"), 2),
      "delete, cpu": spreadOf(ratios(who, "remove", "cpu"), 2),
      target: who.startsWith("client") ? (isMet ? "met" : "missed") : "",
      "create, wall": spreadOf(ratios(who, "create", "wall"), 2),
      "delete, wall": spreadOf(ratios(who, "remove", "wall"), 2),
      "create µs cpu": medianOf(costs(who, "create", "cpu")).toFixed(0),
      "delete µs cpu": medianOf(costs(who, "remove", "cpu")).toFixed(0),
    };
  });
  return table(
    "One call, as a multiple of the built-in fetch doing the same by hand",
    [
      `Keep-alive loopback; ${takes.length} takes (one of the peers), each with a process for everyone, which makes ${ROUNDS * CALLS} calls of each operation in turns of ${CALLS}, in an order drawn anew; median (quartiles) of the takes.`,
      `Warm: after 4,000 calls of each operation. Every process with ${EXEC_ARGV.join(" ")}.`,
      "cpu: processor time of the calling process alone; it hardly depends on what else the machine does.",
      `Target: ${TARGET} of the cpu, with every kind of credential. The two other Atlas clients have neither operation.`,
    ],
    rows,
  );
}

/** Each in a process of its own, so that none pays for another's garbage; one after the other, so that none slows another down. */
async function measureTake(names: readonly string[], url: string): Promise<Take> {
  const measured: Measured[] = [];
  for (const name of names) {
    const args = [name, url, ENTRY.href, HEY_API.href];
    const child = await startChild(new URL("contestants.mjs", import.meta.url), args, EXEC_ARGV);
    measured.push({ name, child, turns: [] });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { child, turns } of shuffled(measured)) {
      // What contestants.mjs sends.
      turns.push((await child.ask({ calls: CALLS })) as Costs);
    }
  }
  for (const { child } of measured) child.stop();
  return new Map(measured.map(({ name, turns }) => [name, meanOf(turns)]));
}

interface Measured {
  readonly name: string;
  readonly child: Awaited<ReturnType<typeof startChild>>;
  readonly turns: Costs[];
}

function meanOf(turns: readonly Costs[]): Costs {
  const mean = (operation: keyof Costs, of: keyof Cost) =>
    turns.reduce((sum, turn) => sum + turn[operation][of], 0) / turns.length;
  const cost = (operation: keyof Costs): Cost => ({ cpu: mean(operation, "cpu"), wall: mean(operation, "wall") });
  return { create: cost("create"), remove: cost("remove") };
}

/** Responds at once, keeps connections alive, takes any credential for good, and sends as many headers as Atlas does. */
function createBenchServer(): Server {
  const common = {
    "strict-transport-security": "max-age=31536000; includeSubdomains;",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "x-mongodb-service-version": "gitHash=0000000000000000000000000000000000000000; versionString=bench",
    "x-envoy-upstream-service-time": "1",
    "ratelimit-limit": "1000",
    "ratelimit-remaining": "999",
    server: "mdbws",
  };
  const challenge =
    'Digest realm="MMS Public API", domain="", nonce="YmVuY2gtbm9uY2UtMDEyMzQ1Njc4OQ==", algorithm=MD5, qop="auth", stale=false';
  const token = JSON.stringify({ access_token: "bench-access-token", expires_in: 3600, token_type: "Bearer" });
  const secret = JSON.stringify({
    createdAt: "2025-05-04T09:42:00Z",
    expiresAt: "2025-05-04T17:42:00Z",
    id: "32b6e34b3d91647abb20e7b8",
    maskedSecretValue: "mdb_sa_sk_...",
    secret: "mdb_sa_sk_fake-secret-of-the-bench-0123456789",
  });
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const respond = (status: number, type: string, body: string, more: Readonly<Record<string, string>> = {}) => {
      const length = { "content-type": type, "content-length": Buffer.byteLength(body) };
      response.writeHead(status, { ...common, ...more, ...length }).end(body);
    };
    request.resume().once("end", () => {
      if (request.url === "/api/oauth/token") respond(200, "application/json", token);
      else if (request.headers.authorization === undefined)
        respond(401, "application/json", "{}", { "www-authenticate": challenge });
      else if (request.method === "POST") respond(201, "application/vnd.atlas.2024-08-05+json;charset=utf-8", secret);
      else response.writeHead(204, common).end();
    });
  });
}
