/** The options of a client, from a program or the environment: their defaults, and what is refused before anything is sent. */
import { API_VERSIONS, type ApiVersion } from "../../generated/client.js";
import { type Credentials, credentialTexts, readCredentials } from "../auth/credentials.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import type { FetchFunction } from "../platform.js";
import { tryTo } from "../safe/foreign-error.js";
import { concealing, createRedactor, quote, type Redactor, redactByForm } from "../safe/redaction.js";
import type { DeprecationEvent, DeviationEvent, Logger } from "../transport/observe.js";
import type { RetryPolicy } from "../transport/pipeline.js";
import type { RetryEvent, RetryOptions } from "../transport/retry.js";
import * as rule from "./read-options.js";
import { defined, type Given, membersOf, type OptionRules, readOptions, violation } from "./read-options.js";

export interface AtlasClientOptions {
  /** How to sign in; exactly one of the three kinds. */
  readonly credentials: Credentials;
  /**
   * Where Atlas is; https, or anything on loopback. Default: `https://cloud.mongodb.com`; MongoDB for Government is
   * `https://cloud.mongodbgov.com`.
   */
  readonly baseUrl?: string | undefined;
  /** Version of the resources. Default: for each operation, the newest of the contract that has not ended. */
  readonly apiVersion?: ApiVersion | undefined;
  /** For each attempt with its body, in milliseconds. Default: 30 000. A call's `signal` limits all its attempts. */
  readonly timeoutMs?: number | undefined;
  /** When and how often to try again; `false` for never. */
  readonly retry?: RetryOptions | false | undefined;
  /** The `User-Agent` header, of requests for tokens too. Default: `atlas-service-account-secrets/` and the version. */
  readonly userAgent?: string | undefined;
  /**
   * Called as `fetch(url, init)` for every request, those for tokens included. Default: `globalThis.fetch`. It must
   * send once: of one that tries again by itself, as undici's `RetryAgent`, nobody knows what the first attempts did.
   * Deno's own repeats even a POST if a connection that it has kept ends: let it keep none.
   *
   * @example
   * const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
   * createAtlasClient({ credentials, fetch: (url, init) => fetch(url, { ...init, client }) });
   */
  readonly fetch?: FetchFunction | undefined;
  /**
   * `console`, pino, winston or the like. Gets one line, masked and without bodies, for each request (debug), each wait
   * before another attempt (info; warn if the last one may have been applied) and each call that fails (error). What it
   * throws becomes a process warning. Default: `console`.
   */
  readonly logger?: Logger | undefined;
  /** The least severe that is written. Default: `"off"`; `"warn"`, if `logger` is given. */
  readonly logLevel?: LogLevel | undefined;
  /** Called before each wait between attempts. What it throws becomes a process warning. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /**
   * Called if a response says that the version is deprecated. What it throws becomes a process warning. Default: one
   * process warning for each operation and version.
   */
  readonly onDeprecation?: ((event: DeprecationEvent) => void) | undefined;
  /**
   * Called if a response breaks only a `pattern` of the contract; it is returned all the same. What it throws becomes a
   * process warning. Default: one process warning for each operation and pattern.
   */
  readonly onDeviation?: ((event: DeviationEvent) => void) | undefined;
}

export type LogLevel = "off" | keyof Logger;
/** Each is written with those before it. */
const LOG_LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** Of this package. */
export const VERSION = "0.1.0";

/** What applies if an option is not given. */
export const DEFAULT_OPTIONS = {
  baseUrl: "https://cloud.mongodb.com",
  timeoutMs: 30_000,
  retry: { maxAttempts: 4, maxDelayMs: 60_000 },
  userAgent: `atlas-service-account-secrets/${VERSION}`,
} as const;

export interface Settings
  extends Required<
      Given<Pick<AtlasClientOptions, "credentials" | "baseUrl" | "timeoutMs" | "userAgent" | "fetch" | "logger">>
    >,
    Pick<AtlasClientOptions, "apiVersion" | "onRetry" | "onDeprecation" | "onDeviation"> {
  readonly retry: RetryPolicy | false;
  readonly platformFetch: boolean;
  /** Those that are written. */
  readonly logLevels: readonly LogLevel[];
  readonly redactor: Redactor;
}

/** The client's, and in its place a call's. */
export const ATTEMPT_RULES: OptionRules<Pick<AtlasClientOptions, "timeoutMs" | "retry">> = {
  timeoutMs: rule.milliseconds(1),
  retry: {
    expected: "an object or false",
    fits: (value) => value === false || (typeof value === "object" && value !== null),
    members: { maxAttempts: rule.integer(1), maxDelayMs: rule.milliseconds(0) } satisfies OptionRules<RetryOptions>,
  },
};
const RULES: OptionRules<AtlasClientOptions> = {
  credentials: rule.ANYTHING,
  baseUrl: rule.ANYTHING,
  apiVersion: rule.oneOf(API_VERSIONS),
  ...ATTEMPT_RULES,
  userAgent: rule.matching(/^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/, "visible ASCII text on one line"),
  fetch: rule.FUNCTION,
  logger: {
    expected: "an object with the functions debug, info, warn and error",
    fits: (value) => tryTo(() => LOG_LEVELS.every((level) => typeof Object(value)[level] === "function")) === true,
  },
  logLevel: rule.oneOf(["off", ...LOG_LEVELS]),
  onRetry: rule.FUNCTION,
  onDeprecation: rule.FUNCTION,
  onDeviation: rule.FUNCTION,
};

/** What is given, completed from the policy that would apply without it. */
export function retryPolicy(
  given: RetryOptions | false | undefined,
  otherwise: RetryPolicy | false = DEFAULT_OPTIONS.retry,
): RetryPolicy | false {
  if (given === false || given === undefined) return given ?? otherwise;
  return { ...DEFAULT_OPTIONS.retry, ...otherwise, ...defined(given) };
}

/** @throws AtlasRequestError listing every option that cannot be used */
export function checkOptions(given: AtlasClientOptions): Settings {
  const redactor = createRedactor();
  // Before anything is quoted: a credential may also be given in the wrong option.
  for (const credential of credentialTexts(membersOf(given)?.["credentials"])) redactor.protect(credential);
  const { redact } = redactor;
  let credentials: Credentials | undefined;
  let baseUrl = "";
  const options = readOptions<AtlasClientOptions>(given, RULES, {
    summary: "Cannot create the client",
    redact,
    check(each, violations) {
      credentials = readCredentials(each.credentials, violations);
      baseUrl = checkBaseUrl(each.baseUrl ?? DEFAULT_OPTIONS.baseUrl, violations, "baseUrl", redact);
    },
  });
  // A getter may have given others than those above.
  for (const credential of credentialTexts(credentials)) redactor.protect(credential);
  const { logger, logLevel = logger === undefined ? "off" : "warn" } = options;
  return {
    ...DEFAULT_OPTIONS,
    // Looked up at every call, so that whoever replaces globalThis.fetch later is heard.
    fetch: (url, init) => globalThis.fetch(url, init),
    logger: console,
    ...options,
    // Without one there is a violation.
    credentials: credentials as Credentials,
    baseUrl,
    retry: retryPolicy(options.retry),
    platformFetch: options.fetch === undefined,
    logLevels: LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1),
    redactor,
  };
}

/** Where the path of an operation, or of a token request, begins. */
const API_PATH = /\/+api(?=\/+(?:atlas|oauth|public)(?:\/|$)|\/*$)/;

/** The base URL without a slash at its end; what is wrong with it is added to `violations`. */
export function checkBaseUrl(value: unknown, violations: RequestViolation[], argument: string, redact = redactByForm) {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  const hasUser = url !== undefined && `${url.username}${url.password}` !== "";
  // No credential crosses a network in the clear.
  const isSecure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url === undefined || !isSecure || hasUser || url.search !== "" || url.hash !== "") {
    const expected = "an https URL (http on loopback only) without user, password, query or fragment";
    // No pattern can be sure to find a password: then nothing of the URL is shown.
    violations.push({ argument, expected, received: hasUser ? "a URL with a user or password" : quote(value, redact) });
    return "";
  }
  const [prefix = "", ...api] = url.pathname.split(API_PATH);
  if (api.length > 0) {
    const expected = `${url.origin}${prefix}, because the client adds the path of the API`;
    violations.push(violation(argument, expected, value, redact));
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Whether a host name can only mean this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** Which the Atlas CLI, Terraform and MongoDB's SDKs read. */
const VARIABLES = {
  clientId: "MONGODB_ATLAS_CLIENT_ID",
  clientSecret: "MONGODB_ATLAS_CLIENT_SECRET",
  publicKey: "MONGODB_ATLAS_PUBLIC_API_KEY",
  privateKey: "MONGODB_ATLAS_PRIVATE_API_KEY",
  accessToken: "MONGODB_ATLAS_ACCESS_TOKEN",
} as const;
const BASE_URL_VARIABLE = "MONGODB_ATLAS_BASE_URL";

/** For `createAtlasClient`. */
export interface OptionsFromEnv {
  readonly credentials: Credentials;
  /** If `MONGODB_ATLAS_BASE_URL` is set. */
  readonly baseUrl?: string;
}

/**
 * Reads `MONGODB_ATLAS_CLIENT_ID` and `MONGODB_ATLAS_CLIENT_SECRET`, or `MONGODB_ATLAS_PUBLIC_API_KEY` and
 * `MONGODB_ATLAS_PRIVATE_API_KEY`, or `MONGODB_ATLAS_ACCESS_TOKEN`; and `MONGODB_ATLAS_BASE_URL`. An empty variable counts
 * as not set. The credentials can be used, but neither printed nor serialized.
 *
 * @throws AtlasRequestError naming the variables, never their values: none set, two kinds at once, half a pair
 * @example
 * const atlas = createAtlasClient(optionsFromEnv());
 * @see https://www.mongodb.com/docs/atlas/cli/current/atlas-cli-env-variables/
 */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): OptionsFromEnv {
  const violations: RequestViolation[] = [];
  const read = (variable: string) => (env[variable] === "" ? undefined : env[variable]);
  const given = Object.fromEntries(Object.entries(VARIABLES).map(([name, variable]) => [name, read(variable)]));
  const { protect, redact } = createRedactor();
  for (const credential of credentialTexts(given)) protect(credential);
  let credentials: Credentials | undefined;
  if (Object.keys(defined(given)).length === 0) {
    const { clientId, clientSecret, publicKey, privateKey, accessToken } = VARIABLES;
    const expected = `${clientId} and ${clientSecret}, ${publicKey} and ${privateKey}, or ${accessToken}`;
    violations.push({ argument: "credentials", expected, received: "none of these variables" });
  } else {
    credentials = readCredentials(given, violations, (name) => VARIABLES[name]);
  }
  const baseUrl = read(BASE_URL_VARIABLE);
  if (baseUrl !== undefined) checkBaseUrl(baseUrl, violations, BASE_URL_VARIABLE, redact);
  if (credentials === undefined || violations.length > 0) {
    throw new AtlasRequestError("Cannot read credentials from the environment", violations);
  }
  const names = Object.keys(credentials);
  const inspect = () => `{ ${names.map((name) => `${name}: [concealed]`).join(", ")} }`;
  // Inspection shows that they are there, and JSON their names.
  const shown = {
    toJSON: () => Object.fromEntries(names.map((name) => [name, "[concealed]"])),
    [Symbol.for("nodejs.util.inspect.custom")]: inspect,
    [Symbol.for("Deno.customInspect")]: inspect,
  };
  return { credentials: concealing(names, shown)(credentials), ...defined({ baseUrl }) };
}
