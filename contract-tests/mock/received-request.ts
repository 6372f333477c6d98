/**
 * What the front reads of a request: its body, and the headers by which a caller chooses a response. `Accept` names the
 * version of the resource in Atlas, `Prefer` picks a documented response from Prism.
 */
import type { IncomingMessage } from "node:http";
import { mediaTypeOf } from "../../src/testing/atlas/oauth.js";
import type { RequestParts } from "../../src/testing/atlas/request.js";
import type { ContractOperation } from "./contract.js";
import type { Preference } from "./prism.js";

/** A request as the front has read it. */
export interface ReceivedRequest extends RequestParts {
  /** `undefined` if the target cannot be read. */
  readonly url: URL | undefined;
  readonly received: ReceivedBody;
  readonly operation: ContractOperation | undefined;
}

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

const VERSIONED = /\d{4}-\d{2}-\d{2}/;

/**
 * Whether `Accept` names one of an operation's media types. A wildcard names none. If none of them is of a version, `Accept`
 * is an ordinary wish and nothing has to be named.
 *
 * @param accept - The header as it came; `undefined` if there was none.
 * @param mediaTypes - Those of the operation's success responses.
 */
export function namesVersion(accept: string | undefined, mediaTypes: readonly string[]): boolean {
  if (!mediaTypes.some((mediaType) => VERSIONED.test(mediaType))) return true;
  return versionOf(accept, mediaTypes) !== undefined;
}

/** The media type that `Accept` names first among those that it likes best. */
export function versionOf(accept: string | undefined, mediaTypes: readonly string[]): string | undefined {
  const named = acceptedBy(accept, mediaTypes).filter(({ mediaType }) => mediaTypes.includes(mediaType));
  return named.sort((one, other) => other.quality - one.quality)[0]?.mediaType;
}

/**
 * The `Accept` for Prism: what the caller sent, in the contract's spelling and without parameters, because Prism fails
 * on a capital letter or a quoted parameter.
 *
 * Prism ignores `Prefer: code=404` where `Accept` does not also admit the media type of the error, and a caller of Atlas
 * names a version and nothing else; so with a code preferred everything is admitted, what the caller named first.
 */
export function acceptForPrism(
  accept: string | undefined,
  codeIsPreferred: boolean,
  mediaTypes: readonly string[],
): string | undefined {
  const ranges = acceptedBy(accept, mediaTypes).map(({ mediaType, quality }) => `${mediaType};q=${quality}`);
  if (codeIsPreferred) ranges.push("*/*;q=0.001");
  return ranges.length === 0 ? undefined : ranges.join(", ");
}

/** What `Prefer` asks for (RFC 7240); what cannot be read is ignored. */
export function preferenceOf(prefer = ""): Preference {
  const code = /\bcode\s*=\s*"?(\d{3})\b/i.exec(prefer)?.[1];
  const exampleKey = /\bexample\s*=\s*"?([^\s",;]+)/i.exec(prefer)?.[1];
  return {
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(exampleKey === undefined ? {} : { exampleKey }),
    ...(/\bdynamic\s*=\s*"?true\b/i.test(prefer) ? { dynamic: true } : {}),
  };
}

interface MediaRange {
  /** In the contract's spelling if it has one, else in lower case. */
  readonly mediaType: string;
  readonly quality: number;
}

function acceptedBy(accept: string | undefined, mediaTypes: readonly string[]): MediaRange[] {
  return split(accept ?? "", ",").flatMap((range) => {
    const [name = "", ...parameters] = split(range, ";").map((part) => part.trim().toLowerCase());
    const mediaType = mediaTypes.find((each) => each.toLowerCase() === name) ?? name;
    const given = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
    const quality = /^[01](\.\d{0,3})?$/.test(given) ? Math.min(Number(given), 1) : 1;
    return /^[\w.+*-]+\/[\w.+*-]+$/.test(mediaType) && quality > 0 ? [{ mediaType, quality }] : [];
  });
}

/** The parts between separators that do not stand in quotes. */
function split(text: string, separator: "," | ";"): readonly string[] {
  return text.match(separator === "," ? /(?:"(?:[^"\\]|\\.)*"|[^",])+/g : /(?:"(?:[^"\\]|\\.)*"|[^";])+/g) ?? [];
}
