/**
 * The forms in which a credential may turn up in output.
 */
import { base64Of, hexOf, utf8 } from "./bytes.js";

/** Masking shorter texts would garble ordinary words. */
const SHORTEST_MASKED = 4;

/**
 * A text plain, URL-escaped, JSON-escaped, in hexadecimal digits, and in base64 and base64url, also as part of a longer
 * text in these. Of a text of less than four characters there are none.
 */
export function encodedForms(text: string): readonly string[] {
  if (text.length < SHORTEST_MASKED) return [];
  const hex = hexOf(utf8(text));
  const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), hex, hex.toUpperCase()];
  // The bytes of UTF-8 as characters, as which unusual escapes of them are read.
  forms.push(String.fromCharCode(...utf8(text)));
  for (const encoded of [base64Of(utf8(text)), ...base64Parts(text)]) {
    const url = encoded.replaceAll("+", "-").replaceAll("/", "_");
    forms.push(encoded, url, url.replace(/=+$/, ""));
  }
  return [...new Set(forms)];
}

/** What is certain of the base64 of a longer text: a character stands for six bits, and those at both ends are shared. */
function base64Parts(text: string): string[] {
  const bytes = utf8(text);
  return [0, 1, 2].map((before) => {
    const encoded = base64Of(Uint8Array.from([...Array<number>(before).fill(0), ...bytes]));
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}
