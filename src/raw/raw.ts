/**
 * `client.raw`: an ordinary openapi-fetch client over the same pipeline.
 */
import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type FetchResponse,
  type MaybeOptionalInit,
} from "openapi-fetch";
import type { paths } from "../../generated/schema.js";
import { AtlasError, AtlasRequestError, AtlasResponseError } from "../errors.js";
import { SET_BY_CLIENT } from "../operation/call-options.js";
import { type RequestSettings, rawRequest } from "../operation/request.js";
import { idIn, outcomeOfSuccess, parseJson } from "../operation/response.js";
import { violation } from "../options/read-options.js";
import { readError } from "../safe/foreign-error.js";
import { quote } from "../safe/quote.js";
import type { Redact } from "../safe/redaction.js";
import { metadataOf } from "../safe/response-metadata.js";
import { isAbortSignal } from "../signals.js";
import type { Send, TransportRequest, TransportResponse } from "../transport/pipeline.js";

const METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] as const;
type MethodName = (typeof METHODS)[number];

/** Per-call options of openapi-fetch that would lead a request around the pipeline. */
const LEFT_OUT = ["fetch", "Request", "baseUrl", "pathSerializer"] as const;
type LeftOut = { readonly [Name in (typeof LEFT_OUT)[number]]?: never };

/** Required, unless everything in it is optional. */
type InitParameter<Init> = object extends Init ? [init?: Init & LeftOut] : [init: Init & LeftOut];

type RawMethod<Method extends Lowercase<MethodName>> = <
  Path extends ClientPathsWithMethod<Client<paths>, Method>,
  Init extends MaybeOptionalInit<paths[Path], Method>,
>(
  url: Path,
  ...init: InitParameter<Init>
) => Promise<FetchResponse<NonNullable<paths[Path][Method]>, Init, `${string}/${string}`>>;

/**
 * openapi-fetch's own methods, returning `{ data, error, response }`, and its middleware. What it sends is held to the
 * contract's paths, signed, timed and repeated like every other call; arguments are checked by types alone, envelopes
 * are left closed, and only a missing or unreadable response is thrown. Tell success from failure by
 * `response.ok`: `error` is empty if an error has no body.
 *
 * @see https://openapi-ts.dev/openapi-fetch/
 */
export type RawClient = { readonly [Name in MethodName]: RawMethod<Lowercase<Name>> } & Pick<
  Client<paths>,
  "use" | "eject"
>;

export interface RawSettings extends RequestSettings {
  readonly redact: Redact;
}

/** @throws AtlasRequestError, AtlasAuthError, AtlasNetworkError, or AtlasResponseError for a success that cannot be read */
export function createRawClient(settings: RawSettings, send: Send): RawClient {
  const client = createClient<paths>({ baseUrl: settings.baseUrl });
  const methods = METHODS.map((name) => [name, guarded(client[name], settings, send)]);
  return {
    // Each entry is the client's method of that name; Object.fromEntries forgets which.
    ...(Object.fromEntries(methods) as { readonly [Name in MethodName]: RawMethod<Lowercase<Name>> }),
    use: client.use,
    eject: client.eject,
  };
}

/** What openapi-fetch's `fetch` does here; `received` is kept for the error, if the body turns out to be unusable. */
interface Exchange {
  received: TransportResponse | undefined;
  sent: TransportRequest | undefined;
}

/** A method of openapi-fetch over the pipeline. `never` because every method takes other arguments. */
function guarded(method: (...args: [never, never]) => Promise<unknown>, settings: RawSettings, send: Send) {
  return async (...[path, given]: [never, unknown]): Promise<unknown> => {
    // The signal goes past openapi-fetch: the platform's Request would leave a listener on it.
    const { signal = undefined, ...init }: { signal?: unknown } =
      typeof given === "object" && given !== null ? given : {};
    checkPath(path, settings.redact);
    refuseLeftOut(init);
    const callerSignal = checkSignal(signal, settings.redact);
    const exchange: Exchange = { received: undefined, sent: undefined };
    const fetch = async (request: Request) => {
      const { url, method: verb, headers } = request;
      const body = request.body === null ? undefined : await bodyOf(request);
      const built = {
        url,
        method: verb,
        headers: Object.fromEntries(headers),
        body,
        signal: callerSignal ?? request.signal,
      };
      exchange.sent = rawRequest(built, settings);
      exchange.received = await send(exchange.sent);
      return platformResponse(exchange.received, exchange.sent, settings.redact);
    };
    try {
      return await method(path, { ...init, fetch } as never);
    } catch (error) {
      // openapi-fetch loses a reason that is falsy and then fails for want of a response.
      if (error instanceof AtlasError) throw error;
      callerSignal?.throwIfAborted();
      // V8's error quotes the text, which may hold the new secret.
      if (readError(error)?.name === "SyntaxError" && exchange.received !== undefined && exchange.sent !== undefined) {
        throw unusable(exchange.received, exchange.sent, "but the body is not JSON", settings.redact);
      }
      throw error;
    }
  };
}

/** Text as text, and anything else byte for byte. */
function bodyOf(request: Request): Promise<string | Blob> {
  const isText = /json|urlencoded|^text\//i.test(request.headers.get("content-type") ?? "");
  return isText ? request.text() : request.blob();
}

function checkSignal(signal: unknown, redact: Redact): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (isAbortSignal(signal)) return signal;
  throw new AtlasRequestError("Cannot use the call options", [violation("signal", "an AbortSignal", signal, redact)]);
}

/** The types leave these options out; JavaScript does not. */
function refuseLeftOut(init: object): void {
  const found = LEFT_OUT.filter((name) => name in init);
  if (found.length === 0) return;
  const violations = found.map((argument) => ({ argument, ...SET_BY_CLIENT }));
  throw new AtlasRequestError("Cannot use the call options", violations);
}

/** Around the path, a URL is built that the platform may refuse with an error of its own. */
function checkPath(path: unknown, redact: Redact): void {
  if (typeof path === "string" && path.startsWith("/")) return;
  const received = quote(path, redact);
  throw new AtlasRequestError("The call was not sent", [
    { argument: "path", expected: "a path of the contract", received },
  ]);
}

/** Statuses with which the platform's Response refuses a body. */
const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);

function platformResponse(received: TransportResponse, sent: TransportRequest, redact: Redact): Response {
  const { status, text, blob, incomplete, garbled } = received;
  if (status < 200 || status > 599) throw unusable(received, sent, "which HTTP does not have", redact);
  if (incomplete !== undefined && status <= 299 && (garbled === true || parseJson(text) === undefined)) {
    throw unusable(received, sent, "but the body could not be read to its end", redact);
  }
  const headers = new Headers(received.headers);
  // They describe the body as it came over the wire: it has been decompressed, and an error's may be cut.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(BODYLESS.has(status) || text === "" ? (blob ?? null) : text, { status, headers });
}

function unusable(
  received: TransportResponse,
  { operation, enveloped }: TransportRequest,
  why: string,
  redact: Redact,
): AtlasResponseError {
  const { status, text, incomplete: cause } = received;
  // In an envelope that was asked for, an error has status 200 too.
  const certain = status >= 200 && status <= 299 && !enveloped;
  const outcome = certain ? outcomeOfSuccess(received, operation) : "unknown";
  const context = { ...metadataOf(received, redact), operation, outcome, id: idIn(text), cause };
  return new AtlasResponseError(`status ${status}, ${why}.`, context);
}
