/**
 * For tests: a server on loopback that checks what it is sent by its own reading of RFC 7616 (the hash, the uri, a nonce that it gave
 * out, an `nc` that it has not seen), and the way to it.
 */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { OperationDescription } from "../../../../generated/operations.js";
import { addressOf, type Send, type TransportRequest } from "../../../transport/pipeline.js";

/** What the server knows. */
export const testKey = { publicKey: "abcdefgh", privateKey: "not-a-real-private-key" };

/** Every answer of the server is 200 or 401, unless the test intercepts. */
export interface DigestServerOptions {
  readonly algorithm?: string;
  /** The parameter as it stands in the challenge, or "" for none. */
  readonly qop?: string;
  /** One character per byte. */
  readonly realm?: string;
  /** Whether a refused nonce is called stale. */
  readonly stale?: boolean;
  /** Whether `nc` must rise from one request to the next; otherwise it must only be new. */
  readonly risingCounts?: boolean;
  /** Runs before the check of each request, counted from 1; a request that it answers is not checked. */
  readonly intercept?: (count: number, response: ServerResponse, request: IncomingMessage) => unknown;
}

export interface ReceivedRequest {
  readonly method: string | undefined;
  /** The parameters of Authorization, where there were any. */
  readonly signature: ReadonlyMap<string, string> | undefined;
  readonly body: string;
}

export interface DigestServer {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** The `nc` of the signed requests, in the order of their arrival. */
  counts(): (string | undefined)[];
  /** From now on every nonce given out so far is refused. */
  expireNonces(): void;
  challenge(): string;
  close(): void;
}

export async function startDigestServer(options: DigestServerOptions = {}): Promise<DigestServer> {
  const {
    algorithm = "MD5",
    qop = 'qop="auth"',
    realm = "MMS Public API",
    stale = true,
    risingCounts = false,
  } = options;
  const requests: ReceivedRequest[] = [];
  /** The counts seen, by nonce. */
  const nonces = new Map<string, Set<number>>();

  const accepts = (signature: ReadonlyMap<string, string> | undefined, request: IncomingMessage) => {
    const nonce = signature?.get("nonce") ?? "";
    const seen = nonces.get(nonce);
    if (signature === undefined || seen === undefined || signature.get("uri") !== request.url) return false;
    if (signature.get("response") !== expectedResponse(signature, { algorithm, realm, method: request.method }))
      return false;
    const count = qop === "" ? seen.size + 1 : Number.parseInt(signature.get("nc") ?? "", 16);
    if (Number.isNaN(count) || seen.has(count) || (risingCounts && count < Math.max(0, ...seen))) return false;
    seen.add(count);
    return true;
  };

  const challenge = () => {
    const nonce = randomBytes(12).toString("base64");
    nonces.set(nonce, new Set());
    const parameters = [
      `realm="${realm}"`,
      'domain=""',
      `nonce="${nonce}"`,
      `algorithm=${algorithm}`,
      `stale=${stale}`,
    ];
    return `Digest ${[...parameters, qop].filter((parameter) => parameter !== "").join(", ")}`;
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const signature = readSignature(request.headers.authorization);
    requests.push({ method: request.method, signature, body: Buffer.concat(chunks).toString() });
    await options.intercept?.(requests.length, response, request);
    if (response.writableEnded || response.destroyed) return;
    const accepted = accepts(signature, request);
    response.writeHead(accepted ? 200 : 401, accepted ? {} : { "www-authenticate": challenge() }).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/api/atlas/v2`,
    requests,
    counts: () => requests.flatMap(({ signature }) => (signature === undefined ? [] : [signature.get("nc")])),
    expireNonces: () => nonces.clear(),
    challenge,
    close: () => server.close().closeAllConnections(),
  };
}

function expectedResponse(
  signature: ReadonlyMap<string, string>,
  { algorithm, realm, method }: { algorithm: string; realm: string; method: string | undefined },
): string {
  const hash = (text: string) =>
    createHash(algorithm.startsWith("SHA-256") ? "sha256" : "md5")
      .update(text, "latin1")
      .digest("hex");
  const [nonce, cnonce, nc, qop] = ["nonce", "cnonce", "nc", "qop"].map((name) => signature.get(name));
  const user = hash(`${testKey.publicKey}:${realm}:${testKey.privateKey}`);
  const secret = algorithm.endsWith("-sess") ? hash(`${user}:${nonce}:${cnonce}`) : user;
  const counted = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  return hash(`${secret}:${counted}:${hash(`${method}:${signature.get("uri")}`)}`);
}

function readSignature(authorization: string | undefined): ReadonlyMap<string, string> | undefined {
  const parameters = authorization?.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g);
  if (parameters === undefined) return undefined;
  const unescaped = (quoted: string | undefined) => quoted?.replace(/\\(.)/g, "$1");
  return new Map([...parameters].map(([, name, quoted, token]) => [name ?? "", unescaped(quoted) ?? token ?? ""]));
}

const operation: OperationDescription = {
  operationId: "createGroupServiceAccountSecret",
  method: "POST",
  path: "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets",
  parameters: [],
  requestMediaTypes: ["application/json"],
  responseMediaTypes: ["application/json"],
  successStatuses: [201],
};

/** A POST with a body, to the given URL. */
export function requestTo(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  const headers = { accept: "application/json" };
  return {
    operation,
    ...addressOf(url),
    headers,
    body: '{"secretExpiresAfterHours":8}',
    signal: undefined,
    ...more,
  };
}

/** The end of a pipeline, without timeout or error handling. */
export const overFetch: Send = async ({ url, operation: { method }, headers, body, signal }) => {
  const response = await fetch(url, { method, headers, body: body ?? null, signal: signal ?? null });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
