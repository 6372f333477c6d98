/** The innermost layer: one request, one response with its body, within one timeout. */
import type { FetchFunction, FetchInit, FetchResponse } from "../platform.js";
import type { Redact } from "../safe/redaction.js";
import { onAbort, throwIfAborted } from "../signals.js";
import { finishesOnceSent } from "./caller-abort.js";
import { networkError } from "./network-failure.js";
import { isEnveloped, isFile, isSuccess, type Send, type TransportRequest } from "./pipeline.js";
import { noBody, readBody, type UntilOver } from "./read-body.js";

interface AttemptOptions {
  readonly fetch: FetchFunction;
  /** Of requests without their own, the body included. */
  readonly timeoutMs: number;
  readonly redact: Redact;
}

/** @throws AtlasNetworkError if there is no response; the caller's own abort reason if the caller gave up */
export function attempt({ fetch, timeoutMs: usualTimeoutMs, redact }: AttemptOptions): Send {
  return async (request) => {
    const { timeoutMs = usualTimeoutMs, signal: given, changesNothing = false } = request;
    throwIfAborted(given);
    // Once sent, a request that changes something is finished if the caller has asked for that.
    const signal = given && finishesOnceSent(given) && !changesNothing ? undefined : given;
    // AbortSignal.any would stay attached to a signal that lives long.
    const controller = new AbortController();
    let giveUp: (reason: unknown) => void = () => undefined;
    const interrupt = (reason: unknown) => {
      giveUp(reason);
      controller.abort(reason);
    };
    /** Even a `fetch` that takes no notice of its signal ends then, and a body that never does. */
    const orInterrupted: UntilOver = (promise) =>
      new Promise((resolve, reject) => {
        giveUp = reject;
        if (controller.signal.aborted) reject(controller.signal.reason);
        // What an injected `fetch` returns may be no promise.
        Promise.resolve(promise).then(resolve, reject);
      });
    const timer = setTimeout(() => {
      interrupt(new DOMException(`No response within ${timeoutMs} ms.`, "TimeoutError"));
    }, timeoutMs);
    const release = signal && onAbort(signal, () => interrupt(signal.reason));
    let fetched: Promise<FetchResponse> | undefined;
    try {
      fetched = fetch(request.url, initOf(request, controller.signal, timeoutMs));
      const received = await orInterrupted(fetched);
      if (!isResponse(received)) throw new TypeError("fetch returned something that is not a response.");
      const { status, headers, body: stream } = received;
      // An envelope is text, whatever is in it.
      const asBytes = isFile(request.operation, status) && !isEnveloped(request);
      // Few responses to a deletion have a body, and to wait for none costs as much as the rest of a layer.
      const body = stream === null ? noBody(asBytes) : await readBody(received, stream, orInterrupted, asBytes, redact);
      throwIfAborted(signal);
      // Half a success of what changes nothing is as good as none, and may be repeated like it.
      const isCut = body.incomplete !== undefined && !body.garbled;
      if (isCut && changesNothing && isSuccess(received)) throw body.incomplete;
      return { status, headers, ...body };
    } catch (error) {
      // A fetch that takes no notice of its signal may still respond, and an unread body would keep its connection.
      Promise.resolve(fetched)
        .then((response) => response?.body?.cancel())
        .catch(() => undefined);
      if (signal?.aborted === true) {
        request.account.mayHaveBeenApplied ||= fetched !== undefined;
        throw signal.reason;
      }
      throw networkError(request, error, controller.signal.aborted ? timeoutMs : undefined, redact);
    } finally {
      clearTimeout(timer);
      release?.();
    }
  };
}

/** An injected `fetch` may return anything; what every layer reads of a response must be there. */
function isResponse({ status, headers }: FetchResponse): boolean {
  return Number.isInteger(status) && typeof headers.get === "function" && typeof headers.forEach === "function";
}

/** After this, undici (which is Node's fetch) and Bun end a request by themselves. */
const PLATFORM_LIMIT_MS = 300_000;

interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
  readonly isMockActive?: boolean;
}

/** There by the time that undici's fetch dispatches; other platforms never ask for it. */
const globalDispatcher = () => Reflect.get(globalThis, Symbol.for("undici.globalDispatcher.1")) as Dispatcher;

/**
 * Whatever dispatcher the program has, with no limits of its own for headers and body; the attempt's timeout is the limit.
 * Bun has `timeout: false` for the same.
 *
 * @see https://undici.nodejs.org/#/docs/api/Dispatcher?id=parameter-dispatchoptions
 */
const PATIENT_DISPATCHER: Dispatcher = {
  dispatch: (options, handler) =>
    globalDispatcher().dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
  get isMockActive() {
    return globalDispatcher().isMockActive === true;
  },
};

function initOf({ operation, headers, body }: TransportRequest, signal: AbortSignal, timeoutMs: number): FetchInit {
  const init: FetchInit = {
    method: operation.method,
    // A `fetch` that changes the headers that it is given must not spoil the next attempt's.
    headers: { ...headers },
    signal,
    redirect: "manual",
    // Bun repeats a DELETE by itself if the connection that it has kept for it ends: what the first one did would not be known.
    keepalive: false,
  };
  // See `FetchInit`: it may be a Blob.
  if (body !== undefined) Object.assign(init, { body });
  // No web API: the types of the platform know nothing of either.
  if (timeoutMs > PLATFORM_LIMIT_MS) Object.assign(init, { dispatcher: PATIENT_DISPATCHER, timeout: false });
  return init;
}
