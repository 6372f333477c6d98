/**
 * Token requests: an endpoint that gives no token, and callers who give up waiting.
 */
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AtlasAuthError, AtlasNetworkError } from "../index.js";
import { redactByForm } from "../safe/redaction.js";
import type { Fault } from "../testing/atlas/start-atlas.js";
import { rejection } from "../testing/scripted-client.js";
import type { Send, TransportRequest, TransportResponse } from "../transport/pipeline.js";
import { credentials, latch, refusal, remove, start } from "./testing/service-account-client.js";
import { createTokenEndpoint } from "./token-endpoint.js";

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
    ["a token whose response was cut", { applied: true, ends: "cut" }],
    ["500", refusal({ status: 500, body: {} })],
    ["502", refusal({ status: 502, body: {} })],
    ["503", refusal({ status: 503, body: {} })],
    ["504", refusal({ status: 504, body: {} })],
  ] as const)("is asked for again after %s, because that changes nothing", async (_name, fault) => {
    const { oauth, atlas } = await start({ onToken: ({ nth }) => (nth < 3 ? fault : undefined) });
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(3);
  });

  it.each<[string, number, Fault]>([
    ["a refusal, however long", 400, refusal({ status: 400, body: "x".repeat(70_000) })],
    ["what is no text", 200, { applied: true, ends: (_ordinary, outgoing) => void outgoing.end(Buffer.from([0xff])) }],
  ])("is not asked for again after %s", async (_name, status, fault) => {
    const { oauth, atlas } = await start({ onToken: () => fault });
    expect(await rejection(remove(atlas))).toMatchObject({ code: "ERR_ATLAS_AUTH", status });
    expect(oauth.tokenRequests).toHaveLength(1);
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
    ["a type without a text", "application/json", { access_token: "fake-other", token_type: { toString: null } }],
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

/** The endpoint with what is below it put in its place. */
function endpointOver(send: Send) {
  const masked: [string, number | undefined][] = [];
  const redactor = {
    redact: redactByForm,
    protect: (value: string, until?: number) => void masked.push([value, until]),
  };
  return { masked, endpoint: createTokenEndpoint("https://atlas.example", send, redactor, "sample/1") };
}

/** What the endpoint makes of this response. */
async function made(response: Partial<TransportResponse> & { readonly body?: unknown }) {
  const { body, ...rest } = response;
  const text = JSON.stringify(body) ?? "";
  const { endpoint } = endpointOver(async () => ({ status: 200, headers: new Headers(), text, ...rest }));
  return endpoint.requestToken(credentials, undefined);
}

const TOKEN_REQUEST = "POST /api/oauth/token";
const WITHOUT_TOKEN = `${TOKEN_REQUEST} returned 200, but not with a token`;
const RETURNED = `${TOKEN_REQUEST} for ${credentials.clientId} returned`;

describe("the token endpoint", () => {
  it("is sent a form, and accepts JSON; only a token request may be repeated", async () => {
    const requests: TransportRequest[] = [];
    const { endpoint } = endpointOver(async (request) => {
      requests.push(request);
      return { status: 200, headers: new Headers(), text: '{"access_token":"fake"}' };
    });
    await endpoint.requestToken(credentials, undefined);
    await endpoint.revokeToken(credentials, "fake&token");
    const headers = {
      accept: "application/json",
      authorization: `Basic ${Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
      "user-agent": "sample/1",
    };
    expect(requests).toMatchObject([
      {
        url: "https://atlas.example/api/oauth/token",
        headers,
        body: "grant_type=client_credentials",
        changesNothing: true,
      },
      {
        url: "https://atlas.example/api/oauth/revoke",
        headers,
        body: "token_type_hint=access_token&token=fake%26token",
        changesNothing: false,
      },
    ]);
  });

  it.each<[string, unknown, number | undefined]>([
    ["of an hour", { expires_in: 3600 }, 3_600_000],
    ["in quotes", { expires_in: "3600" }, 3_600_000],
    ["of nothing", { expires_in: 0 }, 0],
    ["that it leaves out", {}, undefined],
    ["that is null", { expires_in: null }, undefined],
  ])("gives a token with a life %s", async (_name, members, lifetimeMs) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const token = { value: "fake", lifetimeMs };
    expect(await made({ body: { access_token: "fake", ...Object(members) } })).toEqual(token);
    expect(
      await made({ status: 299, body: { access_token: "fake", token_type: "BEARER", ...Object(members) } }),
    ).toEqual(token);
  });

  it.each([
    [undefined, 86_400_000],
    [3600, 86_400_000],
    [100_000, 100_000_000],
  ])("has its token masked for a day, and as long as it lives: %s", async (seconds, maskedForMs) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const text = JSON.stringify({ access_token: "fake", expires_in: seconds });
    const { endpoint, masked } = endpointOver(async () => ({ status: 200, headers: new Headers(), text }));
    await endpoint.requestToken(credentials, undefined);
    expect(masked.at(-1)).toEqual(["fake", Date.now() + maskedForMs]);
    expect(masked.slice(0, -1).map(([, until]) => until)).toEqual([undefined, undefined]);
  });

  it.each<[string, Parameters<typeof made>[0], string]>([
    ["no JSON", { text: "fake" }, "The body is not a JSON object."],
    ["text", { body: "fake" }, "The body is not a JSON object."],
    ["null", { body: null }, "The body is not a JSON object."],
    ["a list", { body: [] }, "The body is not a JSON object."],
    ["part of a body", { body: { access_token: "fake" }, incomplete: new Error("It broke off.") }, "It broke off."],
    ["an empty token", { body: { access_token: "" } }, "access_token cannot be sent in a header."],
    ["another type", { body: { access_token: "fake", token_type: "mac" } }, "token_type is not Bearer."],
    ["a longer type", { body: { access_token: "fake", token_type: "bearer2" } }, "token_type is not Bearer."],
    [
      "a type with more before",
      { body: { access_token: "fake", token_type: "non-bearer" } },
      "token_type is not Bearer.",
    ],
    ["a negative life", { body: { access_token: "fake", expires_in: -1 } }, "expires_in is not a number of seconds."],
    [
      "a life that is no number",
      { body: { access_token: "fake", expires_in: [] } },
      "expires_in is not a number of seconds.",
    ],
  ])("gives no token with %s, and says so without showing it", async (_name, response, cause) => {
    expect(await rejection(made(response))).toMatchObject({
      message: WITHOUT_TOKEN,
      details: { cause: { message: cause } },
    });
  });

  it.each<[string, Parameters<typeof made>[0], string]>([
    ["OAuth's code", { status: 400, body: { error: "invalid_client" } }, "400 invalid_client"],
    [
      "its description",
      { status: 401, body: { error: "invalid_client", error_description: "unknown" } },
      "401 invalid_client (unknown)",
    ],
    ["a description that is no text", { status: 400, body: { error: "x", error_description: 5 } }, "400 x"],
    ["an empty code", { status: 400, body: { error: "" } }, '400, which begins: {"error":""}'],
    ["a code that is no text", { status: 400, body: { error: 5 } }, '400, which begins: {"error":5}'],
    ["no body", { status: 403 }, "403"],
    ["HTML", { status: 403, text: "<html>" }, "403, which begins: <html>"],
    [
      "a server's error, which is not OAuth's",
      { status: 500, body: { error: "x" } },
      '500, which begins: {"error":"x"}',
    ],
    ["a body that may hold a token", { status: 400, text: "Token=fake" }, "400"],
    ["a wait", { status: 429, headers: new Headers({ "retry-after": "40" }) }, "429 (try again after 40 s)"],
    ["a status below 200", { status: 199, text: "a" }, "199, which begins: a"],
    ["a status from 300 on", { status: 300, text: "a" }, "300, which begins: a"],
  ])("refuses with %s", async (_name, response, message) => {
    expect(await rejection(made(response))).toMatchObject({ message: `${RETURNED} ${message}` });
  });

  it("has a description of its refusal only if it says something", async () => {
    const body = { error: "invalid_client", error_description: " " };
    const { details } = Object(await rejection(made({ status: 400, body })));
    expect(details).toMatchObject({ oauthError: "invalid_client", status: 400 });
    expect(details.oauthErrorDescription).toBeUndefined();
  });

  it.each([
    [
      "an error of the network",
      new AtlasNetworkError("v1.0 is reset.", { outcome: "unknown", connected: true, cause: "c" }),
      "v1.0 is reset.",
      "c",
    ],
    ["any other error", new Error("no fetch"), "POST /api/oauth/revoke: no fetch", { message: "no fetch" }],
  ])("cannot be reached: %s", async (_name, error, message, cause) => {
    const { endpoint } = endpointOver(() => Promise.reject(error));
    expect(await rejection(endpoint.revokeToken(credentials, "fake"))).toMatchObject({ message, details: { cause } });
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
