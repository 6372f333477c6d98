import { describe, expect, it } from "vitest";
import type { TransportResponse } from "./pipeline.js";
import { parseRetryAfter, requestedWaitMs } from "./retry-after.js";

/** A minute before the date of RFC 9110's examples. */
const now = Date.UTC(1994, 10, 6, 8, 48, 37);

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["1", 1000],
    ["55", 55_000],
    [" 7\t", 7000],
    ["007", 7000],
    ["86400", 86_400_000],
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

  it("takes a two-digit year for one of this century", () => {
    expect(parseRetryAfter("Monday, 06-Nov-28 08:49:37 GMT", Date.UTC(2028, 10, 6, 8, 49, 30))).toBe(7000);
  });

  it.each([
    ["absent", null],
    ["empty", ""],
    ["blank", "  "],
    ["negative", "-5"],
    ["signed", "+5"],
    ["a fraction", "1.5"],
    ["NaN", "NaN"],
    ["Infinity", "Infinity"],
    ["an exponent", "1e3"],
    ["hexadecimal", "0x10"],
    ["a unit", "5s"],
    ["a list, as two headers make it", "5, 10"],
    ["more than a day", "86401"],
    ["absurd", "99999999999999999999999"],
    ["a date that has passed", "Sun, 06 Nov 1994 08:48:36 GMT"],
    ["a date that is now", "Sun, 06 Nov 1994 08:48:37 GMT"],
    ["a date more than a day away", "Tue, 08 Nov 1994 08:49:37 GMT"],
    ["a date of no HTTP form", "1994-11-06T08:49:37Z"],
    ["a date in a zone of its own", "Sun, 06 Nov 1994 08:49:37 PST"],
    ["a date that does not exist", "Sun, 99 Nov 1994 08:49:37 GMT"],
  ])("that is %s asks for nothing", (_name, value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });
});

const answer = (status: number, text: string, retryAfter?: string): TransportResponse => ({
  status,
  headers: new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  text,
});
const limited = (...parameters: unknown[]) => JSON.stringify({ error: 429, errorCode: "RATE_LIMITED", parameters });

describe("the wait that an answer asks for", () => {
  it("is its header's, whatever the status", () => {
    expect(requestedWaitMs(answer(503, "", "2"))).toBe(2000);
    expect(requestedWaitMs(answer(429, limited("api/atlas/v2/orgs", 55, 10, 5, 60), "2"))).toBe(2000);
  });

  it("is the second parameter of a 429 without a header, which is in seconds", () => {
    expect(requestedWaitMs(answer(429, limited("api/atlas/v2/orgs", 55, 10, 5, 60)))).toBe(55_000);
    expect(requestedWaitMs(answer(429, limited("api/atlas/v2/orgs", 0.5)))).toBe(500);
    expect(requestedWaitMs(answer(429, limited("api/atlas/v2/orgs", 0)))).toBe(0);
    expect(requestedWaitMs(answer(429, limited("api/atlas/v2/orgs", 86_400)))).toBe(86_400_000);
  });

  it("is the second parameter of a 429 whose header makes no sense", () => {
    expect(requestedWaitMs(answer(429, limited("api/atlas/v2/orgs", 3), "-1"))).toBe(3000);
  });

  it("is not looked for in the body of another status", () => {
    expect(requestedWaitMs(answer(503, limited("api/atlas/v2/orgs", 55)))).toBeUndefined();
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
    ["more than a day", limited("api/atlas/v2/orgs", 86_401)],
    ["infinity", '{"parameters":["x",1e999]}'],
  ])("is none where a 429 has %s", (_name, text) => {
    expect(requestedWaitMs(answer(429, text))).toBeUndefined();
  });
});
