/**
 * A call that must not lose its response once it is sent, and what is known of a call that its caller has aborted.
 */
import { describe, expect, it } from "vitest";
import { createAtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError, AtlasNetworkError } from "../errors.js";
import { type AtlasClient, AtlasRequestError, outcomeOf } from "../index.js";
import { creation, deletion, errorOf, rejection, scripted } from "../testing/scripted-client.js";
import { atlasError, hang, hangInBody, reply, type Script } from "../testing/scripted-server.js";
import { finishOnceSent } from "./caller-abort.js";

const args = {
  groupId: "5f0c1a2b3c4d5e6f70819203",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  body: { secretExpiresAfterHours: 8 },
};
const secret = { id: "32b6e34b3d91647abb20e7b8", createdAt: "2025-05-04T09:42:00Z", expiresAt: "2025-05-04T17:42:00Z" };
const respond =
  (status: number, body: object, headers = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers });

/** A create whose caller aborts with `reason` while a request is under way; responses come in order, the last again. */
function abortedCall(reason: unknown, responses: readonly (() => Response)[], options = {}) {
  const controller = new AbortController();
  let sent = 0;
  const fetch = async () => {
    controller.abort(reason);
    sent += 1;
    return (responses[sent - 1] ?? responses.at(-1))?.() ?? expect.fail("no response is left");
  };
  const atlas = createAtlasClient({ credentials: { accessToken: "a" }, fetch, ...options });
  const call = atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(controller.signal) });
  return { call, sent: () => sent, signal: controller.signal };
}

const reset = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
};

describe("a call that is to finish once it is sent", () => {
  for (const reason of [new Error("enough"), null, 0, new AtlasAuthError("another call's", { outcome: "unknown" })]) {
    it(`returns what comes, aborted with ${String(reason)} or not`, async () => {
      expect(await abortedCall(reason, [respond(201, secret)]).call).toEqual(secret);
    });

    it(`fails as the request fails, aborted with ${String(reason)} or not`, async () => {
      const { call, sent, signal } = abortedCall(reason, [reset]);
      expect(await errorOf(call, AtlasNetworkError)).toMatchObject({ outcome: "unknown", connected: true });
      expect(sent()).toBe(1);
      // It has ended no call.
      expect(outcomeOf(signal)).toBeUndefined();
    });

    it(`is refused as it is refused, aborted with ${String(reason)} or not`, async () => {
      const { call } = abortedCall(reason, [respond(400, { error: 400, errorCode: "NO" })]);
      expect(await errorOf(call, AtlasApiError)).toMatchObject({ status: 400, outcome: "not-applied" });
    });

    it(`rejects with ${String(reason)} instead of waiting for another attempt`, async () => {
      const { call, sent } = abortedCall(reason, [respond(429, { error: 429 }, { "retry-after": "0" })]);
      await expect(call).rejects.toBe(reason);
      expect(sent()).toBe(1);
    });
  }

  it("rejects with the reason before anything is sent", async () => {
    let sent = 0;
    const fetch = async () => {
      sent += 1;
      return new Response();
    };
    const atlas = createAtlasClient({ credentials: { accessToken: "a" }, fetch });
    const signal = finishOnceSent(AbortSignal.abort("early"));
    await expect(atlas.createGroupServiceAccountSecret(args, { signal })).rejects.toBe("early");
    expect(sent).toBe(0);
  });

  it("fails as the request fails if nothing is tried again", async () => {
    const { call } = abortedCall("enough", [reset], { retry: false });
    expect(await errorOf(call, AtlasNetworkError)).toMatchObject({ outcome: "unknown" });
  });

  it("is still bounded by the attempt's timeout", async () => {
    const controller = new AbortController();
    const fetch = () => {
      controller.abort("enough");
      return new Promise<Response>(() => undefined);
    };
    const atlas = createAtlasClient({ credentials: { accessToken: "a" }, fetch, timeoutMs: 20 });
    const call = atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(controller.signal) });
    expect(await errorOf(call, AtlasNetworkError)).toMatchObject({ timedOut: true, outcome: "unknown" });
  });
});

const patient = { retry: { maxAttempts: 4, maxDelayMs: 60_000 }, timeoutMs: 60_000 } as const;
const remove = (atlas: AtlasClient, signal: AbortSignal) => atlas.deleteOrgServiceAccountSecret(deletion, { signal });

/** A deletion that is aborted as soon as the last request of the script has arrived, or while it waits to repeat one. */
async function aborted(
  script: Extract<Script, readonly unknown[]>,
  whileWaiting = false,
  retry: false | typeof patient.retry = patient.retry,
) {
  const controller = new AbortController();
  const reason = new Error("enough");
  const onRetry = () => void (whileWaiting && setImmediate(() => controller.abort(reason)));
  const { server, atlas } = await scripted(script, { ...patient, retry, onRetry });
  const call = remove(atlas, controller.signal);
  if (!whileWaiting) {
    await server.arrived(script.length);
    controller.abort(reason);
  }
  expect(await rejection(call)).toBe(reason);
  return { ofReason: outcomeOf(reason), ofSignal: outcomeOf(controller.signal) };
}

describe("an aborted call is known", () => {
  const notApplied = { ofReason: "not-applied", ofSignal: "not-applied" };
  const unknown = { ofReason: "unknown", ofSignal: "unknown" };

  it("not to have been applied if it was aborted before anything was sent", async () => {
    const { atlas } = await scripted([]);
    const reason = new Error("early");
    await rejection(remove(atlas, AbortSignal.abort(reason)));
    expect(outcomeOf(reason)).toBe("not-applied");
  });

  it("not to have been applied if `fetch` throws before it has sent anything", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const fetch = () => {
      controller.abort(reason);
      throw new TypeError("not sent");
    };
    const { atlas } = await scripted([], { fetch });
    expect(await rejection(remove(atlas, controller.signal))).toBe(reason);
    expect(outcomeOf(reason)).toBe("not-applied");
  });

  it("by its signal, whatever the reason is", async () => {
    for (const reason of [Number.NaN, 0, null, "enough"]) {
      const { atlas } = await scripted([]);
      const signal = AbortSignal.abort(reason);
      await rejection(remove(atlas, signal));
      expect(outcomeOf(signal)).toBe("not-applied");
    }
  });

  it("not to have been applied if it waits for a token", async () => {
    const controller = new AbortController();
    const credentials = { clientId: creation.clientId, clientSecret: "not-a-real-client-secret" };
    const { server, atlas } = await scripted([hang], { ...patient, retry: false, credentials });
    const call = remove(atlas, controller.signal);
    await server.arrived(1);
    controller.abort("enough");
    await rejection(call);
    expect(outcomeOf(controller.signal)).toBe("not-applied");
  });

  it("not to have been applied if it waits because of a 429", async () => {
    expect(await aborted([atlasError(429, "RATE_LIMITED", { "retry-after": "50" })], true)).toEqual(notApplied);
  });

  it("not to be known if the request is under way, with retries or without", async () => {
    expect(await aborted([hang])).toEqual(unknown);
    expect(await aborted([hang], false, false)).toEqual(unknown);
  });

  it("not to be known if the response is under way", async () => {
    const controller = new AbortController();
    const { atlas } = await scripted([hangInBody(403, "{")], {
      ...patient,
      async fetch(url, init) {
        const response = await fetch(url, init);
        setImmediate(() => controller.abort());
        return response;
      },
    });
    const reason = await rejection(remove(atlas, controller.signal));
    expect([reason, outcomeOf(reason)]).toEqual([controller.signal.reason, "unknown"]);
  });

  it("not to be known if it waits because of a 503", async () => {
    expect(await aborted([reply(503, "", { "retry-after": "50" })], true)).toEqual(unknown);
  });

  it("not to be known from a second attempt on, even if that is refused before it is sent", async () => {
    const script = [reply(503), atlasError(429, "RATE_LIMITED", { "retry-after": "50" })];
    const controller = new AbortController();
    let waits = 0;
    const onRetry = () => {
      waits += 1;
      if (waits === 2) setImmediate(() => controller.abort("a text"));
    };
    const { atlas } = await scripted(script, { ...patient, onRetry });
    expect(await rejection(remove(atlas, controller.signal))).toBe("a text");
    expect(outcomeOf(controller.signal)).toBe("unknown");
  });

  it("not to be known if one of the calls with the same reason is not", async () => {
    const controller = new AbortController();
    const { server, atlas } = await scripted([hang], patient);
    const sent = remove(atlas, controller.signal);
    await server.arrived(1);
    controller.abort();
    await rejection(sent);
    await rejection(remove(atlas, controller.signal));
    expect(outcomeOf(controller.signal.reason)).toBe("unknown");
  });

  it("of `AbortSignal.timeout` and `client.raw` as well", async () => {
    const { atlas } = await scripted([hang], patient);
    const path = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
    const { body, ...ids } = creation;
    const signal = AbortSignal.timeout(50);
    const reason = await rejection(atlas.raw.POST(path, { params: { path: ids }, body, signal }));
    expect([reason, outcomeOf(reason)]).toEqual([signal.reason, "unknown"]);
  });

  it("not to have been applied if it is to finish once sent, and was refused before", async () => {
    const controller = new AbortController();
    const onRetry = () => void setImmediate(() => controller.abort());
    const script = [atlasError(429, "RATE_LIMITED", { "retry-after": "50" })];
    const { atlas } = await scripted(script, { ...patient, onRetry });
    await rejection(atlas.createGroupServiceAccountSecret(creation, { signal: finishOnceSent(controller.signal) }));
    expect(outcomeOf(controller.signal)).toBe("not-applied");
  });
});

it("the outcome of an error of this library is its own", () => {
  expect(outcomeOf(new AtlasRequestError("mine"))).toBe("not-applied");
});

it("nothing is known of whatever ended no call", () => {
  expect([outcomeOf(new Error("mine")), outcomeOf("text"), outcomeOf(null), outcomeOf(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
