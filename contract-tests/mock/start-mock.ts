/**
 * The mock of the service: Prism on the contract, and in front of it the authentication and the negotiation that Prism
 * does not do. This is the file to import.
 */
import { stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { resolve } from "node:path";
import SwaggerParser from "@apidevtools/swagger-parser";
import type { AtlasState } from "../../src/testing/atlas/authenticate.js";
import { DigestCheck } from "../../src/testing/atlas/digest.js";
import { ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import { CONTRACT_FILE, readContract } from "../contract/operations.js";
import { type ContractFacts, factsOf } from "./contract-facts.js";
import { mockCredentials } from "./credentials.js";
import { createFront, type RecordedRequest } from "./front.js";
import { Prism } from "./prism.js";

export { mockCredentials } from "./credentials.js";
export type { RecordedRequest } from "./front.js";

/** Settings of the mock. */
export interface MockOptions {
  /** Port on 127.0.0.1. Default 0: a free one. */
  readonly port?: number;
  /** Path of the contract. Default: the project's own. */
  readonly spec?: string;
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
  /** The requests in the order of their responses; of very many the last 10 000. */
  readonly requests: readonly RecordedRequest[];
  /** Closes all connections. Can be called again. */
  stop(): Promise<void>;
}

const KEPT_REQUESTS = 10_000;
const CONTRACT_POLL_MS = 500;

/**
 * Starts the mock. When the contract's file changes, it is loaded as a whole; if it is not usable, the mock goes on with the
 * last one that was.
 *
 * @throws Error of one line if an option makes no sense, the contract is not usable, or the port is taken.
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const { port = 0, tokenLifetimeSeconds = 3600, nonceLifetimeSeconds = 300, onRequest, onReload } = options;
  requireDuration("tokenLifetimeSeconds", tokenLifetimeSeconds);
  requireDuration("nonceLifetimeSeconds", nonceLifetimeSeconds);
  const spec = resolve(options.spec ?? CONTRACT_FILE);
  const loaded = await loadContract(spec);
  const requests: RecordedRequest[] = [];
  const record = (request: RecordedRequest): void => {
    requests.push(request);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    onRequest?.(request);
  };
  const state = initialState(tokenLifetimeSeconds, nonceLifetimeSeconds);
  let front = createFront({ ...loaded, state, record });
  const server = createServer((incoming, outgoing) => front(incoming, outgoing));
  const url = await listen(server, port);

  const reload = async (): Promise<void> => {
    try {
      front = createFront({ ...(await loadContract(spec)), state, record });
      onReload?.(undefined);
    } catch (error) {
      onReload?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  let { version } = loaded;
  let reloading = Promise.resolve();
  // Polled, because an editor may put another file in its place. Compared with what the file was before it was read.
  const poll = setInterval(() => {
    reloading = reloading.then(async () => {
      const found = await versionOf(spec);
      if (found === version) return;
      version = found;
      await reload();
    });
  }, CONTRACT_POLL_MS).unref();
  const stop = async (): Promise<void> => {
    clearInterval(poll);
    await close(server);
  };
  return { url, requests, stop };
}

/** What changes when a file changes, or goes. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(file);
    return [ino, mtimeMs, size].join(" ");
  } catch {
    // Reading it says why.
    return "none";
  }
}

interface LoadedContract {
  readonly contract: ContractFacts;
  readonly prism: Prism;
  /** Of the file, before it was read. */
  readonly version: string;
}

async function loadContract(spec: string): Promise<LoadedContract> {
  const version = await versionOf(spec);
  const contract = await readContract(spec);
  try {
    // Both change what they are given.
    await SwaggerParser.validate(Object(structuredClone(contract.document.root.value)));
    const prism = await Prism.load(Object(structuredClone(contract.document.root.value)));
    return { contract: factsOf(contract), prism, version };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`The contract ${spec} is not usable: ${message.replaceAll(/\s+/g, " ").trim()}`);
  }
}

function initialState(tokenLifetimeSeconds: number, nonceLifetimeSeconds: number): AtlasState {
  const { accessToken, clientId, clientSecret, exampleClientId, createdSecret, publicKey, privateKey } =
    mockCredentials;
  const clock = () => Date.now();
  const accounts = new ServiceAccounts({ clock, tokenLifetimeSeconds });
  accounts.add({ clientId, secrets: [{ value: clientSecret }, { value: createdSecret }] });
  accounts.add({ clientId: exampleClientId, secrets: [{ value: createdSecret }] });
  const digests = new DigestCheck([{ publicKey, privateKey }], clock, { nonceLifetimeSeconds });
  return { accounts, digests, accessTokens: new Set([accessToken]) };
}

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
