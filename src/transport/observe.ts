/**
 * What a program can watch without a hand in it: lines for its logger, and messages on `node:diagnostics_channel`.
 */
import { AtlasError } from "../errors.js";
import { nodeModule } from "../platform.js";
import { notify } from "../safe/notify.js";
import { cleanCause, excerpt, type Redact } from "../safe/redaction.js";
import { metadataOf } from "../safe/response-metadata.js";
import type { Send, Stage, TransportRequest } from "./pipeline.js";
import type { RetryEvent } from "./retry.js";
import { provesNotApplied } from "./retry-policy.js";

/** Where lines go: `console`, or whatever has its functions. */
export type Logger = { readonly [Level in "debug" | "info" | "warn" | "error"]: (message: string) => void };

/** Writes a line, which is made only if the level is wanted. */
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

/** A wait before another attempt; a warning, if the attempt before may have been applied. */
export function logRetry(log: Log, { operationId, attempt, delayMs, reason }: RetryEvent): void {
  const proven = typeof reason === "number" ? provesNotApplied(reason) : reason.outcome === "not-applied";
  const what = typeof reason === "number" ? `status ${reason}.` : reason.summary;
  log(proven ? "info" : "warn", () => `${operationId}, attempt ${attempt}: ${what} Trying again in ${delayMs} ms.`);
}

/** The call with the error that it fails with in the log; that a caller ended it, the caller knows. */
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
 * What is published on the channels `atlas-service-account-secrets:request:start`, `…:end` and `…:error`: one object for each
 * HTTP request, token requests included, the same one at its start and at its end. Neither headers nor bodies are in it.
 * What a subscriber throws is an uncaught exception of the program, as on every channel; the call goes on.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export interface RequestMessage {
  readonly operationId: string;
  readonly method: string;
  /** The template of the path, as the contract has it. */
  readonly path: string;
  readonly url: string;
  /** From the end on. */
  readonly durationMs?: number;
  /** From the end on: HTTP status of the response. */
  readonly status?: number;
  /** From the end on, if the response has one. */
  readonly requestId?: string | undefined;
  /** On `…:error`, why there is no response: an `AtlasNetworkError`, or a copy of the caller's abort reason. */
  readonly error?: Error;
}

const channels = (["start", "end", "error"] as const).map((name) => `atlas-service-account-secrets:request:${name}`);

/** The layer around each request. Without a debug log and without subscribers it does nothing. */
export function observeRequests(log: Log | undefined, redact: Redact): Stage {
  const { channel } = nodeModule("node:diagnostics_channel") ?? {};
  const [start, end, failed] = channels.map((name) => channel?.(name));
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
      const shown = error instanceof AtlasError ? error : cleanCause(error, redact);
      const what = () => (error instanceof AtlasError ? error.summary : `${method} ${path}: ended by the caller.`);
      log?.("debug", () => `${what()} After ${after()} ms.`);
      tell(() => failed?.publish(Object.assign(message, { error: shown, durationMs: after() })));
      throw error;
    }
  }
}
