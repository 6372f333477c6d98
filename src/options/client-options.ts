/**
 * The options of a client: their defaults, and what is refused before anything is sent.
 */
import { type ApiVersion, operations } from "../../generated/operations.js";
import { type Credentials, readCredentials, type SignInMethod } from "../auth/credentials.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { quote } from "../safe/quote.js";
import { redactByForm } from "../safe/redaction.js";
import type { FetchFunction } from "../transport/attempt.js";
import type { DeprecationEvent } from "../transport/deprecation.js";
import type { RetryEvent } from "../transport/retry.js";
import { DEFAULT_RETRY, type RetryOptions, type RetryPolicy } from "../transport/retry-policy.js";
import { versionsOf } from "../transport/versions.js";
import { VERSION } from "../version.js";
import { checkBaseUrl } from "./base-url.js";

export interface AtlasClientOptions {
  /** How to sign in; exactly one of the three kinds. */
  readonly credentials: Credentials;
  /**
   * Where Atlas is; https, or anything on loopback. MongoDB for Government is `https://cloud.mongodbgov.com`.
   * @defaultValue `https://cloud.mongodb.com`
   */
  readonly baseUrl?: string | undefined;
  /**
   * Version of the resources to ask for.
   * @defaultValue for each operation, the first that the contract lists
   */
  readonly apiVersion?: ApiVersion | undefined;
  /**
   * For each attempt, from sending to the end of the body, in milliseconds. A limit on a whole call, its waits
   * included, is the caller's `signal: AbortSignal.timeout(…)`.
   * @defaultValue 30 000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * When and how often to try again; `false` for never.
   * @defaultValue `{ maxAttempts: 4, maxDelayMs: 60_000 }`
   */
  readonly retry?: RetryOptions | false | undefined;
  /**
   * The `User-Agent` header.
   * @defaultValue `atlas-service-account-secrets/` and the version
   */
  readonly userAgent?: string | undefined;
  /**
   * In place of the platform's `fetch`; called as `fetch(url, init)` for every request, token requests included.
   * @defaultValue `globalThis.fetch`
   */
  readonly fetch?: FetchFunction | undefined;
  /** Told before each wait between attempts. What it throws becomes a process warning. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /**
   * Told when an answer says that the version asked for is deprecated. What it throws becomes a process warning.
   * @defaultValue one process warning for each operation and version
   */
  readonly onDeprecation?: ((event: DeprecationEvent) => void) | undefined;
}

/** What applies where an option is not given. */
export const DEFAULT_OPTIONS = {
  baseUrl: "https://cloud.mongodb.com",
  timeoutMs: 30_000,
  retry: DEFAULT_RETRY,
  userAgent: `atlas-service-account-secrets/${VERSION}`,
} as const;

/** The options, checked and complete. */
export interface Settings {
  readonly signInMethod: SignInMethod;
  readonly baseUrl: string;
  readonly apiVersion: ApiVersion | undefined;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy | false;
  readonly userAgent: string;
  readonly fetch: FetchFunction;
  readonly onRetry: ((event: RetryEvent) => void) | undefined;
  readonly onDeprecation: ((event: DeprecationEvent) => void) | undefined;
}

const OPTION_NAMES: readonly (keyof AtlasClientOptions)[] = [
  "credentials",
  "baseUrl",
  "apiVersion",
  "timeoutMs",
  "retry",
  "userAgent",
  "fetch",
  "onRetry",
  "onDeprecation",
];
const RETRY_NAMES: readonly (keyof RetryOptions)[] = ["maxAttempts", "maxDelayMs"];
/** What a timer can hold; above it, Node fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @throws AtlasRequestError listing every option that cannot be used */
export function checkOptions(options: AtlasClientOptions): Settings {
  const violations: RequestViolation[] = [];
  const check = (argument: string, value: unknown, expected: string, fits: boolean) => {
    if (value !== undefined && !fits) violations.push({ argument, expected, received: quote(value, redactByForm) });
  };
  if (typeof options !== "object" || options === null) {
    throw new AtlasRequestError("The client cannot be made", [
      { argument: "options", expected: "an object", received: quote(options, redactByForm) },
    ]);
  }
  checkNames(options, OPTION_NAMES, "", violations);
  const { apiVersion, timeoutMs, retry, userAgent, fetch, onRetry, onDeprecation } = options;
  const signInMethod = readCredentials(options.credentials, violations);
  const baseUrl = checkBaseUrl(options.baseUrl ?? DEFAULT_OPTIONS.baseUrl, violations);
  const versions = [...new Set(Object.values(operations).flatMap(versionsOf))];
  check("apiVersion", apiVersion, `one of ${versions.join(", ")}`, versions.includes(String(apiVersion)));
  check("timeoutMs", timeoutMs, "whole milliseconds from 1 to 2147483647", isWhole(timeoutMs, 1, LONGEST_TIMER_MS));
  check(
    "userAgent",
    userAgent,
    "visible text on one line",
    typeof userAgent === "string" && /^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/.test(userAgent),
  );
  check("fetch", fetch, "a function", typeof fetch === "function");
  check("onRetry", onRetry, "a function", typeof onRetry === "function");
  check("onDeprecation", onDeprecation, "a function", typeof onDeprecation === "function");
  check("retry", retry, "an object or false", retry === false || (typeof retry === "object" && retry !== null));
  if (typeof retry === "object" && retry !== null) {
    checkNames(retry, RETRY_NAMES, "retry.", violations);
    check(
      "retry.maxAttempts",
      retry.maxAttempts,
      "a whole number from 1",
      isWhole(retry.maxAttempts, 1, Number.MAX_SAFE_INTEGER),
    );
    check(
      "retry.maxDelayMs",
      retry.maxDelayMs,
      "whole milliseconds from 0 to 2147483647",
      isWhole(retry.maxDelayMs, 0, LONGEST_TIMER_MS),
    );
  }
  if (signInMethod === undefined || violations.length > 0) {
    throw new AtlasRequestError("The client cannot be made", violations);
  }
  return {
    signInMethod,
    baseUrl,
    apiVersion,
    timeoutMs: timeoutMs ?? DEFAULT_OPTIONS.timeoutMs,
    retry: retry === false ? false : completeRetry(retry ?? {}),
    userAgent: userAgent ?? DEFAULT_OPTIONS.userAgent,
    // Looked up at every call, so that whoever replaces globalThis.fetch later is heard.
    fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
    onRetry,
    onDeprecation,
  };
}

function completeRetry({ maxAttempts, maxDelayMs }: RetryOptions): RetryPolicy {
  return {
    maxAttempts: maxAttempts ?? DEFAULT_RETRY.maxAttempts,
    maxDelayMs: maxDelayMs ?? DEFAULT_RETRY.maxDelayMs,
  };
}

/** A misspelt option would otherwise be silently without effect. */
function checkNames(given: object, known: readonly string[], prefix: string, violations: RequestViolation[]): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      const expected = `one of the option names ${known.join(", ")}`;
      violations.push({ argument: `${prefix}${name.slice(0, 40)}`, expected, received: quote(name, redactByForm) });
    }
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
