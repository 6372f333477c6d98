/**
 * What the mock keeps, as Atlas keeps it: secrets, their values and their ends.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { randomFaults } from "../../src/testing/atlas/faults.js";
import { type MockOptions, mockCredentials, startMock } from "./start-mock.js";
import { bearer, createPath, creation, deletePath, deletion, exchange, type Incoming } from "./testing/requests.js";

const { firstSecretId, exampleClientId } = mockCredentials;
const DAY_MS = 24 * 60 * 60 * 1000;

async function start(options: MockOptions = {}) {
  const mock = await startMock(options);
  onTestFinished(() => mock.stop());
  const create = (more: { path?: string; authorization?: string } = {}): Promise<Incoming> => {
    const { path = createPath, authorization } = more;
    return exchange(mock.url, { ...creation(authorization === undefined ? bearer : { authorization }), path });
  };
  const remove = (id: string = firstSecretId, path = deletePath): Promise<Incoming> =>
    exchange(mock.url, { ...deletion(bearer), path: path.replace(/[^/?]*(\?.*)?$/, `${id}$1`) });
  const signIn = (secret: string, clientId: string = exampleClientId): Promise<Incoming> =>
    exchange(mock.url, {
      method: "POST",
      path: "/api/oauth/token",
      headers: {
        Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`,
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
  return { mock, create, remove, signIn };
}

const made = ({ json }: Incoming) => Object(json);

describe("an account that is named for the first time", () => {
  it("has one secret with the documented id, so that a second can be created and a third cannot", async () => {
    const { mock, create } = await start();
    const created = await create();
    expect(created.status).toBe(201);
    expect(mock.accounts.secretsOf(exampleClientId).map(({ id }) => id)).toEqual([firstSecretId, made(created).id]);
    expect(await create()).toMatchObject({
      status: 400,
      json: { error: 400, errorCode: "MAXIMUM_SECRETS_REACHED", detail: expect.stringContaining("two secrets") },
    });
  });

  it("lets the documented deletion work once, and then it is the documented 404", async () => {
    const { remove } = await start();
    expect(await remove()).toMatchObject({ status: 204, text: "" });
    expect(await remove()).toMatchObject({ status: 404, json: { error: 404, errorCode: "RESOURCE_NOT_FOUND" } });
  });

  it("belongs to the project and the organization that name it first, and is 404 in any other", async () => {
    const { create, remove } = await start();
    const elsewhere = (path: string) => path.replace(/[0-9a-f]{24}/, "f".repeat(24));
    expect((await create()).status).toBe(201);
    expect((await create({ path: elsewhere(createPath) })).status).toBe(404);
    expect((await remove(firstSecretId)).status).toBe(204);
    expect((await remove("0".repeat(24), elsewhere(deletePath))).json).toMatchObject({
      error: 404,
      detail: `Organization ${"f".repeat(24)} has no service account ${exampleClientId}.`,
    });
  });
});

describe("a created secret", () => {
  it("has an id, a value, dates and an expiry of its own, and the version that was asked for", async () => {
    const { create, remove } = await start({ clock: () => Date.parse("2030-01-01T00:00:00Z") });
    const first = await create();
    await remove();
    const second = await create();
    expect(first.headers["content-type"]).toBe("application/vnd.atlas.2024-08-05+json");
    for (const response of [first, second]) {
      expect(response.json).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        createdAt: "2030-01-01T00:00:00.000Z",
        expiresAt: "2030-01-01T08:00:00.000Z",
        maskedSecretValue: expect.stringMatching(/^mdb_sa_sk_\.\.\./),
        secret: expect.stringMatching(/^mdb_sa_sk_fake-/),
      });
    }
    expect(made(first).id).not.toBe(made(second).id);
    expect(made(first).secret).not.toBe(made(second).secret);
  });

  it("signs in until it is deleted, and its tokens with it", async () => {
    const { create, remove, signIn, mock } = await start();
    const { id, secret } = made(await create());
    const token = made(await signIn(secret)).access_token;
    const [, kept] = mock.accounts.secretsOf(exampleClientId);
    expect(kept?.lastUsedAt).toEqual(expect.any(String));
    expect((await create({ authorization: `Bearer ${token}` })).status).toBe(400);
    expect((await remove(id)).status).toBe(204);
    expect((await create({ authorization: `Bearer ${token}` })).json).toMatchObject({
      error: 401,
      "x-reason": "The token's secret was deleted.",
    });
    expect(await signIn(secret)).toMatchObject({ status: 401, json: { error: "invalid_client" } });
  });

  it("ends at its time, and the older one within seven days of its creation", async () => {
    let now = Date.now();
    const { create, signIn, mock } = await start({ clock: () => now });
    const { secret } = made(await create());
    expect(mock.accounts.secretsOf(exampleClientId).map(({ expiresAt }) => Date.parse(expiresAt) - now)).toEqual([
      7 * DAY_MS,
      DAY_MS / 3,
    ]);
    now += DAY_MS;
    expect((await signIn(secret)).json).toMatchObject({ error_description: expect.stringContaining("expired at") });
    now += 7 * DAY_MS;
    expect(mock.accounts.secretsOf(exampleClientId)).toEqual([]);
  });
});

describe("a request that is refused", () => {
  it("changes nothing, whatever is wrong with it", async () => {
    const { mock, remove } = await start();
    // It has one secret now: whatever is let through would be seen.
    await remove("0".repeat(24));
    const before = mock.accounts.secretsOf(exampleClientId);
    const wrong = [
      creation({}),
      creation({ ...bearer, Accept: "*/*" }),
      creation(bearer, "{"),
      creation(bearer, '{"secretExpiresAfterHours":"8"}'),
      { ...creation(bearer), path: `${createPath}?envelope=maybe` },
      { ...creation(bearer), path: `${createPath}?envelope=` },
      { ...creation({ ...bearer, "Content-Type": "text/plain" }) },
    ];
    for (const request of wrong) expect((await exchange(mock.url, request)).status).toBeGreaterThanOrEqual(400);
    expect((await remove("not-an-id")).status).toBe(404);
    expect(mock.accounts.secretsOf(exampleClientId)).toEqual(before);
  });

  it("leaves its reason in the record", async () => {
    const { mock, create, remove } = await start();
    await create({ authorization: "Bearer nonsense" });
    await create();
    await create();
    await remove("0".repeat(24));
    expect(mock.requests.map(({ status, reason }) => [status, reason])).toEqual([
      [401, "The token is unknown, expired or revoked."],
      [201, undefined],
      [400, "The service account has two secrets already."],
      [404, `The service account has no secret ${"0".repeat(24)}.`],
    ]);
  });
});

it("envelope and pretty are honoured, for errors too", async () => {
  const { create, remove } = await start();
  const created = await create({ path: `${createPath}?envelope=true&pretty=true` });
  expect(created.status).toBe(200);
  expect(created.text).toMatch(/^\{\n {2}"status": 201,\n {2}"content": \{\n/);
  const refused = await create({ path: `${createPath}?envelope=true` });
  expect(refused).toMatchObject({ status: 200, json: { status: 400, content: { error: 400 } } });
  expect(await remove(firstSecretId, `${deletePath}?envelope=true`)).toMatchObject({
    status: 200,
    json: { status: 204, content: null },
  });
});

it("what is refused before the operation comes in no envelope: its challenge could not be answered", async () => {
  const { mock, create } = await start();
  const path = `${createPath}?envelope=true`;
  expect(await create({ path, authorization: "" })).toMatchObject({
    status: 401,
    headers: { "www-authenticate": expect.stringMatching(/^Digest /) },
  });
  expect((await exchange(mock.url, { ...creation(bearer, "{}"), path })).status).toBe(400);
});

it("Prefer picks a documented example and changes nothing", async () => {
  const { mock } = await start();
  const preferred = await exchange(mock.url, creation({ ...bearer, Prefer: "code=201" }));
  expect(preferred.json).toMatchObject({ id: firstSecretId, secret: "mdb_sa_sk_..." });
  expect(mock.accounts.get(exampleClientId)).toBeUndefined();
  expect((await exchange(mock.url, creation({ ...bearer, Prefer: "code=418" }))).json).toMatchObject({
    errorCode: "NOT_DOCUMENTED",
  });
  await exchange(mock.url, creation({ ...bearer, Prefer: "code=404, example=nulls" }));
  expect(mock.requests.at(-1)).toMatchObject({ status: 404, reason: "Prefer asks for it." });
});

it("accounts can be given, with their secrets, their organization and their projects", async () => {
  const secrets = [{ value: "mdb_sa_sk_given_not_real" }];
  const account = { clientId: exampleClientId, orgId: "a".repeat(24), groupIds: ["b".repeat(24)], secrets };
  const { create, signIn } = await start({ accounts: [account] });
  expect((await signIn("mdb_sa_sk_given_not_real")).status).toBe(200);
  expect((await create()).status).toBe(404);
  expect((await create({ path: createPath.replace(/[0-9a-f]{24}/, "b".repeat(24)) })).status).toBe(201);
});

it("an account that is in no project is 404 in each", async () => {
  const { create } = await start({ accounts: [{ clientId: exampleClientId, groupIds: [] }] });
  expect((await create()).status).toBe(404);
});

describe("trouble on demand", () => {
  it("a rate limit is a token bucket with its headers", async () => {
    let now = 0;
    const { create } = await start({ clock: () => now, rateLimit: { capacity: 1, periodSeconds: 60 } });
    expect((await create()).headers).toMatchObject({ "ratelimit-limit": "1", "ratelimit-remaining": "0" });
    const refused = await create();
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "60" }, json: { error: 429 } });
    now = 60_000;
    expect((await create()).status).toBe(400);
  });

  it("faults fail a request before it takes effect, or after", async () => {
    const faults = randomFaults([{ ends: 503, applied: true, probability: 1 }], 1);
    const applied = await start({ faults });
    expect(await applied.create()).toMatchObject({ status: 503, json: { error: 503 } });
    expect(applied.mock.accounts.secretsOf(exampleClientId)).toHaveLength(2);
    let alive = 0;
    const meanwhile = () => {
      alive = later.mock.accounts.secretsOf(exampleClientId).length;
    };
    const later = await start({ faults: () => ({ applied: true, meanwhile, ends: "response" }) });
    expect([(await later.create()).status, alive]).toEqual([201, 2]);
    const reset = await start({ faults: () => ({ applied: false, ends: "reset" }) });
    await expect(reset.create()).rejects.toHaveProperty("code", "ECONNRESET");
    expect(reset.mock.accounts.get(exampleClientId)).toBeUndefined();
    expect(reset.mock.requests).toMatchObject([{ status: undefined, reason: "This fault was asked for." }]);
  });

  it("a latency holds every response back", async () => {
    const { create } = await start({ latencyMs: 100 });
    const before = performance.now();
    await create();
    expect(performance.now() - before).toBeGreaterThanOrEqual(95);
  });
});
