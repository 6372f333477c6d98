/**
 * The second argument of an operation: what is sent of it, and what is refused before anything is sent.
 */
import { describe, expect, it } from "vitest";
import { refusal as refusedToken, start, target } from "../auth/testing/service-account-client.js";
import { AtlasApiError, AtlasNetworkError, AtlasRequestError, type CallOptions } from "../index.js";
import { revoked, unreadable } from "../testing/hostile-values.js";
import { deletion, errorOf, scripted, secretValue } from "../testing/scripted-client.js";
import { hang, reply } from "../testing/scripted-server.js";

async function refusal(options: unknown): Promise<AtlasRequestError> {
  const { server, atlas } = await scripted([]);
  // TypeScript would refuse most of these options; JavaScript does not.
  const call = atlas.deleteOrgServiceAccountSecret(deletion, options as CallOptions);
  const error = await errorOf(call, AtlasRequestError);
  expect(error).toMatchObject({
    code: "ERR_ATLAS_REQUEST",
    outcome: "not-applied",
    operationId: "deleteOrgServiceAccountSecret",
  });
  expect(error.message).toContain("Cannot use the call options: ");
  expect(server.requests).toEqual([]);
  return error;
}

const notAllowed = "contains characters that are not allowed in a header";

describe("headers are refused", () => {
  it.each<[string, unknown, string, string]>([
    ["line feed", "a\nb", notAllowed, ""],
    ["another header behind a line break", "a\r\nauthorization: Basic x", notAllowed, ""],
    ["carriage return", "a\rb", notAllowed, ""],
    ["NUL", "a\0", notAllowed, ""],
    ["DEL", "a\x7f", notAllowed, ""],
    ["a character beyond Latin-1", "€", notAllowed, ""],
    ["a number", 5, "a string", "5"],
    ["undefined", undefined, "a string", "undefined"],
    ["null", null, "a string", "null"],
    ["an array", ["a"], "a string", "an array of 1"],
    ["an object that becomes text", { toString: () => "a" }, "a string", "an object"],
  ])("whose value is %s", async (_name, value, expected, received) => {
    expect((await refusal({ headers: { "x-test": value } })).violations).toEqual([
      { argument: "headers.x-test", expected, received },
    ]);
  });

  it.each([
    "authorization",
    "Authorization",
    "HOST",
    "content-length",
    "Transfer-Encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "Expect",
  ])("that are the client's own: %s", async (name) => {
    expect((await refusal({ headers: { [name]: secretValue } })).violations).toEqual([
      { argument: `headers.${name}`, expected: "is set by the client; remove it", received: "" },
    ]);
  });

  it.each(["", " ", "a b", "a:", "a\r\nb", "ä", "a\0", "(a)"])("whose name is %j", async (name) => {
    const { violations } = await refusal({ headers: { [name]: "x" } });
    expect(violations).toMatchObject([{ expected: "a header name", received: JSON.stringify(name) }]);
  });

  it.each<[string, unknown, string]>([
    ["Headers, which have no properties", new Headers({ "x-test": "1" }), "an object"],
    ["a Map", new Map([["x-test", "1"]]), "an object"],
    ["pairs", [["x-test", "1"]], "an array of 1"],
    ["text", "x-test: 1", '"x-test: 1"'],
    ["a number", 5, "5"],
    ["false", false, "false"],
    ["a proxy that throws", unreadable(), "an object"],
    ["a revoked proxy", revoked({}), "an object"],
    [
      "an object with a getter that throws",
      {
        get "x-test"() {
          throw new Error(secretValue);
        },
      },
      "an object",
    ],
  ])("that are no plain object: %s", async (_name, headers, received) => {
    expect((await refusal({ headers })).violations).toEqual([
      { argument: "headers", expected: "a plain object of names and values", received },
    ]);
  });

  it("all at once, with what is wrong beside them, and without any value", async () => {
    const error = await refusal({
      signal: {},
      header: {},
      headers: { "bad name": secretValue, "x-line": `${secretValue}\n`, authorization: secretValue },
    });
    expect(error.violations.map(({ argument }) => argument).sort()).toEqual([
      "header",
      "headers.authorization",
      "headers.bad name",
      "headers.x-line",
      "signal",
    ]);
    expect(error.message).not.toContain(secretValue);
  });
});

describe("call options are refused", () => {
  it.each<[string, unknown]>([
    ["a signal", AbortSignal.abort()],
    ["text", "signal"],
    ["a number", 5],
    ["true", true],
    ["an array", []],
    ["a function", () => undefined],
    ["a proxy that throws", unreadable()],
    ["a revoked proxy", revoked({})],
  ])("that are no plain object: %s", async (_name, options) => {
    expect((await refusal(options)).violations).toMatchObject([{ argument: "options", expected: "a plain object" }]);
  });

  it.each<[string, unknown, string]>([
    ["an AbortController", new AbortController(), "an object"],
    ["text", "abort", '"abort"'],
    ["null", null, "null"],
  ])("whose signal is %s", async (_name, signal, received) => {
    expect((await refusal({ signal })).violations).toEqual([
      { argument: "signal", expected: "an AbortSignal", received },
    ]);
  });

  it.each(["timeout", "onRetry", "fetch", "baseUrl", "__proto__"])("with an unknown name: %s", async (name) => {
    const options: unknown = JSON.parse(`{"${name}": 1}`);
    expect((await refusal(options)).violations).toEqual([
      { argument: name, expected: "unknown option; the options are signal, headers, timeoutMs, retry", received: "" },
    ]);
  });
});

describe("a call's own timeoutMs and retry", () => {
  const busy = reply(503);

  it("take the place of the client's, for this call alone", async () => {
    const { server, atlas } = await scripted([busy, busy, reply(204), hang, hang, reply(204)], {
      retry: { maxAttempts: 2, maxDelayMs: 1 },
    });
    await atlas.deleteOrgServiceAccountSecret(deletion, { retry: { maxAttempts: 3 } });
    const call = atlas.deleteOrgServiceAccountSecret(deletion, { timeoutMs: 500 });
    const error = await errorOf(call, AtlasNetworkError);
    expect(error).toMatchObject({ timedOut: true, message: expect.stringContaining("within 500 ms") });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(server.requests).toHaveLength(6);
  });

  it("send once if retry is false, and say nothing of a limit that then is none", async () => {
    const { server, atlas } = await scripted([reply(429, undefined, { "retry-after": "61" }), busy]);
    const limited = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion, { retry: false }), AtlasApiError);
    expect(limited.message).toContain("Atlas asks to wait 61 s.");
    await errorOf(atlas.deleteOrgServiceAccountSecret(deletion, { retry: false }), AtlasApiError);
    expect(server.requests).toHaveLength(2);
  });

  it("repeat also if the client's own retry is false, and by its defaults where they leave something out", async () => {
    const tooLong = reply(429, undefined, { "retry-after": "61" });
    const { server, atlas } = await scripted([busy, reply(204), busy, tooLong], { retry: false });
    await atlas.deleteOrgServiceAccountSecret(deletion, { retry: { maxDelayMs: 1 } });
    await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    const call = atlas.deleteOrgServiceAccountSecret(deletion, { retry: {} });
    expect((await errorOf(call, AtlasApiError)).message).toContain("longer than retry.maxDelayMs allows (60 s)");
    expect(server.requests).toHaveLength(4);
  });

  it("leave the requests for tokens, which calls share, to the client's", async () => {
    const { oauth, atlas } = await start({
      onToken: ({ nth }) => (nth === 1 ? refusedToken({ status: 503, body: {} }) : undefined),
    });
    await atlas.deleteOrgServiceAccountSecret(target, { retry: false });
    expect([oauth.tokenRequests.length, oauth.calls.length]).toEqual([2, 1]);
  });

  it.each<[string, unknown, string, string]>([
    ["timeoutMs", 0, "an integer from 1 to 2147483647", "0"],
    ["timeoutMs", "1000", "an integer from 1 to 2147483647", '"1000"'],
    ["retry", true, "an object or false", "true"],
    ["retry.maxAttempts", 0, "an integer of at least 1", "0"],
    ["retry.maxDelayMs", -1, "an integer from 0 to 2147483647", "-1"],
  ])("are checked as the client's are: %s %j", async (argument, value, expected, received) => {
    const [name = "", member] = argument.split(".");
    const options = { [name]: member === undefined ? value : { [member]: value } };
    expect((await refusal(options)).violations).toEqual([{ argument, expected, received }]);
  });
});

describe("what is sent", () => {
  it("is every header given, in place of the contract's Accept too", async () => {
    const { server, atlas } = await scripted([reply(204)]);
    const accept = "application/vnd.atlas.2024-08-05+json";
    await atlas.deleteOrgServiceAccountSecret(deletion, {
      headers: { ACCEPT: accept, "X-Test": "a \xe9", "x-empty": "" },
    });
    expect(server.requests[0]?.headers).toMatchObject({ accept, "x-test": "a \xe9", "x-empty": "" });
  });

  it("is the same on every attempt", async () => {
    const { server, atlas } = await scripted([reply(503), reply(204)]);
    await atlas.deleteOrgServiceAccountSecret(deletion, { headers: { "x-test": "1" } });
    expect(server.requests.map(({ headers }) => headers["x-test"])).toEqual(["1", "1"]);
  });

  it.each([
    undefined,
    {},
    { signal: undefined, headers: undefined },
    { headers: {} },
    null,
    { headers: null },
    Object.create(null),
  ])("with %j is the contract's Accept and the client's User-Agent", async (options) => {
    const { server, atlas } = await scripted([reply(204)]);
    await atlas.deleteOrgServiceAccountSecret(deletion, options);
    expect(server.requests[0]?.headers).toMatchObject({
      accept: "application/vnd.atlas.2025-03-12+json",
      authorization: "Bearer test-access-token",
      "user-agent": expect.stringMatching(/^atlas-service-account-secrets\//),
    });
    expect(server.requests[0]?.headers).not.toHaveProperty("content-type");
  });
});
