/**
 * What the mock serves beside the service: a page for people at `/`, its live events with the requests that were served, and
 * the control of the clock. Only callers on this machine are served: the name that they called it by is checked, so that no
 * website can reach it through a name of its own (DNS rebinding), and so is the page that a request comes from.
 */
import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { pipeline } from "node:stream";
import { pathToFileURL } from "node:url";
import { readBody, send } from "../../src/testing/atlas/http.js";
import type { ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import { masked } from "../../src/testing/atlas/steps.js";
import { parsedJson } from "../contract/json.js";
import type { RecordedRequest } from "./front.js";
import { durationMs, type MovableClock, mockCredentials } from "./settings.js";

export interface BesideOptions {
  readonly accounts: ServiceAccounts;
  /** The last requests that were served. */
  readonly requests: readonly RecordedRequest[];
  readonly clock: MovableClock;
  /** Whether the clock can be moved over HTTP. */
  readonly control: boolean;
  /** The contract as it is served now. */
  readonly contract: () => unknown;
}

const CLOCK_BODY_BYTES = 1024;
const SHOWN_ACCOUNTS = 50;
const SHOWN_REQUESTS = 50;
const MOST_LISTENERS = 20;
const MOST_UNREAD_BYTES = 1024 * 1024;

const UI = pathToFileURL(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const OWN = new URL("page/", import.meta.url);
const JAVASCRIPT = "text/javascript; charset=utf-8";
const CSS = "text/css; charset=utf-8";
/** Nothing else is served from the disk. */
const FILES = new Map([
  ["/", { file: new URL("index.html", OWN), type: "text/html; charset=utf-8" }],
  ["/__mock/page.js", { file: new URL("page.js", OWN), type: JAVASCRIPT }],
  ["/__mock/page.css", { file: new URL("page.css", OWN), type: CSS }],
  ["/__mock/swagger-ui.js", { file: new URL("swagger-ui-bundle.js", UI), type: JAVASCRIPT }],
  ["/__mock/swagger-ui.css", { file: new URL("swagger-ui.css", UI), type: CSS }],
  ["/favicon.ico", { file: new URL("favicon-32x32.png", UI), type: "image/png" }],
]);

const HEADERS = {
  // Swagger UI sets styles on its elements and has images in its style sheet.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export function createBeside(options: BesideOptions) {
  const { accounts, requests, clock } = options;
  const listeners = new Set<ServerResponse>();

  const tellAccounts = (told: Iterable<ServerResponse> = listeners): void => {
    // One that reads nothing would fill the memory. A page that connects again gets everything anew.
    for (const each of told) if (each.writableLength > MOST_UNREAD_BYTES) each.destroy();
    const shown = accounts.all().slice(-SHOWN_ACCOUNTS).toReversed();
    const secretsOf = (clientId: string) =>
      accounts.secretsOf(clientId).map(({ value, ...secret }) => ({ ...secret, masked: masked(value) }));
    const withSecrets = shown.map((account) => ({ ...account, secrets: secretsOf(account.clientId) }));
    tell(told, "accounts", { now: clock.now(), accounts: withSecrets });
  };
  /** Without headers and body, which hold credentials. */
  const tellRequest = ({ method, path, status, reason, at }: RecordedRequest, told: Iterable<ServerResponse>): void =>
    tell(told, "request", { method, path, status, reason, at, now: clock.now() });

  const serveEvents = (outgoing: ServerResponse): void => {
    outgoing.writeHead(200, { ...HEADERS, "content-type": "text/event-stream" });
    if (outgoing.req.method === "HEAD") return void outgoing.end();
    const [oldest] = listeners;
    if (listeners.size >= MOST_LISTENERS) oldest?.destroy();
    tellAccounts([outgoing]);
    for (const request of requests.slice(-SHOWN_REQUESTS)) tellRequest(request, [outgoing]);
    listeners.add(outgoing);
    outgoing.on("close", () => listeners.delete(outgoing));
  };

  return {
    /** Shows a request that was served, and what it changed. */
    show(request: RecordedRequest): void {
      if (listeners.size === 0) return;
      tellRequest(request, listeners);
      tellAccounts();
    },
    /** Returns whether the request was for something beside the service; then it is taken care of. */
    serve(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
      const { method = "" } = incoming;
      const [path = ""] = (incoming.url ?? "").split("?", 1);
      const served = FILES.get(path);
      if (served === undefined && !path.startsWith("/__mock/")) return false;
      if (!comesFromHere(incoming))
        sendJson(outgoing, 403, { error: "The mock is called by another name, or from a page of another site." });
      else if (path === "/__mock/clock") {
        if (!options.control) sendJson(outgoing, 403, { error: "The mock has to be started with --control for this." });
        else void serveClock(incoming, outgoing, clock).then(() => tellAccounts());
      } else if (method !== "GET" && method !== "HEAD") sendJson(outgoing, 405, { error: "Only GET is served here." });
      else if (served !== undefined) {
        outgoing.writeHead(200, { ...HEADERS, "content-type": served.type });
        pipeline(createReadStream(served.file), outgoing, () => undefined);
      } else if (path === "/__mock/events") serveEvents(outgoing);
      else if (path === "/__mock/contract.json") sendJson(outgoing, 200, options.contract());
      else if (path === "/__mock/credentials.json") sendJson(outgoing, 200, mockCredentials);
      else sendJson(outgoing, 404, { error: `There is nothing at ${path}.` });
      return true;
    },
  };
}

/** By a name of this machine, and from no page of another site. */
function comesFromHere({ headers, socket }: IncomingMessage): boolean {
  const names = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${socket.localPort}`);
  const { host = "", origin } = headers;
  return names.includes(host.toLowerCase()) && (origin === undefined || origin === `http://${host}`);
}

/** `POST` moves the clock by `{"advance": "30d"}` or sets it with `{"now": "2030-01-01T00:00:00Z"}`; `GET` only reads it. */
async function serveClock(incoming: IncomingMessage, outgoing: ServerResponse, clock: MovableClock): Promise<void> {
  if (incoming.method === "POST") {
    const body = await readBody(incoming, CLOCK_BODY_BYTES);
    const { advance, now } = Object(parsedJson(String(body?.bytes)));
    const ms = typeof advance === "string" ? durationMs(advance) : Date.parse(String(now)) - clock.now();
    if (!clock.move(ms ?? Number.NaN))
      return sendJson(outgoing, 400, {
        error: 'The body has to be {"advance": "30d"} or {"now": "2030-01-01T00:00:00Z"}.',
      });
  } else if (incoming.method !== "GET") return sendJson(outgoing, 405, { error: "Only GET and POST are served here." });
  sendJson(outgoing, 200, { now: new Date(clock.now()).toISOString() });
}

function tell(listeners: Iterable<ServerResponse>, event: string, data: unknown): void {
  const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  for (const listener of listeners) listener.write(text);
}

function sendJson(outgoing: ServerResponse, status: number, body: unknown): void {
  send(outgoing, { status, headers: HEADERS, body: JSON.stringify(body) }, false);
}
