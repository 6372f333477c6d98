/**
 * The mock of the service: Prism on the contract, and in front of it the authentication and the negotiation that Prism
 * does not do. This is the file to import.
 */
import { createServer, type Server } from "node:http";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AccessTokens } from "./access-tokens.js";
import { Authentication } from "./authentication.js";
import { readContractFacts } from "./contract-facts.js";
import { mockCredentials } from "./credentials.js";
import { DigestCheck } from "./digest-check.js";
import { createFront, type RecordedRequest } from "./front.js";
import { startPrism } from "./prism-process.js";
import { OAuthEndpoints } from "./token-endpoint.js";

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
  /** Called with every request as it is answered. */
  readonly onRequest?: (request: RecordedRequest) => void;
  /** Called once if Prism ends by itself while the mock runs; from then on the mock answers 502. */
  readonly onFailure?: (failure: Error) => void;
}

/** A running mock. */
export interface Mock {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The requests that were answered, in the order of their answers; of very many the last 10 000. */
  readonly requests: readonly RecordedRequest[];
  /** Closes all connections and ends Prism. Can be called again. */
  stop(): Promise<void>;
}

const OWN_CONTRACT = fileURLToPath(new URL("../../openapi/atlas-service-account-secrets.yaml", import.meta.url));
const KEPT_REQUESTS = 10_000;

/**
 * Starts the mock and waits until it answers.
 *
 * @throws Error of one line when an option makes no sense, the contract is not usable, the port is taken or Prism does
 * not start.
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const { port = 0, tokenLifetimeSeconds = 3600, nonceLifetimeSeconds = 300, onRequest, onFailure } = options;
  requireDuration("tokenLifetimeSeconds", tokenLifetimeSeconds);
  requireDuration("nonceLifetimeSeconds", nonceLifetimeSeconds);
  const spec = resolve(options.spec ?? OWN_CONTRACT);
  const contract = await readContractFacts(spec);

  const { accessToken, clientId, clientSecret, exampleClientId, createdSecret, publicKey, privateKey } =
    mockCredentials;
  const tokens = new AccessTokens({ permanentToken: accessToken, lifetimeSeconds: tokenLifetimeSeconds });
  const digests = new DigestCheck({ publicKey, privateKey, nonceLifetimeSeconds });
  const requests: RecordedRequest[] = [];
  const record = (request: RecordedRequest): void => {
    requests.push(request);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    onRequest?.(request);
  };

  // The port first: that it is taken is known at once, and Prism takes a while.
  const server = createServer();
  const url = await listen(server, port);
  const starting = startPrism(spec, (failure) => onFailure?.(failure)).then((prism) => {
    const authentication = new Authentication({ contract, tokens, digests });
    const accounts = [
      { clientId, clientSecret },
      { clientId, clientSecret: createdSecret },
      { clientId: exampleClientId, clientSecret: createdSecret },
    ];
    const oauth = new OAuthEndpoints({ contract, accounts, tokens });
    return { prism, front: createFront({ contract, authentication, oauth, prism, record }) };
  });
  server.on("request", (incoming, outgoing) => {
    // Whoever comes before Prism is ready waits for it.
    starting.then(
      ({ front }) => front(incoming, outgoing),
      () => outgoing.destroy(),
    );
  });
  try {
    const { prism } = await starting;
    return { url, requests, stop: () => Promise.all([close(server), prism.stop()]).then(() => undefined) };
  } catch (error) {
    await close(server);
    throw error;
  }
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
