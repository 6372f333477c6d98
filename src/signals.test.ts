import { getEventListeners } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createAtlasClient } from "./index.js";
import { isAbortSignal, linkSignals, sleep, untilAborted } from "./signals.js";
import { unreadable } from "./testing/hostile-values.js";
import { rejection } from "./testing/scripted-client.js";

const warnings: Error[] = [];
const remember = (warning: Error) => warnings.push(warning);

afterEach(() => {
  process.off("warning", remember);
});

it("fifty calls with one signal are no leak, and none of them stays attached", async () => {
  const server = createServer((request, response) => request.resume().on("end", () => response.writeHead(204).end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-token" }, baseUrl });
  const { signal } = new AbortController();
  let attached = 0;
  let most = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    attached += 1;
    most = Math.max(most, attached);
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    attached -= 1;
    removeEventListener.apply(signal, args);
  };
  process.on("warning", remember);
  const target = { orgId: "a".repeat(24), clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };
  const calls = Array.from({ length: 50 }, () => atlas.deleteOrgServiceAccountSecret(target, { signal }));
  await Promise.all(calls);
  // Warnings are emitted in a tick of their own.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings.map(({ name }) => name)).toEqual([]);
  // One for all calls, and one for a moment, to see whether it is a signal.
  expect(most).toBeLessThanOrEqual(2);
  expect(attached).toBe(0);
  server.close();
  server.closeAllConnections();
});

describe("a signal", () => {
  const like = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined };
  it.each<[string, unknown, boolean]>([
    ["the platform's", new AbortController().signal, true],
    ["a polyfill's", like, true],
    ["another realm's", runInNewContext("({ aborted: true, addEventListener() {}, removeEventListener() {} })"), true],
    ["a controller", new AbortController(), false],
    ["an event target", new EventTarget(), false],
    ["what has no listeners", { aborted: false }, false],
    ["what does not say whether it is aborted", { ...like, aborted: undefined }, false],
    ["a function", Object.assign(() => undefined, like), false],
    ["null", null, false],
    ["undefined", undefined, false],
    ["a proxy that throws", unreadable(), false],
    ["what cannot be listened to", { ...like, addEventListener: () => expect.fail("planted") }, false],
    ["what cannot be listened to no longer", { ...like, removeEventListener: undefined }, false],
  ])("is told by its shape: %s", (_what, value, isSignal) => {
    expect(isAbortSignal(value)).toBe(isSignal);
  });

  it("that has aborted ends a wait at once, and one that aborts later ends it then", async () => {
    const reason = new Error("enough");
    const forever = new Promise<never>(() => undefined);
    expect(await rejection(untilAborted(forever, AbortSignal.abort(reason)))).toBe(reason);
    const controller = new AbortController();
    const waiting = [untilAborted(forever, controller.signal), sleep(2 ** 30, controller.signal)];
    controller.abort(reason);
    expect(await Promise.all(waiting.map(rejection))).toEqual([reason, reason]);
    expect(await untilAborted(Promise.resolve("done"), new AbortController().signal)).toBe("done");
    await expect(sleep(1, undefined)).resolves.toBeUndefined();
  });
});

it("a wait by a signal that has aborted leaves no listener on it", async () => {
  const signal = AbortSignal.abort("enough");
  await expect(untilAborted(new Promise(() => undefined), signal)).rejects.toBe("enough");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("a wait that an abort ends leaves no timer behind", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  expect(await rejection(sleep(1_000, AbortSignal.abort("enough")))).toBe("enough");
  expect(vi.getTimerCount()).toBe(0);
});

describe("linked signals", () => {
  it("abort with the reason of the first that does", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const { signal } = linkSignals([undefined, one.signal, other.signal]);
    expect(signal.aborted).toBe(false);
    other.abort("other");
    one.abort("one");
    expect([signal.aborted, signal.reason]).toEqual([true, "other"]);
  });

  it("are aborted from the start if one of them is", () => {
    const { signal } = linkSignals([new AbortController().signal, AbortSignal.abort("before")]);
    expect([signal.aborted, signal.reason]).toEqual([true, "before"]);
  });

  it("are apart again once they are released", () => {
    const controller = new AbortController();
    const { signal, release } = linkSignals([controller.signal, undefined, AbortSignal.abort()]);
    const alone = linkSignals([controller.signal]);
    release();
    alone.release();
    controller.abort();
    expect([alone.signal.aborted, signal.reason?.name]).toEqual([false, "AbortError"]);
  });
});
