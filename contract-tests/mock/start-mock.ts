/**
 * The mock of the service: it keeps state as Atlas does, and Prism holds its requests and responses to the contract. This is
 * the file to import.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { resolve } from "node:path";
import type { AtlasState } from "../../src/testing/atlas/authenticate.js";
import { DigestCheck } from "../../src/testing/atlas/digest.js";
import type { Faults } from "../../src/testing/atlas/faults.js";
import { type AccountOptions, ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import { type RateLimit, TokenBucket } from "../../src/testing/atlas/token-bucket.js";
import { CONTRACT_FILE } from "../contract/operations.js";
import { createBeside, type RecordedRequest, RequestRecord } from "./beside.js";
import { type ContractFacts, loadContract, versionOf } from "./contract.js";
import { createFront } from "./front.js";
import { MovableClock, mockCredentials } from "./settings.js";

export type { RecordedRequest } from "./beside.js";
export { mockCredentials } from "./settings.js";

/** Settings of the mock. */
export interface MockOptions {
  /** Port on 127.0.0.1. Default 0: a free one. */
  readonly port?: number;
  /** Path of the contract. Default: the project's own. */
  readonly spec?: string;
  /** Accounts besides the one of {@link mockCredentials}. Any other exists once a request names it. */
  readonly accounts?: readonly AccountOptions[];
  /** Whether every success is a documented example, and nothing is kept. Default: false. */
  readonly stateless?: boolean;
  /** For all requests together. Default: none. */
  readonly rateLimit?: RateLimit;
  /** What fails. Default: nothing. */
  readonly faults?: Faults;
  /** How long each response is held back. Default 0. */
  readonly latencyMs?: number;
  /** The time, in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: () => number;
  /** How far the mock's time is ahead of that clock. Default 0. */
  readonly clockOffsetMs?: number;
  /** Whether `POST /__mock/clock` moves the mock's time. Default: false. */
  readonly control?: boolean;
  /** How long a token of the token endpoint works, in seconds. Default 3600, as Atlas's. */
  readonly tokenLifetimeSeconds?: number;
  /** How long a nonce of a digest challenge works, in seconds. Default 300. */
  readonly nonceLifetimeSeconds?: number;
  /** Called with every request just before its response is sent. */
  readonly onRequest?: (request: RecordedRequest) => void;
  /** Called when the contract's file has changed: with what is wrong with it, in one line, or with nothing. */
  readonly onReload?: (problem: Error | undefined) => void;
}

/** A running mock. */
export interface Mock {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly accounts: ServiceAccounts;
  /** The requests in the order of their responses; of very many the last 2 000. */
  readonly requests: readonly RecordedRequest[];
  /** Puts the mock's time forward. @throws RangeError beyond the year 9999. */
  advanceClock(ms: number): void;
  /** Closes all connections. Can be called again. */
  stop(): Promise<void>;
}

const CONTRACT_POLL_MS = 500;

/**
 * Starts the mock. When the contract's file changes, it is loaded as a whole; if it is not usable, the mock goes on with the
 * last one that was.
 *
 * @throws Error of one line if an option makes no sense, the contract is not usable, or the port is taken.
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const { port = 0, stateless = false, latencyMs = 0, rateLimit, onRequest, onReload } = options;
  const { tokenLifetimeSeconds = 3600, nonceLifetimeSeconds = 300 } = options;
  requireDuration("tokenLifetimeSeconds", tokenLifetimeSeconds);
  requireDuration("nonceLifetimeSeconds", nonceLifetimeSeconds);
  const spec = resolve(options.spec ?? CONTRACT_FILE);
  const loaded = await loadContract(spec);
  const time = new MovableClock(options.clock ?? (() => Date.now()), options.clockOffsetMs ?? 0);
  const clock = time.now;
  const record = new RequestRecord();
  if (onRequest !== undefined) record.onRequest(onRequest);
  const state = initialState({ ...options, clock, stateless, tokenLifetimeSeconds, nonceLifetimeSeconds });
  const bucket = rateLimit && new TokenBucket(rateLimit, clock);
  const settings = { state, stateless, bucket, faults: options.faults, latencyMs, record };
  let current = loaded;
  let front = createFront({ ...current, ...settings });
  const beside = createBeside({
    accounts: state.accounts,
    record,
    clock: time,
    control: options.control ?? false,
    contract: () => current.document,
  });
  const server = createServer((incoming, outgoing) => {
    if (isBeside(incoming, current.contract) && beside(incoming, outgoing)) return;
    front(incoming, outgoing);
  });
  const url = await listen(server, port);

  const reload = async (): Promise<void> => {
    try {
      current = await loadContract(spec);
      front = createFront({ ...current, ...settings });
      onReload?.(undefined);
    } catch (error) {
      onReload?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  let { version } = current;
  let seen = version;
  let reloading = Promise.resolve();
  // Polled, because an editor may put another file in its place. Compared with what the file was before it was read.
  const poll = setInterval(() => {
    reloading = reloading.then(async () => {
      const found = await versionOf(spec);
      // Not in the middle of being written: it has to be the same twice.
      const isSettled = found === seen;
      seen = found;
      if (!isSettled || found === version) return;
      version = found;
      await reload();
    });
  }, CONTRACT_POLL_MS).unref();
  const stop = async (): Promise<void> => {
    clearInterval(poll);
    await close(server);
  };
  const advanceClock = (ms: number): void => {
    if (!time.move(ms)) throw new RangeError(`The clock cannot be put forward by ${ms} ms`);
  };
  return { url, accounts: state.accounts, requests: record.requests, advanceClock, stop };
}

/** What the contract describes itself is never hidden by the page. */
function isBeside({ method = "", url = "" }: IncomingMessage, contract: ContractFacts): boolean {
  return contract.find(method, url.split("?", 1)[0] ?? "") === undefined;
}

interface StateOptions extends Pick<MockOptions, "accounts"> {
  readonly clock: () => number;
  readonly stateless: boolean;
  readonly tokenLifetimeSeconds: number;
  readonly nonceLifetimeSeconds: number;
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

function initialState(options: StateOptions): AtlasState {
  const { clock, stateless, tokenLifetimeSeconds, nonceLifetimeSeconds } = options;
  const { accessToken, clientId, clientSecret, exampleClientId, createdSecret, publicKey, privateKey } =
    mockCredentials;
  const accounts = new ServiceAccounts({ clock, tokenLifetimeSeconds, adopt });
  accounts.add({ clientId, unassigned: true, secrets: [{ value: clientSecret }] });
  if (stateless) {
    // What every creation shows then signs in, so that a rotation can be tried.
    accounts.addSecret(clientId, HOURS_OF_A_YEAR, { value: createdSecret });
    accounts.add({ clientId: exampleClientId, secrets: [{ value: createdSecret }] });
  }
  for (const account of options.accounts ?? []) accounts.add(account);
  const digests = new DigestCheck([{ publicKey, privateKey }], clock, { nonceLifetimeSeconds });
  return { accounts, digests, accessTokens: new Set([accessToken]) };
}

const HOURS_OF_A_YEAR = 365 * 24;

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new Error(`Port ${port} of 127.0.0.1 is taken: choose another or end what listens there`) : error);
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : port}`);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The callback's error only says that the server was closed before.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function requireDuration(name: string, seconds: number): void {
  if (Number.isFinite(seconds) && seconds > 0) return;
  throw new RangeError(`${name} has to be a number above 0, not ${seconds}`);
}
