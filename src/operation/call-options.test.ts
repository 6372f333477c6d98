/**
 * The second argument of an operation: what is sent of it, and what is refused before anything is sent.
 */
import { describe, expect, it } from "vitest";
import { AtlasRequestError, type CallOptions } from "../index.js";
import { revoked, unreadable } from "../testing/hostile-values.js";
import { deletion, errorOf, scripted, secretValue } from "../testing/scripted-client.js";
import { reply } from "../testing/scripted-server.js";

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

  it.each(["timeoutMs", "retry", "fetch", "baseUrl", "__proto__"])("with an unknown name: %s", async (name) => {
    const options: unknown = JSON.parse(`{"${name}": 1}`);
    expect((await refusal(options)).violations).toEqual([
      { argument: name, expected: "unknown option; the options are signal, headers", received: "" },
    ]);
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
