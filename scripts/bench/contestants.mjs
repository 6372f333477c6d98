/**
 * Who does the work: each returns `{ create, remove }`, which make one call and return what a program needs of it. All ask
 * for the same with the same headers and give up after the same time.
 *
 * One of them runs in a process that holds nothing else: it warms up, then measures calls of both operations, made one after
 * the other, whenever it is asked to. Arguments: name of the contestant, URL of the server, URLs of the client's entry and of
 * hey-api's client.
 */
import { createHash, randomBytes } from "node:crypto";

const groupId = "5f0c1a2b3c4d5e6f70819203";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const clientId = "mdb_sa_id_0123456789abcdef01234567";
const secretId = "32b6e34b3d91647abb20e7b8";
const body = { secretExpiresAfterHours: 8 };
const accessToken = "bench-access-token";
const TIMEOUT_MS = 30_000;

const CREATE_ACCEPT = "application/vnd.atlas.2024-08-05+json";
const DELETE_ACCEPT = "application/vnd.atlas.2025-03-12+json";
const USER_AGENT = "atlas-service-account-secrets/0.1.0";
const CREATE_PATH = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
const DELETE_PATH = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
const createPath = `api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/secrets`;
const deletePath = `api/atlas/v2/orgs/${orgId}/serviceAccounts/${clientId}/secrets/${secretId}`;

const createHeaders = { accept: CREATE_ACCEPT, "content-type": "application/json", "user-agent": USER_AGENT };
const deleteHeaders = { accept: DELETE_ACCEPT, "user-agent": USER_AGENT };
const authorization = `Bearer ${accessToken}`;

/** As a careful program does it: gives up in time. */
const timeout = () => AbortSignal.timeout(TIMEOUT_MS);

/** What a program writes by hand around the platform's fetch. */
function builtInFetch(url, authorize = () => authorization) {
  return {
    async create() {
      const response = await fetch(`${url}/${createPath}`, {
        method: "POST",
        headers: { ...createHeaders, authorization: authorize("POST", `/${createPath}`) },
        body: JSON.stringify(body),
        signal: timeout(),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return response.json();
    },
    async remove() {
      const response = await fetch(`${url}/${deletePath}`, {
        method: "DELETE",
        headers: { ...deleteHeaders, authorization: authorize("DELETE", `/${deletePath}`) },
        signal: timeout(),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
    },
  };
}

async function client(url, entry, credentials) {
  const { createAtlasClient } = await import(entry);
  const atlas = createAtlasClient({ credentials, baseUrl: url });
  return {
    create: () => atlas.createGroupServiceAccountSecret({ groupId, clientId, body }),
    remove: () => atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId }),
  };
}

async function openapiFetch(url) {
  const { default: createClient } = await import("openapi-fetch");
  const api = createClient({ baseUrl: url });
  return {
    async create() {
      const { data, response } = await api.POST(CREATE_PATH, {
        params: { path: { groupId, clientId } },
        headers: { ...createHeaders, authorization },
        body,
        signal: timeout(),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return data;
    },
    async remove() {
      const { response } = await api.DELETE(DELETE_PATH, {
        params: { path: { orgId, clientId, secretId } },
        headers: { ...deleteHeaders, authorization },
        signal: timeout(),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
    },
  };
}

async function kyPeer(url) {
  const { default: ky } = await import("ky");
  const api = ky.create({ prefix: url, timeout: TIMEOUT_MS, headers: { authorization, "user-agent": USER_AGENT } });
  return {
    create: () => api.post(createPath, { json: body, headers: { accept: CREATE_ACCEPT } }).json(),
    remove: () => api.delete(deletePath, { headers: { accept: DELETE_ACCEPT } }),
  };
}

async function axiosPeer(url) {
  const [{ default: axios }, { Agent }] = await Promise.all([import("axios"), import("node:http")]);
  const api = axios.create({
    baseURL: url,
    timeout: TIMEOUT_MS,
    headers: { authorization, "user-agent": USER_AGENT },
    httpAgent: new Agent({ keepAlive: true }),
  });
  return {
    create: async () => (await api.post(`/${createPath}`, body, { headers: { accept: CREATE_ACCEPT } })).data,
    remove: () => api.delete(`/${deletePath}`, { headers: { accept: DELETE_ACCEPT } }),
  };
}

async function heyApiPeer(url, location) {
  const { createClient, createGroupServiceAccountSecret, deleteOrgServiceAccountSecret } = await import(location);
  const client = createClient({
    baseUrl: url,
    throwOnError: true,
    headers: { authorization, "user-agent": USER_AGENT },
  });
  return {
    async create() {
      const path = { groupId, clientId };
      const headers = { accept: CREATE_ACCEPT };
      const { data } = await createGroupServiceAccountSecret({ client, path, body, headers, signal: timeout() });
      return data;
    },
    remove: () =>
      deleteOrgServiceAccountSecret({
        client,
        path: { orgId, clientId, secretId },
        headers: { accept: DELETE_ACCEPT },
        signal: timeout(),
      }),
  };
}

const publicKey = "bench-public-key";
const privateKey = "bench-private-key";

/** The shortest digest that counts its nonce: one challenge for all calls, the key hashed once. */
async function digestByHand(url) {
  const challenge = (await fetch(`${url}/${createPath}`, { method: "POST" })).headers.get("www-authenticate") ?? "";
  const parameter = (name) => new RegExp(`\\b${name}="?([^",]+)`).exec(challenge)?.[1] ?? "";
  const realm = parameter("realm");
  const nonce = parameter("nonce");
  const hash = (text) => createHash("md5").update(text).digest("hex");
  const user = hash(`${publicKey}:${realm}:${privateKey}`);
  let uses = 0;
  return (method, uri) => {
    uses += 1;
    const nc = uses.toString(16).padStart(8, "0");
    const cnonce = randomBytes(16).toString("hex");
    const response = hash(`${user}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`);
    return `Digest username="${publicKey}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=MD5, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`;
  };
}

const contestants = {
  "built-in fetch": (url) => builtInFetch(url),
  "built-in fetch, digest": async (url) => builtInFetch(url, await digestByHand(url)),
  "client, access token": (url, entry) => client(url, entry, { accessToken }),
  "client, service account": (url, entry) =>
    client(url, entry, { clientId, clientSecret: "mdb_sa_sk_fake-secret-of-the-bench" }),
  "client, API key (digest)": (url, entry) => client(url, entry, { publicKey, privateKey }),
  "openapi-fetch": openapiFetch,
  ky: kyPeer,
  axios: axiosPeer,
  "hey-api's client": (url, _entry, heyApi) => heyApiPeer(url, heyApi),
};

const [name, ...urls] = process.argv.slice(2);
/** Of each operation. What is short and runs once a call, V8 optimizes only after so many of them. */
const WARM_UP_CALLS = 4000;
/**
 * The operations take turns of up to so many calls, each of a length drawn anew. Every 200 calls or so the young generation is
 * collected, and every 1,500 the whole heap, which costs as much as a tenth of them: in turns of one length, that was the same
 * operation's for seconds, and a deletion by the same program cost 131 µs in one process and 193 in the next.
 */
const LONGEST_TURN = 20;

const contestant = await contestants[name](...urls);
const { secret } = await contestant.create();
if (typeof secret !== "string") throw new Error(`${name} does not return the secret`);
await measure(WARM_UP_CALLS);

process.on("message", async ({ calls }) => process.send(await measure(calls)));
process.send("ready");

/** Microseconds for each call of both operations: by the clock, and of this process on all cores. */
async function measure(calls) {
  const totals = { create: { cpu: 0, wall: 0, made: 0 }, remove: { cpu: 0, wall: 0, made: 0 } };
  while (totals.remove.made < calls) {
    for (const [operation, total] of Object.entries(totals)) {
      const call = contestant[operation];
      const turn = Math.ceil(Math.random() * LONGEST_TURN);
      const cpuBefore = process.cpuUsage();
      const before = performance.now();
      for (let index = 0; index < turn; index += 1) await call();
      total.wall += (performance.now() - before) * 1000;
      const { user, system } = process.cpuUsage(cpuBefore);
      total.cpu += user + system;
      total.made += turn;
    }
  }
  const each = ({ cpu, wall, made }) => ({ cpu: cpu / made, wall: wall / made });
  return { create: each(totals.create), remove: each(totals.remove) };
}
