import { afterEach, describe, expect, it, vi } from "vitest";
import { AtlasApiError } from "../index.js";
import { createdSecret, token } from "./testing/oauth-server.js";
import { creation, credentials, failure, remove, start } from "./testing/service-account-client.js";

afterEach(() => {
  vi.useRealTimers();
});

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

  it.each([
    ["lives an hour", { expires_in: 3600 }, 1],
    ["serves one attempt alone", {}, 3],
  ])("gives up a call that is always rate-limited, where a token %s", async (_name, lifetime, tokenRequests) => {
    const { oauth, atlas } = await start({
      onToken: (count) => ({ status: 200, body: { access_token: token(count), token_type: "Bearer", ...lifetime } }),
      onCall: () => ({ status: 429, headers: { "retry-after": "0" } }),
    });
    const error = await failure(atlas.createGroupServiceAccountSecret(creation));
    expect(error).toBeInstanceOf(AtlasApiError);
    expect(oauth.calls).toHaveLength(3);
    expect(oauth.tokenRequests).toHaveLength(tokenRequests);
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
