/**
 * The requests that the mock has served, for tests, the terminal and the page.
 */
import type { IncomingHttpHeaders } from "node:http";

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

/** So many that a test finds all of its own, and so few that no caller can fill the memory with them. */
const KEPT_REQUESTS = 2_000;
const KEPT_BYTES = 2_048;

export class RequestRecord {
  readonly #requests: RecordedRequest[] = [];
  readonly #listeners = new Set<(request: RecordedRequest) => void>();

  /** In the order of their responses; of very many the last 2 000. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Keeps a request, just before its response is sent. */
  add(request: Omit<RecordedRequest, "at" | "body"> & { readonly bytes: Buffer }): void {
    const { bytes, ...others } = request;
    // Read anew from the bytes: a part of a long string would keep all of it.
    const body = bytes.subarray(0, KEPT_BYTES).toString("utf8");
    const kept = { ...others, body, at: new Date().toISOString() };
    this.#requests.push(kept);
    if (this.#requests.length > KEPT_REQUESTS) this.#requests.shift();
    for (const listener of this.#listeners) listener(kept);
  }

  /** Called with every request from now on. @returns what ends that. */
  onRequest(listener: (request: RecordedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
