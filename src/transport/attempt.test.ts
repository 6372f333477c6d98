/**
 * One attempt: its timeout, the caller's own `fetch`, and what an operator reads if there is no response.
 */
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, getGlobalDispatcher, MockAgent, setGlobalDispatcher } from "undici";
import { describe, expect, it, vi } from "vitest";
import { refusal, remove, start } from "../auth/testing/service-account-client.js";
import { AtlasApiError, AtlasError, AtlasNetworkError, AtlasResponseError, type FetchFunction } from "../index.js";
import type { RecordedRequest } from "../testing/atlas/start-atlas.js";
import { clientOf, creation, deletion, errorOf, revealed, scripted, secret } from "../testing/scripted-client.js";
import { atlasError, hang, hangInBody, reply, type Step } from "../testing/scripted-server.js";

/** What Node's fetch rejects with. */
const failed = (code?: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("no luck"), code === undefined ? {} : { code }) });

const unknown = "Whether the call took effect is unknown.";
const nothing = "Nothing was changed.";

it.each([
  ["a reset", failed("ECONNRESET"), `The connection to HOST failed before a response arrived (ECONNRESET). ${unknown}`],
  ["something without a code", failed(), `The connection to HOST failed before a response arrived. ${unknown}`],
  ["a refused connection", failed("ECONNREFUSED"), `No connection to HOST was made (ECONNREFUSED). ${nothing}`],
  ["a certificate", failed("CERT_HAS_EXPIRED"), `The certificate of HOST was refused (CERT_HAS_EXPIRED). ${nothing}`],
])("%s", async (_name, reason, said) => {
  const { server, atlas } = await scripted([], { fetch: () => Promise.reject(reason), retry: false });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
  const expected = said.replace("HOST", new URL(server.url).host);
  expect(error.message).toBe(`POST /api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets: ${expected}`);
});

it("a timeout, and it is told to a fetch that listens", async () => {
  const listening = (_url: string, { signal }: RequestInit) =>
    new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  const { atlas } = await scripted([], { fetch: listening, retry: false, timeoutMs: 20 });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
  expect(error).toMatchObject({
    timedOut: true,
    cause: { name: "TimeoutError", message: "No response within 20 ms." },
  });
  expect(error.message).toMatch(new RegExp(`No response from 127.0.0.1:\\d+ within 20 ms. ${unknown}`));
});

/** Long enough for a response over loopback, whatever else the machine does. */
const timeoutMs = 1_200;

/** Answers after so many milliseconds: the time is what these tests are about. */
function slowly(milliseconds: number, step: Step): Step {
  return async (...exchange) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return step(...exchange);
  };
}

describe("timeoutMs", () => {
  it("ends an attempt that gets no response, and says so", async () => {
    const { server, atlas } = await scripted([hang], { timeoutMs });
    const start = performance.now();
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(performance.now() - start).toBeGreaterThanOrEqual(timeoutMs - 2);
    expect(error).toMatchObject({ timedOut: true, connected: true, outcome: "unknown" });
    expect(error.message).toMatch(
      /No response from 127.0.0.1:\d+ within 1200 ms. Whether the call took effect is unknown./,
    );
    expect(error.cause).toMatchObject({ name: "TimeoutError" });
    await server.connectionsEnded(1);
  });

  it("is fresh for each attempt: three slow ones together may take longer", async () => {
    const slow = slowly(450, atlasError(503, "DOWN"));
    const { server, atlas } = await scripted([slow, slow, slowly(450, reply(204))], { timeoutMs });
    const start = performance.now();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(performance.now() - start).toBeGreaterThan(timeoutMs);
    expect(server.count("DELETE")).toBe(3);
  });

  it("ends each attempt of a server that never responds", async () => {
    const { server, atlas } = await scripted(() => hang, { timeoutMs: 500, retry: { maxAttempts: 3, maxDelayMs: 1 } });
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasNetworkError);
    expect(error).toMatchObject({ timedOut: true, outcome: "unknown" });
    expect(server.count("DELETE")).toBe(3);
    await server.connectionsEnded(3);
  });

  it("covers the body of a success: the secret exists, its value is lost", async () => {
    const { server, atlas } = await scripted([hangInBody(201, '{"id": "32b6')], { timeoutMs });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error).toMatchObject({ status: 201, outcome: "applied", cause: { name: "TimeoutError" } });
    expect(error.message).toContain('the body could not be read to its end. It begins: {"id": "32b6');
    expect(server.count("POST")).toBe(1);
    await server.connectionsEnded(1);
  });

  it("covers the body of an error, whose status is known all the same", async () => {
    const { server, atlas } = await scripted([hangInBody(403, '{"error": 403')], { timeoutMs });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ status: 403, outcome: "not-applied", cause: { name: "TimeoutError" } });
    expect(error.message).toContain('The response begins: {"error": 403');
    await server.connectionsEnded(1);
  });

  it("in the body of an error that may be repeated, repeats by its status", async () => {
    const { server, atlas, retries } = await scripted([hangInBody(503, "<html>"), reply(204)], { timeoutMs });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(server.count("DELETE")).toBe(2);
    expect(retries.map(({ reason }) => reason)).toEqual([503]);
  });

  it("does not count the waits between attempts", async () => {
    const body = { error: 429, errorCode: "RATE_LIMITED", parameters: ["x", 0.5] };
    const { atlas } = await scripted([reply(429, body), reply(201, secret)], {
      timeoutMs,
      retry: { maxDelayMs: 1000 },
    });
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
  });

  it("ends also a fetch that takes no notice of its signal", async () => {
    const { atlas } = await scripted([], { timeoutMs: 30, fetch: () => new Promise(() => undefined) });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(error).toMatchObject({ timedOut: true, outcome: "unknown" });
  });

  it.each([201, 403])("ends also the body of a %d that such a fetch leaves open", async (status) => {
    const cancelled = vi.fn();
    const fetch = async () => new Response(new ReadableStream({ cancel: cancelled }), { status });
    const { atlas } = await scripted([], { timeoutMs: 30, fetch });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasError);
    expect(error).toMatchObject({ status, cause: { name: "TimeoutError" } });
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it("and the caller's signal end also a fetch during which the caller aborts", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const fetch = () => {
      controller.abort(reason);
      return new Promise<Response>(() => undefined);
    };
    const { atlas } = await scripted([], { fetch });
    const call = atlas.createGroupServiceAccountSecret(creation, { signal: controller.signal });
    await expect(call).rejects.toBe(reason);
  });

  it("lets go of a response that such a fetch brings too late", async () => {
    let bring: (response: Response) => void = () => undefined;
    let letGo: (reason: unknown) => void = () => undefined;
    const cancelled = new Promise((resolve) => {
      letGo = resolve;
    });
    const late = new Promise<Response>((resolve) => {
      bring = resolve;
    });
    const { atlas } = await scripted([], { timeoutMs: 30, fetch: () => late });
    await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    bring(new Response(new ReadableStream({ cancel: letGo }), { status: 201 }));
    await cancelled;
  });

  it("leaves no timer behind", async () => {
    const { atlas } = await scripted([reply(204), atlasError(404, "NONE")], { timeoutMs: 2 ** 31 - 1 });
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    // fetch itself keeps timers of its own for its connections; one of ours would be of 25 days.
    expect(timers()).toBeLessThanOrEqual(before + 1);
  });
});

/** Reads every body for a log, and hands on what is left. */
async function reading(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  await response.text();
  return response;
}

/** Masks, after the request has been made, what its log must not show. */
async function masking(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  Object.assign(init.headers ?? {}, { authorization: "[masked]", "x-logged": "yes" });
  return response;
}

it("changing the headers that it is given leaves the next attempt's as they are", async () => {
  const limited = atlasError(429, "RATE_LIMITED", { "retry-after": "0" });
  const { server, atlas } = await scripted([limited, reply(201, secret)], { fetch: masking });
  expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
  expect(server.requests.map(({ headers }) => [headers["authorization"], headers["x-logged"]])).toEqual([
    ["Bearer test-access-token", undefined],
    ["Bearer test-access-token", undefined],
  ]);
});

it("is asked to keep no connection, over which Bun would repeat a request by itself", async () => {
  const kept: unknown[] = [];
  const { atlas } = await scripted([reply(204)], {
    fetch(url, init) {
      kept.push(init.keepalive);
      return fetch(url, init);
    },
  });
  await atlas.deleteOrgServiceAccountSecret(deletion);
  expect(kept).toEqual([false]);
});

it("changing the headers of a token request leaves the next attempt's as they are", async () => {
  const tooMany = refusal({ status: 429, headers: { "retry-after": "0" } });
  const onToken = ({ nth }: RecordedRequest) => (nth === 1 ? tooMany : undefined);
  const { oauth, atlas } = await start({ onToken }, { fetch: masking });
  await remove(atlas);
  const [first, second] = oauth.tokenRequests;
  expect(first?.headers.authorization).toMatch(/^Basic /);
  expect(second?.headers.authorization).toBe(first?.headers.authorization);
});

it("may return without a promise", async () => {
  // The types ask for one; JavaScript does not.
  const fetch = (() => Response.json(secret, { status: 201 })) as unknown as FetchFunction;
  const { atlas } = await scripted([], { fetch });
  expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
});

it.each([
  ["nothing", undefined],
  ["no status", { headers: new Headers(), body: null }],
  ["headers of another kind", { status: 204, headers: { "content-type": "text/plain" }, body: null }],
  ["no headers", { status: 204, body: null }],
])("that returns %s is an AtlasNetworkError", async (_name, response) => {
  const fetch = (async () => response) as unknown as FetchFunction;
  const { atlas } = await scripted([], { fetch, retry: false });
  const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasNetworkError);
  expect(error).toMatchObject({ outcome: "unknown", cause: { name: "TypeError" } });
});

it("may return a body that is a stream of Node's own, as node-fetch does", async () => {
  const body = Readable.from([Buffer.from(JSON.stringify(secret))]);
  const fetch = (async () => ({ status: 201, headers: new Headers(), body })) as unknown as FetchFunction;
  const { atlas } = await scripted([], { fetch });
  expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
});

it("may return headers that are a Map, which has no null for those that are not there", async () => {
  const onDeprecation = vi.fn();
  const fetch = (async () => ({ status: 401, headers: new Map(), body: null })) as unknown as FetchFunction;
  for (const credentials of [{ accessToken: "test-token" }, { publicKey: "public", privateKey: "private-key" }]) {
    const { atlas } = await scripted([], { fetch, credentials, onDeprecation });
    await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
  }
  expect(onDeprecation).not.toHaveBeenCalled();
});

const broken = async () => {
  throw new Error("It broke off.");
};
it.each([
  ["throws when it is cancelled", { read: broken, cancel: () => JSON.parse("") }],
  ["returns nothing when it is cancelled", { read: broken, cancel: () => undefined }],
  ["cannot be cancelled", { read: broken }],
  ["reads nothing", { read: async () => null }],
])("may return a body that breaks off and %s: the status says what happened", async (_name, reader) => {
  const body = { getReader: () => reader };
  const fetch = (async () => ({ status: 403, headers: new Headers(), body })) as unknown as FetchFunction;
  const { atlas } = await scripted([], { fetch });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
  expect(error).toMatchObject({ status: 403, outcome: "not-applied" });
});

it("having read a success, leaves it known to have taken effect", async () => {
  const { server, atlas } = await scripted([reply(201, secret)], { fetch: reading });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
  expect(error).toMatchObject({ status: 201, outcome: "applied" });
  expect(server.count("POST")).toBe(1);
});

it("having read a refusal, leaves it a refusal", async () => {
  const { server, atlas } = await scripted([atlasError(403, "FORBIDDEN")], { fetch: reading });
  const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
  expect(error).toMatchObject({ status: 403, outcome: "not-applied" });
  expect(server.count("DELETE")).toBe(1);
});

describe("timeoutMs above the 300 s after which the platform ends a request by itself", () => {
  async function withPlatform(dispatcher: Dispatcher, run: () => Promise<void>) {
    const before = getGlobalDispatcher();
    setGlobalDispatcher(dispatcher);
    try {
      await run();
    } finally {
      setGlobalDispatcher(before);
      await dispatcher.close();
    }
  }
  /** As the platform's dispatcher, but with less patience: it waits about a second for headers and for a body. */
  const impatient = () => new Agent({ headersTimeout: 100, bodyTimeout: 100 });
  const slow: Step = async (response) => {
    await sleep(1500);
    response.writeHead(201, { "content-type": "application/json" }).write("{");
    await sleep(1500);
    response.end(JSON.stringify(secret).slice(1));
  };

  it("is waited for", async () => {
    await withPlatform(impatient(), async () => {
      const { atlas } = await scripted([slow], { timeoutMs: 300_001 });
      expect((await atlas.createGroupServiceAccountSecret(creation)).id).toBe(secret.id);
    });
  });

  it("leaves a test's MockAgent the body as text, to compare it", async () => {
    const baseUrl = "https://atlas.example";
    const mock = new MockAgent();
    mock.disableNetConnect();
    const body = JSON.stringify(creation.body);
    mock.get(baseUrl).intercept({ path: /./, method: "POST", body }).reply(201, secret);
    await withPlatform(mock, async () => {
      const { atlas } = clientOf({ url: baseUrl }, { timeoutMs: 300_001 });
      expect((await atlas.createGroupServiceAccountSecret(creation)).id).toBe(secret.id);
    });
  });

  it("leaves the platform's own limits to shorter ones", async () => {
    await withPlatform(impatient(), async () => {
      const { atlas } = await scripted([slow], { timeoutMs: 300_000 });
      const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
      expect(error).toMatchObject({ timedOut: false, outcome: "unknown" });
      expect(error.message).toContain("UND_ERR_HEADERS_TIMEOUT");
    });
  });
});
