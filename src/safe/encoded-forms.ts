/**
 * The forms in which a credential may turn up in output.
 */

/** Shorter forms would match ordinary words. */
const SHORTEST_FORM = 4;

/**
 * A text plain, URL-escaped, JSON-escaped, in hexadecimal digits, and in base64 and base64url, also as part of a longer
 * text in these. The longest come first.
 */
export function encodedForms(text: string): readonly string[] {
  const hex = Buffer.from(text).toString("hex");
  const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), hex, hex.toUpperCase()];
  for (const encoded of [Buffer.from(text).toString("base64"), ...base64Parts(text)]) {
    const url = encoded.replaceAll("+", "-").replaceAll("/", "_");
    forms.push(encoded, url, url.replace(/=+$/, ""));
  }
  return [...new Set(forms)]
    .filter(({ length }) => length >= SHORTEST_FORM)
    .sort((one, other) => other.length - one.length);
}

/** What is certain of the base64 of a longer text: a character stands for six bits, and those at both ends are shared. */
function base64Parts(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}
