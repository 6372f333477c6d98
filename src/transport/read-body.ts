/**
 * Reads a body up to a limit, takes it out of its envelope, and reads the JSON in it. What cannot be read is said, never
 * thrown: the status alone already decides what happened.
 */
import type { FetchBody, FetchBodyReader, FetchResponse } from "../platform.js";
import { cleanCause, tryTo } from "../safe/foreign-error.js";
import type { Redact } from "../safe/redaction.js";
import { isEnveloped, isSuccess, type Stage, type TransportResponse } from "./pipeline.js";

/** Error bodies are for people and small; more than this is not read. */
const ERROR_BODY_LIMIT = 64 * 1024;
/** No success of the contract comes near this. */
const SUCCESS_BODY_LIMIT = 1024 * 1024;

export type ReadBody = Pick<TransportResponse, "text" | "blob" | "garbled" | "incomplete">;

/** Rejects as soon as the attempt is over (timeout, abort): a body that never ends is let go. */
export type UntilOver = <Value>(promise: Promise<Value>) => Promise<Value>;

export function noBody(asBytes: boolean): ReadBody {
  return asBytes ? { text: "", blob: new Blob([]) } : { text: "" };
}

/** @param asBytes whether the body is a file for the caller, of any size, rather than a text to read */
export async function readBody(
  response: FetchResponse,
  body: FetchBody,
  untilOver: UntilOver,
  asBytes: boolean,
  redact: Redact,
): Promise<ReadBody> {
  const limit = asBytes ? Number.POSITIVE_INFINITY : isSuccess(response) ? SUCCESS_BODY_LIMIT : ERROR_BODY_LIMIT;
  const chunks: Uint8Array[] = [];
  let length = 0;
  let reader: FetchBodyReader | undefined;
  let cut: { readonly incomplete: Error } | undefined;
  try {
    reader = readerOf(body);
    for (;;) {
      const { done, value } = await untilOver(reader.read());
      if (done || value === undefined) break;
      chunks.push(value.subarray(0, limit - length));
      length += value.length;
      if (length > limit) throw new Error(`The body is longer than ${limit} bytes.`);
    }
  } catch (error) {
    cut = { incomplete: cleanCause(error, redact) };
    // An unread body would keep the connection from everyone else. Waiting for it could hang, and an injected `fetch` may
    // have no such function, or no promise.
    Promise.resolve(reader)
      .then((unread) => unread?.cancel())
      .catch(() => undefined);
  }
  if (!asBytes) {
    const bytes = chunks.length > 1 ? await new Blob(chunks).arrayBuffer() : chunks[0];
    return { ...decode(bytes, isSuccess(response), redact), ...cut };
  }
  // Half a file is of no use to anybody.
  if (cut !== undefined) return { text: "", ...cut };
  return { text: "", blob: new Blob(chunks, { type: response.headers.get("content-type") ?? "" }) };
}

/** node-fetch's bodies are streams of Node's own, whatever the types say: they are iterated over. */
function readerOf(body: FetchBody & Partial<AsyncIterable<Uint8Array>>): FetchBodyReader {
  const chunks = typeof body.getReader === "function" ? undefined : body[Symbol.asyncIterator]?.();
  if (chunks === undefined) return body.getReader();
  return { read: () => chunks.next(), cancel: async () => chunks.return?.() };
}

const STRICT = new TextDecoder("utf-8", { fatal: true });
const LENIENT = new TextDecoder("utf-8");

/**
 * A success is decoded strictly, because replacing a byte would change a secret without anybody noticing; an error
 * leniently, because most of it can be read.
 */
function decode(bytes: Uint8Array | ArrayBuffer | undefined, strict: boolean, redact: Redact): ReadBody {
  try {
    return { text: (strict ? STRICT : LENIENT).decode(bytes) };
  } catch (error) {
    return { text: LENIENT.decode(bytes), incomplete: cleanCause(error, redact), garbled: true };
  }
}

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
 * With `envelope=true` Atlas returns 200 and puts the real status and body inside. Taken out below the authentication and
 * the retries, so that they see the real status. A response that is no success is not wrapped and goes through as it is, as
 * does one of another success status than 200 that holds no envelope.
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
