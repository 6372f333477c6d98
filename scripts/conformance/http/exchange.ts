/**
 * One HTTP request and its answer, with nothing added and nothing smoothed over: `fetch` would send an `Accept` of its
 * own, follow redirects and hide what stands behind a 204.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Answer, NoAnswer } from "./answer.js";

/** One request, as it goes out. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** How long to wait, and when to give up before. */
export interface ExchangeOptions {
  /** For the whole exchange, its body included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Sends a request over a connection of its own.
 *
 * @throws NoAnswer where no whole answer came; the signal's reason where it was aborted.
 */
export function exchange(request: WireRequest, { timeoutMs, signal }: ExchangeOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const outgoing = open(request);
    const sent = watchConnection(outgoing);
    const fail = (reason: NoAnswer["reason"], message: string): void =>
      settle(() => reject(new NoAnswer(reason, message)));
    const onAbort = (): void => settle(() => reject(signal?.reason));
    const timer = setTimeout(() => fail(sent.connected() ? "timeout" : "unreachable", lateness(timeoutMs)), timeoutMs);
    function settle(how: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      how();
      outgoing.destroy();
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    let answered: IncomingMessage | undefined;
    outgoing.on("error", (error) => {
      // What follows a whole answer, as a body behind a 204 does, is an error of the connection and not of the answer.
      if (answered?.complete !== true) fail(sent.connected() ? "broken" : "unreachable", reasonOf(error));
    });
    outgoing.once("response", (incoming) => {
      answered = incoming;
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST_ANSWER_BYTES) fail("broken", `the answer has more than ${LARGEST_ANSWER_BYTES} bytes`);
      });
      incoming.on("error", (error) => fail("broken", `the answer broke off (${reasonOf(error)})`));
      incoming.once("end", () => {
        const body = incoming.statusCode === 204 ? sent.behindHeaders() : Buffer.concat(chunks);
        settle(() => resolve(answerOf(incoming, body)));
      });
    });
    outgoing.end(request.body);
  });
}

function open({ method, url, headers, body }: WireRequest): ClientRequest {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const open = protocol === "https:" ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return open({
    method,
    protocol,
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    path: pathname + search,
    headers: { ...headers, ...length },
    agent: false,
  });
}

/** Knows whether anything can have been sent, and what came after the headers even where HTTP admits nothing there. */
function watchConnection(outgoing: ClientRequest): { connected(): boolean; behindHeaders(): Buffer } {
  let connected = false;
  const received: Buffer[] = [];
  outgoing.once("socket", (socket) => {
    const event = "encrypted" in socket ? "secureConnect" : "connect";
    socket.once(event, () => {
      connected = true;
    });
    socket.on("data", (chunk: Buffer) => received.push(chunk));
  });
  return {
    connected: () => connected,
    behindHeaders() {
      const all = Buffer.concat(received);
      const end = all.lastIndexOf("\r\n\r\n") === -1 ? all.length : all.indexOf("\r\n\r\n") + 4;
      return all.subarray(end);
    },
  };
}

function answerOf(incoming: IncomingMessage, body: Buffer): Answer {
  const headers = Object.entries(incoming.headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), text: body.toString("utf8") };
}

function lateness(timeoutMs: number): string {
  return `no whole answer came within ${timeoutMs / 1000} s`;
}

function reasonOf(error: Error): string {
  const code = "code" in error ? String(error.code) : error.name;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens there",
    ECONNRESET: "the connection was reset",
    ENOTFOUND: "the host's name is not known",
    EPIPE: "the connection was closed",
  };
  const said = words[code];
  return said === undefined ? `${code}: ${error.message}` : `${said} (${code})`;
}
