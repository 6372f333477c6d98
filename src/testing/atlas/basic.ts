/**
 * The header `Authorization: Basic …` of a token request, and comparing secrets.
 */
import { createHash, timingSafeEqual } from "node:crypto";

/** The two halves as they were sent. */
export interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Takes the header apart; `undefined` if it is another scheme or malformed. */
export function readBasic(authorization: string | undefined): BasicCredentials | undefined {
  const encoded = /^basic +([a-z0-9+/]+=*)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [, clientId, clientSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

/**
 * Whether a half of the Basic value is this text. Atlas takes the halves as they are. MongoDB's Go SDK form-encodes them
 * and works all the same, because Go leaves letters, digits and `-_.~` alone, so that is accepted too. What is refused is
 * an encoding that changes those characters, such as `%5F` for `_`: Atlas does not undo it.
 */
export function isSameHalf(given: string, text: string): boolean {
  const raw = isSameText(given, text);
  return isSameText(given, formEncode(text)) || raw;
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(fingerprint(one), fingerprint(other));
}

function fingerprint(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What Go's `url.QueryEscape` makes of a text. */
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
