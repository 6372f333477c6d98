/**
 * The options that every command has which sends something, the client that is made from them, and the proxy in between:
 * `HTTPS_PROXY` and `NO_PROXY` are used if this version of Node.js can; if not, a message says that they are not.
 */
import * as http from "node:http";
import { type AtlasClient, createAtlasClient, DEFAULT_OPTIONS, optionsFromEnv, type RetryEvent } from "../../index.js";
import type { CommandIo } from "../terminal/command-io.js";
import type { Problems } from "../terminal/exit-code.js";
import { integerOption, millisecondsOf, type OptionContext } from "./options.js";

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
export async function clientFor(
  options: ClientOptions,
  { io, messages }: OptionContext,
  problems: Problems,
): Promise<AtlasClient | undefined> {
  const timeoutMs = millisecondsOf("--timeout", options.timeout, problems);
  const maxDelayMs = millisecondsOf("--max-wait", options.maxWait, problems, { mayBeZero: true });
  const maxRetries = integerOption("--retries", options.retries, 0, MOST_RETRIES, problems);
  const client = await problems.of(() => {
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

/** What Node.js offers to use a proxy with `fetch`, by version. */
export interface ProxySupport {
  /** Since 24.14: at any time. */
  readonly setGlobalProxyFromEnv?: (env: CommandIo["env"]) => unknown;
  /** Since 22.21 and 24.5: if `NODE_USE_ENV_PROXY=1` was set when the process started. */
  readonly isUsableAtStart: boolean;
}

const OF_THIS_NODE: ProxySupport = {
  // The type declarations are those of the oldest Node.js that is supported.
  ...(http as Pick<ProxySupport, "setGlobalProxyFromEnv">),
  isUsableAtStart: process.allowedNodeEnvironmentFlags.has("--use-env-proxy"),
};

/** @returns why the proxy of the environment is not used; undefined if it is used, or there is none for this host */
export function useProxy(
  { env }: Pick<CommandIo, "env">,
  baseUrl: string,
  { setGlobalProxyFromEnv, isUsableAtStart }: ProxySupport = OF_THIS_NODE,
): string | undefined {
  const { protocol, hostname } = new URL(baseUrl);
  const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const isSet = Boolean(env[name] || env[name.toLowerCase()]);
  if (!isSet || isExcepted(hostname, env["NO_PROXY"] || env["no_proxy"] || "")) return undefined;
  if (setGlobalProxyFromEnv !== undefined) {
    setGlobalProxyFromEnv(env);
    return undefined;
  }
  if (isUsableAtStart) {
    return env["NODE_USE_ENV_PROXY"] === "1" ? undefined : `${name} is not used; set NODE_USE_ENV_PROXY=1 as well`;
  }
  return `${name} is not used: Node.js ${process.version} cannot; version 24 can`;
}

/** A host of the list and its subdomains, or all. */
function isExcepted(hostname: string, list: string): boolean {
  const entries = list.toLowerCase().split(/[\s,]+/);
  return entries.some((entry) => {
    const host = entry.replace(/^\*?\./, "").replace(/:\d+$/, "");
    return entry === "*" || (host !== "" && (hostname === host || hostname.endsWith(`.${host}`)));
  });
}
