/**
 * An abort ends every wait of a call that must not lose its answer, but not a request that is under way.
 */
import { describe, expect, it } from "vitest";
import { createAtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError, AtlasNetworkError } from "../errors.js";
import { errorOf } from "../testing/scripted-client.js";
import { finishOnceSent } from "./finish-once-sent.js";

const args = {
  groupId: "5f0c1a2b3c4d5e6f70819203",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  body: { secretExpiresAfterHours: 8 },
};
const secret = { id: "32b6e34b3d91647abb20e7b8", createdAt: "2025-05-04T09:42:00Z", expiresAt: "2025-05-04T17:42:00Z" };
const answer =
  (status: number, body: object, headers = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers });

/** A create whose caller aborts with `reason` while a request is under way; answers come in order, the last again. */
function abortedCall(reason: unknown, answers: readonly (() => Response)[], options = {}) {
  const controller = new AbortController();
  let sent = 0;
  const fetch = async () => {
    controller.abort(reason);
    sent += 1;
    return (answers[sent - 1] ?? answers.at(-1))?.() ?? expect.fail("no answer is left");
  };
  const atlas = createAtlasClient({ credentials: { accessToken: "a" }, fetch, ...options });
  const call = atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(controller.signal) });
  return { call, sent: () => sent };
}

const reset = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
};

describe("a call that is to finish once it is sent", () => {
  for (const reason of [new Error("enough"), null, 0, new AtlasAuthError("another call's", { outcome: "unknown" })]) {
    it(`answers what comes, aborted with ${String(reason)} or not`, async () => {
      expect(await abortedCall(reason, [answer(201, secret)]).call).toEqual(secret);
    });

    it(`fails as the request fails, aborted with ${String(reason)} or not`, async () => {
      const { call, sent } = abortedCall(reason, [reset]);
      expect(await errorOf(call, AtlasNetworkError)).toMatchObject({ outcome: "unknown", connected: true });
      expect(sent()).toBe(1);
    });

    it(`is refused as it is refused, aborted with ${String(reason)} or not`, async () => {
      const { call } = abortedCall(reason, [answer(400, { error: 400, errorCode: "NO" })]);
      expect(await errorOf(call, AtlasApiError)).toMatchObject({ status: 400, outcome: "not-applied" });
    });

    it(`rejects with ${String(reason)} instead of waiting for another attempt`, async () => {
      const { call, sent } = abortedCall(reason, [answer(429, { error: 429 }, { "retry-after": "0" })]);
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

  it("fails as the request fails where nothing is tried again", async () => {
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
