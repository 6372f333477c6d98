/**
 * What may be repeated, and how long the wait before is.
 */
import { describe, expect, it } from "vitest";
import { AtlasNetworkError } from "../errors.js";
import type { TransportResponse } from "./pipeline.js";
import { mayRepeat, parseRetryAfter, provesNotApplied, requestedWaitMs, retryDelayMs, tokenBucketOf } from "./retry.js";

/** The largest number that Math.random can return. */
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
    expect(statuses.filter((status) => mayRepeat(method, status))).toEqual(expected);
  });

  it("POST after a failure only if no connection was made, DELETE after every failure", () => {
    const refused = new AtlasNetworkError("refused", { connected: false, outcome: "not-applied" });
    const lost = new AtlasNetworkError("lost", { connected: true, outcome: "unknown" });
    expect(mayRepeat("POST", refused)).toBe(true);
    expect(mayRepeat("POST", lost)).toBe(false);
    expect(mayRepeat("DELETE", refused)).toBe(true);
    expect(mayRepeat("DELETE", lost)).toBe(true);
  });

  it("a 4xx proves that nothing was done, except 408", () => {
    const expected = statuses.filter((status) => status >= 400 && status <= 499 && status !== 408);
    expect(statuses.filter((status) => provesNotApplied(status))).toEqual(expected);
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
  ])("after attempt %d, if a 429 does not say how long, is at most %d ms", (attempt, most) => {
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
    [8000, 0, 8000],
    [8000, 0.5, 8200],
    [8000, ALMOST_ONE, 8400],
    [60_000, ALMOST_ONE, 63_000],
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

  it.each([
    ["of nothing", 0, [1000, 2000, 4000, 8000]],
    ["that is obeyed and refused again", 1000, [1000, 2000, 4000, 8000]],
    ["that is longer than what it grows to", 3000, [3000, 3000, 4000, 8000]],
  ])("with a Retry-After %s grows from a second on", (_name, requestedMs, expected) => {
    const waits = [1, 2, 3, 4].map((attempt) => retryDelayMs({ ...base, attempt, requestedMs, random: 0 }));
    expect(waits).toEqual(expected);
  });

  it("never grows above maxDelayMs", () => {
    expect(retryDelayMs({ ...base, attempt: 9, requestedMs: 0, random: 0 })).toBe(60_000);
    expect(retryDelayMs({ ...base, requestedMs: 0, maxDelayMs: 5, random: 0 })).toBe(5);
  });
});

/** A minute before the date of RFC 9110's examples. */
const now = Date.UTC(1994, 10, 6, 8, 48, 37);

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["1", 1000],
    ["55", 55_000],
    [" 7\t", 7000],
    ["007", 7000],
    ["1.5", 2000],
    ["0.001", 1000],
    ["5, 5", 5000],
    ["86401", 86_401_000],
    ["99999999999999999999999", Number.MAX_SAFE_INTEGER],
  ])("in seconds: %j is %d ms", (value, milliseconds) => {
    expect(parseRetryAfter(value, now)).toBe(milliseconds);
  });

  it.each([
    ["IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT"],
    ["asctime", "Sun Nov  6 08:49:37 1994"],
  ])("as a date of the form %s counts from now, in UTC", (_form, value) => {
    expect(parseRetryAfter(value, now)).toBe(60_000);
  });

  it("counts lines that say the same once", () => {
    const [imf, rfc850] = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"];
    expect(parseRetryAfter(`${imf}, ${imf}`, now)).toBe(60_000);
    expect(parseRetryAfter(`${rfc850}, ${rfc850}`, now)).toBe(60_000);
  });

  it("takes a date however far away", () => {
    expect(parseRetryAfter("Tue, 08 Nov 1994 08:48:37 GMT", now)).toBe(172_800_000);
  });

  it("takes a two-digit year for one of this century", () => {
    expect(parseRetryAfter("Monday, 06-Nov-28 08:49:37 GMT", Date.UTC(2028, 10, 6, 8, 49, 30))).toBe(7000);
  });

  it.each([
    ["absent", null],
    ["empty", ""],
    ["blank", "  "],
    ["negative", "-5"],
    ["signed", "+5"],
    ["NaN", "NaN"],
    ["Infinity", "Infinity"],
    ["an exponent", "1e3"],
    ["hexadecimal", "0x10"],
    ["a unit", "5s"],
    ["a list, as two headers make it", "5, 10"],
    ["a date that has passed", "Sun, 06 Nov 1994 08:48:36 GMT"],
    ["a date that is now", "Sun, 06 Nov 1994 08:48:37 GMT"],
    ["a date of no HTTP form", "1994-11-06T08:49:37Z"],
    ["a date in a zone of its own", "Sun, 06 Nov 1994 08:49:37 PST"],
    ["a date that does not exist", "Sun, 99 Nov 1994 08:49:37 GMT"],
  ])("that is %s asks for nothing", (_name, value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });
});

const response = (status: number, text: string, retryAfter?: string): TransportResponse => ({
  status,
  headers: new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  text,
});
const limited = (...parameters: unknown[]) =>
  JSON.stringify({ error: 429, errorCode: "RATE_LIMITED_TOKEN_BUCKET", parameters });

describe("the wait that a response asks for", () => {
  it("is its header's, whatever the status", () => {
    expect(requestedWaitMs(response(503, "", "2"))).toBe(2000);
    expect(requestedWaitMs(response(429, limited("api/atlas/v2/orgs", 55, 10, 5, 60), "2"))).toBe(2000);
  });

  it("is the second parameter of a 429 without a header, which is in seconds", () => {
    expect(requestedWaitMs(response(429, limited("api/atlas/v2/orgs", 55, 10, 5, 60)))).toBe(55_000);
    expect(requestedWaitMs(response(429, limited("api/atlas/v2/orgs", 0.5)))).toBe(1000);
    expect(requestedWaitMs(response(429, limited("api/atlas/v2/orgs", 0)))).toBe(0);
    expect(requestedWaitMs(response(429, limited("api/atlas/v2/orgs", 86_400)))).toBe(86_400_000);
  });

  it("is the second parameter of a 429 whose header makes no sense", () => {
    expect(requestedWaitMs(response(429, limited("api/atlas/v2/orgs", 3), "-1"))).toBe(3000);
  });

  it("is measured against the response's own date", () => {
    const headers = new Headers({
      date: "Sun, 06 Nov 1994 08:49:07 GMT",
      "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT",
    });
    expect(requestedWaitMs({ status: 503, headers, text: "" })).toBe(30_000);
  });

  it("is not looked for in the body of another status", () => {
    expect(requestedWaitMs(response(503, limited("api/atlas/v2/orgs", 55)))).toBeUndefined();
  });

  it.each([
    ["no body", ""],
    ["no JSON", "<html>"],
    ["null", "null"],
    ["an array", "[1, 2]"],
    ["no parameters", '{"error":429}'],
    ["parameters that are no list", '{"parameters":{"1":5}}'],
    ["a list too short", limited("api/atlas/v2/orgs")],
    ["a string", limited("api/atlas/v2/orgs", "55")],
    ["a negative number", limited("api/atlas/v2/orgs", -1)],
    ["no code", '{"parameters":["api/atlas/v2/orgs", 5]}'],
    ["requests and minutes", JSON.stringify({ errorCode: "RATE_LIMITED", parameters: ["api/atlas/v2/orgs", 10, 1] })],
  ])("is none if a 429 has %s", (_name, text) => {
    expect(requestedWaitMs(response(429, text))).toBeUndefined();
  });
});

describe("the token bucket that a 429 names", () => {
  const name = "api/atlas/v2/orgs";
  const policy = { maxAttempts: 4, maxDelayMs: 60_000 };

  it.each([
    ["Atlas's own example", limited(name, 55, 10, 5, 60), { name, refill: 5, periodMs: 60_000 }],
    ["one that is filled up", limited(name, 1, 250, 250, 1), { name, refill: 250, periodMs: 1000 }],
    ["no JSON", "<html>", undefined],
    ["too few parameters", limited(name, 55), undefined],
    ["another limit", JSON.stringify({ errorCode: "RATE_LIMITED", parameters: [name, 55, 10, 5, 60] }), undefined],
    ["a name that is no string", limited(null, 55, 10, 5, 60), undefined],
    ["strings", limited(name, 55, "10", "5", "60"), undefined],
    ["no refill", limited(name, 55, 10, 0, 60), undefined],
    ["a negative refill", limited(name, 55, 10, -5, 60), undefined],
    ["half a refill", limited(name, 55, 10, 0.5, 60), undefined],
    ["a refill above the capacity", limited(name, 55, 10, 11, 60), undefined],
    ["a period without length", limited(name, 55, 10, 5, 0), undefined],
    ["a period that nobody would wait for", limited(name, 55, 10, 5, 61), undefined],
    ["a period beyond all numbers", limited(name, 55, 10, 5, 60).replace(/60\]/, "1e999]"), undefined],
  ])("is read from %s", (_name, text, bucket) => {
    expect(tokenBucketOf(response(429, text), policy)).toEqual(bucket);
  });
});
