/**
 * Reads a body up to a limit. What cannot be read is said, never thrown: the status alone already decides what happened.
 */

/** Error bodies are for people and small; more than this is not read. */
const ERROR_BODY_LIMIT = 64 * 1024;
/** No success answer of the contract comes near this. */
const SUCCESS_BODY_LIMIT = 1024 * 1024;

export interface ReadBody {
  readonly text: string;
  /** Why `text` is not the whole body. */
  readonly incomplete?: unknown;
}

/**
 * @param interrupted rejects when the attempt is over (timeout, abort), so that a body that never ends is let go.
 */
export async function readBody(response: Response, interrupted: Promise<never>): Promise<ReadBody> {
  if (response.body === null) return { text: "" };
  const limit = response.ok ? SUCCESS_BODY_LIMIT : ERROR_BODY_LIMIT;
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let incomplete: unknown;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), interrupted]);
      if (done) break;
      chunks.push(length + value.length > limit ? value.subarray(0, limit - length) : value);
      length += value.length;
      if (length > limit) {
        incomplete = new Error(`The body is longer than ${limit} bytes.`);
        break;
      }
    }
  } catch (error) {
    incomplete = error;
  }
  if (incomplete !== undefined) abandon(reader);
  return decode(chunks, incomplete, response.ok);
}

/** Gives the connection up: an unread body would keep it from everyone else. */
function abandon(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  // The stream may already have failed, and that failure is already told; waiting for the cancellation could hang.
  reader.cancel().catch(() => undefined);
}

/**
 * A success is decoded strictly, because replacing a byte would change a secret without anybody noticing; an error
 * leniently, because most of it can be read.
 */
function decode(chunks: readonly Uint8Array[], incomplete: unknown, strict: boolean): ReadBody {
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  try {
    const text = new TextDecoder("utf-8", { fatal: strict }).decode(bytes);
    return incomplete === undefined ? { text } : { text, incomplete };
  } catch (error) {
    return { text: new TextDecoder().decode(bytes), incomplete: incomplete ?? error };
  }
}
