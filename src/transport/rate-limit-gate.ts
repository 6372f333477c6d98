/**
 * One 429 holds back every call of the same operation on the same client: calls that have not been sent wait here and
 * use no attempt. When the gate opens, it lets one call through, and twice as many after each response that is no 429, so
 * that a fleet of callers finds the server's rate instead of running into its limit together.
 */

import { onAbort, throwIfAborted } from "../signals.js";

interface Waiting {
  readonly ticket: number;
  admit(): void;
}

/** What a call got through the gate with: how often the gate had been closed by then. */
export type GatePass = number;

export class RateLimitGate {
  #lastTicket = 0;
  #inFlight = 0;
  #limit = Number.POSITIVE_INFINITY;
  #closedUntil = 0;
  #timesClosed: GatePass = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Sorted by ticket: who came first, and so may have been refused already, goes first. */
  readonly #waiting: Waiting[] = [];

  /** A place in the order of arrival; a call keeps it for all its attempts. */
  ticket(): number {
    this.#lastTicket += 1;
    return this.#lastTicket;
  }

  /**
   * Waits until the attempt may be sent. Every pass needs one `leave`.
   *
   * @throws the signal's reason, at once when it aborts
   */
  async enter(ticket: number, signal: AbortSignal | undefined): Promise<GatePass> {
    throwIfAborted(signal);
    if (this.#waiting.length > 0 || !this.#isOpen(performance.now())) await this.#wait(ticket, signal);
    else this.#inFlight += 1;
    return this.#timesClosed;
  }

  /** The attempt is over. Only a response to what was sent since the gate was last closed shows that there is room. */
  leave(pass: GatePass, accepted: boolean): void {
    this.#inFlight -= 1;
    if (accepted && pass === this.#timesClosed) this.#limit *= 2;
    this.#admitWaiting();
  }

  /** Holds every call for this long. A shorter wait never opens a gate that is closed for longer. */
  close(milliseconds: number): void {
    this.#limit = 1;
    this.#timesClosed += 1;
    this.#closedUntil = Math.max(this.#closedUntil, performance.now() + milliseconds);
  }

  #isOpen(now: number): boolean {
    return this.#inFlight < this.#limit && now >= this.#closedUntil;
  }

  #wait(ticket: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        ticket,
        admit() {
          release?.();
          resolve();
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#admitWaiting();
        reject(signal?.reason);
      };
      const release = signal && onAbort(signal, giveUp);
      const behind = this.#waiting.findIndex((other) => other.ticket > ticket);
      this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiting);
      this.#admitWaiting();
    });
  }

  #admitWaiting(): void {
    clearTimeout(this.#timer);
    // Read once: if the gate opened between two readings, the first would admit no call and the second set no timer.
    const now = performance.now();
    while (this.#isOpen(now)) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inFlight += 1;
      next.admit();
    }
    const closedFor = this.#closedUntil - now;
    // The timer runs only while a call waits, so that it never keeps a program alive for nothing.
    if (closedFor > 0 && this.#waiting.length > 0) {
      const until = this.#closedUntil;
      this.#timer = setTimeout(() => {
        // By the timer, not by the clock: a test may have faked only the one of them.
        if (this.#closedUntil === until) this.#closedUntil = 0;
        this.#admitWaiting();
      }, Math.ceil(closedFor));
    }
  }
}
