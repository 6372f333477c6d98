/**
 * How long the server asks to wait.
 */
import type { TransportResponse } from "./pipeline.js";

/** No rate limit lasts more than a day; a larger value is a mistake of the server, not a request. */
const LONGEST_BELIEVABLE_MS = 24 * 60 * 60 * 1000;

const DELTA_SECONDS = /^\d+$/;

/**
 * `Retry-After` in milliseconds; undefined if it is absent or makes no sense (negative, past, no number, absurd).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (DELTA_SECONDS.test(text)) return believable(Number(text) * 1000);
  const untilThen = parseHttpDate(text) - now;
  return untilThen > 0 ? believable(untilThen) : undefined;
}

/**
 * The wait that a response asks for, in milliseconds: by its header, or, on a 429 without one, by the second of its
 * `parameters`, where Atlas repeats the seconds.
 *
 * @see https://www.mongodb.com/docs/atlas/api/rate-limits/
 */
export function requestedWaitMs(response: TransportResponse, now = Date.now()): number | undefined {
  const header = parseRetryAfter(response.headers.get("retry-after"), now);
  if (header !== undefined || response.status !== 429) return header;
  try {
    const body: unknown = JSON.parse(response.text);
    const parameters = typeof body === "object" && body !== null && "parameters" in body ? body.parameters : undefined;
    const seconds: unknown = Array.isArray(parameters) ? parameters[1] : undefined;
    return typeof seconds === "number" && seconds >= 0 ? believable(seconds * 1000) : undefined;
  } catch {
    // Not JSON: then there is nothing in it to wait by.
    return undefined;
  }
}

function believable(milliseconds: number): number | undefined {
  return milliseconds <= LONGEST_BELIEVABLE_MS ? milliseconds : undefined;
}

/** IMF-fixdate and RFC 850's form; `Date.parse` alone would also take "5" for a date. */
const WITH_ZONE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -](?:\d{2}|\d{4}) \d{2}:\d{2}:\d{2} GMT$/;
/** asctime's form, which is in UTC without saying so. */
const WITHOUT_ZONE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * A date of an HTTP header, in milliseconds since the epoch; NaN if the text is none of the three forms.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string): number {
  if (WITHOUT_ZONE.test(text)) return Date.parse(`${text} GMT`);
  return WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
}
