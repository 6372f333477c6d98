/**
 * What the fake Atlas, or something on the way to it, may do with a request instead of what Atlas does. It lies about bodies
 * and media types and breaks off anywhere, but a 2xx of Atlas's media types is always true, and so is a 4xx (408 says nothing
 * either way).
 */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { SeededRandom } from "../../src/testing/atlas/seeded-random.js";
import type { AtlasRequest, AtlasResponse, Fault } from "../../src/testing/atlas/start-atlas.js";

/** One request, and what decides what becomes of it. */
interface Exchange {
  readonly request: AtlasRequest;
  readonly random: SeededRandom;
  /** Longer than the client waits for a response. */
  readonly longerThanTimeoutMs: number;
  readonly sent: Sent;
}

/** What was sent beside the fake Atlas's own record of responses, written down by the fault that sends it. */
export interface Sent {
  status?: number;
  /** The whole JSON of a created secret, whatever came of the transfer after it. */
  value?: boolean;
  /** The beginning of it, with the id. */
  id?: string | undefined;
}

interface Kind {
  readonly name: string;
  /** Relative to the others. */
  readonly weight: number;
  /** `undefined` lets the request pass. */
  readonly plan: (exchange: Exchange) => Fault | undefined | Promise<Fault | undefined>;
}

/** What a redirect of the server leads to, and nothing else: a request for it has followed one. */
export const REDIRECTED = "/elsewhere";

const KINDS: readonly [Kind, ...Kind[]] = [
  { name: "none", weight: 16, plan: () => undefined },
  {
    name: "a delay",
    weight: 4,
    async plan({ random }) {
      await sleep(random.next() * 20);
      return undefined;
    },
  },
  {
    name: "103 before the response",
    weight: 2,
    plan: () => ({
      applied: true,
      ends(ordinary, outgoing) {
        outgoing.writeEarlyHints({ link: "</x>" });
        return ordinary;
      },
    }),
  },
  {
    name: "another media type",
    weight: 3,
    plan({ random }) {
      const type = random.pick(["text/html", "image/png", "application/json; charset=utf-16", "\\;"]);
      return { applied: true, ends: (ordinary) => ({ ...ordinary, headers: { "content-type": type } }) };
    },
  },
  {
    name: "done after the client has gone",
    weight: 2,
    async plan({ longerThanTimeoutMs }) {
      await sleep(longerThanTimeoutMs);
      return undefined;
    },
  },
  beforeOrAfter("reset", 6, () => "reset"),
  beforeOrAfter("silence", 3, () => "hang"),
  beforeOrAfter("headers cut short", 2, ({ random }) =>
    rawBytes(cut("HTTP/1.1 201 Created\r\ncontent-type: text/html\r\n", random)),
  ),
  beforeOrAfter("no HTTP", 2, () => rawBytes("SSH-2.0-OpenSSH\r\n")),
  beforeOrAfter("101", 1, () => rawBytes("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")),
  beforeOrAfter("5xx", 6, (exchange) => refusal(exchange, exchange.random.pick([500, 502, 503, 504]))),
  beforeOrAfter("408", 2, (exchange) => refusal(exchange, 408)),
  beforeOrAfter("3xx", 4, ({ request, random }) => ({
    status: random.pick([301, 302, 307, 308]),
    headers: { location: `${REDIRECTED}?${request.clientId}` },
  })),
  {
    name: "an envelope cut short",
    weight: 4,
    plan({ request, random }) {
      if (request.query.get("envelope") !== "true") return undefined;
      const text = random.pick(["", "{", '{"status": 4', '{"status": 201, "content": {"id"', "<html>"]);
      return { applied: random.chance(0.5), ends: brokenOff(200, text) };
    },
  },
  spoilt("a success cut short", 4, ({ random, sent }) => (status, text, outgoing) => {
    const part = cut(text, random);
    sent.id = /"id":"([a-f0-9]{24})"/.exec(part)?.[1];
    brokenOff(status, part)(undefined, outgoing);
    return undefined;
  }),
  spoilt("a success that breaks off behind its end", 3, ({ sent }) => (status, text, outgoing) => {
    sent.value = true;
    brokenOff(status, text)(undefined, outgoing);
    return undefined;
  }),
  spoilt("a success with another body", 5, ({ random }) => (status, text, outgoing) => {
    outgoing.writeHead(status).end(anotherBody(text, random));
    return undefined;
  }),
  spoilt("a success of another status", 2, ({ random, sent }) => (_status, text) => {
    sent.value = true;
    return { status: random.pick([200, 202, 203, 206]), body: text };
  }),
  spoilt("a success that says it is compressed", 1, () => (status, text) => ({
    status,
    headers: { "content-encoding": "gzip" },
    body: text,
  })),
  {
    // A hotel's sign-in page, an empty 200, a proxy's "accepted": the request never came to Atlas.
    name: "a portal",
    weight: 4,
    plan({ random }) {
      const status = random.pick([200, 200, 202, 203]);
      const page = { headers: { "content-type": "text/html" }, body: "<html><body>Sign in to the network" };
      return { applied: false, ends: random.pick<AtlasResponse>([{ status, ...page }, { status }]) };
    },
  },
  {
    name: "429",
    weight: 6,
    plan({ request, random }) {
      const seconds = random.pick<unknown>([0.004, 0, -1, "5", 3600]);
      const retryAfter = random.pick([undefined, undefined, "0", "-1", "3600"]);
      const body = { error: 429, errorCode: "RATE_LIMITED", parameters: ["x", seconds] };
      const headers: Readonly<Record<string, string>> = retryAfter === undefined ? {} : { "retry-after": retryAfter };
      return { applied: false, ends: enveloped(request, { status: 429, headers, body }, random) };
    },
  },
  {
    name: "4xx",
    weight: 5,
    plan: (exchange) => ({
      applied: false,
      ends: refusal(exchange, exchange.random.pick([400, 401, 403, 409, 422])),
    }),
  },
  {
    name: "4xx whose body breaks off or never ends",
    weight: 2,
    plan({ random, sent }) {
      const status = random.pick([400, 403, 409]);
      sent.status = status;
      const neverEnds = (_ordinary: unknown, outgoing: ServerResponse) => void outgoing.writeHead(status).write("{");
      const ends = random.chance(0.3) ? neverEnds : brokenOff(status, '{"error": 201');
      return { applied: false, ends };
    },
  },
];

/** Of the token endpoint: its requests change nothing, and whatever becomes of them, no operation was sent. */
const TOKEN_KINDS: readonly [Kind, ...Kind[]] = [
  { name: "token: none", weight: 30, plan: () => undefined },
  token("reset", 2, () => "reset"),
  token("silence", 1, () => "hang"),
  token("cut short", 2, () => "cut"),
  token("5xx", 3, ({ random }) => ({ status: random.pick([500, 502, 503, 504]), body: "<html>" })),
  token("429", 2, ({ random }) => ({
    status: 429,
    headers: random.pick<Readonly<Record<string, string>>>([{}, { "retry-after": "0" }, { "retry-after": "3600" }]),
  })),
  token("invalid_client", 1, () => ({ status: 401, body: { error: "invalid_client" } })),
  token("a portal", 2, () => ({ status: 200, headers: { "content-type": "text/html" }, body: "<html>" })),
  token("no token in it", 1, ({ random }) => ({ status: 200, body: random.pick<unknown>([{}, null, [], "x"]) })),
  token("a token of no use", 2, () => (ordinary) => withMembers(ordinary, { access_token: "fake-token-of-nobody" })),
  token("without its type", 2, () => (ordinary) => withMembers(ordinary, { token_type: undefined })),
  token("expires at once", 2, () => (ordinary) => withMembers(ordinary, { expires_in: 1 })),
];

/** One of all kinds of faults, by their weights. */
export function chooseKind({ kind }: AtlasRequest, random: SeededRandom): Kind {
  const kinds = kind === "token" || kind === "revoke" ? TOKEN_KINDS : KINDS;
  const [first, ...others] = kinds;
  let left = random.next() * kinds.reduce((sum, { weight }) => sum + weight, 0) - first.weight;
  let chosen = first;
  for (const kind of others) {
    if (left < 0) break;
    chosen = kind;
    left -= kind.weight;
  }
  return chosen;
}

/** Whether the request took effect is decided by chance, and the response does not tell. */
function beforeOrAfter(name: string, weight: number, ends: (exchange: Exchange) => Fault["ends"]): Kind {
  const plan = (exchange: Exchange) => ({ applied: exchange.random.chance(0.5), ends: ends(exchange) });
  return { name: `${name}, before or after`, weight, plan };
}

function token(name: string, weight: number, ends: (exchange: Exchange) => Fault["ends"]): Kind {
  return { name: `token: ${name}`, weight, plan: (exchange) => ({ applied: true, ends: ends(exchange) }) };
}

function withMembers(response: AtlasResponse, members: object): AtlasResponse {
  return response.status === 200 ? { ...response, body: { ...Object(response.body), ...members } } : response;
}

type Spoil = (status: number, text: string, outgoing: ServerResponse) => AtlasResponse | undefined;

/** The request takes effect and its response is spoilt; a refusal stays as it is. */
function spoilt(name: string, weight: number, spoil: (exchange: Exchange) => Spoil): Kind {
  const plan = (exchange: Exchange): Fault => ({
    applied: true,
    ends(ordinary, outgoing) {
      if (statusOf(ordinary) >= 400) return ordinary;
      // A 204 has no body that could be spoilt, so a 200 takes its place: just as true.
      const status = ordinary.status === 204 ? 200 : ordinary.status;
      const text = ordinary.body === undefined ? '"none"' : JSON.stringify(ordinary.body);
      return spoil(exchange)(status, text, outgoing);
    },
  });
  return { name, weight, plan };
}

/** The status of a response, which an envelope holds inside. */
export function statusOf({ status, body }: AtlasResponse): number {
  if (typeof body === "object" && body !== null && "status" in body && typeof body.status === "number")
    return body.status;
  return status;
}

/** In an envelope if one was asked for and the text can be put into it. */
function enveloped({ query }: AtlasRequest, response: AtlasResponse, random: SeededRandom): AtlasResponse {
  if (query.get("envelope") !== "true") return response;
  const { status, headers = {}, body } = response;
  const value = typeof body === "string" ? parsed(body) : body;
  if (value === undefined) return response;
  return { status: 200, headers, body: { status, [random.pick(["content", "envelope"])]: value } };
}

/** An error with a body that may say anything, also that it is none. */
function refusal({ request, random }: Exchange, status: number): AtlasResponse {
  const body = random.pick([
    JSON.stringify({ error: status, errorCode: "SOME_ERROR", detail: "A detail." }),
    '{"error": 201, "errorCode": "CREATED", "detail": "It says that it succeeded."}',
    `{"id": "${"0".repeat(24)}", "createdAt": "2025-01-01T00:00:00Z", "expiresAt": "2025-01-01T00:00:00Z"}`,
    "<html><body>An error page",
    '{"error": 5',
    "null",
    "",
  ]);
  const headers = { "content-type": random.pick(["application/json", "text/html"]) };
  return enveloped(request, { status, headers, body }, random);
}

/** Writes and then ends the connection, before as much has come as was announced. */
function brokenOff(status: number, text: string): (ordinary: unknown, outgoing: ServerResponse) => undefined {
  return (_ordinary, outgoing) => {
    outgoing.writeHead(status, { "content-length": String(text.length + 1000) });
    outgoing.write(text, () => outgoing.socket?.destroySoon());
    return undefined;
  };
}

/** In place of a response. */
function rawBytes(bytes: string): Fault["ends"] {
  return (_ordinary, outgoing) => void outgoing.socket?.end(bytes);
}

/** Some of the beginning of a text. */
function cut(text: string, random: SeededRandom): string {
  return text.slice(0, Math.floor(random.next() * text.length));
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

function parsed(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    // An error page, or what is cut short: it cannot be wrapped.
    return undefined;
  }
}
