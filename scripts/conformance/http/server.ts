/**
 * The server under test: requests signed in as somebody, one after the other, again after a 429, and no longer once it has
 * stopped responding.
 */
import { setTimeout as wait } from "node:timers/promises";
import { requestedWaitMs } from "../../../src/transport/retry-policy.js";
import { exchange, type HttpRequest, type HttpResponse } from "./exchange.js";
import { CannotCheck, type Identity, type SignInOptions, signIn } from "./sign-in.js";

/** A request to be sent. */
export interface ServerRequest extends Omit<HttpRequest, "url"> {
  readonly operationId: string;
  /** Path and query. */
  readonly target: string;
  readonly identity: Identity;
  /** The status that a mock is asked for: a 429 that was asked for is not waited out. */
  readonly prefer: number | undefined;
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
  /** Whether the last request with the given credentials had a 401. */
  refusesCredentials = false;
  /** Once waiting has not helped, it is not tried again. */
  #waits = true;
  #responded = false;
  /** Why no connection was made at first. */
  #unreachable: string | undefined;

  /** @throws CannotCheck if the credentials cannot be used. */
  constructor(options: ServerOptions) {
    this.url = options.url;
    this.#options = options;
    const { url: baseUrl, credentials, mask } = options;
    this.#signIn = signIn({ baseUrl, credentials, mask, send: (request) => this.#exchange(request) });
  }

  /** Whether the credentials sign each request by digest. */
  get usesDigest(): boolean {
    return this.#signIn.usesDigest;
  }

  /** Whether an operation has had so many requests without a response that no more of them are sent. */
  isSilent(operationId: string): boolean {
    return (this.#timeouts.get(operationId) ?? 0) >= MOST_TIMEOUTS;
  }

  /**
   * @param signal - Ends a wait, or keeps the request from being sent; one that is sent is never cut off.
   * @param onRateLimited - Is called with each 429 that is waited out.
   * @throws CannotCheck if nothing has ever listened, or no token can be obtained; the signal's reason.
   */
  async send(
    request: ServerRequest,
    signal: AbortSignal | undefined,
    onRateLimited: (response: HttpResponse) => void = () => undefined,
  ): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      const response = await this.#attempt(request);
      if (response.status !== 429 || request.prefer === 429) return response;
      const delay = requestedWait(response) ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      this.#waits &&= attempt < MAX_ATTEMPTS;
      if (!this.#waits || delay > LONGEST_WAIT_MS) return response;
      onRateLimited(response);
      this.#options.onWait(delay);
      await wait(delay, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Revokes the token that was issued; that it cannot be is no finding. */
  async close(): Promise<void> {
    await this.#signIn.end().catch(() => undefined);
  }

  async #attempt({ operationId, identity, target, method, headers, body }: ServerRequest): Promise<HttpResponse> {
    const request = { method, url: `${this.url}${target}`, headers, body };
    const response = await this.#signIn.send(request, identity).catch((error: unknown) => {
      if (error instanceof CannotCheck) this.#requireReachable();
      throw error;
    });
    if (identity.kind === "given" && identity.change === undefined) this.refusesCredentials = response.status === 401;
    if (response.failure === undefined) return response;
    this.#requireReachable();
    if (response.failure.reason !== "broken")
      this.#timeouts.set(operationId, (this.#timeouts.get(operationId) ?? 0) + 1);
    return response;
  }

  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    this.requests += 1;
    const response = await exchange(request, this.#options.timeoutMs);
    if (response.failure === undefined) this.#responded = true;
    else if (response.failure.reason === "unreachable") this.#unreachable ??= response.failure.message;
    return response;
  }

  #requireReachable(): void {
    if (this.#responded || this.#unreachable === undefined) return;
    throw new CannotCheck(`${this.url} cannot be reached: ${this.#unreachable}`);
  }
}

function requestedWait({ status, headers, text }: HttpResponse): number | undefined {
  const value = headers["retry-after"];
  return requestedWaitMs({ status, headers: new Headers(value === undefined ? {} : { "retry-after": value }), text });
}
