/**
 * One 429 holds back the operation on the whole client: what that looks like from the server.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AtlasApiError } from "../index.js";
import { clientOf, creation, deletion, errorOf, scripted, secret } from "../testing/scripted-client.js";
import { after, atlasError, reply, reset, type Step } from "../testing/scripted-server.js";

const limitedFor = (seconds: number): Step =>
  reply(429, { error: 429, errorCode: "RATE_LIMITED_TOKEN_BUCKET", parameters: ["api/atlas/v2/orgs", seconds] });
const { setTimeout: setRealTimeout } = globalThis;
const created = reply(201, secret);
const deleted = reply(204);
const retry = { maxAttempts: 2, maxDelayMs: 10_000 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Longest wait for a `Retry-After` of no more than a second. */
const A_SECOND_AND_JITTER_MS = 1050;

/** An onRetry and the moments at which it is told: the gate is closed by then. */
function closing() {
  let told = 0;
  const waiting: (() => void)[] = [];
  const onRetry = () => {
    told += 1;
    for (const look of waiting) look();
  };
  const closed = (times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (told >= times) resolve();
      };
      waiting.push(look);
      look();
    });
  return { closed, onRetry };
}

describe("after a 429", () => {
  it("calls that start later wait, and use no attempt: each arrives once", async () => {
    const { closed, onRetry } = closing();
    const script = (_request: unknown, index: number) => (index === 0 ? limitedFor(0.2) : created);
    const { server, atlas } = await scripted(script, { retry, onRetry });
    const first = atlas.createGroupServiceAccountSecret(creation);
    await closed();
    const others = Array.from({ length: 5 }, () => atlas.createGroupServiceAccountSecret(creation));
    await vi.advanceTimersByTimeAsync(999);
    expect(server.count("POST")).toBe(1);
    await vi.advanceTimersByTimeAsync(A_SECOND_AND_JITTER_MS - 999);
    await Promise.all([first, ...others]);
    expect(server.count("POST")).toBe(7);
  });

  it("the other operation is not held", async () => {
    const { closed, onRetry } = closing();
    const script = ({ method }: { method: string }) => (method === "POST" ? limitedFor(5) : deleted);
    const { server, atlas } = await scripted(script, { retry, onRetry });
    const controller = new AbortController();
    const held = atlas.createGroupServiceAccountSecret(creation, { signal: controller.signal }).catch(() => "held");
    await closed();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect([server.count("POST"), server.count("DELETE")]).toEqual([1, 2]);
    controller.abort();
    expect(await held).toBe("held");
  });

  it("another client is not held", async () => {
    const { closed, onRetry } = closing();
    const script = (_request: unknown, index: number) => (index === 0 ? limitedFor(5) : created);
    const { server, atlas } = await scripted(script, { retry, onRetry });
    const controller = new AbortController();
    const held = atlas.createGroupServiceAccountSecret(creation, { signal: controller.signal }).catch(() => "held");
    await closed();
    await clientOf(server, { retry }).atlas.createGroupServiceAccountSecret(creation);
    expect(server.count("POST")).toBe(2);
    controller.abort();
    expect(await held).toBe("held");
  });

  it("a call that is aborted at the gate rejects at once with its reason and never arrives", async () => {
    const { closed, onRetry } = closing();
    const script = (_request: unknown, index: number) => (index === 0 ? limitedFor(5) : created);
    const { server, atlas } = await scripted(script, { retry, onRetry });
    const [first, second] = [new AbortController(), new AbortController()];
    const limited = atlas.createGroupServiceAccountSecret(creation, { signal: first.signal });
    await closed();
    const waiting = atlas.createGroupServiceAccountSecret(creation, { signal: second.signal });
    const reason = { of: "the caller" };
    second.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    first.abort("also");
    await expect(limited).rejects.toBe("also");
    expect(server.requests).toHaveLength(1);
  });

  it("one call tries first, and a second 429 sends none of those that wait after it", async () => {
    // Everything is refused until the third request; whoever is sent in vain uses up one of two attempts.
    const script = (_request: unknown, index: number) => (index < 2 ? limitedFor(0.1) : created);
    const { closed, onRetry } = closing();
    const { server, atlas } = await scripted(script, { retry: { ...retry, maxAttempts: 3 }, onRetry });
    const first = atlas.createGroupServiceAccountSecret(creation);
    await closed();
    const others = Array.from({ length: 6 }, () => atlas.createGroupServiceAccountSecret(creation));
    await vi.advanceTimersByTimeAsync(A_SECOND_AND_JITTER_MS);
    await closed(2);
    await vi.advanceTimersByTimeAsync(1999);
    expect(server.count("POST")).toBe(2);
    await vi.advanceTimersByTimeAsync(2 * A_SECOND_AND_JITTER_MS - 1999);
    await Promise.all([first, ...others]);
    expect(server.count("POST")).toBe(9);
  });

  it.each<[string, Step]>([
    ["a reset, which shows nothing", reset],
    ["a 429 that asks for too long, and so closes nothing", atlasError(429, "RATE_LIMITED", { "retry-after": "60" })],
  ])("the calls that wait are not sent together on %s", async (_name, second) => {
    let arrived = 0;
    let arrivedWithThird = 0;
    const script = (): Step => {
      arrived += 1;
      if (arrived === 1) return limitedFor(0.05);
      if (arrived === 2) return second;
      if (arrived > 3) return atlasError(409, "CONFLICT");
      return async (...exchange) => {
        // Whoever else is let through arrives meanwhile.
        await new Promise((resolve) => setRealTimeout(resolve, 50));
        arrivedWithThird = arrived;
        return atlasError(409, "CONFLICT")(...exchange);
      };
    };
    const { closed, onRetry } = closing();
    const { atlas } = await scripted(script, { retry, onRetry });
    const first = atlas.createGroupServiceAccountSecret(creation);
    await closed();
    const others = Array.from({ length: 4 }, () => atlas.createGroupServiceAccountSecret(creation));
    await vi.advanceTimersByTimeAsync(A_SECOND_AND_JITTER_MS);
    await Promise.allSettled([first, ...others]);
    expect(arrivedWithThird).toBe(3);
  });

  it("of a fleet together, no call uses more than two attempts at a server that limits once", async () => {
    let release = () => {};
    const together = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { closed, onRetry } = closing();
    const { server, atlas } = await scripted(
      (_request, index) => (index < 10 ? after(together, limitedFor(0.05)) : created),
      { retry, onRetry },
    );
    const fleet = Array.from({ length: 20 }, () => atlas.createGroupServiceAccountSecret(creation));
    await server.arrived(20);
    release();
    await closed(10);
    await vi.advanceTimersByTimeAsync(A_SECOND_AND_JITTER_MS);
    await Promise.all(fleet);
    expect(server.count("POST")).toBe(30);
  });

  it("that ends a call because it asks for too long, the next call is sent", async () => {
    const { server, atlas } = await scripted([atlasError(429, "RATE_LIMITED", { "retry-after": "60" }), created], {
      retry,
    });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ status: 429, outcome: "not-applied", retryAfterSeconds: 60 });
    await atlas.createGroupServiceAccountSecret(creation);
    expect(server.requests).toHaveLength(2);
  });
});
