/**
 * For the mock's own tests: one HTTP exchange in which nothing is sent that the test did not name.
 */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";

/** What is sent. */
export interface Outgoing {
  /** Default GET. */
  readonly method?: string;
  /** The request target. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** What came back. */
export interface Incoming {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; `undefined` if it is none. */
  readonly json: unknown;
}

/** Sends one request on a connection of its own and reads the whole response. */
export function exchange(url: string, { method = "GET", path, headers = {}, body }: Outgoing): Promise<Incoming> {
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, path, headers: { ...length, ...headers }, agent: false });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      incoming.setEncoding("utf8");
      let text = "";
      incoming.on("data", (chunk: string) => {
        text += chunk;
      });
      incoming.once("error", reject);
      incoming.once("end", () =>
        resolve({ status: incoming.statusCode, headers: incoming.headers, text, json: parsed(text) }),
      );
    });
    outgoing.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
