/**
 * A client with a service account: when it fetches a token, with which secret, and what it does when one is refused.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { AtlasApiError, AtlasRequestError, createAtlasClient } from "../index.js";
import { rejection } from "../testing/scripted-client.js";
import {
  creation,
  credentials,
  latch,
  NEXT_SECRET,
  refusal,
  remove,
  start,
  tokenWith,
} from "./testing/service-account-client.js";

afterEach(() => {
  vi.useRealTimers();
});

describe("a client with a service account", () => {
  it("signs in with the raw base64 of id:secret, as Atlas wants it", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString("base64");
    expect(oauth.tokenRequests).toMatchObject([
      { method: "POST", headers: { authorization: `Basic ${basic}` }, body: "grant_type=client_credentials" },
    ]);
    expect(oauth.calls.map((call) => call.headers.authorization)).toEqual([`Bearer ${oauth.token(1)}`]);
  });

  it("makes one token request for fifty calls started together", async () => {
    const { oauth, atlas } = await start();
    await Promise.all(Array.from({ length: 50 }, () => remove(atlas)));
    expect(oauth.tokenRequests).toHaveLength(1);
    expect(oauth.calls).toHaveLength(50);
  });

  it("names itself in every request: the call, its token and the revocation", async () => {
    const { oauth, atlas } = await start({}, { userAgent: "rotator/1.2" });
    await remove(atlas);
    await atlas.close();
    const sent = [oauth.tokenRequests, oauth.calls, oauth.revocations];
    expect(sent.map((requests) => requests.map(({ headers }) => headers["user-agent"]))).toEqual([
      ["rotator/1.2"],
      ["rotator/1.2"],
      ["rotator/1.2"],
    ]);
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

  it("counts a token's life from before the request for it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const slow = () => {
      vi.setSystemTime(Date.now() + 3_550_000);
      return undefined;
    };
    const { oauth, atlas } = await start({ onToken: slow });
    await remove(atlas);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("gives up only a tenth of a short life", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { oauth, atlas } = await start({ onToken: () => tokenWith({ expires_in: 100 }) });
    await remove(atlas);
    vi.setSystemTime(Date.now() + 89_000);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(1);
    vi.setSystemTime(Date.now() + 1_500);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("uses a token without expires_in for the calls that wait for it, and for no others", async () => {
    const { oauth, atlas } = await start({ onToken: () => tokenWith({ expires_in: undefined }) });
    await Promise.all([remove(atlas), remove(atlas), remove(atlas)]);
    expect(oauth.tokenRequests).toHaveLength(1);
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it.each([
    ["lives an hour", { expires_in: 3600 }, 1],
    ["serves one attempt alone", { expires_in: undefined }, 3],
  ])("gives up a call that is always rate-limited, if a token %s", async (_name, lifetime, tokenRequests) => {
    const { oauth, atlas } = await start({
      onToken: () => tokenWith(lifetime),
      onCall: () => refusal({ status: 429, headers: { "retry-after": "0" } }),
    });
    const error = await rejection(atlas.createGroupServiceAccountSecret(creation));
    expect(error).toBeInstanceOf(AtlasApiError);
    expect(oauth.calls).toHaveLength(3);
    expect(oauth.tokenRequests).toHaveLength(tokenRequests);
  });

  it("fetches one new token after a 401 and repeats the call once, a POST too", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    oauth.expire(1);
    await expect(atlas.createGroupServiceAccountSecret(creation)).resolves.toMatchObject({
      secret: expect.any(String),
    });
    expect(oauth.tokenRequests).toHaveLength(2);
    expect(oauth.calls.map((call) => call.headers.authorization)).toEqual(
      [1, 1, 2].map((nth) => `Bearer ${oauth.token(nth)}`),
    );
  });

  it("drops a refused token once, however many calls it was refused for", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    oauth.expire(1);
    await Promise.all(Array.from({ length: 10 }, () => remove(atlas)));
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("reports a 401 that a fresh token does not mend as the API's answer", async () => {
    const { oauth, atlas } = await start({
      onCall: () => refusal({ status: 401, body: { error: 401, errorCode: "NOPE" } }),
    });
    const error = await rejection(remove(atlas));
    expect(error).toBeInstanceOf(AtlasApiError);
    expect(error).toMatchObject({ status: 401, errorCode: "NOPE", outcome: "not-applied" });
    expect(oauth.calls).toHaveLength(2);
    expect(oauth.tokenRequests).toHaveLength(2);
  });
});

describe("updateClientSecret", () => {
  it("drops the token of the old secret and signs in with the new one", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    atlas.updateClientSecret(NEXT_SECRET);
    await remove(atlas);
    const basic = Buffer.from(`${credentials.clientId}:${NEXT_SECRET}`).toString("base64");
    expect(oauth.tokenRequests[1]?.headers.authorization).toBe(`Basic ${basic}`);
    expect(oauth.calls[1]?.headers.authorization).toBe(`Bearer ${oauth.token(2)}`);
  });

  it("keeps a token that was asked for with the old secret out of the cache", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({
      onToken: ({ nth }) => (nth === 1 ? (asked.open() ?? released.opened) : undefined),
    });
    const first = remove(atlas);
    await asked.opened;
    atlas.updateClientSecret(NEXT_SECRET);
    released.open();
    await first;
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("signs in with the new secret after the old one was refused meanwhile", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({
      onToken: async ({ nth }) => {
        if (nth > 1) return undefined;
        asked.open();
        await released.opened;
        return refusal({ status: 401, body: { error: "invalid_client" } });
      },
    });
    const call = remove(atlas);
    await asked.opened;
    atlas.updateClientSecret(NEXT_SECRET);
    released.open();
    await call;
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("shares the token request with the new secret among later calls, also if one with the old secret ends", async () => {
    const asked = [latch(), latch()] as const;
    const released = [latch(), latch()] as const;
    const { oauth, atlas } = await start({
      onToken: ({ nth }) =>
        nth < 3 ? (asked[nth === 1 ? 0 : 1].open() ?? released[nth === 1 ? 0 : 1].opened) : undefined,
    });
    const first = remove(atlas);
    await asked[0].opened;
    atlas.updateClientSecret(NEXT_SECRET);
    const second = remove(atlas);
    await asked[1].opened;
    released[0].open();
    await first;
    const third = remove(atlas);
    released[1].open();
    await Promise.all([second, third]);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it.each([[""], [" "], ["two\nlines"]])("refuses %j", async (secret) => {
    const { atlas } = await start();
    expect(() => atlas.updateClientSecret(secret)).toThrow(AtlasRequestError);
  });

  it.each([
    ["an access token", { accessToken: "fake-token" }],
    ["an API key", { publicKey: "fakepublic", privateKey: "fake-private" }],
  ])("is refused if %s signs in, which has nothing to revoke either", async (_name, other) => {
    const atlas = createAtlasClient({ credentials: other });
    expect(() => atlas.updateClientSecret("mdb_sa_sk_fake")).toThrow(
      "updateClientSecret is for a client that signs in as a service account",
    );
    await expect(atlas.close()).resolves.toBeUndefined();
  });
});
