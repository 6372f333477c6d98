/**
 * What is sent again and what is not, counted at the server.
 */
import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasNetworkError, type RetryEvent } from "../index.js";
import {
  clientOf,
  creation,
  deletion,
  errorOf,
  quickRetry,
  revealed,
  scripted,
  secret,
  warningsDuring,
} from "../testing/scripted-client.js";
import { atlasError, hang, reply, reset, type Step, truncated } from "../testing/scripted-server.js";

const created = reply(201, secret);
const deleted = reply(204);
const limited = atlasError(429, "RATE_LIMITED");

const failure = (fields: object) => Object.assign(new Error("failed"), fields);
const refused = failure({ code: "ECONNREFUSED", syscall: "connect" });
const reset104 = failure({ code: "ECONNRESET", syscall: "read" });
/** As undici's fetch fails when every address of a name has been tried. */
const severalAddresses = (...errors: Error[]) =>
  new TypeError("fetch failed", { cause: Object.assign(new AggregateError(errors), errors[0]) });

/** The platform's fetch, after it has failed in these ways. */
function fetchAfter(...failures: unknown[]) {
  const left = [...failures];
  let calls = 0;
  return {
    calls: () => calls,
    fetch: async (url: string, init: RequestInit) => {
      calls += 1;
      if (left.length > 0) throw left.shift();
      return fetch(url, init);
    },
  };
}

describe("a POST is sent again", () => {
  it("after 429, with the same body, until it is answered", async () => {
    const { server, atlas, retries } = await scripted([limited, limited, limited, created]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
    expect(server.requests.map(({ method, body }) => [method, body])).toEqual(
      Array.from({ length: 4 }, () => ["POST", '{"secretExpiresAfterHours":8}']),
    );
    expect(retries).toHaveLength(3);
  });

  it.each([
    ["refused", new TypeError("fetch failed", { cause: refused })],
    ["refused at both addresses of the name", severalAddresses(refused, refused)],
    [
      "looked up in vain",
      new TypeError("fetch failed", { cause: failure({ code: "ENOTFOUND", syscall: "getaddrinfo" }) }),
    ],
    [
      "given up while connecting",
      new TypeError("fetch failed", { cause: failure({ code: "UND_ERR_CONNECT_TIMEOUT" }) }),
    ],
  ])("if no connection was made: %s", async (_name, error) => {
    const { fetch, calls } = fetchAfter(error, error, error);
    const { server, atlas } = await scripted([created], { fetch });
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
    expect([calls(), server.count("POST")]).toEqual([4, 1]);
  });
});

describe("a POST is sent once, and the error says that it may have been applied,", () => {
  it.each<[string, Step]>([
    ["after a reset", reset],
    ["after the end of the connection in the middle of the headers", (_, __, socket) => socket.end("HTTP/1.1 201 Cre")],
    ["after a timeout", hang],
  ])("%s", async (_name, step) => {
    const { server, atlas, retries } = await scripted([step], { timeoutMs: 1_000 });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(error).toMatchObject({ code: "ERR_ATLAS_NETWORK", outcome: "unknown", connected: true });
    expect(error.timedOut).toBe(step === hang);
    expect([server.requests.length, retries.length]).toEqual([1, 0]);
  });

  it.each([301, 302, 307, 308, 408, 500, 501, 502, 503, 504])("after %d", async (status) => {
    const { server, atlas, retries } = await scripted([reply(status, "", { "retry-after": "0", location: "/" })]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ code: "ERR_ATLAS_API", status, outcome: "unknown" });
    expect([server.requests.length, retries.length]).toEqual([1, 0]);
  });

  it("if one address of the name refused and the other was lost", async () => {
    const { fetch, calls } = fetchAfter(severalAddresses(refused, reset104));
    const { server, atlas } = await scripted([created], { fetch });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(error).toMatchObject({ outcome: "unknown", connected: true });
    expect([calls(), server.requests.length]).toEqual([1, 0]);
  });
});

describe("a POST is sent once, and nothing was changed,", () => {
  it.each([400, 402, 403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 423, 451, 499])("after %d", async (status) => {
    const { server, atlas } = await scripted([atlasError(status, "REFUSED")]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ status, outcome: "not-applied", errorCode: "REFUSED" });
    expect(server.requests).toHaveLength(1);
  });
});

describe("a DELETE is sent again", () => {
  it.each<[string, Step]>([
    ["a reset", reset],
    ["the end of the connection in the middle of the headers", (_, __, socket) => socket.end("HTTP/1.1 204 No")],
    ["a timeout", hang],
    ["an error cut short", truncated(503, '{"error":503')],
    ...[408, 429, 500, 502, 503, 504].map((status): [string, Step] => [`${status}`, atlasError(status, "AGAIN")]),
  ])("after %s: three DELETEs, of which the third succeeds", async (_name, step) => {
    const { server, atlas, retries } = await scripted([step, step, deleted], { timeoutMs: 1_000 });
    expect(await atlas.deleteOrgServiceAccountSecret(deletion)).toBeUndefined();
    expect([server.count("DELETE"), retries.length]).toEqual([3, 2]);
  });

  it("if no connection was made", async () => {
    const { fetch, calls } = fetchAfter(severalAddresses(refused, refused));
    const { server, atlas } = await scripted([deleted], { fetch });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect([calls(), server.count("DELETE")]).toEqual([2, 1]);
  });
});

describe("a DELETE is sent once", () => {
  it.each([301, 400, 403, 404, 405, 406, 409, 410, 422, 501, 505, 507])("after %d", async (status) => {
    const { server, atlas } = await scripted([atlasError(status, "NO")]);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(error).toMatchObject({ status, outcome: status >= 400 && status < 500 ? "not-applied" : "unknown" });
    expect(server.requests).toHaveLength(1);
  });

  it("if the server's certificate was refused", async () => {
    const refusal = new TypeError("fetch failed", { cause: failure({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }) });
    const { fetch, calls } = fetchAfter(refusal);
    const { server, atlas } = await scripted([deleted], { fetch });
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasNetworkError);
    expect(error).toMatchObject({ outcome: "not-applied", connected: true });
    expect(error.message).toContain("was refused (UNABLE_TO_VERIFY_LEAF_SIGNATURE)");
    expect([calls(), server.requests.length]).toEqual([1, 0]);
  });
});

describe("a port that nobody listens on", () => {
  // It needs privileges and has no service assigned; a port that was free a moment ago may be another test's by now.
  const url = "http://127.0.0.1:2";

  it.each(["create", "delete"] as const)("is tried four times by %s, and nothing was changed", async (operation) => {
    const { atlas, retries } = clientOf({ url });
    const call =
      operation === "create"
        ? atlas.createGroupServiceAccountSecret(creation)
        : atlas.deleteOrgServiceAccountSecret(deletion);
    const error = await errorOf(call, AtlasNetworkError);
    expect(error).toMatchObject({ outcome: "not-applied", connected: false, timedOut: false });
    expect(error.message).toContain(
      `No connection to ${new URL(url).host} was made (ECONNREFUSED). Nothing was changed.`,
    );
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });
});

describe("how often", () => {
  it.each([1, 2, 7])("is maxAttempts: %d", async (maxAttempts) => {
    const { server, atlas, retries } = await scripted(() => atlasError(503, "DOWN"), {
      retry: { maxAttempts, maxDelayMs: 2 },
    });
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(error).toMatchObject({ status: 503, outcome: "unknown" });
    expect([server.requests.length, retries.length]).toEqual([maxAttempts, maxAttempts - 1]);
  });

  it("is four by default", async () => {
    const { server, atlas } = await scripted(() => limited, { retry: { maxDelayMs: 2 } });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ status: 429, outcome: "not-applied" });
    expect(server.requests).toHaveLength(4);
  });

  it("is once with `retry: false`, for a 429 too", async () => {
    const { server, atlas, retries } = await scripted([limited, reset], { retry: false });
    expect(await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError)).toMatchObject({ status: 429 });
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasNetworkError);
    expect(error.outcome).toBe("unknown");
    expect([server.requests.length, retries.length]).toEqual([2, 0]);
  });
});

describe("Retry-After", () => {
  it("is waited for, however short the backoff would be", async () => {
    const { atlas, retries } = await scripted([atlasError(503, "DOWN", { "retry-after": "1" }), deleted], {
      retry: { maxDelayMs: 1000 },
    });
    const start = performance.now();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    // A timer may fire a fraction of a millisecond early by the other clock.
    expect(performance.now() - start).toBeGreaterThanOrEqual(999);
    expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(1000);
    expect(retries[0]?.delayMs).toBeLessThanOrEqual(1050);
  });

  it("in a 429's parameters is waited for by a POST", async () => {
    const body = {
      error: 429,
      errorCode: "RATE_LIMITED_TOKEN_BUCKET",
      parameters: ["api/atlas/v2/orgs", 0.2, 10, 5, 60],
    };
    const { server, atlas, retries } = await scripted([reply(429, body), created], { retry: { maxDelayMs: 1000 } });
    await atlas.createGroupServiceAccountSecret(creation);
    expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(1000);
    expect(server.count("POST")).toBe(2);
  });

  it.each(["create", "delete"] as const)("above maxDelayMs ends a %s at once, saying how long", async (operation) => {
    const { server, atlas, retries } = await scripted([atlasError(429, "RATE_LIMITED", { "retry-after": "3600" })], {
      retry: { maxDelayMs: 2500 },
    });
    const call =
      operation === "create"
        ? atlas.createGroupServiceAccountSecret(creation)
        : atlas.deleteOrgServiceAccountSecret(deletion);
    const error = await errorOf(call, AtlasApiError);
    expect(error).toMatchObject({ status: 429, retryAfterSeconds: 3600, outcome: "not-applied" });
    expect(error.message).toContain("Atlas asks to wait 3600 s, longer than retry.maxDelayMs allows (2.5 s).");
    expect([server.requests.length, retries.length]).toEqual([1, 0]);
  });

  it("of exactly maxDelayMs is waited for", async () => {
    const { server, atlas } = await scripted([atlasError(429, "RATE_LIMITED", { "retry-after": "0" }), created], {
      retry: { maxDelayMs: 0 },
    });
    await atlas.createGroupServiceAccountSecret(creation);
    expect(server.requests).toHaveLength(2);
  });

  it("of exactly maxDelayMs is not called too long", async () => {
    const { atlas } = await scripted([atlasError(429, "RATE_LIMITED", { "retry-after": "1" })], {
      retry: { maxAttempts: 1, maxDelayMs: 1000 },
    });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error.message).toContain("Atlas asks to wait 1 s. Nothing was changed.");
  });

  it("that makes no sense leaves the wait to the backoff", async () => {
    const { atlas, retries } = await scripted([atlasError(503, "DOWN", { "retry-after": "-1" }), deleted]);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(retries[0]?.delayMs).toBeLessThanOrEqual(quickRetry.maxDelayMs);
  });

  it("is told without a limit if nothing is sent again", async () => {
    const { atlas } = await scripted([atlasError(503, "DOWN", { "retry-after": "90" })], { retry: false });
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(error.retryAfterSeconds).toBe(90);
    expect(error.message).toContain("Atlas asks to wait 90 s. Whether the call took effect is unknown.");
  });
});

describe("onRetry", () => {
  it("is told operation, attempt, delay and reason before each wait", async () => {
    const { atlas, retries } = await scripted([reset, atlasError(503, "DOWN"), limited, deleted]);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(retries.map(({ operationId, attempt }) => [operationId, attempt])).toEqual(
      [1, 2, 3].map((attempt) => ["deleteOrgServiceAccountSecret", attempt]),
    );
    expect(retries.map(({ reason }) => (reason instanceof AtlasNetworkError ? reason.outcome : reason))).toEqual([
      "unknown",
      503,
      429,
    ]);
    for (const { delayMs } of retries) {
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(quickRetry.maxDelayMs);
    }
  });

  it.each<[string, (event: RetryEvent) => unknown, string]>([
    [
      "throws",
      () => {
        throw new Error("observer is broken");
      },
      "observer is broken",
    ],
    ["rejects", () => Promise.reject(new Error("observer is broken")), "observer is broken"],
    [
      "throws what cannot be printed",
      () => {
        throw Object.create(null);
      },
      "An error that cannot be read.",
    ],
  ])("that %s becomes a process warning and changes nothing", async (_name, onRetry, message) => {
    const { server, atlas } = await scripted([reset, deleted], { onRetry });
    const warnings = await warningsDuring("ATLAS_OBSERVER_THREW", () => atlas.deleteOrgServiceAccountSecret(deletion));
    expect(warnings).toEqual([`AtlasClientWarning: onRetry threw: ${message}`]);
    expect(server.requests).toHaveLength(2);
  });

  it("is not told of the caller's own abort", async () => {
    const reason = new AtlasNetworkError("An error of another call", { outcome: "unknown", connected: true });
    const controller = new AbortController();
    const { atlas, retries } = await scripted([() => controller.abort(reason)]);
    const call = atlas.deleteOrgServiceAccountSecret(deletion, { signal: controller.signal });
    expect(await call.catch((error: unknown) => error)).toBe(reason);
    expect(retries).toEqual([]);
  });
});
