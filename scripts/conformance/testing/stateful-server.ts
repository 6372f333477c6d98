/**
 * A server that does what the contract says, written by hand and without Prism: it signs in bearer tokens, service accounts
 * and digests, and keeps the secrets of one account, two at most. A test plants one fault in it.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { account, apiError, type Plain, type Received, type Rules, VERSIONS, type Violence } from "./rules.js";
import { authenticate, checkBody, checkPath, checkQuery, find, negotiate, readJson, readType, route } from "./steps.js";

/** A running server. */
export interface StatefulServer {
  readonly url: string;
  /** Ids of the secrets that are there. */
  ids(): string[];
  /** How many secrets were made, and how many there were at once at most. */
  readonly counts: { made: number; most: number };
  readonly requests: readonly Received[];
  stop(): Promise<void>;
}

/**
 * Starts it on a free port.
 *
 * @param prefix - Path under which it serves everything.
 */
export async function startStatefulServer(
  plant: (rules: Rules) => void = () => undefined,
  prefix = "",
): Promise<StatefulServer> {
  const counts = { made: 0, most: 0 };
  const requests: Received[] = [];
  const rules: Rules = {
    secrets: new Map(),
    nonces: new Set(),
    tokens: new Set([account.accessToken]),
    issuesTokens: true,
    steps: { authenticate, route, negotiate, readType, readJson, checkPath, checkQuery, checkBody, find },
    perform(request, server) {
      if (request.operation === "create") {
        if (server.secrets.size >= 2) return apiError(400, "MAXIMUM_SECRETS", "An account holds two secrets at most.");
        const made = newSecret();
        server.secrets.set(made.id, made);
        counts.made += 1;
        counts.most = Math.max(counts.most, server.secrets.size);
        return withLimits({ status: 201, headers: { "content-type": listed(request.headers.accept) }, body: made });
      }
      server.secrets.delete(request.ids["secretId"] ?? "");
      return withLimits({ status: 204, headers: {}, body: undefined });
    },
    finish: (answer) => answer,
  };
  plant(rules);
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const request = received(
      incoming.method ?? "",
      (incoming.url ?? "").slice(prefix.length),
      incoming.headers,
      Buffer.concat(chunks).toString(),
    );
    requests.push(request);
    const token = request.path.startsWith("/api/oauth/") ? answerToken(request, rules) : undefined;
    send(outgoing, token ?? rules.finish(decide(request, rules), request, rules));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    ids: () => [...rules.secrets.keys()],
    counts,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listed(accept = ""): string {
  return VERSIONS.includes(accept) ? accept : (VERSIONS[0] ?? "");
}

function decide(request: Received, rules: Rules): Plain {
  for (const step of Object.values(rules.steps)) {
    const answer = step(request, rules);
    if (answer !== undefined) return answer;
  }
  return rules.perform(request, rules);
}

function send(outgoing: ServerResponse, answer: Plain | Violence): void {
  if (answer === "hang") return;
  if (answer === "reset") {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  if (answer === "cut off") {
    outgoing.writeHead(201, { "content-length": "500", "content-type": VERSIONS[0] ?? "" });
    outgoing.write('{"id":', () => outgoing.socket?.destroy());
    return;
  }
  if ("raw" in answer) {
    outgoing.socket?.end(answer.raw);
    return;
  }
  outgoing.writeHead(answer.status, answer.headers);
  outgoing.end(
    typeof answer.body === "string" || answer.body === undefined ? answer.body : JSON.stringify(answer.body),
  );
}

function received(method: string, target: string, headers: IncomingHttpHeaders, text: string): Received {
  const [path = "", query = ""] = target.split("?", 2);
  const created = /^\/api\/atlas\/v2\/groups\/([^/]+)\/serviceAccounts\/([^/]+)\/secrets$/.exec(path);
  const deleted = /^\/api\/atlas\/v2\/orgs\/([^/]+)\/serviceAccounts\/([^/]+)\/secrets\/([^/]+)$/.exec(path);
  const [, owner = "", clientId = "", secretId = ""] = (created ?? deleted ?? []).map(decodeURIComponent);
  const ids = { [created === null ? "orgId" : "groupId"]: owner, clientId, secretId };
  const operation = created !== null ? "create" : deleted !== null ? "delete" : undefined;
  return { method, target, path, query: new URLSearchParams(query), headers, text, operation, ids };
}

function newSecret() {
  const secret = `mdb_sa_sk_${randomBytes(16).toString("hex")}`;
  const now = Date.now();
  return {
    id: randomBytes(12).toString("hex"),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 8 * 3_600_000).toISOString(),
    maskedSecretValue: "mdb_sa_sk_...",
    secret,
  };
}

function withLimits(answer: Plain): Plain {
  return { ...answer, headers: { ...answer.headers, "RateLimit-Limit": "1000", "RateLimit-Remaining": "999" } };
}

function answerToken(request: Received, { tokens, issuesTokens }: Rules): Plain {
  const expected = Buffer.from(`${account.adminId}:${account.adminSecret}`).toString("base64");
  if (!issuesTokens || request.headers.authorization !== `Basic ${expected}`)
    return apiError(401, "invalid_client", "");
  if (request.path.endsWith("revoke")) return { status: 200, headers: {}, body: undefined };
  const token = randomBytes(16).toString("hex");
  tokens.add(token);
  const body = { access_token: token, expires_in: 3600, token_type: "Bearer" };
  return { status: 200, headers: { "content-type": "application/json" }, body };
}
