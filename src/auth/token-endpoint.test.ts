/**
 * Token requests: an endpoint that gives no token, secrets that are verified, and callers who give up waiting.
 */
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AtlasAuthError, AtlasRequestError, createAtlasClient } from "../index.js";
import { rejection } from "../testing/scripted-client.js";
import { credentials, latch, NEXT_SECRET, refusal, remove, start } from "./testing/service-account-client.js";

const TOO_MANY = refusal({ status: 429, body: {}, headers: { "retry-after": "0" } });

afterEach(() => {
  vi.useRealTimers();
});

describe("a token request that fails", () => {
  it("is an AtlasAuthError with OAuth's code and description, for every call that waits, after one request", async () => {
    const body = { error: "invalid_client", error_description: "unknown client" };
    const { oauth, atlas } = await start({
      onToken: () => refusal({ status: 401, body, headers: { "www-authenticate": 'Basic realm="Atlas"' } }),
    });
    const errors = await Promise.all([rejection(remove(atlas)), rejection(remove(atlas)), rejection(remove(atlas))]);
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
    const { oauth, atlas } = await start({
      onToken: ({ nth }) => (nth === 1 ? refusal({ status: 400, body: {} }) : undefined),
    });
    expect(await rejection(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", status: 400 });
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it("is asked for again after a 429, by the token request's own retry", async () => {
    const { oauth, atlas } = await start({
      onToken: ({ nth }) => (nth < 3 ? TOO_MANY : undefined),
    });
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(3);
    expect(oauth.calls).toHaveLength(1);
  });

  it("is not asked for more often than maxAttempts says, whatever the retry around the call does", async () => {
    const { oauth, atlas } = await start({
      onToken: () => TOO_MANY,
    });
    expect(await rejection(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", status: 429 });
    expect(oauth.tokenRequests).toHaveLength(3);
  });

  it("names the wait that the token endpoint asks for when it is too long", async () => {
    const { oauth, atlas } = await start({
      onToken: () => refusal({ status: 429, body: {}, headers: { "retry-after": "40" } }),
    });
    const error = await rejection(remove(atlas));
    expect(error).toMatchObject({ code: "ERR_ATLAS_AUTH", message: expect.stringContaining("40 s") });
    expect(oauth.tokenRequests).toHaveLength(1);
  });

  it.each([
    ["a reset", { applied: false, ends: "reset" }],
    ["a token that was lost", { applied: true, ends: "reset" }],
    ["500", refusal({ status: 500, body: {} })],
    ["502", refusal({ status: 502, body: {} })],
    ["503", refusal({ status: 503, body: {} })],
    ["504", refusal({ status: 504, body: {} })],
  ] as const)("is asked for again after %s, because that changes nothing", async (_name, fault) => {
    const { oauth, atlas } = await start({ onToken: ({ nth }) => (nth < 3 ? fault : undefined) });
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(3);
  });

  it("is asked for again after a timeout, and then told of as a failed sign-in", async () => {
    const { oauth, atlas } = await start({ onToken: () => ({ applied: false, ends: "reset" }) });
    expect(await rejection(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", outcome: "not-applied" });
    expect(oauth.tokenRequests).toHaveLength(3);
  });

  it.each([
    ["HTML", "text/html", "<html>"],
    ["JSON without a token", "application/json", { token_type: "Bearer" }],
    ["an empty body", "application/json", undefined],
    ["a token of another type", "application/json", { access_token: "fake-other", token_type: "mac" }],
    ["a token bound to a key", "application/json", { access_token: "fake-other", token_type: "DPoP" }],
    ["a token that no header can carry", "application/json", { access_token: "fake\r\nx: y", token_type: "Bearer" }],
    ["null for a token", "application/json", { access_token: null, token_type: "Bearer" }],
    ["a token in a list", "application/json", [{ access_token: "fake-other", token_type: "Bearer" }]],
    ["a negative life", "application/json", { access_token: "fake-other", token_type: "Bearer", expires_in: -5 }],
    ["a life that is no number", "application/json", { access_token: "fake-other", expires_in: "soon" }],
  ])("is an AtlasAuthError if the endpoint responds with 200 with %s", async (_name, type, body) => {
    const { atlas, oauth } = await start({
      onToken: () => refusal({ status: 200, body, headers: { "content-type": type } }),
    });
    const error = await rejection(remove(atlas));
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({ status: 200, outcome: "not-applied" });
    expect(inspect(error)).not.toContain("fake-other");
    expect(oauth.calls).toHaveLength(0);
  });

  it.each([
    ["a form", "access_token=planted-token-that-is-long&token_type=bearer"],
    ["escaped JSON", '{"access\\u005ftoken": "planted-token-that-is-long"}'],
    ["XML", "<AccessToken>planted-token-that-is-long</AccessToken>"],
  ])("shows nothing of a refusal that may hold a token after all, in %s", async (_name, body) => {
    const { atlas } = await start({ onToken: () => refusal({ status: 500, body }) });
    const error = await rejection(remove(atlas));
    expect(error).toMatchObject({ code: "ERR_ATLAS_AUTH", status: 500 });
    expect(inspect(error)).not.toContain("planted");
  });

  it("never falls back to the token that has ended", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { oauth, atlas } = await start({
      onToken: ({ nth }) => (nth === 1 ? undefined : refusal({ status: 503, body: {} })),
    });
    await remove(atlas);
    vi.setSystemTime(Date.now() + 3_601_000);
    expect(await rejection(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", status: 503 });
    expect(oauth.calls).toHaveLength(1);
  });

  it("ends with the attempt's timeout", async () => {
    const { atlas } = await start({ onToken: () => ({ applied: false, ends: "hang" }) }, { timeoutMs: 50 });
    expect(await rejection(remove(atlas))).toMatchObject({
      code: "ERR_ATLAS_AUTH",
      message: expect.stringMatching(/No response from .+ within \d+ ms/),
    });
  });
});

describe("a token", () => {
  it.each([
    ["without a type", 200, { access_token: "fake-token", expires_in: 3600 }],
    [
      "whose other members are null",
      200,
      { access_token: "fake-token", token_type: null, expires_in: null, scope: null },
    ],
    [
      "whose type is in capitals, and whose life is in quotes",
      200,
      { access_token: "fake-token", token_type: "BEARER", expires_in: "3600" },
    ],
    ["with status 201", 201, { access_token: "fake-token", token_type: "Bearer" }],
    ["with status 203", 203, { access_token: "fake-token", token_type: "Bearer" }],
  ])("is taken %s", async (_name, status, body) => {
    const { oauth, atlas } = await start({ onToken: () => refusal({ status, body }) });
    await rejection(remove(atlas));
    expect(oauth.calls[0]?.headers.authorization).toBe("Bearer fake-token");
  });
});

describe("a caller who gives up while waiting for a token", () => {
  it("gets its own reason at once, and the others get the token", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({ onToken: () => asked.open() ?? released.opened });
    const controller = new AbortController();
    const reason = { why: "shutting down" };
    const given = rejection(remove(atlas, controller.signal));
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
      onToken: ({ nth }) => (nth === 1 ? (asked.open() ?? latch().opened) : undefined),
    });
    const controller = new AbortController();
    const given = rejection(remove(atlas, controller.signal));
    await asked.opened;
    controller.abort("enough");
    expect(await given).toBe("enough");
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });
});

const account = { clientId: credentials.clientId, clientSecret: NEXT_SECRET };
const basicOf = ({ clientId, clientSecret }: typeof account) =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;

describe("verifySecret", () => {
  it("signs in with the secret, and leaves the client's own token as it is", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    await atlas.verifySecret(account);
    await remove(atlas);
    expect(oauth.tokenRequests.map(({ headers }) => headers.authorization)).toEqual([
      basicOf(credentials),
      basicOf(account),
    ]);
    expect(new Set(oauth.calls.map(({ headers }) => headers.authorization)).size).toBe(1);
  });

  it("works whatever the client itself signs in with", async () => {
    const { oauth } = await start();
    const atlas = createAtlasClient({ credentials: { accessToken: "fake" }, baseUrl: oauth.url });
    await atlas.verifySecret(account);
    expect(oauth.tokenRequests).toHaveLength(1);
  });

  it("says why Atlas refuses it, and never the secret", async () => {
    const { atlas } = await start({ onToken: () => refusal({ status: 401, body: { error: "invalid_client" } }) });
    const error = await rejection(atlas.verifySecret(account));
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({
      message: `Could not get an access token with this secret: POST /api/oauth/token for ${account.clientId} returned 401 invalid_client.`,
      status: 401,
      oauthError: "invalid_client",
      outcome: "not-applied",
    });
  });

  it("ends by its signal", async () => {
    const { atlas } = await start();
    expect(await rejection(atlas.verifySecret(account, { signal: AbortSignal.abort("early") }))).toBe("early");
  });

  it.each([
    ["an empty secret", { ...account, clientSecret: "" }, "account.clientSecret: expected text on one line"],
    ["no secret", { clientId: account.clientId }, "account.clientSecret: is missing"],
    ["another kind of credentials", { accessToken: "fake" }, "account.clientSecret: is missing"],
    ["nothing", undefined, "Cannot verify the secret: credentials: expected exactly one of"],
  ])("refuses %s before anything is sent", async (_name, given, message) => {
    const { oauth, atlas } = await start();
    // As JavaScript would pass it, past the types.
    const error = await rejection(atlas.verifySecret(given as typeof account));
    expect(error).toBeInstanceOf(AtlasRequestError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(oauth.tokenRequests).toEqual([]);
  });
});
