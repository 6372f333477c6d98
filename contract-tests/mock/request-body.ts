/**
 * Reading a request's body, and telling whether it is JSON that can be read.
 */
import type { IncomingMessage } from "node:http";
import { mediaTypeOf } from "../../src/testing/atlas/oauth.js";

/**
 * How much of a body is kept, in bytes: far more than the contract's bodies need, and so little that thousands of callers at
 * once do not fill the memory.
 */
export const BODY_LIMIT_BYTES = 16 * 1024;

/** A body that has come in whole. */
export interface ReceivedBody {
  /** Not more than the limit. */
  readonly bytes: Buffer;
  readonly text: string;
  /** Whether there was more than the limit. */
  readonly tooLarge: boolean;
}

/**
 * Reads a body to its end; what is beyond the limit is thrown away.
 *
 * @throws Error when the caller hangs up first.
 */
export async function readBody(incoming: IncomingMessage): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    // A copy, because a chunk may be a small part of a large buffer.
    if (size <= BODY_LIMIT_BYTES) chunks.push(Buffer.from(chunk));
    else chunks.length = 0;
  }
  const bytes = Buffer.concat(chunks);
  return { bytes, text: bytes.toString("utf8"), tooLarge: size > BODY_LIMIT_BYTES };
}

/** Whether a body says that it is JSON and is not, which has to be UTF-8. An empty body says nothing. */
export function isMalformedJson(contentType: string | undefined, bytes: Buffer): boolean {
  if (bytes.length === 0 || !/[/+]json$/.test(mediaTypeOf(contentType))) return false;
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
  if (charset.toLowerCase() !== "utf-8") return true;
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return false;
  } catch {
    return true;
  }
}

/**
 * The `Content-Type` for Prism, which fails on one that is malformed: the media type alone, or what RFC 9110 section 8.3
 * takes a body for whose type cannot be read.
 */
export function contentTypeForPrism(contentType: string | undefined): string | undefined {
  if (contentType === undefined) return undefined;
  const mediaType = mediaTypeOf(contentType);
  return /^[\w.+-]+\/[\w.+-]+$/.test(mediaType) ? mediaType : "application/octet-stream";
}
