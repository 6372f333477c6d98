/** The innermost layer: one request, one response with its body, within one timeout. */
import type { FetchBody, FetchBodyReader, FetchFunction, FetchHeaders, FetchInit, FetchResponse } from "../platform.js";
import { cleanCause } from "../safe/foreign-error.js";
import type { Redact } from "../safe/redaction.js";
import { onAbort, throwIfAborted } from "../signals.js";
import { finishesOnceSent } from "./caller-abort.js";
import { networkError } from "./network-failure.js";
import {
  isEnveloped,
  isFile,
  isSuccess,
  type Send,
  type TransportRequest,
  type TransportResponse,
} from "./pipeline.js";

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
      // Each read once: what looks like a member is a function of the platform's.
      const { status, headers, body: stream } = received;
      if (!isResponse(status, headers)) throw new TypeError("fetch returned something that is not a response.");
      // An envelope is text, whatever is in it.
      const asBytes = isFile(request.operation, status) && !isEnveloped(request);
      // Few responses to a deletion have a body, and to wait for none costs as much as the rest of a layer.
      const read = stream === null ? undefined : await readBody(received, stream, orInterrupted, asBytes, redact);
      const body = read ?? (asBytes ? { text: "", blob: new Blob([]) } : { text: "" });
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
function isResponse(status: number, headers: FetchHeaders): boolean {
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

/** Error bodies are for people and small; more than this is not read. */
const ERROR_BODY_LIMIT = 64 * 1024;
/** No success of the contract comes near this. */
const SUCCESS_BODY_LIMIT = 1024 * 1024;

type ReadBody = Pick<TransportResponse, "text" | "blob" | "garbled" | "incomplete">;

/** Rejects as soon as the attempt is over (timeout, abort): a body that never ends is let go. */
type UntilOver = <Value>(promise: Promise<Value>) => Promise<Value>;

/**
 * What cannot be read is said, never thrown: the status alone already decides what happened.
 *
 * @param asBytes whether the body is a file for the caller, of any size, rather than a text to read
 */
async function readBody(
  response: FetchResponse,
  body: FetchBody,
  untilOver: UntilOver,
  asBytes: boolean,
  redact: Redact,
): Promise<ReadBody> {
  const limit = asBytes ? Number.POSITIVE_INFINITY : isSuccess(response) ? SUCCESS_BODY_LIMIT : ERROR_BODY_LIMIT;
  const chunks: Uint8Array[] = [];
  let length = 0;
  let reader: FetchBodyReader | undefined;
  let cut: { readonly incomplete: Error } | undefined;
  try {
    reader = readerOf(body);
    for (;;) {
      const { done, value } = await untilOver(reader.read());
      if (done || value === undefined) break;
      chunks.push(value.subarray(0, limit - length));
      length += value.length;
      if (length > limit) throw new Error(`The body is longer than ${limit} bytes.`);
    }
  } catch (error) {
    cut = { incomplete: cleanCause(error, redact) };
    // An unread body would keep the connection from everyone else. Waiting for it could hang, and an injected `fetch` may
    // have no such function, or no promise.
    Promise.resolve(reader)
      .then((unread) => unread?.cancel())
      .catch(() => undefined);
  }
  if (!asBytes) return { ...decode(concatenated(chunks), isSuccess(response), redact), ...cut };
  // Half a file is of no use to anybody.
  if (cut !== undefined) return { text: "", ...cut };
  return { text: "", blob: new Blob(chunks, { type: response.headers.get("content-type") ?? "" }) };
}

/** node-fetch's bodies are streams of Node's own, whatever the types say: they are iterated over. */
function readerOf(body: FetchBody & Partial<AsyncIterable<Uint8Array>>): FetchBodyReader {
  const chunks = typeof body.getReader === "function" ? undefined : body[Symbol.asyncIterator]?.();
  if (chunks === undefined) return body.getReader();
  return { read: () => chunks.next(), cancel: async () => chunks.return?.() };
}

/** Not by a Blob: jsdom's, which takes the place of the platform's in tests of web pages, cannot be read. */
function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = chunks;
  if (first !== undefined && others.length === 0) return first;
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const STRICT = new TextDecoder("utf-8", { fatal: true });
const LENIENT = new TextDecoder("utf-8");

/** A success strictly, since replacing a byte would change a secret unnoticed; an error leniently: most of it can be read. */
function decode(bytes: Uint8Array, strict: boolean, redact: Redact): ReadBody {
  try {
    return { text: (strict ? STRICT : LENIENT).decode(bytes) };
  } catch (error) {
    return { text: LENIENT.decode(bytes), incomplete: cleanCause(error, redact), garbled: true };
  }
}
