/** What the layers of the pipeline hand to each other. */
import type { OperationDescription } from "../../generated/operations.js";
import type { Outcome } from "../errors.js";
import type { FetchHeaders } from "../platform.js";

/** `RetryOptions`, complete. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly maxDelayMs: number;
}

/** A plain record, so that a body can be sent again and no attempt spoils another's. */
export interface TransportRequest {
  readonly operation: OperationDescription;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Blob | undefined;
  /** The caller's signal; it ends requests and waits at once. */
  readonly signal: AbortSignal | undefined;
  /** In place of the client's, like `retry`. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: RetryPolicy | false;
  /** Whether the caller opens the envelope itself. */
  readonly keepsEnvelope?: true;
  /** Whether it may be repeated whatever its method is, because it changes nothing. */
  readonly changesNothing?: boolean;
  /** Of all attempts: whether an earlier one, whose response was lost, or one that the caller ended may have been applied. */
  readonly account: { mayHaveBeenApplied: boolean };
}

/** Path and query as the platform sends them; what a digest signature covers. */
export function targetOf({ url }: Pick<TransportRequest, "url">): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

export function isEnveloped({ url }: Pick<TransportRequest, "url">): boolean {
  // Reading a URL costs as much as the rest of a layer, and few have a query.
  return url.includes("?") && new URL(url).searchParams.get("envelope") === "true";
}

/** Its body is already read: inside its attempt, so that the attempt's timeout covers it. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: FetchHeaders;
  readonly text: string;
  /** In place of `text`, for a success that the contract describes as other than JSON. */
  readonly blob?: Blob;
  /** Why `text` is not the whole body: cut off by the size limit, a reset or the timeout. */
  readonly incomplete?: Error;
  /** Some of the body's bytes are no UTF-8, so that `text` is not what was sent. */
  readonly garbled?: true;
  /** An envelope was asked for, but this 200 cannot be opened: nothing says what it means. */
  readonly unopened?: true;
}

export function isSuccess({ status }: Pick<TransportResponse, "status">): boolean {
  return status >= 200 && status <= 299;
}

/** Whether the contract describes a response of this status as a success with a body that is not JSON. */
export function isFile({ successStatuses, bytesStatuses = [] }: OperationDescription, status: number): boolean {
  return isSuccess({ status }) && bytesStatuses.includes(successStatuses.includes(status) ? status : "2XX");
}

/** Of the whole call, if this attempt is certainly not applied. */
export function outcomeIfNotApplied({ account }: Pick<TransportRequest, "account">): Outcome {
  return account.mayHaveBeenApplied ? "unknown" : "not-applied";
}

export type Send = (request: TransportRequest) => Promise<TransportResponse>;

/** One layer around the next. */
export type Stage = (next: Send) => Send;
