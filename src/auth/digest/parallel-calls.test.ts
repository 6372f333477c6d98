import { describe, expect, it } from "vitest";
import type { Send } from "../../transport/pipeline.js";
import { digestAuthentication } from "./digest-authentication.js";
import { overFetch, requestTo, startClient, testKey } from "./testing/digest-client.js";

/** Something to wait for, and the way to make it happen. */
function event() {
  let happen = () => {};
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  return { happen, happened };
}

const statuses = (responses: readonly { status: number }[]) => responses.map(({ status }) => status);

describe("first calls together", () => {
  it("five share one challenge: six requests, and no nc twice", async () => {
    const { server, send, url, counts } = await startClient();
    const responses = await Promise.all(Array.from({ length: 5 }, () => send(requestTo(url))));
    expect(statuses(responses)).toEqual([200, 200, 200, 200, 200]);
    expect(server.requests).toHaveLength(6);
    expect(counts().sort()).toEqual(["00000001", "00000002", "00000003", "00000004", "00000005"]);
  });

  it("wait for the challenge and not for the whole call that asked for it", async () => {
    const second = event();
    const { server, send, url, counts } = await startClient({
      // The first signed request is answered only when the other call is through.
      faults: async ({ nth, headers }) => {
        if (headers["x-call"] === "first" && nth > 1) await second.happened;
        return undefined;
      },
    });
    const first = send(requestTo(url, { headers: { "x-call": "first" } }));
    await send(requestTo(url));
    second.happen();
    await first;
    expect(counts()).toHaveLength(server.requests.length - 1);
  });

  it("overtaken by each other at a server that wants nc to rise, get through with a challenge of their own", async () => {
    const { url, signatures } = await startClient({ digest: { counts: "higher" } });
    const overtaken = event();
    const send = digestAuthentication(testKey)(async (request) => {
      if (request.headers["authorization"]?.includes("nc=00000001,")) await overtaken.happened;
      const response = await overFetch(request);
      if (request.headers["authorization"]?.includes("nc=00000002,")) overtaken.happen();
      return response;
    });
    const responses = await Promise.all([send(requestTo(url)), send(requestTo(url))]);
    expect(statuses(responses)).toEqual([200, 200]);
    expect(signatures().map((signature) => signature?.get("nc"))).toEqual([
      undefined,
      "00000002",
      "00000001",
      // A challenge of its own: to the refusal's, some servers keep counting for all calls together.
      undefined,
      "00000001",
    ]);
  });

  it("of a server that asks for no signature are not sent one after another", async () => {
    const together = event();
    const { send, url } = await startClient({
      faults: async ({ nth }) => {
        if (nth === 10) together.happen();
        // The first two show that there is no challenge; of the rest, each is answered only when all are there.
        if (nth > 2) await together.happened;
        return { applied: false, ends: { status: 200 } };
      },
    });
    const responses = await Promise.all(Array.from({ length: 10 }, () => send(requestTo(url))));
    expect(statuses(responses)).toEqual(Array(10).fill(200));
  });
});

describe("when the call that asks for the challenge fails", () => {
  it("on the network, it alone fails, and the next one asks", async () => {
    const { server, send, url } = await startClient({
      faults: ({ nth }) => (nth === 1 ? { applied: false, ends: "reset" } : undefined),
    });
    const calls = Array.from({ length: 4 }, () => send(requestTo(url)));
    await expect(calls[0]).rejects.toMatchObject({ name: "TypeError", cause: { code: "ECONNRESET" } });
    expect(statuses(await Promise.all(calls.slice(1)))).toEqual([200, 200, 200]);
    expect(server.requests).toHaveLength(1 + 1 + 3);
  });

  it("by its caller's abort, it alone rejects with the reason, and the next one asks", async () => {
    const received = event();
    const { server, send, url } = await startClient({
      faults: ({ nth }) => {
        if (nth > 1) return undefined;
        received.happen();
        return { applied: false, ends: "hang" };
      },
    });
    const abort = new AbortController();
    const calls = [abort.signal, undefined, undefined].map((signal) => send(requestTo(url, { signal })));
    await received.happened;
    const reason = new Error("the first caller has had enough");
    abort.abort(reason);
    await expect(calls[0]).rejects.toBe(reason);
    expect(statuses(await Promise.all(calls.slice(1)))).toEqual([200, 200]);
    expect(server.requests).toHaveLength(1 + 1 + 2);
  });

  it("three times over, those still waiting ask for themselves instead of adding up each other's timeouts", async () => {
    const together = event();
    const lost = new Error("lost");
    let sent = 0;
    const failing: Send = async () => {
      sent += 1;
      if (sent === 6) together.happen();
      if (sent > 2) await together.happened;
      throw lost;
    };
    const send = digestAuthentication(testKey)(failing);
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => send(requestTo("http://127.0.0.1/"))));
    expect(results).toEqual(Array(6).fill({ status: "rejected", reason: lost }));
  });
});

describe("a caller that waits for another call's challenge", () => {
  it("is let go by its own signal at once, with its reason; the others go on", async () => {
    const released = event();
    const { server, send, url } = await startClient({
      faults: async ({ nth }) => {
        if (nth === 1) await released.happened;
        return undefined;
      },
    });
    const abort = new AbortController();
    const reason = new Error("the second caller has had enough");
    const asking = send(requestTo(url));
    const leaving = send(requestTo(url, { signal: abort.signal }));
    const gone = send(requestTo(url, { signal: AbortSignal.abort(reason) }));
    const staying = send(requestTo(url, { signal: new AbortController().signal }));
    await expect(gone).rejects.toBe(reason);
    abort.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    released.happen();
    expect(statuses(await Promise.all([asking, staying]))).toEqual([200, 200]);
    expect(server.requests).toHaveLength(3);
  });
});

describe("a nonce that is refused to several calls at once", () => {
  it("is replaced once for each of them, after a challenge of its own, and the next call costs one request", async () => {
    const all = event();
    const { server, send, url, counts } = await startClient({
      faults: async ({ nth }) => {
        if (nth === 2 + 5) all.happen();
        if (nth > 2) await all.happened;
        return undefined;
      },
    });
    await send(requestTo(url));
    server.digests.expireNonces();
    const responses = await Promise.all(Array.from({ length: 5 }, () => send(requestTo(url))));
    expect(statuses(responses)).toEqual([200, 200, 200, 200, 200]);
    expect(counts().slice(1 + 5)).toEqual(Array(5).fill("00000001"));
    expect(server.requests).toHaveLength(2 + 5 * 3);
    expect((await send(requestTo(url))).status).toBe(200);
    expect(server.requests).toHaveLength(2 + 5 * 3 + 1);
  });

  it("is not replaced if the server then asks for no signature: that response counts", async () => {
    const together = event();
    const { server, send, url } = await startClient({
      faults: async ({ nth }) => {
        if (nth === 3) together.happen();
        if (nth > 1) await together.happened;
        return nth > 3 ? { applied: false, ends: { status: 200, body: "open" } } : undefined;
      },
      key: { ...testKey, privateKey: "another-made-up-key" },
    });
    const responses = await Promise.all([send(requestTo(url)), send(requestTo(url))]);
    expect(responses).toMatchObject([
      { status: 200, text: "open" },
      { status: 200, text: "open" },
    ]);
    expect(server.requests).toHaveLength(1 + 2 * 2);
  });

  it("because the key is wrong, is replaced once and then the refusal is returned", async () => {
    const { send, url, counts } = await startClient({ key: { ...testKey, privateKey: "another-made-up-key" } });
    const responses = await Promise.all(Array.from({ length: 5 }, () => send(requestTo(url))));
    expect(statuses(responses)).toEqual([401, 401, 401, 401, 401]);
    expect(counts().length).toBeLessThanOrEqual(5 * 2);
  });
});
