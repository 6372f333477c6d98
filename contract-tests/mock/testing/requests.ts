/**
 * For the mock's own tests: the two requests of the documentation, complete but for the credentials, the headers that carry
 * those, an HTTP exchange in which nothing is sent that the test did not name, and a contract that has nothing in common with
 * the project's own but the version of OpenAPI.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DigestParts, signDigest } from "../../../src/testing/sign-digest.js";
import { mockCredentials } from "../settings.js";

export const createPath =
  "/api/atlas/v2/groups/5f0c1a2b3c4d5e6f70819203/serviceAccounts/mdb_sa_id_65a1b2c3d4e5f60718293a4b/secrets";
export const deletePath =
  "/api/atlas/v2/orgs/4e1b0a9f8d7c6b5a49382716/serviceAccounts/mdb_sa_id_65a1b2c3d4e5f60718293a4b/secrets/32b6e34b3d91647abb20e7b8";

export const bearer = { Authorization: `Bearer ${mockCredentials.accessToken}` };

/** `POST …/secrets` as the documentation's curl sends it; a header of `undefined` is left out. */
export function creation(headers: Record<string, string | undefined> = {}, body = '{"secretExpiresAfterHours":8}') {
  const usual = { Accept: "application/vnd.atlas.2024-08-05+json", "Content-Type": "application/json" };
  return { method: "POST", path: createPath, headers: present({ ...usual, ...headers }), body } satisfies Outgoing;
}

/** `DELETE …/secrets/{secretId}` as the documentation's curl sends it. */
export function deletion(headers: Record<string, string | undefined> = {}) {
  const usual = { Accept: "application/vnd.atlas.2025-03-12+json" };
  return { method: "DELETE", path: deletePath, headers: present({ ...usual, ...headers }) } satisfies Outgoing;
}

/** A value for `Authorization` by digest. The defaults make a right one for a deletion. */
export function sign(parts: Pick<DigestParts, "nonce"> & Partial<DigestParts>): string {
  const { publicKey: username, privateKey: password } = mockCredentials;
  return signDigest({ username, password, method: "DELETE", uri: deletePath, ...parts });
}

/** What is sent. */
export interface Outgoing {
  /** Default GET. */
  readonly method?: string;
  /** The request target. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** What came back. */
export interface Incoming {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; `undefined` if it is not JSON. */
  readonly json: unknown;
}

/** Sends one request on a connection of its own and reads the whole response. */
export function exchange(url: string, { method = "GET", path, headers = {}, body }: Outgoing): Promise<Incoming> {
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, path, headers: { ...length, ...headers }, agent: false });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      incoming.setEncoding("utf8");
      let text = "";
      incoming.on("data", (chunk: string) => {
        text += chunk;
      });
      incoming.once("error", reject);
      incoming.once("end", () =>
        resolve({ status: incoming.statusCode, headers: incoming.headers, text, json: parsed(text) }),
      );
    });
    outgoing.end(body);
  });
}

function present(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ok = (mediaType: string) => ({ description: "ok", content: { [mediaType]: { example: { ok: true } } } });
const unauthorized = {
  description: "no",
  content: { "application/json": { examples: { first: { value: { error: 401, errorCode: "OTHER" } } } } },
};
const versioned = "application/vnd.other.2030-01-01+json";

/** Four ways to be called, and a path that two templates fit. */
export const otherContract = {
  openapi: "3.0.3",
  info: { title: "other", version: "1" },
  paths: {
    "/things/{thing}": {
      get: {
        security: [{ Tokens: [] }],
        parameters: [{ name: "thing", in: "path", required: true, schema: { type: "string" } }],
        responses: { "200": ok(versioned), "401": unauthorized },
      },
    },
    "/things/special": { get: { security: [{ Keys: [] }], responses: { "200": ok("application/json") } } },
    "/news": { get: { security: [], responses: { "200": ok("application/json") } } },
    "/either": { get: { security: [{}, { Tokens: [] }], responses: { "200": ok("application/json") } } },
  },
  components: {
    securitySchemes: {
      Tokens: { type: "oauth2", flows: { clientCredentials: { tokenUrl: "https://example.com/sign/in", scopes: {} } } },
      Keys: { type: "http", scheme: "digest" },
      Cookie: { type: "apiKey", in: "cookie", name: "session" },
    },
  },
};

/** A contract in a file of its own. */
export interface ContractFile {
  readonly path: string;
  /** Writes something else into it. */
  replace(text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Writes a contract into a new temporary folder. */
export async function writeContract(contract: unknown): Promise<ContractFile> {
  const folder = await mkdtemp(join(tmpdir(), "mock-contract-"));
  const path = join(folder, "contract.json");
  const replace = (text: string) => writeFile(path, text);
  await replace(typeof contract === "string" ? contract : JSON.stringify(contract));
  return { path, replace, remove: () => rm(folder, { recursive: true, force: true }) };
}
