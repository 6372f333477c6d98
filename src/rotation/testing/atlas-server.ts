/**
 * For tests: as much of Atlas on loopback as a rotation meets. It keeps at most two secrets for each service account,
 * gives tokens for live secrets only, and can fail at any request in any way.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ServiceAccounts, type StoredSecret } from "./service-accounts.js";
import { type RateLimit, tokenBucket } from "./token-bucket.js";

export interface SeenRequest {
  readonly kind: "token" | "create" | "delete" | "revoke" | "other";
  /** The account that a token is asked for, or whose secrets are asked for. */
  readonly clientId: string;
  /** Of a deletion. */
  readonly secretId: string | undefined;
  /** Id of the live secret that signed the request, by itself or by a token that was given for it. */
  readonly signedWith: string | undefined;
  /** Which request of its kind for this account it is, from 1. */
  readonly nth: number;
}

/** What becomes of one request instead of an ordinary answer. */
export interface Fault {
  /** Whether the request is carried out all the same. */
  readonly applied: boolean;
  /** Runs after that and before the answer. */
  readonly meanwhile?: () => unknown;
  /** `answer` is the ordinary one; `cut` breaks off in the middle of its body; `hang` lasts until the server closes. */
  readonly ends: "answer" | "reset" | "hang" | "cut" | Answer | ((ordinary: Answer) => Answer);
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, text as it is. */
  readonly body?: unknown;
}

/** Decides on each request as it comes. */
export type Script = (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>;

/** The account that the client of a test signs in with; it lives on the server from the start. */
export const admin = { clientId: `mdb_sa_id_${"ad".repeat(12)}`, clientSecret: "mdb_sa_sk_fake-secret-of-the-admin" };
/** Any project and any organization will do: the server looks at the account alone. */
export const groupId = "5f".repeat(12);
export const orgId = "4e".repeat(12);

export interface AtlasServer {
  readonly url: string;
  readonly accounts: ServiceAccounts;
  /** Those that were not refused with 429. */
  readonly requests: readonly SeenRequest[];
  /** How many requests were refused with 429. */
  rateLimited(): number;
  /** Adds an account that has one secret, which lives for a year. */
  addAccount(clientId: string): StoredSecret;
  /** Decides on requests from now on. */
  script(script: Script): void;
  close(): void;
}

/** @param rateLimit for all requests together; by default none is refused */
export async function startAtlasServer({ rateLimit }: { rateLimit?: RateLimit } = {}): Promise<AtlasServer> {
  const accounts = new ServiceAccounts();
  const requests: SeenRequest[] = [];
  const take = rateLimit === undefined ? () => undefined : tokenBucket(rateLimit);
  let script: Script | undefined;
  let rateLimited = 0;

  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const waitSeconds = take();
    if (waitSeconds !== undefined) {
      rateLimited += 1;
      write(response, { ...TOO_MANY_REQUESTS, headers: { "retry-after": String(waitSeconds) } });
      return;
    }
    const read = readRequest(incoming, accounts);
    const nth = 1 + requests.filter(({ kind, clientId }) => kind === read.kind && clientId === read.clientId).length;
    const request = { ...read, nth };
    requests.push(request);
    const fault = await script?.(request);
    const answer = fault?.applied === false ? { status: 500 } : carryOut(request, body, accounts);
    await fault?.meanwhile?.();
    finish(response, fault?.ends ?? "answer", answer);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");

  accounts.addSecret(admin.clientId, HOURS_OF_A_YEAR, admin.clientSecret);
  return {
    url: `http://127.0.0.1:${address.port}`,
    accounts,
    requests,
    rateLimited: () => rateLimited,
    addAccount: (clientId) => accounts.addSecret(clientId, HOURS_OF_A_YEAR),
    script(next) {
      script = next;
    },
    close: () => server.close().closeAllConnections(),
  };
}

const HOURS_OF_A_YEAR = 365 * 24;

const apiError = (error: number, errorCode: string, detail: string): Answer => ({
  status: error,
  body: { error, errorCode, detail },
});
const UNAUTHORIZED = apiError(401, "UNAUTHORIZED", "The token is not known, or its secret has been deleted.");
const INVALID_CLIENT = { status: 401, body: { error: "invalid_client", error_description: "No such live secret." } };
const NO_ACCOUNT = apiError(404, "RESOURCE_NOT_FOUND", "There is no such service account.");
const NO_SECRET = apiError(404, "RESOURCE_NOT_FOUND", "The service account has no such secret.");
const TOO_MANY_SECRETS = apiError(400, "MAXIMUM_SECRETS_REACHED", "The service account has two secrets already.");
const TOO_MANY_REQUESTS = apiError(429, "RATE_LIMITED", "Too many requests.");

function carryOut(request: SeenRequest, body: string, accounts: ServiceAccounts): Answer {
  const { kind, clientId, secretId, signedWith } = request;
  const signedIn = signedWith !== undefined;
  switch (kind) {
    case "token": {
      const secret = accounts.secretsOf(clientId).find(({ id }) => id === signedWith);
      if (secret === undefined) return INVALID_CLIENT;
      const access_token = accounts.issueToken(secret);
      return { status: 200, body: { access_token, expires_in: 3600, token_type: "Bearer" } };
    }
    case "revoke":
      return signedIn ? { status: 200 } : INVALID_CLIENT;
    case "create": {
      if (!signedIn) return UNAUTHORIZED;
      if (!accounts.has(clientId)) return NO_ACCOUNT;
      if (accounts.isFull(clientId)) return TOO_MANY_SECRETS;
      const { secretExpiresAfterHours } = JSON.parse(body) as { secretExpiresAfterHours: number };
      const { value, ...shown } = accounts.addSecret(clientId, secretExpiresAfterHours);
      return { status: 201, body: { ...shown, secret: value } };
    }
    case "delete":
      if (!signedIn) return UNAUTHORIZED;
      return accounts.deleteSecret(clientId, secretId) ? { status: 204 } : NO_SECRET;
    case "other":
      return apiError(404, "NOT_FOUND", "There is nothing here.");
  }
}

const SECRETS_PATH =
  /^(POST|DELETE) \/api\/atlas\/v2\/(?:groups|orgs)\/[a-f0-9]{24}\/serviceAccounts\/(mdb_sa_id_[a-fA-F0-9]{24})\/secrets(?:\/([a-f0-9]{24}))?$/;

function readRequest(incoming: IncomingMessage, accounts: ServiceAccounts): Omit<SeenRequest, "nth"> {
  const line = `${incoming.method} ${incoming.url}`;
  const [scheme, credential = ""] = (incoming.headers.authorization ?? "").split(" ");
  const [, method, pathClientId, secretId] = SECRETS_PATH.exec(line) ?? [];
  if (pathClientId !== undefined) {
    const kind = method === "POST" ? "create" : "delete";
    const signer = scheme === "Bearer" ? accounts.signerBy({ token: credential }) : undefined;
    return { kind, clientId: pathClientId, secretId, signedWith: signer?.id };
  }
  const [clientId = "", value = ""] = Buffer.from(scheme === "Basic" ? credential : "", "base64")
    .toString()
    .split(":");
  const kind = line === "POST /api/oauth/token" ? "token" : line === "POST /api/oauth/revoke" ? "revoke" : "other";
  return { kind, clientId, secretId: undefined, signedWith: accounts.signerBy({ clientId, value })?.id };
}

function finish(response: ServerResponse, how: Fault["ends"], answer: Answer): void {
  if (typeof how === "object") write(response, how);
  else if (typeof how === "function") write(response, how(answer));
  else if (how === "answer") write(response, answer);
  else if (how === "reset") response.destroy();
  else if (how === "cut") {
    const text = JSON.stringify(answer.body ?? {});
    response.writeHead(answer.status, { "content-type": "application/json", "content-length": text.length });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  }
}

function write(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
}
