/**
 * The server under test: requests signed in as somebody, one after the other, again after a 429, and no longer once it has
 * stopped responding.
 */
import { setTimeout as wait } from "node:timers/promises";
import { requestedWaitMs } from "../../../src/transport/retry-policy.js";
import { exchange, type HttpRequest, type HttpResponse } from "./exchange.js";
import { asClientTakes, CannotCheck, type Identity, type SignInOptions, signIn } from "./sign-in.js";

interface ServerRequest extends Omit<HttpRequest, "url"> {
  readonly operationId: string;
  readonly target: string;
  readonly identity: Identity;
  /** The status that a mock is asked for: a 429 that was asked for is not waited out. */
  readonly prefer: number | undefined;
}

interface ServerOptions extends SignInOptions {
  readonly timeoutMs: number;
  readonly onWait: (milliseconds: number) => void;
}

const MAX_ATTEMPTS = 4;
const FIRST_WAIT_MS = 1_000;
/** A server that asks for more than this is not waited for. */
const LONGEST_WAIT_MS = 120_000;
/** After so many requests of an operation that had no response in time, no more are sent. */
const MOST_TIMEOUTS = 2;

export class Server {
  readonly #options: ServerOptions;
  readonly #signIn: ReturnType<typeof signIn>;
  readonly #timeouts = new Map<string, number>();
  requests = 0;
  /** Whether the last request with the given credentials had a 401. */
  refusesCredentials = false;
  /** Once waiting has not helped, it is not tried again. */
  #waits = true;
  #responded = false;
  /** Why no connection was made at first. */
  #unreachable: string | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#signIn = signIn(options, (request) => this.#exchange(request));
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
    const { operationId, identity, target, prefer, method, headers, body } = request;
    const url = `${this.#options.url}${target}`;
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      const response = await this.#signIn.send({ method, url, headers, body }, identity).finally(() => {
        if (this.#unreachable !== undefined)
          throw new CannotCheck(`${this.#options.url} cannot be reached: ${this.#unreachable}`);
      });
      if (identity.kind === "given" && identity.change === undefined) this.refusesCredentials = response.status === 401;
      if (response.failure !== undefined && response.failure.reason !== "broken") {
        this.#timeouts.set(operationId, (this.#timeouts.get(operationId) ?? 0) + 1);
      }
      if (response.status !== 429 || prefer === 429) return response;
      const delay = requestedWaitMs(asClientTakes(response)) ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      this.#waits &&= attempt < MAX_ATTEMPTS;
      if (!this.#waits || delay > LONGEST_WAIT_MS) return response;
      onRateLimited(response);
      this.#options.onWait(delay);
      await wait(delay, undefined, signal === undefined ? {} : { signal });
    }
  }

  close(): Promise<void> {
    return this.#signIn.end();
  }

  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    this.requests += 1;
    const response = await exchange(request, this.#options.timeoutMs);
    const { failure } = response;
    if (failure?.reason !== "unreachable") this.#responded = true;
    else if (!this.#responded) this.#unreachable = failure.message;
    return response;
  }
}
