/**
 * One 429 holds back every call of the same operation on the same client: they wait here and use no attempt. When the gate
 * opens, it lets one call through, and twice as many after each response that is no 429, so that a fleet of callers finds the
 * server's rate. If the 429 names its token bucket, the gate also keeps to its rate, as long as responses say what is left,
 * and is shared by the operations that this bucket has refused.
 */
import { onAbort, throwIfAborted } from "../signals.js";
import type { TransportResponse } from "./pipeline.js";

/** A bucket of tokens, one for each request, that gets `refill` of them back at every full period. */
export interface TokenBucket {
  readonly name: string;
  readonly refill: number;
  readonly periodMs: number;
}

/** The gates of a client, by the operations that wait at them. */
export class RateLimitGates {
  readonly #gates = new Map<string, RateLimitGate>();

  of(operationId: string): RateLimitGate {
    const gate = this.#gates.get(operationId) ?? new RateLimitGate();
    this.#gates.set(operationId, gate);
    return gate;
  }

  /** Closes the gate of an operation; from now on, that is the one of the limit that has refused it. */
  close(operationId: string, milliseconds: number, bucket: TokenBucket | undefined): void {
    const others = bucket === undefined ? [] : this.#gates.values();
    const known = [this.of(operationId), ...others].find(({ bucketName }) => bucketName === bucket?.name);
    const gate = known ?? new RateLimitGate();
    this.#gates.set(operationId, gate);
    gate.close(milliseconds, bucket);
  }
}

/** What the gate knew when it let an attempt through. */
export interface GatePass {
  readonly timesClosed: number;
  readonly windowEndsAt: number;
  /** How many attempts were over. */
  readonly over: number;
}

export class RateLimitGate {
  #sent = 0;
  #over = 0;
  #limit = Number.POSITIVE_INFINITY;
  #closedUntil = 0;
  #timesClosed = 0;
  #bucket: TokenBucket | undefined;
  /** Until when only {@link #left} requests may be sent: a period of the bucket, so that one refill comes within it. */
  #windowEndsAt = Number.POSITIVE_INFINITY;
  #left = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Sorted by ticket: who came first, and so may have been refused already, goes first. */
  readonly #waiting: { readonly ticket: number; admit(): void }[] = [];

  get bucketName(): string | undefined {
    return this.#bucket?.name;
  }

  /** Nearly every attempt: without a wait. Every pass needs one `leave`. */
  enterIfOpen(): GatePass | undefined {
    // Of a gate that was never closed, nothing depends on the clock.
    const now = this.#timesClosed === 0 ? 0 : performance.now();
    return this.#waiting.length > 0 || !this.#isOpen(now) ? undefined : this.#admit();
  }

  /**
   * @param ticket a place in the order of arrival, which a call keeps for all its attempts
   * @throws the signal's reason, at once when it aborts
   */
  enter(ticket: number, signal: AbortSignal | undefined): Promise<GatePass> {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      const admit = () => {
        release?.();
        resolve(this.#admit());
      };
      const waiting = { ticket, admit };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#admitWaiting();
        reject(signal?.reason);
      };
      const release = signal && onAbort(signal, giveUp);
      // From the end, where nearly every call belongs: thousands may wait.
      const before = this.#waiting.findLastIndex((other) => other.ticket < ticket);
      this.#waiting.splice(before + 1, 0, waiting);
      this.#admitWaiting();
    });
  }

  #admit(): GatePass {
    this.#sent += 1;
    this.#left -= 1;
    return { timesClosed: this.#timesClosed, windowEndsAt: this.#windowEndsAt, over: this.#over };
  }

  /** The attempt is over. Only a response to what was sent since the gate was last closed shows that there is room. */
  leave(pass: GatePass, response?: TransportResponse): void {
    this.#over += 1;
    if (response !== undefined && response.status !== 429 && pass.timesClosed === this.#timesClosed) {
      this.#limit *= 2;
      if (this.#bucket !== undefined) this.#noteRemaining(pass, response, this.#bucket);
    }
    if (this.#waiting.length > 0) this.#admitWaiting();
  }

  /** Holds every call for this long. A shorter wait never opens a gate that is closed for longer. */
  close(milliseconds: number, bucket?: TokenBucket): void {
    this.#limit = 1;
    this.#timesClosed += 1;
    this.#closedUntil = Math.max(this.#closedUntil, performance.now() + milliseconds);
    if (bucket === undefined) return;
    this.#bucket = bucket;
    // The first window begins when the gate opens: the wait that was asked for has brought a refill.
    this.#windowEndsAt = 0;
    this.#left = 0;
  }

  #isOpen(now: number): boolean {
    if (now < this.#closedUntil) return false;
    if (this.#bucket !== undefined && now >= this.#windowEndsAt) {
      this.#left = this.#bucket.refill;
      this.#windowEndsAt = now + this.#bucket.periodMs;
    }
    return this.#left > 0 && this.#sent - this.#over < this.#limit;
  }

  /**
   * Others may draw on the bucket, so that less is left; or more, if a refill has come in the middle of a window. A bucket
   * that is full holds no more, hence what is there is used at once, and the windows begin anew, behind the refill.
   */
  #noteRemaining(pass: GatePass, { headers }: TransportResponse, { periodMs }: TokenBucket): void {
    const header = headers.get("ratelimit-remaining") ?? undefined;
    if (header === undefined) {
      // A bucket is one organization's or project's, and its name does not say of which. Without a word of what is left, it
      // may be another's that the calls draw from: then its rate is no measure.
      this.#left = Number.POSITIVE_INFINITY;
      this.#windowEndsAt = Number.POSITIVE_INFINITY;
      return;
    }
    const remaining = Number.parseInt(header, 10);
    // Whatever was under way beside the attempt may have been counted after it.
    const atLeast = remaining - (this.#sent - pass.over - 1);
    const isSameWindow = pass.windowEndsAt === this.#windowEndsAt && this.#left < Number.POSITIVE_INFINITY;
    if (atLeast > this.#left) {
      this.#left = atLeast;
      this.#windowEndsAt = performance.now() + periodMs;
    } else if (remaining < this.#left && isSameWindow) {
      this.#left = remaining;
    }
  }

  #admitWaiting(): void {
    clearTimeout(this.#timer);
    // Read once: if the gate opened between two readings, the first would admit no call and the second set no timer.
    const now = performance.now();
    while (this.#isOpen(now)) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.admit();
    }
    const opensAt = Math.max(this.#closedUntil, this.#left > 0 ? 0 : this.#windowEndsAt);
    // The timer runs only while a call waits, so that it never keeps a program alive for nothing.
    if (opensAt <= now || this.#waiting.length === 0) return;
    const open = () => {
      // By the timer, not by the clock: a test may have faked only the one of them.
      if (this.#closedUntil <= opensAt) this.#closedUntil = 0;
      this.#windowEndsAt = 0;
      this.#admitWaiting();
    };
    this.#timer = setTimeout(open, Math.ceil(opensAt - now));
  }
}
