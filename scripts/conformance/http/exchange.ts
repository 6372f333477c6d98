/**
 * One HTTP request and its response, with nothing added and nothing smoothed over: `fetch` would send an `Accept` of its
 * own, follow redirects and hide what comes behind a 204.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/** One request, as it goes out. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** One whole response. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; a header that came several times has its values joined by commas. Trailers included. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; after a 204 whatever followed its headers. */
  readonly text: string;
}

/** Why there is no whole response. */
export class NoResponse extends Error {
  override readonly name = "NoResponse";
  /** `unreachable`: no connection was made, so that nothing was sent. */
  readonly reason: "unreachable" | "timeout" | "broken";

  constructor(reason: NoResponse["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** How long to wait, and when to give up before. */
export interface ExchangeOptions {
  /** For the whole exchange, its body included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const LARGEST_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Sends a request over a connection of its own.
 *
 * @throws NoResponse if no whole response came; the signal's reason if it was aborted.
 */
export function exchange(request: HttpRequest, { timeoutMs, signal }: ExchangeOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const outgoing = open(request);
    const connection = watchConnection(outgoing);
    const fail = (reason: NoResponse["reason"], message: string): void =>
      settle(() => reject(new NoResponse(reason, message)));
    const onAbort = (): void => settle(() => reject(signal?.reason));
    const timer = setTimeout(() => {
      const message = `no whole response came within ${timeoutMs / 1000} s`;
      fail(connection.connected() ? "timeout" : "unreachable", message);
    }, timeoutMs);
    function settle(how: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      how();
      outgoing.destroy();
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    let response: IncomingMessage | undefined;
    outgoing.on("error", (error) => {
      // What follows a whole response, as a body behind a 204 does, is an error of the connection and not of the response.
      if (response?.complete !== true) fail(connection.connected() ? "broken" : "unreachable", reasonOf(error));
    });
    outgoing.once("response", (incoming) => {
      response = incoming;
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST_RESPONSE_BYTES) fail("broken", `the response has more than ${LARGEST_RESPONSE_BYTES} bytes`);
      });
      incoming.on("error", (error) => fail("broken", `the response broke off (${reasonOf(error)})`));
      incoming.once("end", () => {
        try {
          const body =
            incoming.statusCode === 204 ? connection.behindHeaders() : decoded(incoming, Buffer.concat(chunks));
          settle(() => resolve(responseOf(incoming, body)));
        } catch (error) {
          fail("broken", `the body cannot be decoded (${reasonOf(error instanceof Error ? error : new Error())})`);
        }
      });
    });
    outgoing.end(request.body);
  });
}

function open({ method, url, headers, body }: HttpRequest): ClientRequest {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return (protocol === "https:" ? httpsRequest : httpRequest)({
    method,
    protocol,
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    path: pathname + search,
    headers: { ...headers, ...length },
    agent: false,
  });
}

/** Knows whether anything can have been sent, and what came after the headers even where HTTP allows nothing. */
function watchConnection(outgoing: ClientRequest): { connected(): boolean; behindHeaders(): Buffer } {
  let connected = false;
  const received: Buffer[] = [];
  outgoing.once("socket", (socket) => {
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => {
      connected = true;
    });
    socket.on("data", (chunk: Buffer) => received.push(chunk));
  });
  return {
    connected: () => connected,
    behindHeaders() {
      let rest: Buffer = Buffer.concat(received);
      // Interim responses, as 100 and 103, come before the one that is meant.
      do {
        const end = rest.indexOf("\r\n\r\n");
        const isInterim = /^HTTP\/1\.\d 1\d\d\b/.test(rest.subarray(0, 12).toString("latin1"));
        rest = rest.subarray(end === -1 ? rest.length : end + 4);
        if (!isInterim) return rest;
      } while (rest.length > 0);
      return rest;
    },
  };
}

/** Content codings need no asking for: without Accept-Encoding a server may use any (RFC 9110, section 12.5.3). */
const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body),
  "x-gzip": (body) => gunzipSync(body),
  deflate: (body) => inflateSync(body),
  br: (body) => brotliDecompressSync(body),
};

function decoded({ headers }: IncomingMessage, body: Buffer): Buffer {
  if (body.length === 0) return body;
  const codings = (headers["content-encoding"] ?? "").split(",").map((coding) => coding.trim().toLowerCase());
  return codings.reduceRight((rest, coding) => DECODERS[coding]?.(rest) ?? rest, body);
}

function responseOf(incoming: IncomingMessage, body: Buffer): HttpResponse {
  const fields = { ...incoming.trailersDistinct, ...incoming.headersDistinct };
  const headers = Object.entries(fields).map(([name, values]) => [name, (values ?? []).join(", ")]);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), text: body.toString("utf8") };
}

const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "the host's name is not known",
  EPIPE: "the connection was closed",
};

function reasonOf(error: Error): string {
  const code = "code" in error ? String(error.code) : error.name;
  const reason = NETWORK_ERRORS[code];
  return reason === undefined ? `${code}: ${error.message}` : `${reason} (${code})`;
}

/** The JSON of a response; `undefined` if it has none. */
export function jsonOf(response: Pick<HttpResponse, "text">): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(response.text) };
  } catch {
    // Not JSON: whether it should have been is for the judge to say.
    return undefined;
  }
}

export function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}
