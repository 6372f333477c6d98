/**
 * Uses of the client that must not compile, and beside them the right ones that must. The compiler is the test: it
 * demands an error under each directive, and misuse.test.ts demands the one that is named. Nothing here ever runs.
 */
import { ProxyAgent, fetch as undiciFetch } from "undici";
import {
  AtlasApiError,
  type AtlasClient,
  type AtlasClientOptions,
  AtlasError,
  type AtlasErrorCode,
  AtlasRequestError,
  type CreateGroupServiceAccountSecretArguments,
  createAtlasClient,
} from "../../../src/index.js";

const groupId = "5f0c1a2b3c4d5e6f70819203";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const secretId = "32b6e34b3d91647abb20e7b8";
const body = { secretExpiresAfterHours: 8 };

export async function create(atlas: AtlasClient): Promise<void> {
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body });
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body, envelope: true, pretty: false });
  // @ts-expect-error TS2554: no arguments at all
  await atlas.createGroupServiceAccountSecret();
  // @ts-expect-error TS2741: no body
  await atlas.createGroupServiceAccountSecret({ groupId, clientId });
  // @ts-expect-error TS2741: no client id
  await atlas.createGroupServiceAccountSecret({ groupId, body });
  // @ts-expect-error TS2741: no group id
  await atlas.createGroupServiceAccountSecret({ clientId, body });
  // @ts-expect-error TS2561: a misspelt name
  await atlas.createGroupServiceAccountSecret({ groupID: groupId, clientId, body });
  // @ts-expect-error TS2353: an argument of the other operation
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body, orgId });
  // @ts-expect-error TS2353: the body's property beside the body
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body, secretExpiresAfterHours: 8 });
  // @ts-expect-error TS2554: one argument after the other
  await atlas.createGroupServiceAccountSecret(groupId, clientId, body);
  // @ts-expect-error TS2322: a number for an id
  await atlas.createGroupServiceAccountSecret({ groupId: 5, clientId, body });
  // @ts-expect-error TS2322: a text for a flag
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body, envelope: "true" });
  // @ts-expect-error TS2741: an empty body
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body: {} });
  // @ts-expect-error TS2322: a text for the hours
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body: { secretExpiresAfterHours: "8" } });
  // @ts-expect-error TS2353: a property that the body has not
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body: { secretExpiresAfterHours: 8, name: "x" } });
  // @ts-expect-error TS2322: a body that is already JSON
  await atlas.createGroupServiceAccountSecret({ groupId, clientId, body: '{"secretExpiresAfterHours":8}' });
}

export async function remove(atlas: AtlasClient): Promise<void> {
  await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId });
  // @ts-expect-error TS2345: no secret id
  await atlas.deleteOrgServiceAccountSecret({ orgId, clientId });
  // @ts-expect-error TS2353: a project in place of the organization
  await atlas.deleteOrgServiceAccountSecret({ groupId, clientId, secretId });
  // @ts-expect-error TS2353: a body, though it has none
  await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId, body });
  // @ts-expect-error TS2322: null for an id
  await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: null });
}

export async function results(atlas: AtlasClient): Promise<void> {
  const secret = await atlas.createGroupServiceAccountSecret({ groupId, clientId, body });
  const required: string[] = [secret.id, secret.createdAt, secret.expiresAt];
  const optional: (string | undefined)[] = [secret.secret, secret.maskedSecretValue];
  const never: string | null | undefined = secret.lastUsedAt;
  // @ts-expect-error TS2345: Atlas may send null for a secret that was never used
  optional.push(never);
  // @ts-expect-error TS2322: the value may be missing
  const value: string = secret.secret;
  // @ts-expect-error TS2322: so an id cannot be made of it
  await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: secret.secret });
  // @ts-expect-error TS18048: nor can it be used unseen
  optional.push(secret.secret.trim());
  // @ts-expect-error TS2339: a property that the secret has not
  optional.push(secret.value);
  // @ts-expect-error TS2551: dates are texts, as they came
  required.push(secret.createdAt.toISOString());
  // @ts-expect-error TS2540: a result is read, not changed
  secret.id = value;
  // @ts-expect-error TS2339: the promise is not the secret
  required.push(atlas.createGroupServiceAccountSecret({ groupId, clientId, body }).id);
  const { data, response } = await atlas.createGroupServiceAccountSecret({ groupId, clientId, body }).withResponse();
  required.push(data.id);
  optional.push(data.secret, response.requestId);
  // @ts-expect-error TS2345: a header may be missing
  required.push(response.headers["ratelimit-remaining"]);
  // @ts-expect-error TS2339: the data is beside the response
  optional.push(response.secret);
  // @ts-expect-error TS2339: openapi-fetch's form of a response is that of `raw`
  optional.push(secret.data);
  const nothing = await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId });
  // @ts-expect-error TS2339: a deletion returns nothing
  optional.push(nothing.id);
  // @ts-expect-error TS2322: and nothing is not true
  const deleted: boolean = await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId });
  console.log(deleted);
}

export function clients(accessToken: string, clientSecret: string, publicKey: string, privateKey: string): void {
  createAtlasClient({ credentials: { accessToken }, apiVersion: "2024-08-05", retry: false });
  createAtlasClient({ credentials: { accessToken: async () => accessToken }, retry: { maxAttempts: 2 } });
  createAtlasClient({ credentials: { accessToken }, retry: { maxAttempts: undefined, maxDelayMs: undefined } });
  createAtlasClient({ credentials: { clientId, clientSecret }, apiVersion: "2025-03-12", timeoutMs: 1000 });
  createAtlasClient({ credentials: { publicKey, privateKey }, baseUrl: "https://cloud.mongodbgov.com" });
  // Whichever fetch a program has: the platform's, undici's, one of its own, a mock.
  const dispatcher = new ProxyAgent("http://proxy.example:3128");
  const headers = new Headers();
  for (const each of [
    fetch,
    undiciFetch,
    (url, init) => undiciFetch(url, { ...init, dispatcher }),
    (url, init) => fetch(new Request(url, init)),
    async (url: string | URL | Request, init?: RequestInit) => new Response(`${init?.method} ${url}`),
    async () => Response.json({}),
    async () => ({ status: 204, headers, body: null }),
  ] satisfies AtlasClientOptions["fetch"][]) {
    createAtlasClient({ credentials: { accessToken }, fetch: each });
  }
  // @ts-expect-error TS2322: a fetch that is called with a Request
  createAtlasClient({ credentials: { accessToken }, fetch: async (_request: Request) => new Response() });
  // @ts-expect-error TS2322: a fetch that does not return a promise
  createAtlasClient({ credentials: { accessToken }, fetch: () => new Response() });
  // @ts-expect-error TS2322: a response without headers
  createAtlasClient({ credentials: { accessToken }, fetch: async () => ({ status: 204, body: null }) });
  // @ts-expect-error TS2554: no options
  createAtlasClient();
  // @ts-expect-error TS2741: no credentials
  createAtlasClient({});
  // @ts-expect-error TS2322: two kinds of credentials
  createAtlasClient({ credentials: { accessToken, clientId, clientSecret } });
  // @ts-expect-error TS2322: half of a pair
  createAtlasClient({ credentials: { clientId } });
  // @ts-expect-error TS2322: halves of two pairs
  createAtlasClient({ credentials: { clientId, privateKey } });
  // @ts-expect-error TS2322: a token that is no text
  createAtlasClient({ credentials: { accessToken: 5 } });
  // @ts-expect-error TS2322: credentials without their name
  createAtlasClient({ credentials: accessToken });
  // @ts-expect-error TS2322: a version that the contract does not know
  createAtlasClient({ credentials: { accessToken }, apiVersion: "1999-12-31" });
  // @ts-expect-error TS2322: a timeout that is no number
  createAtlasClient({ credentials: { accessToken }, timeoutMs: "1000" });
  // @ts-expect-error TS2322: retry is settings or false
  createAtlasClient({ credentials: { accessToken }, retry: true });
  // @ts-expect-error TS2561: an option that does not exist
  createAtlasClient({ credentials: { accessToken }, timeout: 1000 });
}

export async function calls(atlas: AtlasClient): Promise<void> {
  const args: CreateGroupServiceAccountSecretArguments = { groupId, clientId, body };
  await atlas.createGroupServiceAccountSecret(args, { signal: AbortSignal.timeout(1000), headers: { Prefer: "x" } });
  await atlas.createGroupServiceAccountSecret(args, { timeoutMs: 1000, retry: { maxAttempts: 2 } });
  await atlas.createGroupServiceAccountSecret(args, { retry: false });
  // @ts-expect-error TS2353: an option that calls do not have
  await atlas.createGroupServiceAccountSecret(args, { fetch });
  // @ts-expect-error TS2322: retry is settings or false
  await atlas.createGroupServiceAccountSecret(args, { retry: true });
  // @ts-expect-error TS2740: the controller is not its signal
  await atlas.createGroupServiceAccountSecret(args, { signal: new AbortController() });
  // @ts-expect-error TS2551: an operation that the contract has not
  await atlas.createOrgServiceAccountSecret(args);
  // @ts-expect-error TS2345: a secret is a text
  atlas.updateClientSecret(undefined);
  const path = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
  await atlas.raw.POST(path, { params: { path: { groupId, clientId } }, body, timeoutMs: 1000, retry: false });
  // @ts-expect-error TS2322: a timeout that is no number
  await atlas.raw.POST(path, { params: { path: { groupId, clientId } }, body, timeoutMs: "1000" });
  // @ts-expect-error TS2345: raw calls are held to the contract's paths as well
  await atlas.raw.GET("/api/atlas/v2/groups", {});
}

export async function disposal(options: AtlasClientOptions): Promise<void> {
  await using atlas = createAtlasClient(options);
  const closed: Promise<void> = atlas[Symbol.asyncDispose]();
  await closed;
  // @ts-expect-error TS2741: a client is closed asynchronously
  using never = createAtlasClient(options);
  console.log(never);
}

export function errors(error: unknown): string | undefined {
  if (error instanceof AtlasRequestError) return error.violations[0]?.argument;
  if (error instanceof AtlasApiError) {
    const status: number = error.status;
    // @ts-expect-error TS2322: a response need not be an ApiError
    const errorCode: string = error.errorCode;
    return `${status} ${errorCode}`;
  }
  if (error instanceof AtlasError) {
    const code: AtlasErrorCode = error.code;
    if (error.code === "ERR_ATLAS_API") return `${error.status} ${code}`;
    if (error.code === "ERR_SECRET_ROTATION") return error.step;
    // @ts-expect-error TS2367: a code that does not exist
    if (error.code === "ERR_ATLAS") return code;
    // Without a response it lacks what a response says.
    if (!("status" in error) && error.code === "ERR_ATLAS_AUTH") return error.summary;
    if (error.code === "ERR_ATLAS_AUTH") return error.headers?.["date"];
    // @ts-expect-error TS2339: not every error comes from a response
    if (error.requestId) return error.message;
    // @ts-expect-error TS2339: not every error has a status
    if (error.status === 404) return error.message;
    // @ts-expect-error TS2367: an outcome that does not exist
    if (error.outcome === "maybe") return error.message;
  }
  return undefined;
}
