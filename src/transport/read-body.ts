/**
 * Reads a body up to a limit, takes it out of its envelope, and reads the JSON in it. What cannot be read is said, never
 * thrown: the status alone already decides what happened.
 */
import type { FetchBody, FetchBodyReader, FetchResponse } from "../platform.js";
import { cleanCause } from "../safe/foreign-error.js";
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
  let reader: FetchBodyReader | undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  let incomplete: Error | undefined;
  try {
    reader = readerOf(body);
    for (;;) {
      const { done, value } = await untilOver(reader.read());
      if (done || value === undefined) break;
      chunks.push(value.subarray(0, limit - length));
      length += value.length;
      if (length > limit) {
        incomplete = new Error(`The body is longer than ${limit} bytes.`);
        break;
      }
    }
  } catch (error) {
    incomplete = cleanCause(error, redact);
  }
  if (incomplete !== undefined) abandon(reader);
  const cut = incomplete === undefined ? undefined : { incomplete };
  if (!asBytes) return { ...decode(chunks, isSuccess(response), redact), ...cut };
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

/** An unread body would keep the connection from everyone else. */
function abandon(reader: FetchBodyReader | undefined): void {
  // Why, is already told, and waiting for it could hang. An injected `fetch` may have no such function, or no promise.
  Promise.resolve()
    .then(() => reader?.cancel())
    .catch(() => undefined);
}

const STRICT = new TextDecoder("utf-8", { fatal: true });
const LENIENT = new TextDecoder("utf-8");

/**
 * A success is decoded strictly, because replacing a byte would change a secret without anybody noticing; an error
 * leniently, because most of it can be read.
 */
function decode(chunks: readonly Uint8Array[], strict: boolean, redact: Redact): ReadBody {
  const bytes = joined(chunks);
  try {
    return { text: (strict ? STRICT : LENIENT).decode(bytes) };
  } catch (error) {
    return { text: LENIENT.decode(bytes), incomplete: cleanCause(error, redact), garbled: true };
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(), ...rest] = chunks;
  if (rest.length === 0) return first;
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** In an object, because `null` is JSON too; undefined if the text is not JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // V8's error quotes the text, so it is dropped; the caller says what could not be read.
    return undefined;
  }
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
  try {
    // Some pages of the documentation call the inner key `envelope`.
    const { status, content, envelope } = jsonObject(response.text) ?? {};
    if (typeof status === "number" && Number.isInteger(status) && status >= 100 && status <= 599) {
      return { ...response, status, text: JSON.stringify(content ?? envelope ?? undefined) ?? "" };
    }
  } catch {
    // Nested deeper than JSON.stringify can go.
  }
  return response.status === 200 ? { ...response, unopened: true } : response;
}
