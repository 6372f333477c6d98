import { describe, expect, it } from "vitest";
import {
  DEFAULT_RETRY,
  mayRepeatAfterFailure,
  mayRepeatAfterStatus,
  provesNotApplied,
  retryDelayMs,
} from "./retry-policy.js";

/** The largest number that Math.random can answer. */
const ALMOST_ONE = 1 - 2 ** -53;

describe("what may be repeated", () => {
  const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);

  it.each([
    ["POST", [429]],
    ["PATCH", [429]],
    ["DELETE", [408, 429, 500, 502, 503, 504]],
    ["GET", [408, 429, 500, 502, 503, 504]],
    ["HEAD", [408, 429, 500, 502, 503, 504]],
    ["OPTIONS", [408, 429, 500, 502, 503, 504]],
    ["TRACE", [408, 429, 500, 502, 503, 504]],
    ["PUT", [408, 429, 500, 502, 503, 504]],
  ])("of all statuses, %s after %j and no other", (method, expected) => {
    expect(statuses.filter((status) => mayRepeatAfterStatus(method, status))).toEqual(expected);
  });

  it("POST after a failure only if no connection was made, DELETE after every failure", () => {
    expect(mayRepeatAfterFailure("POST", false)).toBe(true);
    expect(mayRepeatAfterFailure("POST", true)).toBe(false);
    expect(mayRepeatAfterFailure("DELETE", false)).toBe(true);
    expect(mayRepeatAfterFailure("DELETE", true)).toBe(true);
  });

  it("a 4xx proves that nothing was done, except 408", () => {
    const expected = statuses.filter((status) => status >= 400 && status <= 499 && status !== 408);
    expect(statuses.filter(provesNotApplied)).toEqual(expected);
  });
});

describe("the wait before the next attempt", () => {
  const base = { attempt: 1, rateLimited: false, requestedMs: undefined, maxDelayMs: 60_000, random: ALMOST_ONE };

  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [4, 4000],
    [7, 32_000],
    [8, 60_000],
    [5000, 60_000],
  ])("after attempt %d is at most %d ms", (attempt, most) => {
    expect(retryDelayMs({ ...base, attempt })).toBe(most);
  });

  it.each([
    [1, 10_000],
    [2, 20_000],
    [3, 40_000],
    [4, 60_000],
  ])("after attempt %d, where a 429 does not say how long, is at most %d ms", (attempt, most) => {
    expect(retryDelayMs({ ...base, attempt, rateLimited: true })).toBe(most);
  });

  it("is anything from nothing to that: full jitter", () => {
    expect(retryDelayMs({ ...base, attempt: 3, random: 0 })).toBe(0);
    expect(retryDelayMs({ ...base, attempt: 3, random: 0.5 })).toBe(1000);
    expect(retryDelayMs({ ...base, attempt: 3, rateLimited: true, random: 0.25 })).toBe(10_000);
    expect(retryDelayMs({ ...base, attempt: 20, random: 0.5 })).toBe(30_000);
  });

  it("is never above maxDelayMs without a Retry-After", () => {
    expect(retryDelayMs({ ...base, attempt: 9, maxDelayMs: 750 })).toBe(750);
    expect(retryDelayMs({ ...base, attempt: 2, rateLimited: true, maxDelayMs: 0 })).toBe(0);
  });

  it.each([
    [0, 0, 0],
    [1000, 0, 1000],
    [1000, 0.5, 1025],
    [1000, ALMOST_ONE, 1050],
    [60_000, ALMOST_ONE, 63_000],
    [1, 0.5, 2],
  ])(
    "with a Retry-After of %d ms is never less, and at most 5 %% more (%d): %d ms",
    (requestedMs, random, expected) => {
      for (const attempt of [1, 4]) {
        for (const rateLimited of [false, true]) {
          expect(retryDelayMs({ ...base, attempt, rateLimited, requestedMs, random })).toBe(expected);
        }
      }
    },
  );

  it("by default goes on for four attempts and up to a minute", () => {
    expect(DEFAULT_RETRY).toEqual({ maxAttempts: 4, maxDelayMs: 60_000 });
  });
});
