/**
 * The header `Authorization: Basic …` of a token request.
 */
import { sameText } from "./same-text.js";

/**
 * Whether the header holds this id and secret. Atlas takes the two halves as they are. MongoDB's Go SDK form-encodes them
 * and works all the same, because Go leaves letters, digits and `-_.~` alone, so that is taken too. What is refused is an
 * encoding that changes those characters, such as `%5F` for `_`: Atlas does not undo it.
 */
export function isBasicFor(authorization: string | undefined, id: string, secret: string): boolean {
  const encoded = /^basic +([a-z0-9+/]+=*)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return false;
  const given = Buffer.from(encoded, "base64").toString("utf8");
  const raw = sameText(given, `${id}:${secret}`);
  const formEncoded = sameText(given, `${formEncode(id)}:${formEncode(secret)}`);
  return raw || formEncoded;
}

/** What Go's `url.QueryEscape` makes of a text. */
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
