/**
 * One HTTP request and its response, with nothing added and nothing smoothed over: `fetch` would send an `Accept` of its
 * own, follow redirects and hide what comes behind a 204.
 */
import { isUtf8 } from "node:buffer";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface HttpResponse {
  /** 0 if there is no whole response. */
  readonly status: number;
  /** Names in lower case; a header that came several times has its values joined by commas. Trailers included. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; of a 204, the beginning or the rest of what followed its headers. */
  readonly text: string;
  readonly isUtf8: boolean;
  /** Why there is no whole response; `unreachable`: no connection was made, so that nothing was sent. */
  readonly failure?: { readonly reason: "unreachable" | "timeout" | "broken"; readonly message: string };
  /** The request as it went out last: with digest, the signed one. */
  readonly sent: HttpRequest;
}

/** Of the body; also decoded, since a few bytes may decode to gigabytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Sends a request over a connection of its own. It is never cut off: what a request did is known by its response alone.
 *
 * @param timeoutMs - For the whole exchange, its body included.
 */
export async function exchange(sent: HttpRequest, timeoutMs: number): Promise<HttpResponse> {
  const { method, url, body } = sent;
  const isEncrypted = url.startsWith("https:");
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...sent.headers, ...length }, agent: false } as const;
  const outgoing = (isEncrypted ? httpsRequest : httpRequest)(url, options);
  const timedOut = new Error("timeout");
  // A signal would cost a third of the request.
  const timeout = setTimeout(() => outgoing.destroy(timedOut), timeoutMs);
  let isConnected = false;
  outgoing.once("socket", (socket) => {
    socket.once(isEncrypted ? "secureConnect" : "connect", () => {
      isConnected = true;
    });
  });
  let error: (NodeJS.ErrnoException & { rawPacket?: Buffer; bytesParsed?: number }) | undefined;
  outgoing.on("error", (first) => {
    error ??= first;
  });
  let incoming: IncomingMessage | undefined;
  try {
    incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const fail = () => reject(new Error("the connection was closed"));
      outgoing.once("response", resolve).once("close", fail).end(body);
    });
    const received = await bodyOf(incoming);
    const { statusCode: status = 0, trailersDistinct, headersDistinct } = incoming;
    const fields = Object.entries({ ...trailersDistinct, ...headersDistinct });
    const headers = Object.fromEntries(fields.map(([name, values]) => [name, (values ?? []).join(", ")]));
    // What follows a 204 is no response, and an error of the parser.
    const text = status === 204 ? error?.rawPacket?.subarray(error.bytesParsed) : received;
    return { status, headers, text: text?.toString("utf8") ?? "", isUtf8: isUtf8(received), sent };
  } catch (thrown) {
    // Node and `bodyOf` throw nothing but errors.
    const cause = error ?? (thrown as NodeJS.ErrnoException);
    // A connection that is reset at once was made, whether the platform has noticed or not.
    const isMade = isConnected || (cause.code === "ECONNRESET" && !isEncrypted);
    const reason = isMade ? (cause === timedOut ? "timeout" : "broken") : "unreachable";
    const { code = "", message: detail } = cause;
    const said = code === "" ? detail : `${code}: ${detail}`;
    const words = code in NETWORK_ERRORS ? `${NETWORK_ERRORS[code]} (${code})` : said;
    const broken = incoming === undefined ? words : `the response broke off (${words})`;
    const message = cause === timedOut ? `no whole response came within ${timeoutMs / 1000} s` : broken;
    return { status: 0, headers: {}, text: "", isUtf8: true, failure: { reason, message }, sent };
  } finally {
    clearTimeout(timeout);
    outgoing.destroy();
  }
}

/** Content codings need no asking for: without Accept-Encoding a server may use any (RFC 9110, section 12.5.3). */
const DECODERS: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES} bytes`);
  }
  let body: Buffer = Buffer.concat(chunks);
  const codings = incoming.headers["content-encoding"]?.toLowerCase().split(",") ?? [];
  for (const coding of size === 0 ? [] : codings.reverse()) {
    body = DECODERS[coding.trim()]?.(body, { maxOutputLength: MOST_BYTES }) ?? body;
  }
  return body;
}

/** Node says the same in several ways, and nothing of a host none of whose addresses could be reached. */
const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "the host's name is not known",
  EPIPE: "the connection was closed",
};

/** Whether a response says nothing about its request: there is none, or the server only limits the rate. */
export function saysNothing({ status, failure }: HttpResponse): boolean {
  return failure !== undefined || status === 429;
}
