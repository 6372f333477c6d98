/** Sends a call again if the policy allows it, keeps account of what may have happened, and waits as the server asks. */
import { AtlasNetworkError } from "../errors.js";
import { sleep } from "../signals.js";
import { finishesOnceSent } from "./caller-abort.js";
import { jsonObject, type RetryPolicy, type Stage, type TransportResponse } from "./pipeline.js";
import { RateLimitGates, type TokenBucket } from "./rate-limit-gate.js";

/** How often and how long to try again. */
export interface RetryOptions {
  /** Attempts altogether; a 429 while other calls of the client get through is none. Default: 4. */
  readonly maxAttempts?: number | undefined;
  /** Longest wait before an attempt, in milliseconds; a `Retry-After` above it fails at once. Default: 60 000. */
  readonly maxDelayMs?: number | undefined;
}

/** For `onRetry`. */
export interface RetryEvent {
  readonly operationId: string;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly delayMs: number;
  /** The status of the response, or why there is none. */
  readonly reason: number | AtlasNetworkError;
}

/** Of `false`: no wait is short enough. */
const NEVER: RetryPolicy = { maxAttempts: 1, maxDelayMs: -1 };

interface RetryStageOptions {
  /** Of requests without their own. `false` sends once, whatever comes; a gate that others have closed is waited for. */
  readonly policy: RetryPolicy | false;
  readonly onRetry?: (event: RetryEvent) => void;
  readonly random?: () => number;
}

/** @throws what the layers below throw; the caller's abort reason, at once, also during a wait */
export function retry({ policy: usualPolicy, onRetry, random = Math.random }: RetryStageOptions): Stage {
  const gates = new RateLimitGates();
  let calls = 0;
  /** Responses other than 429, over all operations. */
  let accepted = 0;
  return (next) => async (request) => {
    const { retry: policy = usualPolicy, operation, signal, account } = request;
    const limits = policy === false ? NEVER : policy;
    const { operationId } = operation;
    // What changes nothing may be repeated like a GET.
    const method = request.changesNothing ? "GET" : operation.method;
    calls += 1;
    const ticket = calls;
    let counted = 0;
    let acceptedBefore = accepted;
    for (let attempt = 1; ; attempt += 1) {
      const gate = gates.of(operationId);
      const pass = gate.enterIfOpen() ?? (await gate.enter(ticket, signal));
      let response: TransportResponse | undefined;
      let reason: FailureReason;
      try {
        response = await next(request);
        reason = response.status;
      } catch (thrown) {
        const isEnd = endsCall(thrown, signal);
        if (isEnd || !(thrown instanceof AtlasNetworkError)) {
          gate.leave(pass);
          throw isEnd ? signal?.reason : thrown;
        }
        reason = thrown;
      }
      const rateLimited = reason === 429;
      // Rate limits are shared: a refusal while other calls get through is a place in the queue, not an attempt.
      if (!rateLimited || accepted === acceptedBefore) counted += 1;
      const delayMs = mayRepeat(method, reason)
        ? retryDelayMs({
            attempt: Math.max(counted, 1),
            rateLimited,
            requestedMs: response && requestedWaitMs(response),
            maxDelayMs: limits.maxDelayMs,
            random: random(),
          })
        : undefined;
      // Closed before it is left: the next in line must not slip through between the two.
      if (response?.status === 429 && delayMs !== undefined) {
        gates.close(operationId, delayMs, tokenBucketOf(response, limits));
      }
      gate.leave(pass, response);
      if (response !== undefined && !rateLimited) accepted += 1;
      acceptedBefore = accepted;
      if (delayMs === undefined || counted >= limits.maxAttempts) {
        if (response === undefined) throw reason;
        return response;
      }
      account.mayHaveBeenApplied ||= !provesNotApplied(reason);
      onRetry?.({ operationId, attempt, delayMs, reason });
      // After a 429 the gate is what waits; a wait of its own would make a call late that the gate lets through.
      if (!rateLimited) await sleep(delayMs, signal);
    }
  };
}

/**
 * Whether the caller has ended the call, whatever was thrown, even an error of ours from another call as the reason; but if
 * a sent request is not given up, its own error says what may have happened.
 */
function endsCall(thrown: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && (Object.is(thrown, signal.reason) || !finishesOnceSent(signal));
}

const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
/** Of failures that may be over a moment later. */
const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

type FailureReason = RetryEvent["reason"];

/**
 * What may be repeated, by what the method promises (RFC 9110, section 9.2.2). 429 and a connection that was never
 * made prove that nothing happened; everything else is safe only if doing it twice is the same as doing it once.
 */
export function mayRepeat(method: string, reason: FailureReason): boolean {
  const isIdempotent = IDEMPOTENT_METHODS.has(method);
  if (typeof reason === "number") return reason === 429 || (isIdempotent && TEMPORARY_STATUSES.has(reason));
  // There was a connection, but nothing was sent: a certificate was refused, and will be again.
  return !reason.connected || (isIdempotent && reason.outcome !== "not-applied");
}

/** Whether it proves that the request did nothing. */
export function provesNotApplied(reason: FailureReason): boolean {
  if (typeof reason !== "number") return reason.outcome === "not-applied";
  return reason >= 400 && reason < 500 && reason !== 408;
}

const FIRST_DELAY_MS = 500;
/** After a 429 that does not say how long; 10, 20, 40 seconds by https://www.mongodb.com/docs/atlas/api/rate-limits/ */
const FIRST_RATE_LIMIT_DELAY_MS = 10_000;
/** No `Retry-After` is shorter than this; one that was obeyed in vain waits for twice as long, and so on. */
const FIRST_FLOOR_MS = 1000;
/** On top of a `Retry-After`, so that calls do not come back in the same instant. */
const LARGEST_JITTER = 0.05;

interface Failure {
  /** The attempt that failed, from 1; a 429 while other calls get through is none. */
  readonly attempt: number;
  readonly rateLimited: boolean;
  /** What the server asked for; it is a floor. */
  readonly requestedMs: number | undefined;
  readonly maxDelayMs: number;
  /** As of Math.random. */
  readonly random: number;
}

/** Full jitter, unless the server asks for a certain time; undefined if that is more than the policy allows. */
export function retryDelayMs(failure: Failure): number | undefined {
  const { attempt, rateLimited, requestedMs, maxDelayMs, random } = failure;
  if ((requestedMs ?? 0) > maxDelayMs) return undefined;
  if (requestedMs === undefined) {
    const first = rateLimited ? FIRST_RATE_LIMIT_DELAY_MS : FIRST_DELAY_MS;
    return Math.round(Math.min(maxDelayMs, first * 2 ** (attempt - 1)) * random);
  }
  const floor = Math.min(maxDelayMs, FIRST_FLOOR_MS * 2 ** (attempt - 1));
  return Math.ceil(Math.max(requestedMs, floor) * (1 + LARGEST_JITTER * random));
}

const DELTA_SECONDS = /^\d+(?:\.\d+)?$/;
/** One value; a date has a comma of its own. */
const VALUE = /[A-Z][a-z]+, [^,]+|[^\s,][^,]*/g;

/**
 * In milliseconds, seconds rounded up; undefined if it is absent or makes no sense (negative, past, lines that differ).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const [text = "", ...others] = new Set((value?.match(VALUE) ?? []).map((each) => each.trim()));
  if (others.length > 0) return undefined;
  if (DELTA_SECONDS.test(text)) return wholeSeconds(Number(text));
  const untilThen = parseHttpDate(text) - now;
  return untilThen > 0 ? untilThen : undefined;
}

/**
 * The wait that a response asks for: by its header, a date in it measured against the response's own; or, on a 429 of a
 * token bucket without one, by its `parameters`.
 *
 * @see https://www.mongodb.com/docs/atlas/api/rate-limits/
 */
export function requestedWaitMs(response: TransportResponse): number | undefined {
  const { status, headers } = response;
  const sentAt = parseHttpDate(headers.get("date") ?? "");
  const header = parseRetryAfter(headers.get("retry-after"), Number.isNaN(sentAt) ? Date.now() : sentAt);
  if (header !== undefined || status !== 429) return header;
  const [, seconds] = bucketParameters(response);
  return typeof seconds === "number" && seconds >= 0 ? wholeSeconds(seconds) : undefined;
}

/** Undefined if a 429 names none that makes sense, or a wait for its refill could be longer than the policy allows. */
export function tokenBucketOf(response: TransportResponse, { maxDelayMs }: RetryPolicy): TokenBucket | undefined {
  const [name, , capacity, refill, periodSeconds] = bucketParameters(response);
  if (typeof name !== "string" || !isCount(capacity) || !isCount(refill) || !isCount(periodSeconds)) return undefined;
  const periodMs = periodSeconds * 1000;
  return refill <= capacity && periodMs <= maxDelayMs ? { name, refill, periodMs } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

/** Name, seconds to wait, capacity, refill, seconds of a period; other limits have others there. */
function bucketParameters({ text }: TransportResponse): readonly unknown[] {
  const { errorCode, parameters } = jsonObject(text) ?? {};
  return errorCode === "RATE_LIMITED_TOKEN_BUCKET" && Array.isArray(parameters) ? parameters : [];
}

function wholeSeconds(seconds: number): number {
  return Math.min(Math.ceil(seconds) * 1000, Number.MAX_SAFE_INTEGER);
}

/** IMF-fixdate and RFC 850's form; `Date.parse` alone would also take "5" for a date. */
const WITH_ZONE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -](?:\d{2}|\d{4}) \d{2}:\d{2}:\d{2} GMT$/;
/** asctime's form, which is in UTC without saying so. */
const WITHOUT_ZONE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * In milliseconds since the epoch; NaN if the text is none of the three forms.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string): number {
  if (WITHOUT_ZONE.test(text)) return Date.parse(`${text} GMT`);
  return WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
}
