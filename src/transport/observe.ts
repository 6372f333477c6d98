/** What a program can watch: lines for its logger, messages on `node:diagnostics_channel`, deprecations and deviations. */
import { AtlasError } from "../errors.js";
import { emitWarning, nodeModule } from "../platform.js";
import { cleanCause, notify } from "../safe/foreign-error.js";
import { excerpt, metadataOf, type Redact } from "../safe/redaction.js";
import type { Send, Stage, TransportRequest } from "./pipeline.js";
import { parseHttpDate, provesNotApplied, type RetryEvent } from "./retry.js";
import { versionOf } from "./versions.js";

/** `console`, or anything with these functions. */
export type Logger = { readonly [Level in "debug" | "info" | "warn" | "error"]: (message: string) => void };

/** The line is made only if the level is wanted. */
export type Log = (level: keyof Logger, line: () => string) => void;

const LONGEST_LINE = 2000;

/** @returns undefined if nothing is to be written */
export function createLog(logger: Logger, levels: readonly string[], redact: Redact): Log | undefined {
  if (levels.length === 0) return undefined;
  return (level, line) => {
    if (!levels.includes(level)) return;
    // The line is made in there too: an abort reason that passes for an error of ours may throw when it is read.
    notify(() => logger[level](excerpt(line(), LONGEST_LINE, redact)), undefined, `logger.${level}`, redact);
  };
}

/** A warning, if the attempt may have been applied. */
export function logRetry(log: Log, { operationId, attempt, delayMs, reason }: RetryEvent): void {
  log(provesNotApplied(reason) ? "info" : "warn", () => {
    const what = typeof reason === "number" ? `status ${reason}.` : reason.summary;
    return `${operationId}, attempt ${attempt}: ${what} Trying again in ${delayMs} ms.`;
  });
}

/** The call with its error in the log; that a caller ended it, the caller knows. */
export function logFailures<Given extends readonly unknown[]>(
  log: Log | undefined,
  call: (...given: Given) => Promise<unknown>,
): (...given: Given) => Promise<unknown> {
  if (log === undefined) return call;
  return async (...given) => {
    try {
      return await call(...given);
    } catch (error) {
      if (error instanceof AtlasError) log("error", () => error.message);
      throw error;
    }
  };
}

/**
 * Published on `node:diagnostics_channel`, as `atlas-service-account-secrets:request:start` and then `…:end` or
 * `…:error`: one object for each HTTP request, those for tokens included, without headers and bodies.
 */
export interface RequestMessage {
  readonly operationId: string;
  readonly method: string;
  /** The contract's template. */
  readonly path: string;
  readonly url: string;
  /** From the end on. */
  readonly durationMs?: number;
  /** HTTP status, likewise, and the response's request id, if it has one. */
  readonly status?: number;
  readonly requestId?: string | undefined;
  /** On `…:error`: an `AtlasNetworkError`, or a copy of the caller's abort reason. */
  readonly error?: Error;
}

/** The layer around each request. Without a debug log and without subscribers it does nothing. */
export function observeRequests(log: Log | undefined, redact: Redact): Stage {
  const { channel } = nodeModule("node:diagnostics_channel") ?? {};
  const [start, end, failed] = ["start", "end", "error"].map((name) =>
    channel?.(`atlas-service-account-secrets:request:${name}`),
  );
  const isWatched = () => start?.hasSubscribers || end?.hasSubscribers || failed?.hasSubscribers;
  return (next) => (request) => (log === undefined && isWatched() !== true ? next(request) : observed(next, request));

  async function observed(next: Send, request: TransportRequest) {
    const { operationId, method, path } = request.operation;
    const message = { operationId, method, path, url: redact(request.url) };
    const begun = performance.now();
    const after = () => Math.round(performance.now() - begun);
    // What subscribers have made of the object, frozen it for example, is not the call's concern.
    const tell = (what: () => void) => notify(what, undefined, "node:diagnostics_channel", redact);
    start?.publish(message);
    try {
      const response = await next(request);
      tell(() => {
        const { status, requestId } = metadataOf(response, redact);
        const id = requestId === undefined ? "" : ` (request id ${requestId})`;
        log?.("debug", () => `${method} ${path}: ${status} in ${after()} ms${id}`);
        end?.publish(Object.assign(message, { status, requestId, durationMs: after() }));
      });
      return response;
    } catch (error) {
      const isOurs = error instanceof AtlasError;
      const what = () => (isOurs ? error.summary : `${method} ${path}: ended by the caller.`);
      log?.("debug", () => `${what()} After ${after()} ms.`);
      const shown = isOurs ? error : cleanCause(error, redact);
      tell(() => failed?.publish(Object.assign(message, { error: shown, durationMs: after() })));
      throw error;
    }
  }
}

/** Process warnings, one for each key. */
function warnings(type: string, code: string): (key: string, message: string) => void {
  const warned = new Set<string>();
  return (key, message) => {
    if (!warned.has(key)) emitWarning(message, { type, code });
    warned.add(key);
  };
}

/** For `onDeprecation`. */
export interface DeprecationEvent {
  readonly operationId: string;
  /** The version that the call asked for; undefined if it asked for none. */
  readonly version: string | undefined;
  /** Since when; undefined if Atlas does not say. */
  readonly deprecatedOn: Date | undefined;
  /** Likewise, when it stops working. */
  readonly sunsetOn: Date | undefined;
}

/** Without a handler, one process warning for each operation and version. */
export function observeDeprecation(
  onDeprecation: ((event: DeprecationEvent) => void) | undefined,
  redact: Redact,
): Stage {
  const warn = warnings("DeprecationWarning", "ATLAS_VERSION_DEPRECATED");
  const tell = ({ operationId, version, deprecatedOn, sunsetOn }: DeprecationEvent) => {
    const since = deprecatedOn === undefined ? "" : ` since ${deprecatedOn.toISOString().slice(0, 10)}`;
    const until = sunsetOn === undefined ? "" : ` and stops working on ${sunsetOn.toISOString().slice(0, 10)}`;
    const message = `Version ${version ?? "(none named)"} of ${operationId} is deprecated${since}${until}.`;
    warn(`${operationId} ${version}`, message);
  };
  return (next) => (request) =>
    next(request).then((response) => {
      const deprecation = response.headers.get("deprecation");
      const sunset = response.headers.get("sunset");
      if ((deprecation ?? sunset ?? undefined) !== undefined) {
        const { operationId } = request.operation;
        const version = versionOf(request.headers["accept"] ?? "");
        const event = { operationId, version, deprecatedOn: dateOf(deprecation), sunsetOn: dateOf(sunset) };
        notify(onDeprecation ?? tell, event, "onDeprecation", redact);
      }
      return response;
    });
}

/** Atlas sends HTTP dates; RFC 9745 has seconds since the epoch behind an `@`. */
function dateOf(value: string | null): Date | undefined {
  if (value === null) return undefined;
  const seconds = /^@(\d+)$/.exec(value)?.[1];
  const date = new Date(seconds === undefined ? parseHttpDate(value) : Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** For `onDeviation`. */
export interface DeviationEvent {
  readonly operationId: string;
  /** JSON pointers of values in the body, and the pattern that each breaks. */
  readonly broken: readonly { readonly pointer: string; readonly pattern: string }[];
}

/** Without a handler, one process warning for each operation and pattern. */
export function observeDeviation(
  onDeviation: ((event: DeviationEvent) => void) | undefined,
  redact: Redact,
): (event: DeviationEvent) => void {
  const warn = warnings("AtlasClientWarning", "ATLAS_RESPONSE_DEVIATION");
  const tell = ({ operationId, broken }: DeviationEvent) => {
    for (const { pointer, pattern } of broken) {
      const message = `The response of ${operationId} breaks the contract at ${pointer || "/"}: it must match ${pattern}.`;
      warn(`${operationId} ${pattern}`, message);
    }
  };
  return (event) => notify(onDeviation ?? tell, event, "onDeviation", redact);
}
