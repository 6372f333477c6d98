/**
 * The options that every command has which sends something, the client that is made from them, and the proxy in between:
 * `HTTPS_PROXY` and `NO_PROXY` are used if this version of Node.js can; if not, a message says that they are not.
 */
import * as http from "node:http";
import { type AtlasClient, createAtlasClient, optionsFromEnv } from "../../index.js";
import type { CommandIo } from "../terminal/command-io.js";
import { BASE_URL_VARIABLE, baseUrlOf } from "./options.js";
import type { Session } from "./session.js";

/** The client with the credentials of the environment; undefined if the problems say why there is none. */
export async function clientFor(session: Session): Promise<AtlasClient | undefined> {
  const { io, messages, options, problems } = session;
  const { baseUrl, timeout, retries, maxWait } = options;
  // The option wins, whatever the variable holds.
  const env = baseUrl === undefined ? io.env : { ...io.env, [BASE_URL_VARIABLE]: undefined };
  const client = await problems.of(() =>
    createAtlasClient({
      ...{ ...optionsFromEnv(env), ...(baseUrl !== undefined && { baseUrl }), timeoutMs: timeout },
      retry: { maxAttempts: retries === undefined ? undefined : retries + 1, maxDelayMs: maxWait },
      onRetry({ operationId, reason, delayMs }) {
        const got = typeof reason === "number" ? `status ${reason}` : "no response";
        messages.progress(`${operationId} got ${got}: trying again in ${Math.ceil(delayMs / 1000)} s`);
      },
      onDeprecation({ operationId, version, sunsetOn }) {
        const end = sunsetOn ? ` and ends on ${sunsetOn}` : "";
        messages.info(`version ${version} of ${operationId} is deprecated${end}`);
      },
    }),
  );
  if (client === undefined) return undefined;
  session.clients.push(client);
  // The base URL was checked together with the client.
  const withoutProxy = useProxy(io, baseUrlOf(session));
  if (withoutProxy !== undefined) messages.print(withoutProxy);
  return client;
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
