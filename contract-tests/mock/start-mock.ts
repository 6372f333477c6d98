/**
 * The mock of the service: it keeps state as Atlas does, and Prism holds its requests and responses to the contract. This is
 * the file to import.
 */
import { unwatchFile, watchFile } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import type { AtlasState } from "../../src/testing/atlas/authenticate.js";
import { DigestCheck } from "../../src/testing/atlas/credentials.js";
import { type Faults, TokenBucket } from "../../src/testing/atlas/faults.js";
import { close, listen } from "../../src/testing/atlas/http.js";
import { type AccountOptions, ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import type { AtlasOptions, AtlasRequest } from "../../src/testing/atlas/start-atlas.js";
import { CONTRACT_FILE } from "../contract/operations.js";
import { createBeside, type RecordedRequest, RequestRecord } from "./beside.js";
import { loadContract, versionOf } from "./contract.js";
import { createFront } from "./front.js";
import { MovableClock, mockCredentials } from "./settings.js";

export type { RecordedRequest } from "./beside.js";
export { mockCredentials } from "./settings.js";

/**
 * Settings of the mock. `accounts` are there besides the one of {@link mockCredentials}; any other exists once a request
 * names it.
 */
export interface MockOptions extends Pick<AtlasOptions, "accounts" | "rateLimit" | "clock" | "tokenLifetimeSeconds"> {
  /** What fails. Default: nothing. */
  readonly faults?: Faults<AtlasRequest>;
  /** Port on 127.0.0.1. Default 0: a free one. */
  readonly port?: number;
  /** Path of the contract. Default: the project's own. */
  readonly spec?: string;
  /** Whether every success is a documented example, and nothing is kept. Default: false. */
  readonly stateless?: boolean;
  /** How long each response is held back. Default 0. */
  readonly latencyMs?: number;
  /** Whether `POST /__mock/clock` moves the mock's time. Default: false. */
  readonly control?: boolean;
  /** Called with every request just before its response is sent. */
  readonly onRequest?: (request: RecordedRequest) => void;
  /** Called when the contract's file has changed: with what is wrong with it, in one line, or with nothing. */
  readonly onReload?: (problem: Error | undefined) => void;
}

export type Mock = Awaited<ReturnType<typeof startMock>>;

/** How often the contract's file is looked at, and how long it has to be the same: it may be in the middle of being written. */
const CONTRACT_POLL_MS = 500;

/**
 * Starts the mock. When the contract's file changes, it is loaded as a whole; if it is not usable, the mock goes on with the
 * last one that was.
 *
 * @throws Error of one line if the contract is not usable or the port is taken.
 */
export async function startMock(options: MockOptions = {}) {
  const { port = 0, stateless = false, latencyMs = 0, rateLimit, faults, onRequest, onReload } = options;
  const spec = resolve(options.spec ?? CONTRACT_FILE);
  let loaded = await loadContract(spec);
  const time = new MovableClock(options.clock);
  const record = new RequestRecord();
  if (onRequest !== undefined) record.on("request", onRequest);
  const state = initialState(options, time.now);
  const bucket = rateLimit && new TokenBucket(rateLimit, time.now);
  const settings = { state, stateless, bucket, faults, latencyMs, record };
  const { accounts } = state;
  const { control = false } = options;
  const beside = createBeside({ accounts, record, clock: time, control, contract: () => loaded.document });
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    // What the contract describes itself is never hidden by the page.
    const isDescribed = loaded.contract.find(method, url.split("?", 1)[0] ?? "") !== undefined;
    if (isDescribed || !beside(incoming, outgoing)) createFront({ ...loaded, ...settings })(incoming, outgoing);
  });

  let loading = Promise.resolve();
  const reload = async (): Promise<void> => {
    try {
      loaded = await loadContract(spec);
      onReload?.(undefined);
    } catch (error) {
      onReload?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
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
    requests: record.requests,
    /** Puts the mock's time forward. @throws RangeError beyond the year 9999. */
    advanceClock(ms: number): void {
      if (!time.move(ms)) throw new RangeError(`The clock cannot be put forward by ${ms} ms`);
    },
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

const HOURS_OF_A_YEAR = 365 * 24;

function initialState(options: MockOptions, clock: () => number): AtlasState {
  const { accessToken, clientId, clientSecret, exampleClientId, createdSecret, publicKey, privateKey } =
    mockCredentials;
  const accounts = new ServiceAccounts({ clock, tokenLifetimeSeconds: options.tokenLifetimeSeconds, adopt });
  accounts.add({ clientId, unassigned: true, secrets: [{ value: clientSecret }] });
  if (options.stateless === true) {
    // What every creation shows then signs in, so that a rotation can be tried.
    accounts.addSecret(clientId, HOURS_OF_A_YEAR, { value: createdSecret });
    accounts.add({ clientId: exampleClientId, secrets: [{ value: createdSecret }] });
  }
  for (const account of options.accounts ?? []) accounts.add(account);
  const digests = new DigestCheck([{ publicKey, privateKey }], clock);
  return { accounts, digests, accessTokens: new Set([accessToken]) };
}
