import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AtlasClientOptions, AtlasRequestError, createAtlasClient, DEFAULT_OPTIONS } from "../index.js";
import { checkOptions, retryPolicy, VERSION } from "./client-options.js";

const credentials = { accessToken: "planted-access-token" };

/** As JavaScript would pass it, past the types. */
function refusal(options: unknown): AtlasRequestError {
  try {
    createAtlasClient(options as AtlasClientOptions);
  } catch (error) {
    if (error instanceof AtlasRequestError) return error;
    throw error;
  }
  return expect.fail("it was not refused");
}

const violated = (options: unknown) => refusal(options).violations.map(({ argument }) => argument);

describe("createAtlasClient refuses, before anything is sent,", () => {
  it.each([
    ["no options", undefined, ["options"]],
    ["no credentials", {}, ["credentials"]],
    ["an empty token", { credentials: { accessToken: "" } }, ["credentials.accessToken"]],
    ["a blank secret", { credentials: { clientId: "mdb_sa_id_1", clientSecret: "  " } }, ["credentials.clientSecret"]],
    ["a line break", { credentials: { publicKey: "planted", privateKey: "planted\r\n" } }, ["credentials.privateKey"]],
    ["half a pair", { credentials: { clientId: "mdb_sa_id_1" } }, ["credentials.clientSecret"]],
    [
      "two kinds at once",
      { credentials: { ...credentials, publicKey: "planted", privateKey: "planted" } },
      ["credentials"],
    ],
    ["a token of another type", { credentials: { accessToken: 5 } }, ["credentials.accessToken"]],
    [
      "a colon in the client id",
      { credentials: { clientId: "a:b", clientSecret: "planted" } },
      ["credentials.clientId"],
    ],
    ["plain HTTP", { credentials, baseUrl: "http://cloud.mongodb.com" }, ["baseUrl"]],
    ["a look-alike of loopback", { credentials, baseUrl: "http://127.0.0.1.example.com" }, ["baseUrl"]],
    ["a password in the URL", { credentials, baseUrl: "https://user:planted@cloud.mongodb.com" }, ["baseUrl"]],
    ["a user in the URL", { credentials, baseUrl: "https://planted@cloud.mongodb.com" }, ["baseUrl"]],
    ["a password without a user", { credentials, baseUrl: "https://:planted@cloud.mongodb.com" }, ["baseUrl"]],
    ["a fragment in the URL", { credentials, baseUrl: "https://cloud.mongodb.com/#part" }, ["baseUrl"]],
    ["a file on this machine", { credentials, baseUrl: "ftp://localhost/" }, ["baseUrl"]],
    ["a URL object", { credentials, baseUrl: new URL("https://cloud.mongodb.com") }, ["baseUrl"]],
    ["a query in the URL", { credentials, baseUrl: "https://cloud.mongodb.com/?a=b" }, ["baseUrl"]],
    ["the path of the API in the URL", { credentials, baseUrl: "https://cloud.mongodb.com/api/atlas/v2" }, ["baseUrl"]],
    ["the path of all APIs in the URL", { credentials, baseUrl: "https://example.com/prefix/api/" }, ["baseUrl"]],
    ["no URL", { credentials, baseUrl: "cloud.mongodb.com" }, ["baseUrl"]],
    ["an unknown version", { credentials, apiVersion: "2020-01-01" }, ["apiVersion"]],
    ["a misspelt option", { credentials, timeout: 5 }, ["timeout"]],
    ["a misspelt retry option", { credentials, retry: { retries: 5 } }, ["retry.retries"]],
    ["timeouts that no timer can hold", { credentials, timeoutMs: 2 ** 31 }, ["timeoutMs"]],
    ["a timeout of nothing", { credentials, timeoutMs: 0 }, ["timeoutMs"]],
    ["no attempts", { credentials, retry: { maxAttempts: 0 } }, ["retry.maxAttempts"]],
    ["NaN", { credentials, retry: { maxDelayMs: Number.NaN } }, ["retry.maxDelayMs"]],
    ["retry: true", { credentials, retry: true }, ["retry"]],
    ["retry: null", { credentials, retry: null }, ["retry"]],
    ["a user agent of spaces", { credentials, userAgent: "  " }, ["userAgent"]],
    ["a user agent that is no text", { credentials, userAgent: 5 }, ["userAgent"]],
    ["a credential in another option", { credentials, apiVersion: credentials.accessToken }, ["apiVersion"]],
    ["a user agent with a line break", { credentials, userAgent: "a\nb" }, ["userAgent"]],
    ["something that is no fetch", { credentials, fetch: "fetch" }, ["fetch"]],
    ["several at once", { credentials: {}, timeoutMs: -1, onRetry: 1 }, ["timeoutMs", "onRetry", "credentials"]],
  ])("%s", (_name, options, expected) => {
    const error = refusal(options);
    expect(error.violations.map(({ argument }) => argument)).toEqual(expected);
    expect(error).toMatchObject({ code: "ERR_ATLAS_REQUEST", outcome: "not-applied" });
    expect(error.message).toMatch(/^Cannot create the client: /);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain("planted");
  });

  it.each([
    ["https://user:planted@cloud.mongodb.com", "got a URL with a user or password."],
    ["https://planted@cloud.mongodb.com", "got a URL with a user or password."],
    ["https://:planted@cloud.mongodb.com", "got a URL with a user or password."],
    ["http://cloud.mongodb.com", 'got "http://cloud.mongodb.com".'],
    [
      "https://example.com/prefix/api/atlas/v2",
      "expected https://example.com/prefix, because the client adds the path of the API",
    ],
  ])("%s, saying what is wrong with it", (baseUrl, message) => {
    expect(refusal({ credentials, baseUrl }).message).toContain(message);
  });
});

describe("createAtlasClient accepts", () => {
  it.each([
    ["https://cloud.mongodbgov.com", "https://cloud.mongodbgov.com"],
    ["https://gateway.example/atlas//", "https://gateway.example/atlas"],
    ["https://gateway.example//atlas/apis", "https://gateway.example//atlas/apis"],
    ["http://localhost:4010", "http://localhost:4010"],
    ["http://127.0.0.1:4010", "http://127.0.0.1:4010"],
    ["http://127.109.119.129", "http://127.109.119.129"],
    ["http://[::1]:4010/", "http://[::1]:4010"],
  ])("%s as base URL, and sends to %s", (baseUrl, expected) => {
    expect(checkOptions({ credentials, baseUrl }).baseUrl).toBe(expected);
  });

  it("every option, and uses it", () => {
    const given = {
      credentials,
      baseUrl: "https://cloud.mongodbgov.com",
      apiVersion: "2025-03-12",
      timeoutMs: 2 ** 31 - 1,
      retry: { maxAttempts: 1, maxDelayMs: 0 },
      userAgent: "sample/1 (~)",
      fetch: async () => new Response(),
      onRetry: () => undefined,
      onDeprecation: () => undefined,
      onDeviation: () => undefined,
    } as const;
    const { credentials: _credentials, ...options } = given;
    expect(checkOptions(given)).toMatchObject({ ...options, platformFetch: false });
  });

  it("retry: false", () => {
    expect(checkOptions({ credentials, retry: false }).retry).toBe(false);
  });

  it("options that are given as undefined", () => {
    const none = {
      baseUrl: undefined,
      apiVersion: undefined,
      timeoutMs: undefined,
      retry: undefined,
      fetch: undefined,
    };
    expect(violated({ ...none, credentials: {} })).toEqual(["credentials"]);
    expect(() => createAtlasClient({ ...none, credentials })).not.toThrow();
    const retry = { maxAttempts: undefined, maxDelayMs: undefined };
    expect(checkOptions({ credentials, retry })).toMatchObject({ retry: DEFAULT_OPTIONS.retry });
  });
});

it("a call's retry is completed from the client's, or from the defaults if the client does not retry", () => {
  const { maxDelayMs } = DEFAULT_OPTIONS.retry;
  expect(retryPolicy({ maxAttempts: 2 }, false)).toEqual({ maxAttempts: 2, maxDelayMs });
  expect(retryPolicy({ maxDelayMs: 5 }, { maxAttempts: 1, maxDelayMs: 9 })).toEqual({ maxAttempts: 1, maxDelayMs: 5 });
  expect([retryPolicy(undefined, false), retryPolicy(false)]).toEqual([false, false]);
});

describe("the defaults", () => {
  it("are used if nothing is given, with whatever globalThis.fetch is by then", async () => {
    const settings = checkOptions({ credentials });
    expect(settings).toMatchObject({ ...DEFAULT_OPTIONS, platformFetch: true });
    const platformFetch = globalThis.fetch;
    const response = new Response();
    const init = {
      method: "PUT",
      headers: {},
      redirect: "manual",
      keepalive: false,
      signal: new AbortController().signal,
    } as const;
    globalThis.fetch = async (...args) =>
      args[0] === "https://a.example" && args[1]?.method === "PUT" ? response : new Response();
    try {
      expect(await settings.fetch("https://a.example", init)).toBe(response);
    } finally {
      globalThis.fetch = platformFetch;
    }
  });

  it("are those of the documentation", () => {
    const { name, version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(VERSION).toBe(version);
    expect(DEFAULT_OPTIONS).toEqual({
      baseUrl: "https://cloud.mongodb.com",
      timeoutMs: 30_000,
      retry: { maxAttempts: 4, maxDelayMs: 60_000 },
      userAgent: `${name}/${version}`,
    });
  });
});
