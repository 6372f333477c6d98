/**
 * A proxy in front of a server that changes its responses on the way. It remembers them: the same request is passed on once,
 * however many runs send it.
 */
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A response on its way. */
export interface PassingResponse {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A running proxy. */
export interface ResponseProxy {
  readonly url: string;
  /** From now on responses go through this. */
  change(how: (response: PassingResponse, request: { readonly method: string; readonly path: string }) => void): void;
  stop(): Promise<void>;
}

/** Starts a proxy in front of a server on this machine. */
export async function startResponseProxy(upstream: string): Promise<ResponseProxy> {
  const remembered = new Map<string, Promise<PassingResponse>>();
  let change: Parameters<ResponseProxy["change"]>[0] = () => undefined;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url = "", headers } = incoming;
    const { host: _, ...others } = headers;
    const body = Buffer.concat(chunks);
    const key = JSON.stringify([method, url, others, body.toString()]);
    const passed = remembered.get(key) ?? pass(upstream, method, url, others, body);
    remembered.set(key, passed);
    const response = { ...(await passed) };
    response.headers = { ...response.headers };
    change(response, { method, path: url });
    delete response.headers["content-length"];
    outgoing.writeHead(response.status, response.headers);
    outgoing.end(response.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    change(how) {
      change = how;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pass(
  upstream: string,
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<PassingResponse> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(upstream);
    const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, async (incoming) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const { connection: _, "transfer-encoding": __, ...kept } = incoming.headers;
      resolve({ status: incoming.statusCode ?? 0, headers: kept, text: Buffer.concat(chunks).toString() });
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
