import { describe, expect, it, onTestFinished } from "vitest";
import { GROUP_ID, ORG_ID, ServiceAccounts } from "./service-accounts.js";
import { ADMIN, type AtlasOptions, type FakeAtlas, type Faults, randomFaults, startAtlas } from "./start-atlas.js";

const HOUR_MS = 3_600_000;
const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const version = "application/vnd.atlas.2025-03-12+json";
const accessToken = "fake-access-token";

async function start(options: AtlasOptions = {}): Promise<FakeAtlas> {
  const atlas = await startAtlas({ accessTokens: [accessToken], ...options });
  onTestFinished(() => atlas.close());
  return atlas;
}

interface Sent {
  readonly authorization?: string;
  readonly accept?: string;
  readonly query?: string;
  readonly body?: string;
}

const headersOf = ({ authorization = `Bearer ${accessToken}`, accept = version }: Sent) => ({
  ...(authorization === "" ? {} : { authorization }),
  accept,
});

function create(atlas: FakeAtlas, account = clientId, groupId = GROUP_ID, sent: Sent = {}): Promise<Response> {
  const path = `/api/atlas/v2/groups/${groupId}/serviceAccounts/${account}/secrets${sent.query ?? ""}`;
  const headers = { ...headersOf(sent), "content-type": "application/json" };
  return fetch(atlas.url + path, { method: "POST", headers, body: sent.body ?? '{"secretExpiresAfterHours":24}' });
}

function remove(atlas: FakeAtlas, secretId: string, orgId = ORG_ID, sent: Sent = {}): Promise<Response> {
  const path = `/api/atlas/v2/orgs/${orgId}/serviceAccounts/${clientId}/secrets/${secretId}${sent.query ?? ""}`;
  return fetch(atlas.url + path, { method: "DELETE", headers: headersOf(sent) });
}

function signIn(atlas: FakeAtlas, secret: string, id = clientId, path = "token", form = ""): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const body = new URLSearchParams(`grant_type=client_credentials&${form}`);
  return fetch(`${atlas.url}/api/oauth/${path}`, { method: "POST", headers: { authorization }, body });
}

const tokenOf = async (response: Response) => `Bearer ${Object(await response.json()).access_token}`;
const ids = (atlas: FakeAtlas) => atlas.accounts.secretsOf(clientId).map(({ id }) => id);

describe("an account", () => {
  it("gets a second secret, shown this once, and no third", async () => {
    const atlas = await start();
    const first = atlas.addAccount(clientId);
    const response = await create(atlas);
    expect([response.status, response.headers.get("content-type")]).toEqual([201, version]);
    const [, second] = atlas.accounts.secretsOf(clientId);
    const made = await response.json();
    expect(made).toEqual({
      id: second?.id,
      createdAt: second?.createdAt,
      expiresAt: second?.expiresAt,
      maskedSecretValue: expect.stringMatching(/^mdb_sa_sk_\.\.\.\w{4}$/),
      secret: second?.value,
    });
    const refused = await create(atlas);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: 400, errorCode: "MAXIMUM_SECRETS_REACHED" });
    expect(ids(atlas)).toEqual([first.id, second?.id]);
  });

  it("lets its first secret live no more than seven days when it gets a second", async () => {
    const now = Date.parse("2030-01-01T00:00:00Z");
    const atlas = await start({ clock: () => now });
    atlas.addAccount(clientId);
    expect(atlas.accounts.secretsOf(clientId)).toMatchObject([{ expiresAt: "2031-01-01T00:00:00.000Z" }]);
    await create(atlas);
    expect(atlas.accounts.secretsOf(clientId)).toMatchObject([
      { expiresAt: "2030-01-08T00:00:00.000Z" },
      { expiresAt: "2030-01-02T00:00:00.000Z" },
    ]);
  });

  it("loses a secret for good: a second deletion is 404, and it signs nobody in", async () => {
    const atlas = await start();
    const { id, value } = atlas.addAccount(clientId);
    const authorization = await tokenOf(await signIn(atlas, value));
    expect((await create(atlas, clientId, GROUP_ID, { authorization })).status).toBe(201);
    expect((await remove(atlas, id)).status).toBe(204);
    expect((await remove(atlas, id)).status).toBe(404);
    expect((await signIn(atlas, value)).status).toBe(401);
    expect((await create(atlas, clientId, GROUP_ID, { authorization })).status).toBe(401);
  });

  it("takes its tokens with it when another of the same id takes its place", async () => {
    const atlas = await start();
    const authorization = await tokenOf(await signIn(atlas, atlas.addAccount(clientId).value));
    atlas.addAccount(clientId);
    expect((await create(atlas, clientId, GROUP_ID, { authorization })).status).toBe(401);
  });

  it("is in its organization and its projects, and nowhere else", async () => {
    const atlas = await start();
    const { id } = atlas.addAccount(clientId, { orgId: "a".repeat(24), groupIds: ["b".repeat(24), "c".repeat(24)] });
    expect((await create(atlas)).status).toBe(404);
    expect((await create(atlas, clientId, "c".repeat(24))).status).toBe(201);
    expect((await remove(atlas, id)).status).toBe(404);
    expect((await remove(atlas, id, "a".repeat(24))).status).toBe(204);
    expect((await create(atlas, "mdb_sa_id_000000000000000000000000")).status).toBe(404);
  });
});

it("so many accounts are adopted that they cannot fill the memory, and no added one makes room for them", () => {
  const accounts = new ServiceAccounts({ clock: Date.now, adopt: (id) => ({ clientId: id, unassigned: true }) });
  accounts.add({ clientId });
  for (let index = 0; index < 10_100; index += 1) accounts.isIn(`adopted ${index}`, { orgId: ORG_ID });
  expect(accounts.all()).toHaveLength(10_000);
  expect(accounts.isIn(clientId, { orgId: ORG_ID })).toBe(true);
});

it("a secret lives eight hours to a year, and has an expiry that is a date at any time", async () => {
  const atlas = await start({ clock: () => Date.parse("9999-12-31T20:00:00Z") });
  atlas.addAccount(clientId);
  const year = await create(atlas, clientId, GROUP_ID, { body: '{"secretExpiresAfterHours":8760}' });
  expect(await year.json()).toMatchObject({ expiresAt: "9999-12-31T23:59:59.000Z" });
  for (const hours of [7, 8761]) {
    const refused = await create(atlas, clientId, GROUP_ID, { body: `{"secretExpiresAfterHours":${hours}}` });
    const detail = "secretExpiresAfterHours has to be from 8 to 8760.";
    expect(await refused.json()).toMatchObject({ error: 400, detail });
  }
});

describe("time", () => {
  it("ends a secret, its tokens and its place among the two", async () => {
    let now = Date.now();
    const atlas = await start({ clock: () => now, tokenLifetimeSeconds: 365 * 24 * 3600 });
    atlas.addAccount(clientId);
    const made = Object(await (await create(atlas)).json());
    const authorization = await tokenOf(await signIn(atlas, made.secret));
    now += 24 * HOUR_MS - 1;
    expect((await remove(atlas, "a".repeat(24), ORG_ID, { authorization })).status).toBe(404);
    now += 1;
    expect((await remove(atlas, "a".repeat(24), ORG_ID, { authorization })).status).toBe(401);
    // Nor does a deletion that finds nothing change what is said of the expired one.
    expect((await remove(atlas, "a".repeat(24))).status).toBe(404);
    const refused = await signIn(atlas, made.secret);
    expect(await refused.json()).toMatchObject({
      error: "invalid_client",
      error_description: `The secret expired at ${made.expiresAt}.`,
    });
    expect((await create(atlas)).status).toBe(201);
  });

  it("ends a token after its lifetime and moves lastUsedAt with each sign-in", async () => {
    let now = Date.parse("2030-01-01T00:00:00Z");
    const atlas = await start({ clock: () => now });
    const secret = atlas.addAccount(clientId);
    expect(secret.lastUsedAt).toBeUndefined();
    const authorization = await tokenOf(await signIn(atlas, secret.value));
    expect(secret.lastUsedAt).toBe("2030-01-01T00:00:00.000Z");
    now += HOUR_MS;
    expect((await create(atlas, clientId, GROUP_ID, { authorization })).status).toBe(401);
  });
});

describe("signing in", () => {
  it("with an access token of the options needs no sign-in and ends with no revocation", async () => {
    const atlas = await start();
    const form = `token=${accessToken}`;
    expect((await signIn(atlas, ADMIN.clientSecret, ADMIN.clientId, "revoke", form)).status).toBe(200);
    expect((await create(atlas, ADMIN.clientId)).status).toBe(201);
  });

  it("is asked for with a digest challenge, the first of all refusals", async () => {
    const atlas = await start();
    const sent = { authorization: "", accept: "text/html", body: "{" };
    const response = await create(atlas, clientId, "nothing", sent);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(
      /^Digest realm="MMS Public API", domain="", nonce="[\w-]+", algorithm=MD5, qop="auth", stale=false$/,
    );
  });
});

describe("a request that is not right", () => {
  it.each([
    ["of no version", { accept: "*/*" }, 406],
    ["with a query that is none", { query: "?pretty=yes" }, 400],
    ["that is not JSON", { body: "{" }, 400],
    ["without the hours", { body: "{}" }, 400],
    ["with hours as text", { body: '{"secretExpiresAfterHours":"8"}' }, 400],
    ["with no hours at all", { body: '{"secretExpiresAfterHours":0}' }, 400],
    ["with a fraction of an hour", { body: '{"secretExpiresAfterHours":8.5}' }, 400],
  ])("%s is refused and changes nothing", async (_what, sent, status) => {
    const atlas = await start();
    const { id } = atlas.addAccount(clientId);
    const response = await create(atlas, clientId, GROUP_ID, sent);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: status, detail: expect.any(String) });
    expect(ids(atlas)).toEqual([id]);
  });

  it("by its path or its method is 404, 400 or 405", async () => {
    const atlas = await start();
    const headers = headersOf({});
    expect((await fetch(`${atlas.url}/nowhere`, { headers })).status).toBe(404);
    expect((await create(atlas, "somebody")).status).toBe(400);
    expect((await remove(atlas, "%zz")).status).toBe(400);
    const url = `${atlas.url}/api/atlas/v2/groups/${GROUP_ID}/serviceAccounts/${clientId}/secrets`;
    const refused = await fetch(url, { method: "PUT", headers });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

it("envelope and pretty change how a response is written", async () => {
  const atlas = await start();
  const { id } = atlas.addAccount(clientId);
  const created = await create(atlas, clientId, GROUP_ID, { query: "?envelope=true&pretty=true" });
  expect(created.status).toBe(200);
  expect(await created.text()).toMatch(/^\{\n {2}"status": 201,\n {2}"content": \{\n {4}"id": "/);
  expect(await (await remove(atlas, id, ORG_ID, { query: "?envelope=true" })).json()).toEqual({
    status: 204,
    content: null,
  });
  expect(await (await remove(atlas, id, ORG_ID, { query: "?envelope=true" })).json()).toMatchObject({ status: 404 });
  expect((await remove(atlas, id, ORG_ID, { query: "?envelope=true", authorization: "" })).status).toBe(401);
});

it("a rate limit refuses with 429 what comes too soon, and says when to come again", async () => {
  let now = 0;
  const atlas = await start({ clock: () => now, rateLimit: { capacity: 2, refill: 1, periodSeconds: 60 } });
  const statuses = async () => (await remove(atlas, "a".repeat(24))).status;
  expect((await remove(atlas, "a".repeat(24))).headers.get("ratelimit-remaining")).toBe("1");
  expect([await statuses(), await statuses()]).toEqual([404, 429]);
  now = 5_000;
  const refused = await remove(atlas, "a".repeat(24));
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    "ratelimit-limit": "2",
    "ratelimit-remaining": "0",
    "retry-after": "55",
  });
  expect(await refused.json()).toMatchObject({
    errorCode: "RATE_LIMITED_TOKEN_BUCKET",
    parameters: ["api/atlas/v2", 55, 2, 1, 60],
  });
  now = 60_000;
  expect([await statuses(), await statuses()]).toEqual([404, 429]);
});

it("a rate limit makes nobody wait longer than a period, even if the clock is set back", async () => {
  let now = Date.parse("2030-01-01T00:00:00Z");
  const atlas = await start({ rateLimit: { capacity: 1, periodSeconds: 60 }, clock: () => now });
  await create(atlas);
  now -= 365 * 24 * HOUR_MS;
  expect((await create(atlas)).headers.get("retry-after")).toBe("60");
});

it("a rate limit can name the seconds to wait rounded down, so that whoever waits as long comes too soon", async () => {
  let now = 0;
  const atlas = await start({ clock: () => now, rateLimit: { capacity: 1, periodSeconds: 1, roundsDown: true } });
  const ask = () => remove(atlas, "a".repeat(24));
  expect((await ask()).status).toBe(404);
  now = 400;
  const refused = await ask();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "0"]);
  expect(await refused.json()).toMatchObject({ parameters: [expect.anything(), 0, 1, 1, 1] });
});

describe("a fault", () => {
  it.each([
    [true, 2],
    [false, 1],
  ])("breaks the connection off, applied %s", async (applied, alive) => {
    const atlas = await start({ faults: () => ({ applied, ends: "reset" }) });
    atlas.addAccount(clientId);
    await expect(create(atlas)).rejects.toThrow(TypeError);
    expect(ids(atlas)).toHaveLength(alive);
    expect(atlas.requests).toMatchObject([{ kind: "create", response: undefined }]);
  });

  it("cuts a body, changes a response, or gives one of its own", async () => {
    const atlas = await start({ faults: () => ({ applied: true, ends: "cut" }) });
    const { id } = atlas.addAccount(clientId);
    const cut = await create(atlas);
    expect(cut.status).toBe(201);
    await expect(cut.text()).rejects.toThrow(TypeError);
    atlas.setFaults(() => ({ applied: true, ends: (ordinary) => ({ ...ordinary, status: 299 }) }));
    expect((await remove(atlas, id)).status).toBe(299);
    atlas.setFaults(({ nth }) => ({ applied: false, ends: { status: 503, body: `the ${nth}th` } }));
    expect(await (await remove(atlas, id)).text()).toBe("the 2th");
    atlas.setFaults(undefined);
    expect((await remove(atlas, id)).status).toBe(404);
    atlas.setFaults(() => ({ applied: true, ends: (_ordinary, outgoing) => void outgoing.end("its own") }));
    expect(await (await remove(atlas, id)).text()).toBe("its own");
  });

  it("hands its end the headers as they are sent, for it may write them itself", async () => {
    const atlas = await start({
      faults: () => ({
        applied: true,
        ends: ({ status, headers, body }, outgoing) =>
          void outgoing.writeHead(status, headers).end(JSON.stringify(body)),
      }),
    });
    const refused = await signIn(atlas, "wrong");
    expect([refused.status, refused.headers.get("content-type")]).toEqual([401, "application/json"]);
  });

  it.each<[string, Faults]>([
    ["as it is chosen", () => Promise.reject(new Error("mine"))],
    [
      "in the meantime",
      () => ({ applied: true, ends: "response", meanwhile: () => Promise.reject(new Error("mine")) }),
    ],
    [
      "at its end",
      () => ({
        applied: true,
        ends() {
          throw new Error("mine");
        },
      }),
    ],
  ])("that throws %s lets nobody wait, and cannot be missed", async (_when, faults) => {
    const atlas = await start({ faults });
    const unhandled = new Promise((resolve) => {
      const listeners = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection").once("unhandledRejection", (reason) => {
        for (const listener of listeners) process.on("unhandledRejection", listener);
        resolve(reason);
      });
    });
    await expect(create(atlas)).rejects.toThrow(TypeError);
    expect(await unhandled).toHaveProperty("message", "mine");
  });

  it("runs something between the effect and the response", async () => {
    const atlas = await start();
    atlas.addAccount(clientId);
    let alive: readonly string[] = [];
    const meanwhile = async () => {
      alive = ids(atlas);
    };
    atlas.setFaults(() => ({ applied: true, meanwhile, ends: "response" }));
    expect((await create(atlas)).status).toBe(201);
    expect(alive).toHaveLength(2);
  });
});

it("records what came, who signed it and what was sent", async () => {
  const atlas = await start({ prefix: "/prefix" });
  const { id, value } = atlas.addAccount(clientId);
  const authorization = await tokenOf(await signIn(atlas, value));
  await create(atlas, clientId, GROUP_ID, { authorization });
  await signIn(atlas, "wrong");
  await atlas.idle();
  const json = { "content-type": "application/json" };
  expect(atlas.requests).toMatchObject([
    { kind: "token", clientId, signedWith: id, nth: 1, response: { status: 200 } },
    { kind: "create", clientId, signedWith: id, nth: 1, groupId: GROUP_ID, response: { status: 201 } },
    { kind: "token", clientId, signedWith: undefined, nth: 2, response: { status: 401, headers: json } },
  ]);
  expect(atlas.requests[1]?.body).toBe('{"secretExpiresAfterHours":24}');
  expect(atlas.requests[1]?.target).toMatch(/^\/prefix\/api\/atlas\/v2\/groups\//);
});

it("a step that is replaced makes a server that does something wrong", async () => {
  const atlas = await start({
    steps: (steps) => {
      steps.authenticate = () => undefined;
    },
  });
  atlas.addAccount(clientId);
  expect((await create(atlas, clientId, GROUP_ID, { authorization: "" })).status).toBe(201);
});

it("faults by chance come again with the same seed, and about as often as they were asked for", async () => {
  const drawn = async (seed: number, count = 1000) => {
    const faults = randomFaults(
      [
        { ends: 503, applied: false, probability: 0.2 },
        { ends: "reset", applied: true, probability: 0.1 },
      ],
      seed,
    );
    const found = Array.from({ length: count }, faults);
    return found.map((fault) => fault && `${typeof fault.ends === "object" ? "status" : fault.ends} ${fault.applied}`);
  };
  expect(await drawn(7)).toEqual(await drawn(7));
  expect(await drawn(7)).not.toEqual(await drawn(8));
  const all = await drawn(1, 10_000);
  const share = (kind: string | undefined) => all.filter((each) => each === kind).length / all.length;
  expect(share("status false")).toBeCloseTo(0.2, 1);
  expect(share("reset true")).toBeCloseTo(0.1, 1);
  expect(share(undefined)).toBeCloseTo(0.7, 1);
});
