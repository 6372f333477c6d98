/**
 * Drives creates and deletes through the faulty server and compares what it did with what the client said.
 */
import { type AtlasClient, type AtlasClientOptions, AtlasError, createAtlasClient } from "../../src/index.js";
import { CALL_HEADER, startFaultyServer } from "./faulty-server.js";
import { judge, type PlannedCall, type Said, unlistedSecrets } from "./judge.js";
import { Ledger } from "./ledger.js";
import { seededRandom } from "./seeded-random.js";

/** As much of a client as is tried. */
export type TriedClient = Pick<AtlasClient, "createGroupServiceAccountSecret" | "deleteOrgServiceAccountSecret">;

export interface FaultRun {
  readonly seed: number;
  readonly calls: number;
  /** In place of the client of this library: a test gives a wrong one, to see it found out. */
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

const TIMEOUT_MS = 300;
/** Each client has its own gate for rate limits; with one for all, a 429 would hold up the whole run. */
const CLIENTS = 16;
const CALLS_AT_ONCE_PER_CLIENT = 2;
/** A call that takes longer than its attempts and waits can take has been forgotten. */
const LONGEST_CALL_MS = 30_000;
/** A port that needs privileges, with no service assigned to it: nobody listens there, and fetch does not block it. */
const NOBODY = "http://127.0.0.1:2";

const groupId = "5f0c1a2b3c4d5e6f70819203";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

export async function runFaults({ seed, calls, makeClient = createAtlasClient }: FaultRun): Promise<FaultReport> {
  const ledger = new Ledger();
  const plan = Array.from({ length: calls }, (_, number) => planCall(seed, number, ledger));
  const server = await startFaultyServer(ledger, seed, TIMEOUT_MS);
  const said = new Map<number, Said>();
  const sent = new Map<number, number>();
  const left = [...plan];
  try {
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const client = makeClient({
          credentials: { accessToken: "not-a-real-token" },
          baseUrl: server.url,
          timeoutMs: TIMEOUT_MS,
          retry: { maxAttempts: 4, maxDelayMs: 5 },
          fetch: sometimesRefused(seed, sent),
        });
        const drive = async () => {
          for (let call = left.shift(); call !== undefined; call = left.shift()) {
            said.set(call.number, await carryOut(client, call));
          }
        };
        await Promise.all(Array.from({ length: CALLS_AT_ONCE_PER_CLIENT }, drive));
      }),
    );
    await server.idle();
  } finally {
    await server.close();
  }
  const untrue = plan.flatMap((call) =>
    judge(call, { said: said.get(call.number) ?? { error: "nothing" }, ledger, sent: sent.get(call.number) ?? 0 }),
  );
  untrue.push(...unlistedSecrets(ledger, said));
  return { endings: count([...said.values()].map(nameOf)), faults: ledger.faults(), untrue };
}

function planCall(seed: number, number: number, ledger: Ledger): PlannedCall {
  const random = seededRandom(seed, "plan", number);
  const kind = random.pick<"create" | "delete">(["create", "delete"]);
  const secretId = `f${String(number).padStart(23, "0")}`;
  // One delete in eight is of a secret that is not there.
  if (kind === "delete" && random.chance(7 / 8)) ledger.seed(secretId);
  return { number, kind, secretId, envelope: random.chance(0.25) };
}

/** The platform's fetch, to which now and then nobody listens; counts the requests that somebody may hear. */
function sometimesRefused(seed: number, sent: Map<number, number>): NonNullable<AtlasClientOptions["fetch"]> {
  const attempts = new Map<number, number>();
  return (url, init) => {
    const call = Number(new Headers(init.headers).get(CALL_HEADER));
    const attempt = attempts.get(call) ?? 0;
    attempts.set(call, attempt + 1);
    if (seededRandom(seed, "refused", call, attempt).chance(0.04)) {
      return fetch(url.replace(new URL(url).origin, NOBODY), init);
    }
    sent.set(call, (sent.get(call) ?? 0) + 1);
    return fetch(url, init);
  };
}

async function carryOut(client: TriedClient, call: PlannedCall): Promise<Said> {
  const options = { headers: { [CALL_HEADER]: String(call.number) } };
  const envelope = call.envelope ? { envelope: true } : {};
  const carriedOut: Promise<unknown> =
    call.kind === "create"
      ? client.createGroupServiceAccountSecret(
          { groupId, clientId, body: { secretExpiresAfterHours: 8 }, ...envelope },
          options,
        )
      : client.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: call.secretId, ...envelope }, options);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<Said>((resolve) => {
    timer = setTimeout(resolve, LONGEST_CALL_MS, { error: `no end within ${LONGEST_CALL_MS} ms` });
  });
  const ended = carriedOut.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const said = await Promise.race([ended, tooLong]);
  clearTimeout(timer);
  return said;
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
