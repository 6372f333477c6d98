/** How `client.raw` sends: openapi-fetch's own client over the same pipeline, loaded with it. */
import createClient from "openapi-fetch";
import { AtlasError, AtlasRequestError, AtlasResponseError, type RequestViolation } from "../errors.js";
import { type CallOptions, checkCallOptions, HOP_BY_HOP, headerFaults, SET_BY_CLIENT } from "../operation/arguments.js";
import { type RequestSettings, rawRequest } from "../operation/request.js";
import { idIn, outcomeOfSuccess } from "../operation/response.js";
import { membersOf, oneOf, violation } from "../options/read-options.js";
import { cleanCause, readError } from "../safe/foreign-error.js";
import { metadataOf, type Redact } from "../safe/redaction.js";
import { throwIfAborted } from "../signals.js";
import {
  isEnveloped,
  parseJson,
  type Send,
  type TransportRequest,
  type TransportResponse,
} from "../transport/pipeline.js";
import { LEFT_OUT, type RunRaw } from "./raw-client.js";

/** What a method is called with, whatever its types say. */
type Given = Pick<CallOptions, "timeoutMs" | "retry"> & {
  readonly [Name in "signal" | "middleware" | "headers" | "parseAs"]?: unknown;
};

/** @throws AtlasRequestError, AtlasAuthError, AtlasNetworkError, or AtlasResponseError for a success that cannot be read */
export function createRunRaw(settings: RequestSettings & { readonly redact: Redact }, send: Send): RunRaw {
  const client = createClient({ baseUrl: settings.baseUrl });
  const { redact } = settings;
  return async (name, path, middleware, given) => {
    const progress: { isBuilt: boolean; sent?: TransportRequest; received?: TransportResponse } = { isBuilt: false };
    let options: CallOptions = {};
    const onRequest = () => {
      progress.isBuilt = true;
    };
    const fetch = async (request: Request) => {
      const { url, method: verb, headers } = request;
      // A middleware may have read the body before.
      progress.isBuilt = false;
      // Text as text, and anything else byte for byte.
      const isText = /json|urlencoded|^text\//i.test(headers.get("content-type") ?? "");
      const body = request.body === null ? undefined : await (isText ? request.text() : request.blob());
      progress.isBuilt = true;
      const ofCall = { ...options, signal: options.signal ?? request.signal };
      const built = { url, method: verb, headers: Object.fromEntries(headers), body, options: ofCall };
      const sent = rawRequest(built, settings);
      const violations = [...headers.keys()]
        .filter((each) => HOP_BY_HOP.test(each))
        .map((each) => ({ argument: `headers.${each}`, ...SET_BY_CLIENT }));
      if (violations.length > 0) {
        throw new AtlasRequestError("Cannot use the call options", violations, { operation: sent.operation });
      }
      const received = await send(sent);
      progress.sent = sent;
      progress.received = received;
      return platformResponse(received, sent, redact);
    };
    try {
      // The signal goes past openapi-fetch: the platform's Request would leave a listener on it.
      const { signal, timeoutMs, retry, middleware: own = [], ...init } = readInit(path, given, redact);
      // Whatever it is: that it is a signal is checked here.
      options = checkCallOptions({ signal: (signal ?? undefined) as AbortSignal, timeoutMs, retry }, redact);
      // `never`, because every method takes other arguments; those of the face are typed.
      const method = client[name] as (path: never, init: never) => Promise<unknown>;
      const allMiddleware = [{ onRequest }, ...middleware, ...Object(own)];
      return await method(path as never, { ...init, middleware: allMiddleware, fetch } as never);
    } catch (error) {
      // openapi-fetch loses a reason that is falsy and then fails for want of a response.
      if (error instanceof AtlasError) throw error;
      throwIfAborted(options.signal);
      if (!progress.isBuilt) {
        // By openapi-fetch, a serializer or a stream that it was given, or the platform.
        const cause = cleanCause(error, redact);
        throw new AtlasRequestError(`The request cannot be built: ${cause.message}`, [], { cause });
      }
      const { sent, received } = progress;
      // V8's error quotes the text, which may hold the new secret.
      if (readError(error)?.name === "SyntaxError" && sent && received) {
        throw unusable(received, sent, "but the body is not JSON", redact);
      }
      throw error;
    }
  };
}

/** In another way a response could not be read after it has come, and a new secret would be lost. */
const PARSE_AS = oneOf(["json", "text", "blob", "arrayBuffer", "stream"]);

/** @throws AtlasRequestError for what cannot be read or sent, and for what the types leave out */
function readInit(path: unknown, given: unknown, redact: Redact): Given {
  if (typeof path !== "string" || !path.startsWith("/")) {
    // Around it, a URL would be built that the platform may refuse with an error of its own.
    throw new AtlasRequestError("The call was not sent", [violation("path", "a path of the contract", path, redact)]);
  }
  const init = membersOf(given ?? {});
  const violations: RequestViolation[] =
    init === undefined
      ? [violation("init", "a plain object", given, redact)]
      : LEFT_OUT.filter((name) => name in init).map((argument) => ({ argument, ...SET_BY_CLIENT }));
  const { parseAs, headers }: Given = init ?? {};
  if (parseAs !== undefined && !PARSE_AS.fits(parseAs)) {
    violations.push(violation("parseAs", PARSE_AS.expected, parseAs, redact));
  }
  // The platform would refuse them by an error that quotes them. openapi-fetch writes each of an array, and leaves out null.
  for (const [name, value] of Object.entries(membersOf(headers) ?? (Array.isArray(headers) ? headers : {}))) {
    for (const each of [value].flat()) violations.push(...headerFaults(name, String(each ?? ""), redact));
  }
  if (init === undefined || violations.length > 0) {
    throw new AtlasRequestError("Cannot use the call options", violations);
  }
  return init;
}

/** Statuses with which the platform's Response refuses a body. */
const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);

function platformResponse(received: TransportResponse, sent: TransportRequest, redact: Redact): Response {
  const { status, text, blob, incomplete, garbled } = received;
  if (status < 200 || status > 599) throw unusable(received, sent, "which HTTP does not have", redact);
  if (incomplete !== undefined && status <= 299 && (garbled === true || parseJson(text) === undefined)) {
    throw unusable(received, sent, "but the body could not be read to its end", redact);
  }
  const headers = new Headers();
  received.headers.forEach((value, name) => {
    headers.append(name, value);
  });
  // They describe the body as it came over the wire: it has been decompressed, and an error's may be cut.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(BODYLESS.has(status) || text === "" ? (blob ?? null) : text, { status, headers });
}

function unusable(received: TransportResponse, sent: TransportRequest, why: string, redact: Redact) {
  const { status, text, incomplete: cause } = received;
  // In an envelope that was asked for, an error has status 200 too.
  const { operation } = sent;
  const certain = status >= 200 && status <= 299 && !isEnveloped(sent);
  const outcome = certain ? outcomeOfSuccess(received, operation) : "unknown";
  const context = { ...metadataOf(received, redact), operation, outcome, id: idIn(text), cause };
  return new AtlasResponseError(`status ${status}, ${why}.`, context);
}
