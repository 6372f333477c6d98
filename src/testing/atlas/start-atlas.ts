/**
 * A fake Atlas in this process: the two operations and the token endpoint on a free port of 127.0.0.1, with service
 * accounts that really hold secrets. It can fail at any request in any way.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AtlasState } from "./authenticate.js";
import { type ApiKey, type DigestCheck, type DigestOptions, digestCheck } from "./credentials.js";
import { disrupt, type Faults, type RateLimit, tokenBucket } from "./faults.js";
import { type AtlasResponse, close, contentHeaders, enveloped, listen, readBody, send } from "./http.js";
import { type AtlasRequest, type RecordedRequest, readRequest } from "./request.js";
import { type AccountOptions, ServiceAccounts, type StoredSecret } from "./service-accounts.js";
import { correctSteps, type Step, type Steps } from "./steps.js";

export type { ApiKey } from "./credentials.js";
export type { Ending, Fault, Faults, RateLimit } from "./faults.js";
export { randomFaults } from "./faults.js";
export type { AtlasResponse } from "./http.js";
export type { AtlasRequest, RecordedRequest } from "./request.js";
export type { AccountOptions, StoredSecret } from "./service-accounts.js";
export { GROUP_ID, ORG_ID } from "./service-accounts.js";

export interface AtlasOptions {
  /** Default: {@link ADMIN} alone. */
  readonly accounts?: readonly AccountOptions[];
  /** Access tokens that always work. Default: none. */
  readonly accessTokens?: readonly string[];
  /** API keys that sign in by HTTP Digest. Default: none. */
  readonly apiKeys?: readonly ApiKey[];
  /** Settings of HTTP Digest. The defaults are Atlas's. @internal */
  readonly digest?: DigestOptions;
  /** For all requests together. Default: none. */
  readonly rateLimit?: RateLimit;
  /** In milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: () => number;
  /** How long an access token works, in seconds. Default 3600, as in Atlas. */
  readonly tokenLifetimeSeconds?: number;
  /** How many secrets an account holds. Default 2, as in Atlas. */
  readonly mostSecrets?: number;
  /** What fails. Default: nothing. */
  readonly faults?: Faults;
  /** A path before all others, such as `/prefix`. Default: none. */
  readonly prefix?: string;
  /** Changes how requests are treated, for a server that does something wrong. @internal */
  readonly steps?: (steps: Steps) => void;
}

export interface FakeAtlas {
  /** `http://127.0.0.1:PORT`, and the prefix if there is one. */
  readonly url: string;
  readonly accounts: ServiceAccounts;
  /** @internal */
  readonly digests: DigestCheck;
  /** In the order in which they came. */
  readonly requests: readonly RecordedRequest[];
  /** Adds an account with one secret, which lives for a year, and returns that secret. */
  addAccount(clientId: string, options?: Omit<AccountOptions, "clientId" | "secrets">): StoredSecret;
  /** From now on this decides what fails. */
  setFaults(faults: Faults | undefined): void;
  /** Resolves when no request is being worked on. One that hangs is not. */
  idle(): Promise<void>;
  /** Breaks all connections off. Can be called again. */
  close(): Promise<void>;
}

/** The account that is there if none is named. */
export const ADMIN = { clientId: `mdb_sa_id_${"ad".repeat(12)}`, clientSecret: "mdb_sa_sk_fake-secret-of-the-admin" };
const ADMIN_ACCOUNT: AccountOptions = { clientId: ADMIN.clientId, secrets: [{ value: ADMIN.clientSecret }] };

/**
 * Starts a fake Atlas in this process, on a free port of 127.0.0.1.
 *
 * A fault that throws breaks the connection off and makes an unhandled rejection, which fails the test.
 *
 * @example
 * ```ts
 * const atlas = await startAtlas();
 * const client = createAtlasClient({ credentials: ADMIN, baseUrl: atlas.url });
 * atlas.addAccount("mdb_sa_id_65a1b2c3d4e5f60718293a4b");
 * atlas.setFaults(({ kind, nth }) => (kind === "create" && nth === 1 ? { applied: true, ends: "reset" } : undefined));
 * ```
 */
export async function startAtlas(options: AtlasOptions = {}): Promise<FakeAtlas> {
  const { clock = () => Date.now(), tokenLifetimeSeconds, mostSecrets, prefix = "", rateLimit } = options;
  const accounts = new ServiceAccounts({ clock, tokenLifetimeSeconds, mostSecrets });
  for (const account of options.accounts ?? [ADMIN_ACCOUNT]) accounts.add(account);
  const digests = digestCheck(options.apiKeys ?? [], clock, options.digest);
  const state: AtlasState = { accounts, digests, accessTokens: new Set(options.accessTokens) };
  const bucket = rateLimit && tokenBucket(rateLimit, clock);
  const steps = correctSteps();
  options.steps?.(steps);
  const requests: RecordedRequest[] = [];
  const counts = new Map<string, number>();
  const busy = new Set<Promise<void>>();
  let faults = options.faults;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const received = await readBody(incoming);
    if (!received) return;
    const { method = "", url: target = "", headers } = incoming;
    const [path = "", search] = (target.startsWith(prefix) ? target.slice(prefix.length) : "/").split(/\?(.*)/s, 2);
    const query = new URLSearchParams(search);
    const body = received.bytes.toString();
    const read = readRequest({ method, target, path, query, headers, body }, accounts);
    const counted = `${read.kind} ${read.clientId}`;
    const nth = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, nth);
    const request: Mutable<RecordedRequest> = { ...read, nth, response: undefined };
    requests.push(request);
    const respondWith = (response: AtlasResponse) => {
      request.response = { ...response, headers: contentHeaders(response) };
      send(outgoing, response, request.query.get("pretty") === "true");
    };
    const allowance = bucket?.();
    if (allowance?.refusal) return respondWith(allowance.refusal);
    const fault = await faults?.(request);
    const treated = (fault?.applied !== false && respond(request, state, steps)) || { status: 500 };
    const ordinary = { ...treated, headers: { ...contentHeaders(treated), ...allowance?.headers } };
    await fault?.meanwhile?.();
    const response = disrupt(fault?.ends ?? "response", ordinary, outgoing);
    if (response) respondWith(response);
  }

  const server = createServer((incoming, outgoing) => {
    const work = serve(incoming, outgoing)
      .catch((error: unknown) => {
        // A fault that throws is the mistake of whoever wrote it: nobody waits for a response that never comes, and the
        // rejection is not handled, so that it cannot be missed.
        outgoing.destroy();
        throw error;
      })
      .finally(() => busy.delete(work));
    busy.add(work);
  });
  // A fault often ends a connection, and so does a caller that gives up; neither is a failure of the server.
  server.on("connection", (socket) => socket.on("error", () => undefined));
  const url = await listen(server);

  return {
    url: `${url}${prefix}`,
    accounts,
    digests,
    requests,
    // An account has one secret if none are named.
    addAccount: (clientId, more) => accounts.add({ ...more, clientId })[0] as StoredSecret,
    setFaults(next) {
      faults = next;
    },
    async idle() {
      while (busy.size > 0) await Promise.all(busy);
    },
    close: () => close(server),
  };
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const OPERATION_STEPS: ReadonlySet<string> = new Set(["find", "create", "delete"] satisfies (keyof Steps)[]);

/** The ordinary response, without what the rate limit adds. */
function respond(request: AtlasRequest, state: AtlasState, steps: Steps): AtlasResponse | undefined {
  for (const [name, step] of Object.entries<Step>({ ...steps })) {
    const response = step(request, state);
    // What is refused before the operation has its own status: nobody would find a challenge in an envelope.
    if (response) return OPERATION_STEPS.has(name) ? enveloped(response, request.query) : response;
  }
  return undefined;
}
