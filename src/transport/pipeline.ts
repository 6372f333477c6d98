/** What the layers of the pipeline hand to each other, and the one that takes a response out of its envelope. */
import type { OperationDescription } from "../../generated/operations.js";
import type { Outcome } from "../errors.js";
import type { FetchHeaders } from "../platform.js";
import { tryTo } from "../safe/foreign-error.js";

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

/** A copy that carries this credential. */
export function signed(request: TransportRequest, authorization: string): TransportRequest {
  // A spread with one more member behind it takes Node 20 ten times as long.
  return { ...request, headers: Object.assign({}, request.headers, { authorization }) };
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

/** In an object, because `null` is JSON too; undefined if the text is not JSON: V8's error, which quotes it, is dropped. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  return tryTo(() => ({ value: JSON.parse(text) }));
}

/** A copy; undefined if the text is no JSON object. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text)?.value;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/**
 * With `envelope=true` Atlas returns 200 and puts the real status and body inside. Taken out below authentication and retries,
 * so that they see the real status. What is no success, or holds no envelope and is no 200, goes through as it is.
 */
export const unwrapEnvelope: Stage = (next) => (request) =>
  request.keepsEnvelope !== true && isEnveloped(request) ? next(request).then(opened) : next(request);

function opened(response: TransportResponse): TransportResponse {
  if (!isSuccess(response)) return response;
  // Some pages of the documentation call the inner key `envelope`.
  const { status, content, envelope } = jsonObject(response.text) ?? {};
  // Not of what is nested deeper than JSON.stringify can go.
  const text = tryTo(() => JSON.stringify(content ?? envelope ?? undefined) ?? "");
  if (text !== undefined && typeof status === "number" && Number.isInteger(status) && status >= 100 && status <= 599) {
    return { ...response, status, text };
  }
  return response.status === 200 ? { ...response, unopened: true } : response;
}
