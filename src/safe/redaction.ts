/**
 * Keeps credentials out of everything that leaves the library: messages, excerpts, quoted values.
 */
import { nodeModule } from "../platform.js";
import { base64Of, hexOf, latin1Of, utf8 } from "./bytes.js";

/** Returns the text with every credential in it masked. */
export type Redact = (text: string) => string;

/** The values that one client must never show. They live in a closure, which no inspection looks into. */
export interface Redactor {
  readonly redact: Redact;
  /**
   * From now on masks this value wherever it turns up.
   *
   * @param until when it has ended, in milliseconds since the epoch; by default never
   */
  protect(value: string, until?: number): void;
}

/** An underscore as it is, or escaped as JSON and URLs may have it. */
const UNDERSCORE = String.raw`(?:_|\\u005f|%5f)`;
/** Atlas's own secrets begin with this, wherever they come from. */
const SERVICE_ACCOUNT_SECRET = new RegExp(
  `${["mdb", "sa", "sk", ""].join(UNDERSCORE)}${String.raw`[\w\-.~+/=%\\]+`}`,
  "gi",
);
/** The value of a JSON member that holds a credential, cut short or not: whatever form it has, it can be told by its name. */
const SECRET_MEMBER = /("(?:secret|client_?secret|access_?token)"\s*:\s*")(?:[^"\\]|\\[\s\S])+/gi;
/** A credential behind the name of its authentication scheme. */
const AUTHORIZATION_VALUE = /\b(Bearer|Basic)\s+[\w\-.~+/]+=*/gi;
const DIGEST_RESPONSE = /\b(response|cnonce)="?[\w\-.~+/=]+"?/gi;

export const MASK = "…";

/** Masks what can be known to be a credential by its form alone. */
export function redactByForm(text: string): string {
  return text
    .replace(SERVICE_ACCOUNT_SECRET, `mdb_sa_sk_${MASK}`)
    .replace(SECRET_MEMBER, `$1${MASK}`)
    .replace(AUTHORIZATION_VALUE, `$1 ${MASK}`)
    .replace(DIGEST_RESPONSE, `$1=${MASK}`);
}

/** Masking shorter texts would garble ordinary words. */
export const SHORTEST_MASKED = 4;

/**
 * A text plain, URL-escaped, as in a form or a query, JSON-escaped, in hexadecimal digits, and in base64 and base64url, also
 * as part of a longer text in these. Of a text of less than four characters there are none.
 */
export function encodedForms(text: string): readonly string[] {
  if (text.length < SHORTEST_MASKED) return [];
  const hex = hexOf(utf8(text));
  const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), hex, hex.toUpperCase()];
  // The bytes of UTF-8 as characters, as which unusual escapes of them are read.
  forms.push(latin1Of(utf8(text)));
  // As forms and queries have it, once it is unescaped.
  forms.push(text.replaceAll(" ", "+"));
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

/**
 * Masks credentials in what a program logs: whatever has the form of one, and the values that it is asked to protect, plain
 * or encoded (URL, JSON, hexadecimal digits, base64).
 *
 * @param base masks before the values of this one
 * @example
 * const { protect, redact } = createRedactor();
 * protect(secret);
 * console.error(redact(message));
 */
export function createRedactor(base: Redact = redactByForm): Redactor {
  /** Until when each value is masked, in milliseconds since the epoch. */
  const protectedValues = new Map<string, number>();
  let forms: readonly string[] | undefined;
  return {
    protect(value, until = Number.POSITIVE_INFINITY) {
      const now = Date.now();
      for (const [each, end] of protectedValues) if (end < now) protectedValues.delete(each);
      protectedValues.set(value, Math.max(until, protectedValues.get(value) ?? 0));
      forms = undefined;
    },
    redact(text) {
      // The longest first, so that no part of a longer one is left.
      forms ??= [...protectedValues.keys()].flatMap(encodedForms).sort((one, other) => other.length - one.length);
      return base(masked(text, forms));
    },
  };
}

/** A character that is escaped in a URL or in JSON. */
const ESCAPED = /%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\["\\/]/gi;

function masked(text: string, forms: readonly string[]): string {
  let result = text;
  for (const form of forms) result = result.replaceAll(form, MASK);
  if (forms.length === 0 || !/[%\\]/.test(result)) return result;
  // Other escapes than those of a whole value.
  const { plain, startOf } = readAs(result, ESCAPED, (escaped) => {
    const digits = /[0-9a-f]+$/i.exec(escaped)?.[0];
    return digits === undefined ? escaped.slice(1) : String.fromCharCode(Number.parseInt(digits, 16));
  });
  for (const form of forms) {
    for (let found = plain.indexOf(form); found !== -1; found = plain.indexOf(form, found + form.length)) {
      const [begin, end] = [startOf(found), startOf(found + form.length)];
      result = `${result.slice(0, begin)}${"\0".repeat(end - begin)}${result.slice(end)}`;
    }
  }
  return result.replace(/\0+/g, MASK);
}

/**
 * A text with one character or none in place of each match, and where each of its characters was before.
 */
export function readAs(text: string, pattern: RegExp, replace: (match: string) => string) {
  const starts: number[] = [];
  let plain = "";
  let at = 0;
  const copyUntil = (end: number) => {
    plain += text.slice(at, end);
    for (; at < end; at += 1) starts.push(at);
  };
  for (const { 0: match, index } of text.matchAll(pattern)) {
    copyUntil(index);
    const replaced = replace(match);
    plain += replaced;
    if (replaced !== "") starts.push(index);
    at = index + match.length;
  }
  copyUntil(text.length);
  return { plain, startOf: (index: number) => starts[index] ?? text.length };
}

/**
 * The first `length` characters on one line, masked first so that no cut leaves half a credential recognizable. Control
 * characters go even before that: between the characters of a credential (as in UTF-16 read as UTF-8) they would hide it
 * from the mask.
 */
export function excerpt(text: string, length: number, redact: Redact): string {
  return oneLine(redact(withoutControls(text)), length);
}

/** The first `length` characters on one line, without control characters: on a terminal they are commands. */
export function oneLine(text: string, length: number): string {
  const shown = withoutControls(text).replace(/\s+/g, " ").trim();
  return shown.length > length ? `${shown.slice(0, length)}…` : shown;
}

function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\s]/gu, "");
}

/** More than this of a refused value is never shown. */
const LONGEST_QUOTE = 40;

/** A value as a reader recognizes it: at most 40 characters of it, credentials masked. Never calls code of the value. */
export function quote(value: unknown, redact: Redact): string {
  switch (typeof value) {
    case "string":
      return visible(JSON.stringify(excerptOf(value, redact)));
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return excerptOf(`${value}n`, redact);
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      if (value === null) return "null";
      return isArray(value) ? `an array of ${value.length}` : "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** Asked anything, even whether it is an array, a proxy may throw. */
function isArray(value: object): value is readonly unknown[] {
  try {
    return nodeModule("node:util")?.types.isProxy(value) !== true && Array.isArray(value);
  } catch {
    // A revoked proxy, on a platform that cannot tell proxies.
    return false;
  }
}

function excerptOf(text: string, redact: Redact): string {
  // White space is what is wrong with some values, so it is kept here; JSON.stringify makes it visible.
  const masked = redact(text);
  return masked.length > LONGEST_QUOTE ? `${masked.slice(0, LONGEST_QUOTE - 1)}…` : masked;
}

/** JSON leaves the upper control characters and Unicode's line breaks as they are. */
function visible(json: string): string {
  return json.replace(/[\x7f-\x9f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** A name from elsewhere, short enough for a message. */
export function shortName(name: string, redact: Redact): string {
  return excerpt(name, LONGEST_QUOTE, redact);
}
