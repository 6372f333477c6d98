/**
 * A caller's `signal` ends the call wherever it is, at once, with the caller's own reason.
 */
import { describe, expect, it } from "vitest";
import type { AtlasClient, AtlasClientOptions, CallOptions } from "../index.js";
import { clientOf, creation, deletion, rejection, revealed, scripted, secret } from "../testing/scripted-client.js";
import { atlasError, hang, hangInBody, reply, reset } from "../testing/scripted-server.js";
import { finishOnceSent } from "./caller-abort.js";

const longWait: Partial<AtlasClientOptions> = { retry: { maxAttempts: 4, maxDelayMs: 60_000 }, timeoutMs: 60_000 };

const reasons: readonly (readonly [string, unknown])[] = [
  ["an error", new Error("the caller's")],
  ["a string", "enough"],
  ["an empty string", ""],
  ["null", null],
  ["zero", 0],
  ["not a number", Number.NaN],
  ["false", false],
  ["an object", { because: "of the caller" }],
];

const calls: readonly (readonly [string, (atlas: AtlasClient, options: CallOptions) => Promise<unknown>])[] = [
  ["create", (atlas, options) => atlas.createGroupServiceAccountSecret(creation, options)],
  ["delete", (atlas, options) => atlas.deleteOrgServiceAccountSecret(deletion, options)],
  [
    "raw.POST",
    ({ raw }, { signal }) =>
      raw.POST("/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets", {
        params: { path: { groupId: creation.groupId, clientId: creation.clientId } },
        body: creation.body,
        ...(signal === undefined ? {} : { signal }),
      }),
  ],
];

/** Fails if the call does not end long before any timeout would end it. */
async function endsAtOnce(call: Promise<unknown>): Promise<unknown> {
  const start = performance.now();
  const reason = await rejection(call);
  expect(performance.now() - start).toBeLessThan(30_000);
  return reason;
}

describe.each(calls)("%s ends with the caller's reason", (_name, start) => {
  it.each(reasons)("that is %s, before anything is sent", async (_kind, reason) => {
    const { server, atlas } = await scripted([], longWait);
    expect(await endsAtOnce(start(atlas, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it.each<[string, AtlasClientOptions["credentials"]]>([
    ["an access token", { accessToken: "test-access-token" }],
    ["a token function", { accessToken: () => "test-access-token" }],
    ["a service account", { clientId: creation.clientId, clientSecret: "not-a-real-client-secret" }],
    ["an API key", { publicKey: "fakepublic", privateKey: "not-a-real-private-key" }],
  ])("before anything is sent, with %s and `retry: false` too", async (_kind, credentials) => {
    const { server, atlas } = await scripted([], { retry: false, credentials });
    expect(await endsAtOnce(start(atlas, { signal: AbortSignal.abort("early") }))).toBe("early");
    expect(server.requests).toEqual([]);
  });

  it.each(reasons)("that is %s, during the request", async (_kind, reason) => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([hang], longWait);
    const call = start(atlas, { signal: controller.signal });
    await server.arrived(1);
    controller.abort(reason);
    expect(await endsAtOnce(call)).toBe(reason);
    await server.connectionsEnded(1);
  });

  it.each([201, 403])("while the body of a %d comes", async (status) => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([hangInBody(status, '{"id":')], {
      ...longWait,
      async fetch(url, init) {
        const response = await fetch(url, init);
        setImmediate(() => controller.abort("in the body"));
        return response;
      },
    });
    const call = start(atlas, { signal: controller.signal });
    expect(await endsAtOnce(call)).toBe("in the body");
    await server.connectionsEnded(1);
  });

  it("while it waits for the next attempt after a 429", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([atlasError(429, "RATE_LIMITED", { "retry-after": "55" })], {
      ...longWait,
      onRetry: () => setTimeout(() => controller.abort("while waiting"), 0),
    });
    expect(await endsAtOnce(start(atlas, { signal: controller.signal }))).toBe("while waiting");
    expect(server.requests).toHaveLength(1);
  });

  it("while it waits for a token", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted(() => hang, {
      ...longWait,
      credentials: { clientId: creation.clientId, clientSecret: "not-a-real-client-secret" },
    });
    const call = start(atlas, { signal: controller.signal });
    await server.arrived(1);
    controller.abort("no token yet");
    expect(await endsAtOnce(call)).toBe("no token yet");
    expect(server.requests.map(({ target }) => target)).toEqual(["/api/oauth/token"]);
  });

  it("while it waits for a function that returns the token", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([], {
      ...longWait,
      credentials: { accessToken: () => new Promise(() => setTimeout(() => controller.abort("no token yet"), 0)) },
    });
    expect(await endsAtOnce(start(atlas, { signal: controller.signal }))).toBe("no token yet");
    expect(server.requests).toEqual([]);
  });

  it("while it waits for a digest challenge that another call asked for", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted(() => hang, {
      ...longWait,
      credentials: { publicKey: "fakepublic", privateKey: "not-a-real-private-key" },
    });
    const first = new AbortController();
    const asking = start(atlas, { signal: first.signal });
    await server.arrived(1);
    const waiting = start(atlas, { signal: controller.signal });
    controller.abort("no challenge yet");
    expect(await endsAtOnce(waiting)).toBe("no challenge yet");
    first.abort("enough");
    expect(await endsAtOnce(asking)).toBe("enough");
    expect(server.requests).toHaveLength(1);
  });

  it("with `retry: false` and a fetch that takes no notice of signals too", async () => {
    const controller = new AbortController();
    const { atlas } = await scripted([], {
      retry: false,
      fetch: () => new Promise(() => setTimeout(() => controller.abort("not heard"), 0)),
    });
    expect(await endsAtOnce(start(atlas, { signal: controller.signal }))).toBe("not heard");
  });
});

describe("a DELETE", () => {
  it("that waits after a reset ends at once, and is not sent again", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([reset], {
      ...longWait,
      onRetry: () => controller.abort("while waiting"),
    });
    expect(await endsAtOnce(atlas.deleteOrgServiceAccountSecret(deletion, { signal: controller.signal }))).toBe(
      "while waiting",
    );
    expect(server.count("DELETE")).toBe(1);
  });
});

describe("a request that must not be given up once it is sent", () => {
  it("comes to its end after the abort, and its own error says what may have happened", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([
      (...exchange) => {
        controller.abort("enough");
        return reset(...exchange);
      },
    ]);
    const call = atlas.createGroupServiceAccountSecret(creation, { signal: finishOnceSent(controller.signal) });
    expect(await endsAtOnce(call)).toMatchObject({ code: "ERR_ATLAS_NETWORK", outcome: "unknown" });
    expect(server.count("POST")).toBe(1);
  });

  it("is not sent again after the abort: then the reason ends the call", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([
      (...exchange) => {
        controller.abort("enough");
        return atlasError(429, "RATE_LIMITED")(...exchange);
      },
    ]);
    const call = atlas.createGroupServiceAccountSecret(creation, { signal: finishOnceSent(controller.signal) });
    expect(await endsAtOnce(call)).toBe("enough");
    expect(server.count("POST")).toBe(1);
  });
});

describe("AbortSignal.timeout", () => {
  it("limits a call with all its attempts and waits", async () => {
    const { atlas } = await scripted(() => atlasError(503, "DOWN", { "retry-after": "1" }), longWait);
    const reason = await endsAtOnce(atlas.deleteOrgServiceAccountSecret(deletion, { signal: AbortSignal.timeout(80) }));
    expect(reason).toBeInstanceOf(DOMException);
    expect(reason).toMatchObject({ name: "TimeoutError" });
  });
});

/** As of jsdom or a polyfill: no event target of Node's, and without the newer methods. */
function foreignSignal() {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener: (_type: "abort", listener: () => void) => void listeners.add(listener),
    removeEventListener: (_type: "abort", listener: () => void) => void listeners.delete(listener),
  };
  const abort = (reason: unknown) => {
    Object.assign(signal, { aborted: true, reason });
    for (const listener of listeners) listener();
  };
  // It has what the library uses of one.
  return { signal: signal as unknown as AbortSignal, listeners, abort };
}

describe.each(calls)("%s with the signal of a polyfill", (_name, start) => {
  it("is a call like any other, the first and those after it", async () => {
    const { signal, listeners, abort } = foreignSignal();
    const { server, atlas } = await scripted(({ method }, index) => {
      if (index >= 2) return hang;
      return method === "POST" ? reply(201, secret) : reply(204);
    }, longWait);
    for (let call = 0; call < 2; call += 1) await start(atlas, { signal });
    const call = rejection(start(atlas, { signal }));
    await server.arrived(3);
    abort("enough");
    expect([await call, await endsAtOnce(start(atlas, { signal })), listeners.size]).toEqual(["enough", "enough", 0]);
  });
});

describe("a signal that outlives its call", () => {
  it("does not disturb a call that has its response", async () => {
    const controller = new AbortController();
    const { atlas } = await scripted([reply(201, secret)]);
    const created = await atlas.createGroupServiceAccountSecret(creation, { signal: controller.signal });
    controller.abort();
    expect(revealed(created)).toEqual(secret);
  });

  it("collects no listeners over many calls and waits", async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    // Counted on this one signal alone; nothing of the platform is replaced.
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const { server } = await scripted((_request, index) => (index % 3 === 2 ? reply(204) : reset));
    const { atlas } = clientOf(server);
    for (let call = 0; call < 10; call += 1) await atlas.deleteOrgServiceAccountSecret(deletion, { signal });
    expect(server.count("DELETE")).toBe(30);
    expect(listeners).toBe(0);
  });
});
