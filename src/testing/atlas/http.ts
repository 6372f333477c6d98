/**
 * HTTP as the fake Atlas, the mock and tests need it: a server on this machine, the bodies that it reads and the responses that
 * it sends, with the form in which Atlas gives its errors.
 */
import { once } from "node:events";
import { type Server as HttpServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo, Server } from "node:net";
import type { components } from "../../../generated/schema.js";

/** One HTTP response. */
export interface AtlasResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
}

/** Members of an error besides those that every error has. */
type MoreOfApiError = Omit<components["schemas"]["ApiError"], "error" | "errorCode" | "detail">;

/** An error of the API, with the words that belong to its status as the reason. */
export function apiError(
  status: number,
  errorCode: string,
  detail: string,
  more: MoreOfApiError = {},
  headers: AtlasResponse["headers"] = {},
): AtlasResponse {
  const body = { error: status, reason: STATUS_CODES[status], errorCode, detail, ...more };
  return { status, headers, body };
}

/** The body as it goes over the wire. */
export function textOf({ body }: AtlasResponse, pretty = false): string {
  if (body === undefined) return "";
  return typeof body === "string" ? body : JSON.stringify(body, undefined, pretty ? 2 : 0);
}

/** The headers; a body is JSON unless they say otherwise. */
export function contentHeaders({ body, headers }: AtlasResponse): Record<string, string> {
  return { ...(body !== undefined && { "content-type": "application/json" }), ...headers };
}

/** With `envelope=true` the status and the body come in a 200. */
export function enveloped(response: AtlasResponse, query: URLSearchParams): AtlasResponse {
  if (query.get("envelope") !== "true") return response;
  const { status, body: content = null } = response;
  return { ...response, status: 200, body: { status, content } };
}

/** The media type of a `Content-Type`, in lower case and without parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/**
 * Listens on 127.0.0.1.
 *
 * @param port - Default: a free one.
 * @returns `http://127.0.0.1:PORT`
 */
export async function listen(server: Server, port = 0): Promise<string> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  // It has an address, for it listens, and no path.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Breaks all connections off. Can be called again. */
export function close(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    // The only error is that it was closed before.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The body of a request. */
export interface Body {
  /** Not more than the limit. */
  readonly bytes: Buffer;
  /** Whether there was more than the limit. */
  readonly tooLarge: boolean;
}

/**
 * Reads a body to its end; one above the limit is thrown away.
 *
 * @returns `undefined` if the caller gave up before: nobody waits for a response.
 */
export async function readBody(
  incoming: IncomingMessage,
  limitBytes = Number.POSITIVE_INFINITY,
): Promise<Body | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming) {
      size += chunk.length;
      // A copy, because a chunk may be a small part of a large buffer.
      if (size <= limitBytes) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
    }
  } catch {
    // The only error of a readable request is that its connection ended.
    return undefined;
  }
  return { bytes: Buffer.concat(chunks), tooLarge: size > limitBytes };
}

/** Sends a response. */
export function send(outgoing: ServerResponse, response: AtlasResponse, pretty: boolean): void {
  outgoing.writeHead(response.status, contentHeaders(response));
  outgoing.end(textOf(response, pretty));
}
