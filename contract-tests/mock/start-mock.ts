/**
 * The mock of the service: it keeps state as Atlas does, and Prism holds its requests and responses to the contract. This is
 * the file to import.
 */
import { unwatchFile, watchFile } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { digestCheck } from "../../src/testing/atlas/credentials.js";
import { type Faults, tokenBucket } from "../../src/testing/atlas/faults.js";
import { close, listen } from "../../src/testing/atlas/http.js";
import { type AccountOptions, ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import type { AtlasOptions, AtlasRequest } from "../../src/testing/atlas/start-atlas.js";
import { CONTRACT_FILE } from "../contract/operations.js";
import { createBeside } from "./beside.js";
import { loadContract, versionOf } from "./contract.js";
import { type RecordedRequest, serve } from "./front.js";
import { mockCredentials, movableClock } from "./settings.js";

export type { RecordedRequest } from "./front.js";
export { mockCredentials } from "./settings.js";

/**
 * Settings of the mock. `accounts` are there besides the one of {@link mockCredentials}; any other exists once a request
 * names it.
 */
export type MockOptions = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

interface Settings extends Required<Pick<AtlasOptions, "accounts" | "rateLimit" | "clock" | "tokenLifetimeSeconds">> {
  /** What fails. Default: nothing. */
  faults: Faults<AtlasRequest>;
  /** Port on 127.0.0.1. Default 0: a free one. */
  port: number;
  /** Path of the contract. Default: the project's own. */
  spec: string;
  /** Whether every success is a documented example, and nothing is kept. Default: false. */
  stateless: boolean;
  /** How long each response is held back. Default 0. */
  latencyMs: number;
  /** Whether `POST /__mock/clock` moves the mock's time. Default: false. */
  control: boolean;
  /** Called with every request just before its response is sent. */
  onRequest: (request: RecordedRequest) => void;
  /** Called when the contract's file has changed: with what is wrong with it, in one line, or with nothing. */
  onReload: (problem: Error | undefined) => void;
}

export type Mock = Awaited<ReturnType<typeof startMock>>;

/** How often the contract's file is looked at, and how long it has to be the same: it may be in the middle of being written. */
const CONTRACT_POLL_MS = 500;
/** The last ones: so many that a test finds all of its own, and so few that no caller can fill the memory with them. */
const KEPT_REQUESTS = 2_000;

/**
 * Starts the mock. When the contract's file changes, it is loaded as a whole; if it is not usable, the mock goes on with the
 * last one that was.
 *
 * @throws Error of one line if the contract is not usable or the port is taken.
 */
export async function startMock(options: MockOptions = {}) {
  const { port = 0, stateless = false, latencyMs = 0, rateLimit, faults, control = false } = options;
  const spec = resolve(options.spec ?? CONTRACT_FILE);
  let loaded = await loadContract(spec);
  const clock = movableClock(options.clock);
  const accounts = initialAccounts(options, clock.now);
  const digests = digestCheck([mockCredentials], clock.now);
  const state = { accounts, digests, accessTokens: new Set([mockCredentials.accessToken]) };
  const bucket = rateLimit && tokenBucket(rateLimit, clock.now);
  const requests: RecordedRequest[] = [];
  const beside = createBeside({ accounts, requests, clock, control, contract: () => loaded.document });
  const record = (request: RecordedRequest): void => {
    requests.push(request);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    options.onRequest?.(request);
    beside.show(request);
  };
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    // What the contract describes itself is never hidden by the page.
    const isDescribed = loaded.contract.at(url.split("?", 1)[0] ?? "").some((each) => each.method === method);
    if (!isDescribed && beside.serve(incoming, outgoing)) return;
    serve(incoming, outgoing, { ...loaded, state, stateless, bucket, faults, latencyMs, record });
  });

  const reload = (): Promise<void> =>
    loadContract(spec).then(
      (fresh) => {
        loaded = fresh;
        options.onReload?.(undefined);
      },
      (problem: Error) => options.onReload?.(problem),
    );
  let loading = Promise.resolve();
  let settling: NodeJS.Timeout | undefined;
  const settle = (): void => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      loading = loading.then(reload);
    }, CONTRACT_POLL_MS).unref();
  };
  const url = await listen(server, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    throw new Error(`Port ${port} of 127.0.0.1 is taken: choose another or end what listens there`);
  });
  watchFile(spec, { interval: CONTRACT_POLL_MS, persistent: false }, settle);
  // It may have changed since it was read.
  if ((await versionOf(spec)) !== loaded.version) settle();
  return {
    /** `http://127.0.0.1:PORT` */
    url,
    accounts,
    /** In the order of their responses; of very many the last 2 000. */
    requests: requests as readonly RecordedRequest[],
    /** Puts the mock's time forward. */
    advanceClock: clock.move,
    /** Closes all connections. Can be called again. */
    async stop(): Promise<void> {
      unwatchFile(spec, settle);
      clearTimeout(settling);
      await close(server);
    },
  };
}

/**
 * An account that is named for the first time exists from then on, where it was named, and has one secret, as a new service
 * account does: with the id of the documentation's example, so that the documentation's lines work as they stand.
 */
const adopt = (clientId: string): AccountOptions => ({
  clientId,
  unassigned: true,
  secrets: [{ id: mockCredentials.firstSecretId }],
});

function initialAccounts(options: MockOptions, clock: () => number): ServiceAccounts {
  const { clientId, clientSecret, exampleClientId, createdSecret } = mockCredentials;
  const accounts = new ServiceAccounts({ clock, tokenLifetimeSeconds: options.tokenLifetimeSeconds, adopt });
  // Without state, what every creation shows signs in, so that a rotation can be tried.
  const shown = options.stateless === true ? [{ value: createdSecret }] : [];
  accounts.add({ clientId, unassigned: true, secrets: [{ value: clientSecret }, ...shown] });
  if (options.stateless === true) accounts.add({ clientId: exampleClientId, secrets: shown });
  for (const account of options.accounts ?? []) accounts.add(account);
  return accounts;
}
