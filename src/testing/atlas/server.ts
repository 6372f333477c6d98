/**
 * An HTTP server on this machine, as the fake Atlas, the mock and tests need it.
 */
import { once } from "node:events";
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:net";
import { type AtlasResponse, contentHeaders, textOf } from "./response.js";

/**
 * Listens on 127.0.0.1.
 *
 * @param port - Default: a free one.
 * @returns `http://127.0.0.1:PORT`
 */
export async function listen(server: Server, port = 0): Promise<string> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return `http://127.0.0.1:${address.port}`;
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
