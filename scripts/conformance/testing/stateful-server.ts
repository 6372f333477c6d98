/**
 * A server that does what the contract says, written by hand and without Prism: it signs in bearer tokens, service accounts
 * and digests, and keeps the secrets of one account, two at most. A test plants one fault in it.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const account = {
  accessToken: "test-access-token-not-real",
  adminId: "mdb_sa_id_ffffffffffffffffffffffff",
  adminSecret: "mdb_sa_sk_test_admin_secret_not_real",
  publicKey: "testpubk",
  privateKey: "test-private-key-not-real",
  groupId: "5f0c1a2b3c4d5e6f70819203",
  orgId: "4e1b0a9f8d7c6b5a49382716",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
} as const;

export const VERSIONS = ["application/vnd.atlas.2024-08-05+json", "application/vnd.atlas.2025-03-12+json"];

/** A request as the steps see it. */
export interface Received {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `undefined` where the path names nothing. */
  readonly operation: "create" | "delete" | undefined;
  readonly ids: Readonly<Record<string, string>>;
}

/** An answer before it is sent. */
export interface Plain {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What happens instead of an answer; `raw` is written to the connection as it stands. */
export type Violence = "hang" | "reset" | "cut off" | { readonly raw: string };

type Step = (request: Received, server: Rules) => Plain | undefined;

/** The rules that a fault may replace. */
export interface Rules {
  readonly secrets: Map<string, { readonly secret: string }>;
  readonly nonces: Set<string>;
  readonly tokens: Set<string>;
  /** Whether the token endpoint hands out tokens. */
  issuesTokens: boolean;
  /** In the order in which they are asked; the first answer stands. */
  steps: Record<
    | "authenticate"
    | "route"
    | "negotiate"
    | "readType"
    | "readJson"
    | "checkPath"
    | "checkQuery"
    | "checkBody"
    | "find",
    Step
  >;
  perform(request: Received, server: Rules): Plain;
  /** The last word on every answer. */
  finish(answer: Plain, request: Received, server: Rules): Plain | Violence;
}

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

export function apiError(status: number, errorCode: string, detail: string): Plain {
  return { status, headers: { "content-type": "application/json" }, body: { error: status, errorCode, detail } };
}

function withLimits(answer: Plain): Plain {
  return { ...answer, headers: { ...answer.headers, "RateLimit-Limit": "1000", "RateLimit-Remaining": "999" } };
}

export function authenticate(request: Received, rules: Rules): Plain | undefined {
  const authorization = request.headers.authorization ?? "";
  const bearer = /^Bearer (\S+)$/.exec(authorization)?.[1];
  if (bearer !== undefined && rules.tokens.has(bearer)) return undefined;
  if (authorization.startsWith("Digest ") && isSigned(authorization, request, rules)) return undefined;
  const nonce = randomBytes(16).toString("hex");
  rules.nonces.add(nonce);
  const refused = apiError(401, "UNAUTHORIZED", "You are not signed in.");
  refused.headers["www-authenticate"] =
    `Digest realm="MMS Public API", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=false`;
  return refused;
}

function isSigned(authorization: string, { method, target }: Received, { nonces }: Rules): boolean {
  const part = (name: string): string =>
    new RegExp(`\\b${name}=(?:"([^"]*)"|([^\\s,]*))`).exec(authorization)?.slice(1).find(Boolean) ?? "";
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const secret = md5(`${account.publicKey}:MMS Public API:${account.privateKey}`);
  const covered = md5(`${method}:${target}`);
  const expected = md5(`${secret}:${part("nonce")}:${part("nc")}:${part("cnonce")}:auth:${covered}`);
  return nonces.has(part("nonce")) && part("username") === account.publicKey && part("response") === expected;
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

export function route({ method, operation }: Received): Plain | undefined {
  if (operation === undefined) return apiError(404, "NOT_FOUND", "Nothing is here.");
  const allowed = operation === "create" ? "POST" : "DELETE";
  return method === allowed ? undefined : apiError(405, "METHOD_NOT_ALLOWED", `Only ${allowed} is served here.`);
}

function negotiate({ headers }: Received): Plain | undefined {
  return VERSIONS.includes(headers.accept ?? "") ? undefined : apiError(406, "NOT_ACCEPTABLE", "No such version.");
}

function readType({ operation, headers }: Received): Plain | undefined {
  const type = headers["content-type"]?.split(";")[0] ?? "";
  if (operation !== "create" || ["application/json", VERSIONS[0]].includes(type)) return undefined;
  return apiError(415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be JSON.");
}

function readJson({ operation, text }: Received): Plain | undefined {
  if (operation !== "create") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return apiError(400, "MALFORMED_JSON", "The body is not JSON.");
  }
}

const invalid = (detail: string): Plain => apiError(400, "VALIDATION_ERROR", detail);

function checkPath({ ids }: Received): Plain | undefined {
  for (const [name, value] of Object.entries(ids)) {
    if (value === "") continue;
    const pattern = name === "clientId" ? /^mdb_sa_id_[a-fA-F\d]{24}$/ : /^[a-f0-9]{24}$/;
    if (!pattern.test(value)) return invalid(`${name} is malformed.`);
  }
  return undefined;
}

function checkQuery({ query }: Received): Plain | undefined {
  for (const name of ["envelope", "pretty"]) {
    const value = query.get(name);
    if (value !== null && value !== "true" && value !== "false") return invalid(`${name} has to be true or false.`);
  }
  return undefined;
}

function checkBody({ operation, text }: Received): Plain | undefined {
  if (operation !== "create") return undefined;
  const hours = hoursIn(text);
  const fits = typeof hours === "number" && Number.isInteger(hours) && hours > 0 && hours < 2 ** 31;
  return fits ? undefined : invalid("secretExpiresAfterHours has to be a whole number above 0.");
}

/** What a body asks for, whatever it is. */
export function hoursIn(text: string): unknown {
  const body: unknown = JSON.parse(text);
  const holds = typeof body === "object" && body !== null && "secretExpiresAfterHours" in body;
  return holds && !Array.isArray(body) ? body.secretExpiresAfterHours : undefined;
}

export function find({ operation, ids }: Received, { secrets }: Rules): Plain | undefined {
  const { groupId = account.groupId, orgId = account.orgId, clientId, secretId = "" } = ids;
  const known = groupId === account.groupId && orgId === account.orgId && clientId === account.clientId;
  if (known && (operation === "create" || secrets.has(secretId))) return undefined;
  return apiError(404, "RESOURCE_NOT_FOUND", "There is no such thing.");
}
