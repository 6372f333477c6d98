/**
 * The options that every command has: whom to talk to, how long, how often, and whether at all.
 */
import { type AtlasClient, createAtlasClient, DEFAULT_OPTIONS, optionsFromEnv, type RetryEvent } from "../../index.js";
import type { CommandIo } from "../terminal/command-io.js";
import type { Problems } from "../terminal/problems.js";
import type { Words } from "../terminal/words.js";

export interface ClientOptions {
  readonly baseUrl?: string;
  /** Seconds, as they were typed. */
  readonly timeout?: string;
  /** As it was typed. */
  readonly retries?: string;
  readonly dryRun?: boolean;
}

const BASE_URL_VARIABLE = "MONGODB_ATLAS_BASE_URL";
/** What a timer can hold. */
const MOST_SECONDS = 2_147_483;
/** More would only be a slip of the finger. */
const MOST_RETRIES = 1000;

/** The client with the credentials of the environment; undefined where `problems` now says why there is none. */
export function clientFor(
  options: ClientOptions,
  { env }: Pick<CommandIo, "env">,
  words: Words,
  problems: Problems,
  onRetry?: (event: RetryEvent) => void,
): AtlasClient | undefined {
  const timeoutMs = millisecondsOf(options.timeout, problems);
  const maxAttempts = attemptsOf(options.retries, problems);
  return problems.of(() => {
    const { baseUrl } = options;
    // The option wins, whatever the variable holds.
    const { [BASE_URL_VARIABLE]: _overridden, ...withoutBaseUrl } = env;
    return createAtlasClient({
      ...optionsFromEnv(baseUrl === undefined ? env : withoutBaseUrl),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      timeoutMs,
      retry: { ...DEFAULT_OPTIONS.retry, ...(maxAttempts === undefined ? {} : { maxAttempts }) },
      onRetry(event) {
        onRetry?.(event);
        words.progress(`${reasonOf(event)}: trying again in ${Math.ceil(event.delayMs / 1000)} s`);
      },
      onDeprecation: ({ operationId, version, sunsetOn }) =>
        words.note(`version ${version} of ${operationId} is deprecated${sunsetOn ? ` and ends on ${sunsetOn}` : ""}`),
    });
  });
}

/** Where the client sends to. */
export function baseUrlOf({ baseUrl }: ClientOptions, { env }: Pick<CommandIo, "env">): string {
  return baseUrl ?? (env[BASE_URL_VARIABLE] || DEFAULT_OPTIONS.baseUrl);
}

function reasonOf({ operationId, reason }: RetryEvent): string {
  return typeof reason === "number" ? `${operationId} was answered ${reason}` : `${operationId} was not answered`;
}

function millisecondsOf(seconds: string | undefined, problems: Problems): number | undefined {
  if (seconds === undefined) return undefined;
  const value = /^\d+(\.\d{1,3})?$/.test(seconds) ? Number(seconds) : 0;
  if (value > 0 && value <= MOST_SECONDS) return Math.round(value * 1000);
  problems.add(`--timeout: expected seconds up to ${MOST_SECONDS}, got ${JSON.stringify(seconds)}`);
  return undefined;
}

function attemptsOf(retries: string | undefined, problems: Problems): number | undefined {
  if (retries === undefined) return undefined;
  const value = wholeNumber(retries);
  if (value !== undefined && value <= MOST_RETRIES) return value + 1;
  problems.add(`--retries: expected a whole number up to ${MOST_RETRIES}, got ${JSON.stringify(retries)}`);
  return undefined;
}

/** Digits alone as a number; undefined for everything else. */
export function wholeNumber(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
