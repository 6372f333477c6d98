/**
 * What the server may do with a request. It lies about bodies and media types and breaks off wherever it can, but a 2xx
 * from it is always true, and so is a 4xx (408 says nothing either way).
 */
import {
  answer,
  breakOff,
  cut,
  type Exchange,
  honest,
  type Proof,
  rawBytes,
  refuse,
  type SuccessBody,
  sleep,
} from "./exchange.js";
import type { SeededRandom } from "./seeded-random.js";

export interface Fault {
  readonly name: string;
  /** Relative to the others. */
  readonly weight: number;
  readonly run: (exchange: Exchange) => Proof | Promise<Proof>;
}

/** Carries the request out or not, as chance has it, and then does what tells neither. */
function ambiguous(name: string, weight: number, end: (exchange: Exchange) => unknown): Fault {
  const run = (exchange: Exchange) => {
    if (exchange.random.chance(0.5)) exchange.apply();
    end(exchange);
    return undefined;
  };
  return { name: `${name}, before or after`, weight, run };
}

/** Carries the request out and spoils the answer; where there was nothing to be done, it says so. */
function spoilt(name: string, weight: number, end: (exchange: Exchange, body: SuccessBody) => unknown): Fault {
  const run = (exchange: Exchange) => {
    const body = exchange.apply();
    if (body === undefined) return answer(exchange, 404);
    end(exchange, body);
    return undefined;
  };
  return { name, weight, run };
}

const FAULTS: readonly [Fault, ...Fault[]] = [
  { name: "none", weight: 16, run: (exchange) => honest(exchange) },
  {
    name: "a delay",
    weight: 4,
    async run(exchange) {
      await sleep(exchange.random.next() * 20);
      return honest(exchange);
    },
  },
  {
    name: "103 before the answer",
    weight: 2,
    run(exchange) {
      exchange.response.writeEarlyHints({ link: "</x>" });
      return honest(exchange);
    },
  },
  {
    name: "another media type",
    weight: 3,
    run(exchange) {
      const type = exchange.random.pick(["text/html", "image/png", "application/json; charset=utf-16", "\\;"]);
      return honest(exchange, { "content-type": type });
    },
  },
  {
    name: "done after the client has gone",
    weight: 2,
    async run(exchange) {
      await sleep(exchange.longerThanTimeoutMs);
      return honest(exchange);
    },
  },
  ambiguous("reset", 6, ({ response }) => response.socket?.resetAndDestroy()),
  ambiguous("silence", 3, () => undefined),
  ambiguous("headers cut short", 2, (exchange) =>
    rawBytes(exchange, cut("HTTP/1.1 201 Created\r\ncontent-type: text/html\r\n", exchange.random)),
  ),
  ambiguous("no HTTP", 2, (exchange) => rawBytes(exchange, "SSH-2.0-OpenSSH\r\n")),
  ambiguous("101", 1, (exchange) =>
    rawBytes(exchange, "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  ),
  ambiguous("5xx", 6, (exchange) => refuse(exchange, exchange.random.pick([500, 502, 503, 504]))),
  ambiguous("408", 2, (exchange) => refuse(exchange, 408)),
  ambiguous("3xx", 4, (exchange) =>
    answer(exchange, exchange.random.pick([301, 302, 307, 308]), "", { location: "/elsewhere" }),
  ),
  {
    name: "an envelope cut short",
    weight: 4,
    run(exchange) {
      if (!exchange.enveloped) return honest(exchange);
      if (exchange.random.chance(0.5)) exchange.apply();
      breakOff(
        exchange,
        200,
        exchange.random.pick(["", "{", '{"status": 4', '{"status": 201, "content": {"id"', "<html>"]),
      );
      return undefined;
    },
  },
  spoilt("a success cut short", 4, (exchange, body) =>
    breakOff(exchange, statusWithBody(exchange), cut(JSON.stringify(body), exchange.random)),
  ),
  spoilt("a success with another body", 5, (exchange, body) =>
    exchange.response.writeHead(statusWithBody(exchange)).end(anotherBody(JSON.stringify(body), exchange.random)),
  ),
  spoilt("a success of another status", 2, ({ response, random }, body) =>
    response.writeHead(random.pick([200, 202, 203, 206])).end(JSON.stringify(body)),
  ),
  spoilt("a success that says it is compressed", 1, (exchange, body) =>
    exchange.response.writeHead(statusWithBody(exchange), { "content-encoding": "gzip" }).end(JSON.stringify(body)),
  ),
  {
    name: "429",
    weight: 6,
    run(exchange) {
      const { random } = exchange;
      const seconds = random.pick<unknown>([0.004, 0, -1, "5", 3600]);
      const retryAfter = random.pick([undefined, undefined, "0", "-1", "3600"]);
      const text = JSON.stringify({ error: 429, errorCode: "RATE_LIMITED", parameters: ["x", seconds] });
      return answer(exchange, 429, text, retryAfter === undefined ? {} : { "retry-after": retryAfter });
    },
  },
  { name: "4xx", weight: 5, run: (exchange) => refuse(exchange, exchange.random.pick([400, 401, 403, 409, 422])) },
  {
    name: "4xx whose body breaks off or never ends",
    weight: 2,
    run(exchange) {
      const status = exchange.random.pick([400, 403, 409]);
      if (exchange.random.chance(0.3)) exchange.response.writeHead(status).write("{");
      else breakOff(exchange, status, '{"error": 201');
      return status;
    },
  },
];

/** A 204 has no body that could be spoilt, so a 200 stands in for it: just as true. */
function statusWithBody({ success }: Exchange): number {
  return success === 204 ? 200 : success;
}

function anotherBody(text: string, random: SeededRandom): string | Buffer {
  return random.pick<string | Buffer>([
    "<html>",
    "null",
    "[]",
    "{}",
    "",
    `${text}${text}`,
    Buffer.from(text, "utf16le"),
    text.replace('"id"', '"ID"'),
    " ".repeat(2 ** 20 + 1),
  ]);
}

/** One of all faults, by their weights. */
export function chooseFault(random: SeededRandom): Fault {
  const [first, ...others] = FAULTS;
  let left = random.next() * FAULTS.reduce((sum, { weight }) => sum + weight, 0) - first.weight;
  let chosen = first;
  for (const fault of others) {
    if (left < 0) break;
    chosen = fault;
    left -= fault.weight;
  }
  return chosen;
}
