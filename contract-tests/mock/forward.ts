/**
 * One request passed on to Prism, byte for byte but for its headers of transport and authorization.
 */
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import type { Answer } from "./answer.js";

const PRISM_TIMEOUT_MS = 10_000;

// RFC 9110 section 7.6.1: these speak of one connection, not of the message.
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What is passed on. */
export interface ForwardedRequest {
  readonly method: string;
  /** The request target as it came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Asks Prism.
 *
 * @param url - Where Prism listens.
 * @throws Error when no whole answer comes within 10 s.
 */
export function forward(url: string, forwarded: ForwardedRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const outgoing = httpRequest({
      hostname,
      port,
      method: forwarded.method,
      path: forwarded.target,
      headers: headersToSend(forwarded),
      // A connection each: Prism may close a kept one at the very moment that it is used again.
      agent: false,
      signal: AbortSignal.timeout(PRISM_TIMEOUT_MS),
    });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("error", reject);
      incoming.once("end", () =>
        resolve({
          status: incoming.statusCode ?? 502,
          headers: endToEnd(incoming.headers),
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.end(forwarded.body);
  });
}

function headersToSend(forwarded: ForwardedRequest): OutgoingHttpHeaders {
  const { host: _host, expect: _expect, "content-length": _length, ...headers } = endToEnd(forwarded.headers);
  const bodyless = forwarded.headers["content-length"] === undefined && forwarded.body.length === 0;
  return bodyless ? headers : { ...headers, "content-length": String(forwarded.body.length) };
}

function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name)) kept[name] = value;
  }
  return kept;
}
