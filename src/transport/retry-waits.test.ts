/**
 * The retry layer by itself: what it waits for, what counts as an attempt, and what it leaves behind for later calls.
 */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { operations } from "../../generated/operations.js";
import { AtlasAuthError, AtlasNetworkError } from "../errors.js";
import { tokenBucket } from "../testing/atlas/faults.js";
import type { Send, TransportRequest, TransportResponse } from "./pipeline.js";
import { type RetryEvent, retry } from "./retry.js";

const policy = { maxAttempts: 3, maxDelayMs: 60_000 };

const response = (status: number, headers: Record<string, string> = {}): TransportResponse => ({
  status,
  headers: new Headers(headers),
  text: "",
});

const deletion = (signal?: AbortSignal): TransportRequest => ({
  operation: operations.deleteOrgServiceAccountSecret,
  url: "http://127.0.0.1/",
  headers: {},
  body: undefined,
  signal,
  account: { mayHaveBeenApplied: false },
});

/** Half of the longest wait that the backoff draws, and the caller gives up as it begins. */
async function waitAfter(
  refusal: TransportResponse,
): Promise<{ readonly rejected: unknown; readonly delayMs: number[] }> {
  const controller = new AbortController();
  const events: RetryEvent[] = [];
  const onRetry = (event: RetryEvent) => {
    events.push(event);
    setTimeout(() => controller.abort("enough"), 0);
  };
  const send = retry({ policy, onRetry, random: () => 0.5 })(async () => refusal);
  const rejected = await send(deletion(controller.signal)).catch((reason: unknown) => reason);
  return { rejected, delayMs: events.map(({ delayMs }) => delayMs) };
}

describe("the wait before the next attempt, which an abort ends at once with its reason:", () => {
  it.each([
    ["half a second's backoff after a 503", response(503), 250],
    ["ten seconds' backoff after a 429", response(429), 5_000],
    ["what a 503 asks for, and a little jitter", response(503, { "retry-after": "40" }), 41_000],
    ["what a 429 asks for, and a little jitter", response(429, { "retry-after": "40" }), 41_000],
  ])("%s", async (_name, refusal, delayMs) => {
    expect(await waitAfter(refusal)).toEqual({ rejected: "enough", delayMs: [delayMs] });
  });

  it("grows with each attempt", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const delays: number[] = [];
    const onRetry = ({ delayMs }: RetryEvent) => void delays.push(delayMs);
    const send = retry({ policy: { ...policy, maxAttempts: 4 }, onRetry, random: () => 0.5 })(async () =>
      response(503),
    );
    const call = send(deletion());
    await vi.runAllTimersAsync();
    expect([(await call).status, delays]).toEqual([503, [250, 500, 1000]]);
  });

  it("is none for what is no GET or DELETE, unless it changes nothing", async () => {
    const { createGroupServiceAccountSecret: operation } = operations;
    const attempts: number[] = [];
    const send = retry({ policy: { maxAttempts: 2, maxDelayMs: 0 } })(async () => {
      attempts[attempts.length - 1] = (attempts.at(-1) ?? 0) + 1;
      return response(503);
    });
    for (const more of [{}, { changesNothing: true }] as const) {
      attempts.push(0);
      await send({ ...deletion(), operation, ...more });
    }
    expect(attempts).toEqual([1, 2]);
  });
});

/** Until everything that can be sent has been. */
const sent = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A server that holds each response back until it is told to give it. */
function held() {
  const waiting: ((received: TransportResponse | Promise<never>) => void)[] = [];
  const next: Send = () => new Promise((resolve) => waiting.push(resolve));
  /** Gives the oldest request its response, or fails it; how many are then under way. */
  const give = async (received: TransportResponse | Error) => {
    await sent();
    const oldest = waiting.shift() ?? expect.fail("nothing is under way");
    oldest(received instanceof Error ? Promise.reject(received) : received);
    await sent();
    return waiting.length;
  };
  return { next, give };
}

describe("after a 429, calls that wait", () => {
  it("are let through one at first, and twice as many after each response", async () => {
    const { next, give } = held();
    const send = retry({ policy: { ...policy, maxDelayMs: 0 } })(next);
    const first = send(deletion());
    expect(await give(response(429, { "retry-after": "0" }))).toBe(1);
    const others = Array.from({ length: 9 }, () => send(deletion()));
    const underWay: number[] = [];
    for (let given = 0; given < 10; given += 1) underWay.push(await give(response(204)));
    expect(underWay).toEqual([2, 4, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(await Promise.all([first, ...others])).toHaveLength(10);
  });

  it("get the place of one that failed before it was sent", async () => {
    const { next, give } = held();
    const send = retry({ policy: { ...policy, maxDelayMs: 0 } })(next);
    const first = send(deletion());
    expect(await give(response(429, { "retry-after": "0" }))).toBe(1);
    const second = send(deletion());
    const failure = new AtlasAuthError("No token", { outcome: "not-applied" });
    const rejection = expect(first).rejects.toBe(failure);
    expect(await give(failure)).toBe(1);
    await rejection;
    await give(response(204));
    expect(await second).toMatchObject({ status: 204 });
  });
});

const creation: TransportRequest = { ...deletion(), operation: operations.createGroupServiceAccountSecret };

/** Refuses `refusals` creations and takes everything else; `between` runs while a creation is refused. */
function server(refusals: number, between: (send: Send) => Promise<unknown>, other: Send = async () => response(204)) {
  const sent = { creations: 0 };
  // The least wait after a 429 grows no longer than this.
  const stage = retry({ policy: { maxAttempts: 4, maxDelayMs: 5 }, random: () => 0 });
  const limited = response(429, { "retry-after": "0" });
  const others = stage(other);
  const send = stage(async ({ operation }) => {
    if (operation !== creation.operation) return response(204);
    sent.creations += 1;
    if (sent.creations > refusals) return response(201);
    await between(others);
    return limited;
  });
  return { sent, send };
}

it("a refusal while other calls of the client get through uses no attempt", async () => {
  const { sent, send } = server(6, (others) => others(deletion()));
  expect(await send(creation)).toMatchObject({ status: 201 });
  expect(sent.creations).toBe(7);
});

it("and is waited for like a first one", async () => {
  const controller = new AbortController();
  const delays: number[] = [];
  const onRetry = ({ delayMs }: RetryEvent) => {
    delays.push(delayMs);
    controller.abort("enough");
  };
  const stage = retry({ policy, onRetry, random: () => 0.5 });
  const others = stage(async () => response(204));
  const send = stage(async () => {
    await others(deletion());
    return response(429);
  });
  await expect(send({ ...creation, signal: controller.signal })).rejects.toBe("enough");
  expect(delays).toEqual([5000]);
});

it("what got through before the last refusal is no reason to go on", async () => {
  let refusals = 0;
  const { sent, send } = server(10, async (others) => {
    refusals += 1;
    if (refusals === 1) await others(deletion());
  });
  expect(await send(creation)).toMatchObject({ status: 429 });
  expect(sent.creations).toBe(5);
});

it("other calls that get no response are no reason to go on", async () => {
  const other = { ...creation, operation: { ...creation.operation, operationId: "other" } };
  const lost = new AtlasNetworkError("lost", { connected: true, outcome: "unknown" });
  const { sent, send } = server(
    6,
    (others) => expect(others(other)).rejects.toBe(lost),
    () => Promise.reject(lost),
  );
  expect(await send(creation)).toMatchObject({ status: 429 });
  expect(sent.creations).toBe(4);
});

it("refusals with nothing else getting through use up the attempts", async () => {
  const { sent, send } = server(6, async () => undefined);
  expect(await send(creation)).toMatchObject({ status: 429 });
  expect(sent.creations).toBe(4);
});

it("what got through before the call was made is no reason to go on", async () => {
  const { sent, send } = server(6, async () => undefined);
  await send(deletion());
  expect(await send(creation)).toMatchObject({ status: 429 });
  expect(sent.creations).toBe(4);
});

it("other calls that are refused as well are no reason to go on", async () => {
  const { sent, send } = server(100, async () => undefined);
  expect(await Promise.all([send(creation), send(creation)])).toMatchObject([{ status: 429 }, { status: 429 }]);
  expect(sent.creations).toBe(8);
});

/** Calls of each operation, all at once, through one bucket of ten requests a second; the seconds that they took. */
async function throughBucket(calls: Readonly<Record<string, number>>, refill: number, phaseMs: number) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const bucket = tokenBucket({ capacity: 10, refill, periodSeconds: 1 }, Date.now);
  const refused: string[] = [];
  const send = retry({ policy, random: () => 1 })(async ({ operation }) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const { headers, refusal } = bucket();
    if (refusal === undefined) return response(204, headers);
    refused.push(operation.operationId);
    return { ...response(refusal.status, refusal.headers), text: JSON.stringify(refusal.body) };
  });
  await vi.advanceTimersByTimeAsync(phaseMs);
  const begun = Date.now();
  const all = Object.entries(calls).flatMap(([operationId, count]) => {
    const operation = { ...operations.deleteOrgServiceAccountSecret, operationId };
    return Array.from({ length: count }, () => send({ ...deletion(), operation }));
  });
  let seconds = Number.NaN;
  void Promise.all(all).then(() => {
    seconds = (Date.now() - begun) / 1000;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  return { seconds, refused };
}

describe("a bucket that has refused calls once", () => {
  it.each([0, 300, 600, 900, 990])("refuses no more of them, begun %d ms behind its refill", async (phaseMs) => {
    const { seconds, refused } = await throughBucket({ create: 30, delete: 30, token: 30 }, 10, phaseMs);
    // All of them at once, less those that the bucket had.
    expect(refused).toHaveLength(80);
    // A second and a twentieth at first, then one for each ten of the eighty.
    expect(seconds).toBeCloseTo(8.05, 1);
  });

  it("is used at its own rate if it gets back less than it holds", async () => {
    const { seconds, refused } = await throughBucket({ create: 40 }, 5, 500);
    expect(refused).toHaveLength(30);
    expect(seconds).toBeLessThan(6.1);
  });
});
