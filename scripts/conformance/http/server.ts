/**
 * The server under test: requests signed in as somebody, one after the other, again after a 429, and no longer once it has
 * stopped responding.
 */
import { setTimeout as wait } from "node:timers/promises";
import { requestedWaitMs } from "../../../src/transport/retry-policy.js";
import { exchange, type HttpRequest, type HttpResponse, NoResponse } from "./exchange.js";
import { type Identity, SignInFailure, type SignInOptions, signIn } from "./sign-in.js";

/** Nothing listens at the target. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** A request to be sent. */
export interface ServerRequest {
  readonly operationId: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly identity: Identity;
  /** The status that a mock is asked for: a 429 that was asked for is not waited out. */
  readonly prefer: number | undefined;
}

/** A request as it went out last, and what came of it. */
export interface Exchanged {
  readonly sent: HttpRequest;
  readonly outcome: HttpResponse | NoResponse;
  /** The responses of 429 that were waited out on the way. */
  readonly rateLimited: readonly HttpResponse[];
}

/** When a request may be given up. */
export interface Interruption {
  /** Ends waiting. */
  readonly signal: AbortSignal | undefined;
  /** Whether the request itself is not cut off: its response has the id of what it creates. */
  readonly finish: boolean;
}

export interface ServerOptions extends Pick<SignInOptions, "credentials" | "mask"> {
  readonly url: string;
  readonly timeoutMs: number;
  readonly onWait: (milliseconds: number) => void;
}

/** How often a request is sent that is rate limited. */
const MAX_ATTEMPTS = 4;
const FIRST_WAIT_MS = 1_000;
/** A server that asks for more than this is not waited for. */
const LONGEST_WAIT_MS = 120_000;
/** After so many requests of an operation that had no response in time, no more are sent. */
const MOST_TIMEOUTS = 2;

export class Server {
  readonly url: string;
  requests = 0;
  readonly #options: ServerOptions;
  readonly #signIn: ReturnType<typeof signIn>;
  readonly #timeouts = new Map<string, number>();
  /** Once waiting has not helped, it is not tried again. */
  #waits = true;
  #responded = false;

  /** @throws SignInFailure if the credentials cannot be used. */
  constructor(options: ServerOptions) {
    this.url = options.url;
    this.#options = options;
    const { url: baseUrl, credentials, mask } = options;
    this.#signIn = signIn({ baseUrl, credentials, mask, send: (request, signal) => this.#exchange(request, signal) });
  }

  /** Whether the credentials sign each request by digest. */
  get usesDigest(): boolean {
    return this.#signIn.kind === "api-key";
  }

  /** Whether an operation has had so many requests without a response that no more of them are sent. */
  isSilent(operationId: string): boolean {
    return (this.#timeouts.get(operationId) ?? 0) >= MOST_TIMEOUTS;
  }

  /** @throws Unreachable if nothing has ever listened; SignInFailure; the signal's reason. */
  async send(request: ServerRequest, { signal, finish }: Interruption): Promise<Exchanged> {
    const { method, headers, body } = request;
    const prepared = { method, url: `${this.#options.url}${request.target}`, headers, body };
    const rateLimited: HttpResponse[] = [];
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      const { sent, outcome } = await this.#attempt(request, prepared, finish ? undefined : signal);
      if (outcome instanceof NoResponse || outcome.status !== 429 || request.prefer === 429) {
        return { sent, outcome, rateLimited };
      }
      const delay = requestedWait(outcome) ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      this.#waits &&= attempt < MAX_ATTEMPTS && delay <= LONGEST_WAIT_MS;
      if (!this.#waits) return { sent, outcome, rateLimited };
      rateLimited.push(outcome);
      this.#options.onWait(delay);
      await wait(delay, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Revokes the token that was issued; that it cannot be is no finding. */
  async close(): Promise<void> {
    await this.#signIn.end().catch(() => undefined);
  }

  async #attempt(
    { operationId, identity }: ServerRequest,
    request: HttpRequest,
    signal: AbortSignal | undefined,
  ): Promise<Omit<Exchanged, "rateLimited">> {
    try {
      const { response, sent } = await this.#signIn.send(request, identity, signal);
      return { outcome: response, sent };
    } catch (error) {
      if (!this.#responded && (error instanceof SignInFailure || error instanceof NoResponse)) this.#requireReachable();
      if (!(error instanceof NoResponse)) throw error;
      if (error.reason !== "broken") this.#timeouts.set(operationId, (this.#timeouts.get(operationId) ?? 0) + 1);
      return { outcome: error, sent: request };
    }
  }

  #unreachable: NoResponse | undefined;

  async #exchange(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpResponse> {
    this.requests += 1;
    try {
      const response = await exchange(request, { timeoutMs: this.#options.timeoutMs, signal });
      this.#responded = true;
      return response;
    } catch (error) {
      if (error instanceof NoResponse && error.reason === "unreachable") this.#unreachable ??= error;
      throw error;
    }
  }

  #requireReachable(): void {
    if (this.#unreachable === undefined) return;
    throw new Unreachable(`${this.url} cannot be reached: ${this.#unreachable.message}`);
  }
}

function requestedWait({ status, headers, text }: HttpResponse): number | undefined {
  const value = headers["retry-after"];
  return requestedWaitMs({ status, headers: new Headers(value === undefined ? {} : { "retry-after": value }), text });
}
