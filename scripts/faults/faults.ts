/**
 * What the fake Atlas, or something on the way to it, may do with a request instead of what Atlas does. It lies about bodies
 * and media types and breaks off anywhere, but a 2xx of Atlas's media types is always true, and so is a 4xx except 408.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { disrupt } from "../../src/testing/atlas/faults.js";
import { enveloped } from "../../src/testing/atlas/http.js";
import type { SeededRandom } from "../../src/testing/atlas/seeded-random.js";
import type { AtlasRequest, AtlasResponse, Ending, Fault } from "../../src/testing/atlas/start-atlas.js";

/** What was done with a request. */
export interface Arrival {
  readonly fault: string;
  /** That was sent; an envelope has it inside. */
  status?: number | undefined;
  /** Whether the whole JSON of a created secret was sent, whatever came of the transfer after it. */
  value?: boolean;
  /** The id that was sent in the beginning of it. */
  id?: string | undefined;
  /** Whether all of Atlas's own response was sent. */
  whole?: boolean;
  /** Whether the response asks to wait longer than the client may. */
  mustWait?: boolean;
}

interface Exchange {
  readonly request: AtlasRequest;
  readonly random: SeededRandom;
  /** How long the client waits for a response. */
  readonly timeoutMs: number;
  /** Written by a fault that does not leave the sending to the fake Atlas. */
  readonly arrival: Arrival;
}

/** `undefined` lets the request pass. */
type Ends = (exchange: Exchange) => Fault["ends"] | undefined | Promise<undefined>;

type Kind = ReturnType<typeof kind>;

/**
 * @param weight relative to the others
 * @param applied whether the request takes effect; if it is decided by chance, the response does not tell
 */
function kind(name: string, weight: number, applied: boolean | "by chance", ends: Ends) {
  return { name, weight, applied, ends };
}

/** The query parameter that only the target of the server's redirects has. */
const REDIRECTED = "redirected";
export const FOLLOWED = kind("a redirect was followed", 1, false, () => ({ status: 404 }));

type Headers = Readonly<Record<string, string>>;
const WAITS: readonly [Headers, ...Headers[]] = [
  {},
  {},
  ...["0", "-1", "3600"].map((time) => ({ "retry-after": time })),
];
const PAGE: Omit<AtlasResponse, "status"> = {
  headers: { "content-type": "text/html" },
  body: "<html><body>Sign in to the network",
};

const KINDS = weighted(
  kind("none", 16, true, () => undefined),
  kind("a delay", 4, true, ({ random }) => sleep(random.next() * 20, undefined)),
  kind("done after the client has gone", 2, true, ({ timeoutMs }) => sleep(timeoutMs * 1.5, undefined)),
  kind("103 before the response", 2, true, () => (ordinary, outgoing) => {
    outgoing.writeEarlyHints({ link: "</x>" });
    return ordinary;
  }),
  kind("another media type", 3, true, ({ random }) => {
    const type = random.pick(["text/html", "image/png", "application/json; charset=utf-16", "\\;"]);
    return (ordinary) => ({ ...ordinary, headers: { "content-type": type } });
  }),
  kind("reset, before or after", 6, "by chance", () => "reset"),
  kind("silence, before or after", 3, "by chance", () => "hang"),
  kind("no HTTP response, before or after", 5, "by chance", ({ random }) => {
    const cutShort = cut("HTTP/1.1 201 Created\r\ncontent-type: text/html\r\n", random);
    const upgrade = "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n";
    const bytes = random.pick([cutShort, "SSH-2.0-OpenSSH\r\n", upgrade]);
    return (_ordinary, outgoing) => void outgoing.socket?.end(bytes);
  }),
  kind("5xx, before or after", 6, "by chance", refusal(500, 502, 503, 504)),
  kind("408, before or after", 2, "by chance", refusal(408)),
  kind("3xx, before or after", 4, "by chance", ({ request, random }) => ({
    status: random.pick([301, 302, 307, 308]),
    headers: { location: `${request.path}?${REDIRECTED}` },
  })),
  kind("an envelope cut short", 4, "by chance", ({ request, random }) => {
    const text = random.pick(["", "{", '{"status": 4', '{"status": 201, "content": {"id"', "<html>"]);
    return request.query.get("envelope") === "true" ? brokenOff(200, text) : undefined;
  }),
  spoilt("a success cut short", 4, ({ random, arrival }, { status, text }) => {
    const part = cut(text, random);
    arrival.id = /"id":"([a-f0-9]{24})"/.exec(part)?.[1];
    return brokenOff(status, part);
  }),
  spoilt("a success that breaks off behind its end", 3, ({ arrival }, { status, text }) => {
    arrival.value = true;
    return brokenOff(status, text);
  }),
  spoilt("a success with another body", 5, ({ random }, { status, text }) => (_ordinary, outgoing) => {
    const strange = [text + text, Buffer.from(text, "utf16le"), text.replace('"id"', '"ID"'), " ".repeat(2 ** 20 + 1)];
    outgoing.writeHead(status).end(random.pick<string | Buffer>(["<html>", "null", "[]", "{}", "", ...strange]));
    return undefined;
  }),
  spoilt("a success of another status", 2, ({ random, arrival }, { text }) => {
    arrival.value = true;
    return { status: random.pick([200, 202, 203, 206]), body: text };
  }),
  spoilt("a success that says it is compressed", 1, (_exchange, { status, text: body }) => {
    return { status, headers: { "content-encoding": "gzip" }, body };
  }),
  // A hotel's sign-in page, an empty 200, a proxy's "accepted": the request never came to Atlas.
  kind("a portal", 4, false, ({ random }) => ({ status: random.pick([200, 202, 203]), ...random.pick([PAGE, {}]) })),
  kind("429", 6, false, ({ request, random, arrival }) => {
    const seconds = random.pick<unknown>([0.004, 0, -1, "5", 3600]);
    const headers = random.pick(WAITS);
    arrival.mustWait = headers["retry-after"] === "3600";
    const body = { error: 429, errorCode: "RATE_LIMITED", parameters: ["x", seconds] };
    return enveloped({ status: 429, headers, body }, request.query);
  }),
  kind("4xx", 5, false, refusal(400, 401, 403, 409, 422)),
  kind("4xx whose body breaks off or never ends", 2, false, ({ random, arrival }) => {
    const status = random.pick([400, 403, 409]);
    arrival.status = status;
    if (random.chance(0.7)) return brokenOff(status, '{"error": 201');
    return (_ordinary, outgoing) => void outgoing.writeHead(status).write("{");
  }),
);

/** Of the token endpoint: its requests change nothing, and whatever becomes of them, no operation was sent. */
const TOKEN_KINDS = weighted(
  kind("token: none", 30, true, () => undefined),
  kind("token: reset", 2, true, () => "reset"),
  kind("token: silence", 1, true, () => "hang"),
  kind("token: cut short", 2, true, () => "cut"),
  kind("token: 5xx", 3, true, ({ random }) => ({ status: random.pick([500, 502, 503, 504]), body: "<html>" })),
  kind("token: 429", 2, true, ({ random }) => ({ status: 429, headers: random.pick(WAITS) })),
  kind("token: invalid_client", 1, true, () => ({ status: 401, body: { error: "invalid_client" } })),
  kind("token: a portal", 2, true, () => ({ status: 200, ...PAGE })),
  kind("token: no token", 1, true, ({ random }) => ({ status: 200, body: random.pick<unknown>([{}, null, [], "x"]) })),
  kind("token: a token of no use", 2, true, withMembers({ access_token: "fake-token-of-nobody" })),
  kind("token: without its type", 2, true, withMembers({ token_type: undefined })),
  kind("token: expires at once", 2, true, withMembers({ expires_in: 1 })),
);

/** Chooses a fault for a request, and writes down in `arrivals` what it does. */
export async function drawFault(arrivals: Arrival[], exchange: Omit<Exchange, "arrival">): Promise<Fault> {
  const { request, random } = exchange;
  const isOfToken = request.kind === "token" || request.kind === "revoke";
  const drawn = request.query.has(REDIRECTED) ? FOLLOWED : random.pick(isOfToken ? TOKEN_KINDS : KINDS);
  const arrival: Arrival = { fault: drawn.name };
  arrivals.push(arrival);
  const isApplied = drawn.applied === "by chance" ? random.chance(0.5) : drawn.applied;
  const ends = await drawn.ends({ ...exchange, arrival });
  return {
    applied: ends === undefined || isApplied,
    ends(ordinary, outgoing) {
      const response = disrupt(ends ?? "response", ordinary, outgoing);
      arrival.status ??= response && statusOf(response);
      arrival.whole = response === ordinary;
      return response;
    },
  };
}

/** Each kind as often as its weight says. */
function weighted(first: Kind, ...others: readonly Kind[]): readonly [Kind, ...Kind[]] {
  return [first, ...[first, ...others].flatMap((each) => Array.from({ length: each.weight }, () => each)).slice(1)];
}

type Spoil = (exchange: Exchange, success: { readonly status: number; readonly text: string }) => Fault["ends"];

/** The request takes effect and its response is spoilt; a refusal stays as it is. */
function spoilt(name: string, weight: number, spoil: Spoil): Kind {
  return kind(name, weight, true, (exchange) => (ordinary, outgoing) => {
    if (statusOf(ordinary) >= 400) return ordinary;
    // A 204 has no body that could be spoilt, so a 200 takes its place: just as true.
    const status = ordinary.status === 204 ? 200 : ordinary.status;
    const text = ordinary.body === undefined ? '"none"' : JSON.stringify(ordinary.body);
    return disrupt(spoil(exchange, { status, text }), ordinary, outgoing);
  });
}

function withMembers(members: object): Ends {
  return () => (ordinary) =>
    ordinary.status === 200 ? { ...ordinary, body: { ...Object(ordinary.body), ...members } } : ordinary;
}

/** The status of a response, which an envelope holds inside. */
function statusOf({ status, body }: AtlasResponse): number {
  const { status: inner } = Object(body);
  return typeof inner === "number" ? inner : status;
}

/** An error with a body that may say anything, also that it is none. */
function refusal(...statuses: [number, ...number[]]): Ends {
  return ({ request, random }) => {
    const status = random.pick(statuses);
    const body = random.pick<unknown>([
      { error: status, errorCode: "SOME_ERROR", detail: "A detail." },
      { error: 201, errorCode: "CREATED", detail: "It says that it succeeded." },
      { id: "0".repeat(24), createdAt: "2025-01-01T00:00:00Z", expiresAt: "2025-01-01T00:00:00Z" },
      ...["<html><body>An error page", '{"error": 5', null, undefined],
    ]);
    const headers = { "content-type": random.pick(["application/json", "text/html"]) };
    return enveloped({ status, headers, body }, request.query);
  };
}

/** Writes and then ends the connection, before as much has come as was announced. */
function brokenOff(status: number, text: string): Ending {
  return (_ordinary, outgoing) => {
    outgoing.writeHead(status, { "content-length": String(text.length + 1000) });
    outgoing.write(text, () => outgoing.socket?.destroySoon());
    return undefined;
  };
}

const cut = (text: string, random: SeededRandom) => text.slice(0, random.integer(text.length));
