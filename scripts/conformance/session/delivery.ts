/**
 * Sending requests: one after the other, again after a 429, and no longer where a server has stopped answering.
 */
import { setTimeout as wait } from "node:timers/promises";
import { requestedWaitMs } from "../../../src/transport/retry-after.js";
import type { RequestDraft } from "../cases/wire.js";
import { type Answer, NoAnswer } from "../http/answer.js";
import type { WireRequest } from "../http/exchange.js";
import type { Identity, SignedExchange } from "../http/sign-in.js";

/** A request to be sent. */
export interface Consignment {
  readonly operationId: string;
  readonly method: string;
  readonly draft: RequestDraft;
  readonly accept: string | undefined;
  readonly prefer?: number | undefined;
  readonly identity: Identity;
  /** Whether it must not be cut off on its way: the answer would tell the id of what it makes. */
  readonly finish?: boolean;
}

/** What became of a request. */
export interface Delivered {
  /** The request as it went out last. */
  readonly sent: WireRequest;
  readonly outcome: Answer | NoAnswer;
  /** Answers of 429 that were waited out on the way. */
  readonly refusals: readonly Answer[];
}

/** What deliveries need. */
export interface DeliveryOptions {
  readonly baseUrl: string;
  readonly signed: SignedExchange;
  /** Ends waits and requests at once. */
  readonly signal: AbortSignal | undefined;
  readonly onWait: (milliseconds: number) => void;
}

/** How often a request is sent that is answered with 429. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 1_000;
/** A server that asks for more than this is not waited for. */
const LONGEST_WAIT_MS = 120_000;
/** After so many requests of an operation that were not answered in time, it is left alone. */
const PATIENCE = 2;

/** Sends requests to one server. */
export class Delivery {
  readonly #options: DeliveryOptions;
  /** Once waiting has not helped, it is not tried again. */
  #patient = true;
  readonly #unanswered = new Map<string, number>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Whether an operation has left so many requests unanswered that no more of them should be sent. */
  isSilent(operationId: string): boolean {
    return (this.#unanswered.get(operationId) ?? 0) >= PATIENCE;
  }

  /** @throws SignInFailure, and the signal's reason when it aborts. */
  async deliver(consignment: Consignment, signal = this.#options.signal): Promise<Delivered> {
    const request = this.#requestOf(consignment);
    const refusals: Answer[] = [];
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      const { outcome, sent } = await this.#attempt(request, consignment, signal);
      if (outcome instanceof NoAnswer || outcome.status !== 429 || consignment.prefer === 429) {
        return { sent, outcome, refusals };
      }
      const delay = requestedWait(outcome) ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      this.#patient &&= attempt < ATTEMPTS && delay <= LONGEST_WAIT_MS;
      if (!this.#patient) return { sent, outcome, refusals };
      refusals.push(outcome);
      this.#options.onWait(delay);
      await wait(delay, undefined, signal === undefined ? {} : { signal });
    }
  }

  async #attempt(
    request: WireRequest,
    { operationId, identity, finish }: Consignment,
    signal: AbortSignal | undefined,
  ): Promise<{ outcome: Answer | NoAnswer; sent: WireRequest }> {
    try {
      const { answer, sent } = await this.#options.signed.send(request, identity, finish === true ? undefined : signal);
      return { outcome: answer, sent };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const isLate = error.reason !== "broken";
      if (isLate) this.#unanswered.set(operationId, (this.#unanswered.get(operationId) ?? 0) + 1);
      return { outcome: error, sent: request };
    }
  }

  #requestOf({ method, draft, accept, prefer }: Consignment): WireRequest {
    const headers: Record<string, string> = { ...draft.headers };
    if (accept !== undefined) headers["accept"] = accept;
    if (prefer !== undefined) headers["prefer"] = `code=${prefer}`;
    return { method, url: `${this.#options.baseUrl}${draft.target}`, headers, body: draft.body };
  }
}

function requestedWait({ status, headers, text }: Answer): number | undefined {
  const value = headers["retry-after"];
  return requestedWaitMs({ status, headers: new Headers(value === undefined ? {} : { "retry-after": value }), text });
}
