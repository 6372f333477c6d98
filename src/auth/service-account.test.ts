import { afterEach, describe, expect, it, vi } from "vitest";
import {
  AtlasApiError,
  AtlasAuthError,
  type AtlasClient,
  type AtlasClientOptions,
  AtlasRequestError,
  createAtlasClient,
} from "../index.js";
import {
  createdSecret,
  type OAuthServer,
  type OAuthServerOptions,
  startOAuthServer,
  token,
} from "./testing/oauth-server.js";

const credentials = { clientId: "mdb_sa_id_000000000000000000000001", clientSecret: "mdb_sa_sk_obviously_fake" };
const target = { orgId: "a".repeat(24), clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };
const creation = { groupId: "a".repeat(24), clientId: target.clientId, body: { secretExpiresAfterHours: 8 } };

const open: OAuthServer[] = [];

async function start(server: OAuthServerOptions = {}, options: Partial<AtlasClientOptions> = {}) {
  const oauth = await startOAuthServer(server);
  open.push(oauth);
  const retry = { maxAttempts: 3, maxDelayMs: 20 };
  return { oauth, atlas: createAtlasClient({ credentials, baseUrl: oauth.url, retry, ...options }) };
}

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** Something that happens once and can be waited for. */
function latch() {
  let open: () => undefined = () => undefined;
  const opened = new Promise<undefined>((resolve) => {
    open = () => void resolve(undefined);
  });
  return { opened, open };
}

const remove = (atlas: AtlasClient, signal?: AbortSignal) => atlas.deleteOrgServiceAccountSecret(target, { signal });

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error,
  );
}

describe("a client with a service account", () => {
  it("signs in with the raw base64 of id:secret, as Atlas wants it", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString("base64");
    expect(oauth.tokenRequests).toMatchObject([
      { method: "POST", authorization: `Basic ${basic}`, body: "grant_type=client_credentials" },
    ]);
    expect(oauth.calls.map((call) => call.authorization)).toEqual([`Bearer ${token(1)}`]);
  });

  it("makes one token request for fifty calls started together", async () => {
    const { oauth, atlas } = await start();
    await Promise.all(Array.from({ length: 50 }, () => remove(atlas)));
    expect(oauth.tokenRequests).toHaveLength(1);
    expect(oauth.calls).toHaveLength(50);
  });

  it("sends the token request through the injected fetch", async () => {
    const urls: string[] = [];
    const recording = (url: string, init: RequestInit) => {
      urls.push(url);
      return fetch(url, init);
    };
    const { oauth, atlas } = await start({}, { fetch: recording });
    await remove(atlas);
    expect(urls[0]).toBe(`${oauth.url}/api/oauth/token`);
  });

  it("uses a token until 60 s before its end, and then fetches one anew", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { oauth, atlas } = await start();
    await remove(atlas);
    vi.setSystemTime(Date.now() + 3_539_000);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(1);
    vi.setSystemTime(Date.now() + 1_500);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("gives up only a tenth of a short life", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const body = { access_token: token(1), token_type: "Bearer", expires_in: 100 };
    const { oauth, atlas } = await start({
      onToken: (count) => ({ status: 200, body: { ...body, access_token: token(count) } }),
    });
    await remove(atlas);
    vi.setSystemTime(Date.now() + 89_000);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(1);
    vi.setSystemTime(Date.now() + 1_500);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("uses a token without expires_in for the calls that wait for it, and for no others", async () => {
    const { oauth, atlas } = await start({
      onToken: (count) => ({ status: 200, body: { access_token: token(count), token_type: "Bearer" } }),
    });
    await Promise.all([remove(atlas), remove(atlas), remove(atlas)]);
    expect(oauth.tokenRequests).toHaveLength(1);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("fetches one new token after a 401 and repeats the call once, a POST too", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    oauth.expire(token(1));
    await expect(atlas.createGroupServiceAccountSecret(creation)).resolves.toEqual(createdSecret);
    expect(oauth.tokenRequests).toHaveLength(2);
    expect(oauth.calls.map((call) => call.authorization)).toEqual(
      [token(1), token(1), token(2)].map((each) => `Bearer ${each}`),
    );
  });

  it("drops a refused token once, however many calls it was refused for", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    oauth.expire(token(1));
    await Promise.all(Array.from({ length: 10 }, () => remove(atlas)));
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("reports a 401 that a fresh token does not mend as the API's answer", async () => {
    const { oauth, atlas } = await start({ onCall: () => ({ status: 401, body: { error: 401, errorCode: "NOPE" } }) });
    const error = await failure(remove(atlas));
    expect(error).toBeInstanceOf(AtlasApiError);
    expect(error).toMatchObject({ status: 401, errorCode: "NOPE", outcome: "not-applied" });
    expect(oauth.calls).toHaveLength(2);
    expect(oauth.tokenRequests).toHaveLength(2);
  });
});

describe("a token that cannot be had", () => {
  it("is an AtlasAuthError with OAuth's code and description, for every call that waits, after one request", async () => {
    const body = { error: "invalid_client", error_description: "unknown client" };
    const { oauth, atlas } = await start({
      onToken: () => ({ status: 401, body, headers: { "www-authenticate": 'Basic realm="Atlas"' } }),
    });
    const errors = await Promise.all([failure(remove(atlas)), failure(remove(atlas)), failure(remove(atlas))]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(AtlasAuthError);
      expect(error).toMatchObject({
        code: "ERR_ATLAS_AUTH",
        status: 401,
        oauthError: "invalid_client",
        oauthErrorDescription: "unknown client",
        outcome: "not-applied",
        operationId: "deleteOrgServiceAccountSecret",
      });
    }
    expect(oauth.tokenRequests).toHaveLength(1);
    expect(oauth.calls).toHaveLength(0);
  });

  it("is asked for again by the next call", async () => {
    const { oauth, atlas } = await start({ onToken: (count) => (count === 1 ? { status: 400, body: {} } : undefined) });
    expect(await failure(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", status: 400 });
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("is asked for again after a 429, by the token request's own retry", async () => {
    const { oauth, atlas } = await start({
      onToken: (count) => (count < 3 ? { status: 429, body: {}, headers: { "retry-after": "0" } } : undefined),
    });
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(3);
    expect(oauth.calls).toHaveLength(1);
  });

  it("is not asked for more often than maxAttempts says, whatever the retry around the call does", async () => {
    const { oauth, atlas } = await start({
      onToken: () => ({ status: 429, body: {}, headers: { "retry-after": "0" } }),
    });
    expect(await failure(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", status: 429 });
    expect(oauth.tokenRequests).toHaveLength(3);
  });

  it("names the wait that the token endpoint asks for when it is too long", async () => {
    const { oauth, atlas } = await start({
      onToken: () => ({ status: 429, body: {}, headers: { "retry-after": "40" } }),
    });
    const error = await failure(remove(atlas));
    expect(error).toMatchObject({ code: "ERR_ATLAS_AUTH", message: expect.stringContaining("40 s") });
    expect(oauth.tokenRequests).toHaveLength(1);
  });

  it("is not asked for again after a reset: nobody can tell what the endpoint did", async () => {
    const { oauth, atlas } = await start({ onToken: () => "reset" });
    expect(await failure(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", outcome: "not-applied" });
    expect(oauth.tokenRequests).toHaveLength(1);
  });

  it.each([
    ["HTML", "text/html", "<html>"],
    ["JSON without a token", "application/json", { token_type: "Bearer" }],
    ["an empty body", "application/json", undefined],
    ["a token of another type", "application/json", { access_token: "fake-other", token_type: "mac" }],
    ["a negative life", "application/json", { access_token: "fake-other", token_type: "Bearer", expires_in: -5 }],
  ])("is an AtlasAuthError where the endpoint answers 200 with %s", async (_name, type, body) => {
    const { atlas, oauth } = await start({ onToken: () => ({ status: 200, body, headers: { "content-type": type } }) });
    const error = await failure(remove(atlas));
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({ status: 200, outcome: "not-applied" });
    expect(oauth.calls).toHaveLength(0);
  });

  it("never falls back to the token that has ended", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { oauth, atlas } = await start({ onToken: (count) => (count === 1 ? undefined : { status: 503, body: {} }) });
    await remove(atlas);
    vi.setSystemTime(Date.now() + 3_601_000);
    expect(await failure(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", status: 503 });
    expect(oauth.calls).toHaveLength(1);
  });

  it("ends with the attempt's timeout", async () => {
    const { atlas } = await start({ onToken: () => new Promise(() => undefined) }, { timeoutMs: 50 });
    expect(await failure(remove(atlas))).toMatchObject({
      code: "ERR_ATLAS_AUTH",
      message: expect.stringContaining("no answer in time"),
    });
  });
});

describe("a caller who gives up while waiting for a token", () => {
  it("gets its own reason at once, and the others get the token", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({ onToken: () => asked.open() ?? released.opened });
    const controller = new AbortController();
    const reason = { why: "shutting down" };
    const given = failure(remove(atlas, controller.signal));
    const other = remove(atlas);
    await asked.opened;
    controller.abort(reason);
    expect(await given).toBe(reason);
    released.open();
    await other;
    expect(oauth.tokenRequests).toHaveLength(1);
  });

  it("ends the token request when nobody else waits for it", async () => {
    const asked = latch();
    const { oauth, atlas } = await start({
      onToken: (count) => (count === 1 ? (asked.open() ?? latch().opened) : undefined),
    });
    const controller = new AbortController();
    const given = failure(remove(atlas, controller.signal));
    await asked.opened;
    controller.abort("enough");
    expect(await given).toBe("enough");
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });
});

describe("updateClientSecret", () => {
  it("drops the token of the old secret and signs in with the new one", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    atlas.updateClientSecret("mdb_sa_sk_the_next_fake");
    await remove(atlas);
    const basic = Buffer.from(`${credentials.clientId}:mdb_sa_sk_the_next_fake`).toString("base64");
    expect(oauth.tokenRequests[1]?.authorization).toBe(`Basic ${basic}`);
    expect(oauth.calls[1]?.authorization).toBe(`Bearer ${token(2)}`);
  });

  it("keeps a token that was asked for with the old secret out of the cache", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({
      onToken: (count) => (count === 1 ? (asked.open() ?? released.opened) : undefined),
    });
    const first = remove(atlas);
    await asked.opened;
    atlas.updateClientSecret("mdb_sa_sk_the_next_fake");
    released.open();
    await first;
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it.each([[""], [" "], ["two\nlines"]])("refuses %j", async (secret) => {
    const { atlas } = await start();
    expect(() => atlas.updateClientSecret(secret)).toThrow(AtlasRequestError);
  });

  it("is refused where it is no service account that signs in", () => {
    const atlas = createAtlasClient({ credentials: { accessToken: "fake-token" } });
    expect(() => atlas.updateClientSecret("mdb_sa_sk_fake")).toThrow(AtlasRequestError);
  });
});

describe("close", () => {
  it("revokes the token and refuses calls from then on", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    await Promise.all([atlas.close(), atlas.close()]);
    expect(oauth.revocations).toMatchObject([{ method: "POST", authorization: expect.stringMatching(/^Basic /) }]);
    const form = Object.fromEntries(new URLSearchParams(oauth.revocations[0]?.body));
    expect(form).toEqual({ token: token(1), token_type_hint: "access_token" });
    const error = await failure(remove(atlas));
    expect(error).toBeInstanceOf(AtlasRequestError);
    expect(error).toMatchObject({ outcome: "not-applied", message: expect.stringContaining("closed") });
    expect(oauth.calls).toHaveLength(1);
  });

  it("sends nothing where no token was ever issued", async () => {
    const { oauth, atlas } = await start();
    await atlas.close();
    expect(oauth.revocations).toHaveLength(0);
  });
});
