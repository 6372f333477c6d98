/**
 * What the front reads of a request beside its credentials. `Accept` names the version of the resource in Atlas, `Prefer`
 * picks a documented response from Prism.
 */

import type { RequestParts } from "../../src/testing/atlas/request.js";
import { mediaTypeOf } from "../../src/testing/atlas/response.js";
import type { Operation } from "../contract/operations.js";

/** A request as the front has read it. */
export interface ReceivedRequest extends RequestParts {
  /** What it is for; `undefined` if the contract describes nothing there. */
  readonly operation: Operation | undefined;
  /** That of the operation's media types which it asks for. */
  readonly mediaType: string | undefined;
  readonly prefers: Preference;
}

/** What `Prefer` asks for. */
export interface Preference {
  readonly code?: number;
  /** Name of an example. */
  readonly exampleKey?: string;
  /** Random values that fit the schema, instead of an example. */
  readonly dynamic?: boolean;
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

/** Whether a body says that it is JSON and is not, which has to be UTF-8. An empty body says nothing. */
export function isMalformedJson(contentType: string | undefined, bytes: Buffer): boolean {
  if (bytes.length === 0 || !isJson(contentType)) return false;
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
  if (charset.toLowerCase() !== "utf-8") return true;
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return false;
  } catch {
    return true;
  }
}

/** Whether a `Content-Type` is that of JSON. */
export function isJson(contentType: string | undefined): boolean {
  return /[/+]json$/.test(mediaTypeOf(contentType));
}

/** Whether one of the media types has a version in it. If none has, `Accept` is an ordinary wish and need not name one. */
export function areVersioned(mediaTypes: readonly string[]): boolean {
  return mediaTypes.some((mediaType) => /\d{4}-\d{2}-\d{2}/.test(mediaType));
}

/**
 * The media type that `Accept` names first among those that it likes best. A wildcard names none.
 *
 * @param accept - The header as it came; `undefined` if there was none.
 * @param mediaTypes - Those of the operation's success responses.
 */
export function namedIn(accept: string | undefined, mediaTypes: readonly string[]): string | undefined {
  const named = split(accept ?? "", ",").flatMap((range) => {
    const [name = "", ...parameters] = split(range, ";").map((part) => part.trim().toLowerCase());
    const mediaType = mediaTypes.find((each) => each.toLowerCase() === name);
    const given = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
    const quality = /^[01](\.\d{0,3})?$/.test(given) ? Number(given) : 1;
    return mediaType === undefined || quality === 0 ? [] : [{ mediaType, quality }];
  });
  return named.toSorted((one, other) => other.quality - one.quality)[0]?.mediaType;
}

/** The parts between separators that do not stand in quotes. */
function split(text: string, separator: "," | ";"): readonly string[] {
  return text.match(separator === "," ? /(?:"(?:[^"\\]|\\.)*"|[^",])+/g : /(?:"(?:[^"\\]|\\.)*"|[^";])+/g) ?? [];
}
