/**
 * The options that every command has which sends something, and the client that is made from them.
 */
import { type AtlasClient, createAtlasClient, DEFAULT_OPTIONS, optionsFromEnv, type RetryEvent } from "../../index.js";
import type { CommandIo } from "../terminal/command-io.js";
import type { Problems } from "../terminal/problems.js";
import { integerOption, millisecondsOf, type OptionContext } from "./options.js";
import { useProxy } from "./proxy.js";

/** What every command has, as it was typed. */
export interface ClientOptions {
  readonly baseUrl?: string;
  readonly timeout?: string;
  readonly retries?: string;
  readonly maxWait?: string;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

const BASE_URL_VARIABLE = "MONGODB_ATLAS_BASE_URL";
/** More would only be a slip of the finger. */
const MOST_RETRIES = 1000;

/** The client with the credentials of the environment; undefined if `problems` says why there is none. */
export function clientFor(
  options: ClientOptions,
  { io, messages }: OptionContext,
  problems: Problems,
): AtlasClient | undefined {
  const timeoutMs = millisecondsOf("--timeout", options.timeout, problems);
  const maxDelayMs = millisecondsOf("--max-wait", options.maxWait, problems);
  const maxRetries = integerOption("--retries", options.retries, 0, MOST_RETRIES, problems);
  const client = problems.of(() => {
    const { baseUrl } = options;
    const { env } = io;
    // The option wins, whatever the variable holds.
    const { [BASE_URL_VARIABLE]: _overridden, ...withoutBaseUrl } = env;
    return createAtlasClient({
      ...optionsFromEnv(baseUrl === undefined ? env : withoutBaseUrl),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      timeoutMs,
      retry: {
        ...DEFAULT_OPTIONS.retry,
        ...(maxRetries === undefined ? {} : { maxAttempts: maxRetries + 1 }),
        ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
      },
      onRetry: (event) => messages.progress(`${reasonOf(event)}: trying again in ${Math.ceil(event.delayMs / 1000)} s`),
      onDeprecation: ({ operationId, version, sunsetOn }) =>
        messages.info(
          `version ${version} of ${operationId} is deprecated${sunsetOn ? ` and ends on ${sunsetOn}` : ""}`,
        ),
    });
  });
  // The base URL was checked together with the client.
  const withoutProxy = client && useProxy(io, baseUrlOf(options, io));
  if (withoutProxy !== undefined) messages.print(withoutProxy);
  return client;
}

/** Where the client sends its requests. */
export function baseUrlOf({ baseUrl }: ClientOptions, { env }: Pick<CommandIo, "env">): string {
  return baseUrl ?? (env[BASE_URL_VARIABLE] || DEFAULT_OPTIONS.baseUrl);
}

function reasonOf({ operationId, reason }: RetryEvent): string {
  return typeof reason === "number" ? `${operationId} got status ${reason}` : `${operationId} got no response`;
}
