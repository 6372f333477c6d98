/**
 * One HTTP request and its response, with nothing added and nothing smoothed over: `fetch` would send an `Accept` of its
 * own, follow redirects and hide what comes behind a 204.
 */
import { isUtf8 } from "node:buffer";
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

/** What came of one request. */
export interface HttpResponse {
  /** 0 if there is no whole response. */
  readonly status: number;
  /** Names in lower case; a header that came several times has its values joined by commas. Trailers included. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; of a 204, the beginning or the rest of what followed its headers. */
  readonly text: string;
  readonly isUtf8: boolean;
  /** Why there is no whole response. */
  readonly failure?: Failure;
  /** The request as it went out last: with digest, the signed one. */
  readonly sent: HttpRequest;
}

/** `unreachable`: no connection was made, so that nothing was sent. */
export interface Failure {
  readonly reason: "unreachable" | "timeout" | "broken";
  readonly message: string;
}

const LARGEST_RESPONSE_BYTES = 4 * 1024 * 1024;
/** A few bytes may decode to gigabytes. */
const DECODED = { maxOutputLength: LARGEST_RESPONSE_BYTES };

/**
 * Sends a request over a connection of its own. It is never cut off: what a request did is known by its response alone.
 *
 * @param timeoutMs - For the whole exchange, its body included.
 */
export async function exchange(sent: HttpRequest, timeoutMs: number): Promise<HttpResponse> {
  const outgoing = open(sent);
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    outgoing.destroy(new Error("timeout"));
  }, timeoutMs);
  let connected = false;
  outgoing.once("socket", (socket) => {
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => {
      connected = true;
    });
  });
  let error: (NodeJS.ErrnoException & { rawPacket?: Buffer; bytesParsed?: number }) | undefined;
  outgoing.on("error", (first) => {
    error ??= first;
  });
  let incoming: IncomingMessage | undefined;
  try {
    incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve).once("close", reject).end(sent.body);
    });
    const body = await bodyOf(incoming);
    const { statusCode: status = 0, trailersDistinct, headersDistinct } = incoming;
    const fields = Object.entries({ ...trailersDistinct, ...headersDistinct });
    const headers = Object.fromEntries(fields.map(([name, values]) => [name, (values ?? []).join(", ")]));
    // What follows a 204 is no response, and an error of the parser.
    const text = status === 204 ? error?.rawPacket?.subarray(error.bytesParsed) : body;
    return { status, headers, text: text?.toString("utf8") ?? "", isUtf8: isUtf8(body), sent };
  } catch (thrown) {
    // A connection that is reset at once was made, whether the platform has noticed or not.
    const isMade = connected || (error?.code === "ECONNRESET" && sent.url.startsWith("http:"));
    const reason = isMade ? (hasTimedOut ? "timeout" : "broken") : "unreachable";
    const why = reasonOf(error ?? thrown);
    const broken = incoming === undefined ? why : `the response broke off (${why})`;
    const message = hasTimedOut ? `no whole response came within ${timeoutMs / 1000} s` : broken;
    return { status: 0, headers: {}, text: "", isUtf8: true, failure: { reason, message }, sent };
  } finally {
    clearTimeout(timer);
    outgoing.destroy();
  }
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

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST_RESPONSE_BYTES) throw new Error(`it has more than ${LARGEST_RESPONSE_BYTES} bytes`);
  }
  const codings = (incoming.headers["content-encoding"] ?? "").split(",").map((coding) => coding.trim().toLowerCase());
  const body: Buffer = Buffer.concat(chunks);
  return size === 0 ? body : codings.reduceRight<Buffer>((rest, coding) => DECODERS[coding]?.(rest) ?? rest, body);
}

/** Content codings need no asking for: without Accept-Encoding a server may use any (RFC 9110, section 12.5.3). */
const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body, DECODED),
  "x-gzip": (body) => gunzipSync(body, DECODED),
  deflate: (body) => inflateSync(body, DECODED),
  br: (body) => brotliDecompressSync(body, DECODED),
};

const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "the host's name is not known",
  EPIPE: "the connection was closed",
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
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

/** Whether a response says nothing about its request: there is none, or the server only limits the rate. */
export function saysNothing({ status, failure }: Pick<HttpResponse, "status" | "failure">): boolean {
  return failure !== undefined || status === 429;
}

export function isSuccess({ status }: Pick<HttpResponse, "status">): boolean {
  return status >= 200 && status < 300;
}
