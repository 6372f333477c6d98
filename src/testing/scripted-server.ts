/**
 * For tests: a server on loopback that responds from a script, one step for each request in the order of arrival, and
 * keeps account of what arrived.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { listen } from "./atlas/http.js";

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as they stood in the request line. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Connections are numbered from 1, so that a test can see one being used again. */
  readonly connection: number;
}

/** Sends one response, or none. */
export type Step = (response: ServerResponse, request: ReceivedRequest, socket: Socket) => unknown;

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** How many requests with this method have arrived. */
  count(method: string): number;
  /** Connections that are open at this moment. */
  openConnections(): number;
  /** Resolves when so many requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Resolves when a connection has ended, counted over the server's life. */
  connectionsEnded(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A function is asked for the step of every request; an array is used up, and what comes after it is refused with 418. */
export type Script = readonly Step[] | ((request: ReceivedRequest, index: number) => Step);

export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const connections = new Map<Socket, number>();
  const waiters = new Set<() => void>();
  let opened = 0;
  let ended = 0;
  const wake = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const until = (reached: () => boolean) =>
    new Promise<void>((resolve) => {
      const waiter = () => {
        if (!reached()) return;
        waiters.delete(waiter);
        resolve();
      };
      waiters.add(waiter);
      waiter();
    });

  const server = createServer(async (request, response) => {
    const { method = "", url: target = "", headers, socket } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const received = { method, target, headers, body, connection: connections.get(socket) ?? 0 };
    requests.push(received);
    wake();
    const step = typeof script === "function" ? script(received, requests.length - 1) : script[requests.length - 1];
    await (step ?? reply(418, "The script has no response to this request."))(response, received, socket);
  });
  server.on("connection", (socket: Socket) => {
    opened += 1;
    connections.set(socket, opened);
    // Tests end connections in every way there is; how the other side takes it is not this server's concern.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      connections.delete(socket);
      ended += 1;
      wake();
    });
  });
  const url = await listen(server);
  return {
    url,
    requests,
    count: (method) => requests.filter((request) => request.method === method).length,
    openConnections: () => connections.size,
    arrived: (count) => until(() => requests.length >= count),
    connectionsEnded: (count) => until(() => ended >= count),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of connections.keys()) socket.destroy();
      await closed;
    },
  };
}

/** A complete response; an object becomes JSON. */
export function reply(status: number, body?: unknown, headers: Readonly<Record<string, string | string[]>> = {}): Step {
  const bytes = Buffer.isBuffer(body) || typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  const type = typeof body === "object" && !Buffer.isBuffer(body) ? { "content-type": "application/json" } : {};
  return (response) => response.writeHead(status, { ...type, ...headers }).end(bytes);
}

/** A response with Atlas's error body. */
export function atlasError(status: number, errorCode: string, headers: Readonly<Record<string, string>> = {}): Step {
  return reply(
    status,
    { error: status, errorCode, detail: `The detail of ${errorCode}.`, reason: "A reason" },
    headers,
  );
}

/** Reads the request, then resets the connection without a word. */
export const reset: Step = (_response, _request, socket) => socket.resetAndDestroy();

/** Reads the request and never responds. */
export const hang: Step = () => undefined;

/** Status line, headers and the beginning of a body whose rest never comes. */
export function hangInBody(status: number, begins: string): Step {
  return (response) => {
    response.writeHead(status, { "content-length": String(begins.length + 1000) });
    response.write(begins);
  };
}

/** As `hangInBody`, but the connection ends instead. */
export function truncated(status: number, begins: string): Step {
  return (response, _request, socket) => {
    response.writeHead(status, { "content-length": String(begins.length + 1000) });
    response.write(begins, () => socket.destroySoon());
  };
}

/** Bytes that node:http would not send. */
export function rawBytes(bytes: string | Buffer): Step {
  return (_response, _request, socket) => socket.end(bytes);
}

/** Waits for an event of the test's before it takes the step. */
export function after(event: Promise<unknown>, step: Step): Step {
  return async (...exchange) => {
    await event;
    return step(...exchange);
  };
}
