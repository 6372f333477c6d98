/**
 * What the mock serves beside the service: a page for people at `/`, its live events with the requests that were served, and
 * the control of the clock. Only callers on this machine are served: the name that they called it by is checked, so that no
 * website can reach it through a name of its own (DNS rebinding), and so is the page that a request comes from.
 */
import { EventEmitter } from "node:events";
import { createReadStream } from "node:fs";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readBody, send } from "../../src/testing/atlas/http.js";
import type { ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import { masked } from "../../src/testing/atlas/steps.js";
import { durationMs, type MovableClock, mockCredentials } from "./settings.js";

/** A request and the status of its response. */
export interface RecordedRequest {
  readonly method: string;
  /** The request target as it came, its query included. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty if there was none; of a long one the beginning. */
  readonly body: string;
  /** Of an envelope the inner one; `undefined` if no response was sent. */
  readonly status: number | undefined;
  /** Why the request was refused; `undefined` if it was not. */
  readonly reason: string | undefined;
  /** When, by the clock on the wall. */
  readonly at: string;
}

/** Of the clock's requests. */
const BODY_LIMIT_BYTES = 1024;
/** The last ones: so many that a test finds all of its own, and so few that no caller can fill the memory with them. */
const KEPT_REQUESTS = 2_000;
const KEPT_BYTES = 2_048;

/** Says with `request` what it was given, just before the response is sent. */
export class RequestRecord extends EventEmitter<{ request: [RecordedRequest] }> {
  readonly requests: RecordedRequest[] = [];

  add({ bytes, ...request }: Omit<RecordedRequest, "at" | "body"> & { readonly bytes: Buffer }): void {
    // Read anew from the bytes: a part of a long string would keep all of it.
    const body = bytes.subarray(0, KEPT_BYTES).toString("utf8");
    const kept = { ...request, body, at: new Date().toISOString() };
    this.requests.push(kept);
    if (this.requests.length > KEPT_REQUESTS) this.requests.shift();
    this.emit("request", kept);
  }
}

export interface BesideOptions {
  readonly accounts: ServiceAccounts;
  readonly record: RequestRecord;
  readonly clock: MovableClock;
  /** Whether the clock can be moved over HTTP. */
  readonly control: boolean;
  /** The contract as it is served now. */
  readonly contract: () => unknown;
}

const SHOWN_ACCOUNTS = 50;
const SHOWN_REQUESTS = 50;
const MOST_LISTENERS = 20;
const MOST_UNREAD_BYTES = 1024 * 1024;

const UI = pathToFileURL(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const OWN = new URL("page/", import.meta.url);
const JAVASCRIPT = "text/javascript; charset=utf-8";
const CSS = "text/css; charset=utf-8";
/** Nothing else is served from the disk. */
const FILES: Readonly<Record<string, { readonly file: URL; readonly type: string }>> = {
  "/": { file: new URL("index.html", OWN), type: "text/html; charset=utf-8" },
  "/__mock/page.js": { file: new URL("page.js", OWN), type: JAVASCRIPT },
  "/__mock/page.css": { file: new URL("page.css", OWN), type: CSS },
  "/__mock/swagger-ui.js": { file: new URL("swagger-ui-bundle.js", UI), type: JAVASCRIPT },
  "/__mock/swagger-ui.css": { file: new URL("swagger-ui.css", UI), type: CSS },
  "/favicon.ico": { file: new URL("favicon-32x32.png", UI), type: "image/png" },
};

const HEADERS = {
  // Swagger UI sets styles on its elements and has images in its style sheet.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** Returns whether the request was for something beside the service; then it is taken care of. */
export type Beside = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

export function createBeside(options: BesideOptions): Beside {
  const listeners = new Set<ServerResponse>();
  const tell = (event: string, data: unknown) => {
    for (const listener of listeners) {
      // One that reads nothing would fill the memory. A page that connects again gets everything anew.
      if (listener.writableLength > MOST_UNREAD_BYTES) listener.destroy();
      else write(listener, event, data);
    }
  };
  options.record.on("request", (request) => {
    if (listeners.size === 0) return;
    tell("request", shownRequest(request, options.clock));
    tell("accounts", shownAccounts(options));
  });

  const serveEvents = (outgoing: ServerResponse): void => {
    outgoing.writeHead(200, { ...HEADERS, "content-type": "text/event-stream" });
    if (outgoing.req.method === "HEAD") return void outgoing.end();
    const [oldest] = listeners;
    if (listeners.size >= MOST_LISTENERS && oldest !== undefined) oldest.end();
    write(outgoing, "accounts", shownAccounts(options));
    const recent = options.record.requests.slice(-SHOWN_REQUESTS);
    for (const request of recent) write(outgoing, "request", shownRequest(request, options.clock));
    listeners.add(outgoing);
    outgoing.on("close", () => listeners.delete(outgoing));
  };

  return (incoming, outgoing) => {
    const { method = "" } = incoming;
    const [path = ""] = (incoming.url ?? "").split("?", 1);
    const served = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
    if (served === undefined && !path.startsWith("/__mock/")) return false;
    if (!comesFromHere(incoming))
      refuse(outgoing, 403, "The mock is called by another name, or from a page of another site.");
    else if (path === "/__mock/clock") {
      if (!options.control) refuse(outgoing, 403, "The mock has to be started with --control for this.");
      else void moveClock(incoming, outgoing, options.clock).then(() => tell("accounts", shownAccounts(options)));
    } else if (method !== "GET" && method !== "HEAD") refuse(outgoing, 405, "Only GET is served here.");
    else if (served !== undefined) {
      outgoing.writeHead(200, { ...HEADERS, "content-type": served.type });
      createReadStream(served.file)
        .on("error", () => outgoing.destroy())
        .pipe(outgoing);
    } else if (path === "/__mock/events") serveEvents(outgoing);
    else if (path === "/__mock/contract.json") sendJson(outgoing, 200, options.contract());
    else if (path === "/__mock/credentials.json") sendJson(outgoing, 200, mockCredentials);
    else refuse(outgoing, 404, `There is nothing at ${path}.`);
    return true;
  };
}

/** By a name of this machine, and from no page of another site. */
function comesFromHere({ headers, socket }: IncomingMessage): boolean {
  const names = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${socket.localPort}`);
  const { host = "", origin } = headers;
  return names.includes(host.toLowerCase()) && (origin === undefined || origin === `http://${host}`);
}

/** `POST` moves the clock by `{"advance": "30d"}` or sets it with `{"now": "2030-01-01T00:00:00Z"}`; `GET` only reads it. */
async function moveClock(incoming: IncomingMessage, outgoing: ServerResponse, clock: MovableClock): Promise<void> {
  if (incoming.method === "POST") {
    const body = await readBody(incoming, BODY_LIMIT_BYTES);
    if (!clock.move(movementIn(String(body?.bytes), clock)))
      return refuse(outgoing, 400, 'The body has to be {"advance": "30d"} or {"now": "2030-01-01T00:00:00Z"}.');
  } else if (incoming.method !== "GET") return refuse(outgoing, 405, "Only GET and POST are served here.");
  sendJson(outgoing, 200, { now: new Date(clock.now()).toISOString() });
}

/** How far a request wants to move the clock; NaN if it does not say. */
function movementIn(body: string, clock: MovableClock): number {
  try {
    const { advance, now } = Object(JSON.parse(body));
    return typeof advance === "string" ? (durationMs(advance) ?? Number.NaN) : Date.parse(String(now)) - clock.now();
  } catch {
    // Not JSON: the caller is told what is.
    return Number.NaN;
  }
}

function shownAccounts({ accounts, clock }: BesideOptions): unknown {
  const shown = accounts.all().slice(-SHOWN_ACCOUNTS).toReversed();
  const secretsOf = (clientId: string) =>
    accounts.secretsOf(clientId).map(({ value, ...secret }) => ({ ...secret, masked: masked(value) }));
  return {
    now: clock.now(),
    accounts: shown.map((account) => ({ ...account, secrets: secretsOf(account.clientId) })),
  };
}

/** Without headers and body, which hold credentials. */
function shownRequest({ method, path, status, reason, at }: RecordedRequest, clock: MovableClock): unknown {
  return { method, path, status, reason, at, now: clock.now() };
}

function write(outgoing: ServerResponse, event: string, data: unknown): void {
  outgoing.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function refuse(outgoing: ServerResponse, status: number, error: string): void {
  sendJson(outgoing, status, { error });
}

function sendJson(outgoing: ServerResponse, status: number, body: unknown): void {
  send(outgoing, { status, headers: HEADERS, body: JSON.stringify(body) }, false);
}
