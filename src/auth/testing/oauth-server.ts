/**
 * For tests: a server with a token endpoint and the two operations behind bearer tokens, on a free loopback port.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OAuthServerOptions {
  /** What the token endpoint answers to its n-th request, from 1; `undefined` for a token that lives an hour. */
  readonly onToken?: (count: number, request: Received) => Reply | "reset" | undefined | Promise<Reply | undefined>;
  /** What the operations answer; by default 401 for a token that was not issued or has been refused, else success. */
  readonly onCall?: (request: Received, token: string) => Reply | undefined;
}

export interface OAuthServer {
  readonly url: string;
  readonly tokenRequests: readonly Received[];
  readonly revocations: readonly Received[];
  readonly calls: readonly Received[];
  /** From now on this token is refused. */
  expire(token: string): void;
  close(): Promise<void>;
}

export const createdSecret = {
  id: "32b6e34b3d91647abb20e7b8",
  createdAt: "2025-05-04T09:42:00Z",
  expiresAt: "2025-05-04T17:42:00Z",
  secret: "mdb_sa_sk_not-a-real-value",
};

export function token(count: number): string {
  return `fake-access-token-${count}`;
}

export async function startOAuthServer({ onToken, onCall }: OAuthServerOptions = {}): Promise<OAuthServer> {
  const tokenRequests: Received[] = [];
  const revocations: Received[] = [];
  const calls: Received[] = [];
  const live = new Set<string>();

  async function answer(request: Received): Promise<Reply | "reset"> {
    if (request.path === "/api/oauth/token") {
      tokenRequests.push(request);
      const count = tokenRequests.length;
      live.add(token(count));
      const body = { access_token: token(count), token_type: "Bearer", expires_in: 3600 };
      return (await onToken?.(count, request)) ?? { status: 200, body };
    }
    if (request.path === "/api/oauth/revoke") {
      revocations.push(request);
      return { status: 200 };
    }
    calls.push(request);
    const given = request.authorization?.replace(/^Bearer /, "") ?? "";
    const own = onCall?.(request, given);
    if (own !== undefined) return own;
    if (!live.has(given))
      return { status: 401, body: { error: 401, errorCode: "UNAUTHORIZED", reason: "Unauthorized" } };
    return request.method === "POST" ? { status: 201, body: createdSecret } : { status: 204 };
  }

  const server = createServer((incoming, outgoing) => {
    void read(incoming).then(async (request) => {
      const reply = await answer(request);
      if (reply === "reset") return incoming.socket.resetAndDestroy();
      const body = reply.body === undefined ? "" : JSON.stringify(reply.body);
      return outgoing.writeHead(reply.status, { "content-type": "application/json", ...reply.headers }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenRequests,
    revocations,
    calls,
    expire: (value) => void live.delete(value),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = "", url = "", headers } = incoming;
  return { method, path: url, authorization: headers.authorization, body: Buffer.concat(chunks).toString("utf8") };
}
