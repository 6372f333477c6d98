/** The encodings of a text, by web APIs alone; and values masked in a text, however encoded, broken or escaped. */

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** One character per byte. */
export function latin1Of(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** With padding. */
export function base64Of(bytes: Uint8Array): string {
  return btoa(latin1Of(bytes));
}

/** In lower case. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const MASK = "…";
/** Masking shorter texts would garble ordinary words. */
const SHORTEST_MASKED = 4;
/** Of a shorter form, letters and digits that stand apart may be those of words. */
const SHORTEST_APART = 16;

/** A value in one of the encodings in which it may turn up, in small letters. */
interface Form {
  readonly text: string;
  /** Its letters and digits, by which it is found: whatever stands between them may be broken, escaped or another's. */
  readonly characters: string;
}

/** By the first of their letters and digits; by "" if there are fewer than four. */
export type Forms = Map<string, Form[]>;

/**
 * Adds the forms of a value, if it has four characters: plain, escaped for a URL or for JSON, in hexadecimal digits, and in
 * base64, whole or as part of a longer text; and as bytes in decimal digits, as UTF-16, and encoded twice. Base64url has the
 * letters and digits of base64.
 */
export function addForms(forms: Forms, value: string): void {
  if (value.length < SHORTEST_MASKED) return;
  const add = (texts: readonly string[], beginnings: readonly number[]) => {
    for (const text of new Set(texts.map(inSmallLetters))) {
      const characters = text.replace(between(), "");
      for (const length of characters.length < SHORTEST_MASKED ? [0] : beginnings) {
        const beginning = characters.slice(0, length);
        const alike = forms.get(beginning) ?? [];
        if (alike.push({ text, characters }) === 1) forms.set(beginning, alike);
      }
    }
  };
  const bytes = utf8(value);
  const base64 = base64Of(bytes);
  const escaped = [
    encodeURIComponent(value.replace(/[\ud800-\udfff]/gu, "\ufffd")),
    JSON.stringify(value).slice(1, -1),
  ];
  add([value, ...escaped, hexOf(bytes), base64, ...base64Parts(bytes)], [1, 2, 3, SHORTEST_MASKED]);
  const utf16 = Uint8Array.from({ length: 2 * value.length }, (_, at) => value.charCodeAt(at >> 1) >> (8 * (at % 2)));
  const encodedTwice = [utf16, utf8(base64)].flatMap((each) => [hexOf(each), ...base64Parts(each)]);
  // As whose characters unusual escapes of the bytes of UTF-8 are read: latin1. Too many lines end in one of the first
  // letters of these to be held back for what may follow.
  add([latin1Of(bytes), bytes.join(), ...encodedTwice], [SHORTEST_MASKED]);
}

/** What is certain of the base64 of more bytes: a character stands for six bits, and those at both ends are shared. */
function base64Parts(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((before) => {
    const more = new Uint8Array(before + bytes.length);
    more.set(bytes, before);
    return base64Of(more).slice(Math.ceil((before * 8) / 6), Math.floor((more.length * 8) / 6));
  });
}

/** As long as the text: the one letter whose small one is longer is taken for another. */
function inSmallLetters(text: string): string {
  return text.replaceAll("\u0130", "i").toLowerCase();
}

/** Neither letter nor digit. As text, since an import of the library reads all literals, and Unicode's letters take time. */
const SIGN = String.raw`[^\p{L}\p{N}]`;
/** What can stand between the letters and digits of a form, among it commands to a terminal. */
const between = () => {
  expressionBetween ??= new RegExp(String.raw`[^\P{Cc}\s]\[[0-?]*[ -/]*[@-~]|${SIGN}`, "gu");
  return expressionBetween;
};
let expressionBetween: RegExp | undefined;
/** Of that, what no sentence has within its words. */
const BREAK = String.raw`[^\P{Cc}\t]|[\p{Cf}\u2028\u2029]`;
/** A character escaped in a URL, in a string of JSON or of a program, or in HTML, which escapes no letters and digits. */
const ESCAPED = /(?:%|\\x|&#x)([\da-f]{2});?|\\u([\da-f]{4})|\\.|&#?\w{1,7};/gs;
/** How often a text may have been escaped. */
const MOST_ESCAPES = 3;

/** A text read in another way, and where each of its characters is in the text itself. */
interface Reading {
  readonly plain: string;
  readonly startOf: (index: number) => number;
}

type Range = readonly [begin: number, end: number];

/** The text with every form masked and its line ends kept, and how much of that no later text can change: all, at the end. */
export function mask(text: string, forms: Forms, isEnd: boolean): { readonly masked: string; readonly safe: number } {
  const ranges: Range[] = [];
  let reading: Reading = { plain: inSmallLetters(text), startOf: (index) => index };
  const safeEnd = findForms(reading, forms, isEnd, ranges);
  for (let escapes = 0; escapes < MOST_ESCAPES && reading.plain.search(ESCAPED) !== -1; escapes += 1) {
    reading = unescaped(reading);
    findForms(reading, forms, true, ranges);
  }
  let masked = "";
  let copied = 0;
  for (const [begin, end] of ranges.sort(([one], [other]) => one - other)) {
    if (begin >= safeEnd) break;
    if (begin >= copied) masked += `${text.slice(copied, begin)}${MASK}`;
    masked += text.slice(Math.max(begin, copied), end).replace(/[^\r\n]/g, "");
    copied = Math.max(copied, end);
  }
  masked += text.slice(copied, safeEnd);
  return { masked: masked + text.slice(Math.max(copied, safeEnd)), safe: masked.length };
}

/** Adds where in the text itself the reading has a form, and returns where one begins that may go on in a later text. */
function findForms({ plain: text, startOf }: Reading, forms: Forms, isEnd: boolean, ranges: Range[]): number {
  for (const { text: signs } of forms.get("") ?? []) {
    for (let at = text.indexOf(signs); at !== -1; at = text.indexOf(signs, at + 1)) {
      ranges.push([startOf(at), startOf(at + signs.length)]);
    }
  }
  const joined = readAs(text, between(), () => "");
  for (let at = 0, next = 0; at < joined.plain.length; at = next) {
    next = at + 1;
    const alike = forms.get(joined.plain.slice(at, at + SHORTEST_MASKED)) ?? [];
    if (!isEnd && alike.some((form) => goesOn(form, joined.plain.slice(at)))) return startOf(joined.startOf(at));
    for (const form of alike) {
      const found = rangeOf(form, text, joined, at);
      if (found === undefined) continue;
      ranges.push([startOf(found[0]), startOf(found[1])]);
      next = Math.max(next, at + form.characters.length);
    }
  }
  return text.length;
}

/** Whether the form may be there, if what is left of the text goes on. */
function goesOn({ text, characters }: Form, left: string): boolean {
  const isCut =
    left.length < characters.length || (left.length === characters.length && new RegExp(`${SIGN}$`, "u").test(text));
  return isCut && characters.startsWith(left);
}

/** Where in the text the form is that may begin there, with the signs at its ends. */
function rangeOf({ text: form, characters }: Form, text: string, joined: Reading, at: number): Range | undefined {
  if (!joined.plain.startsWith(characters, at)) return undefined;
  const begin = joined.startOf(at);
  let end = joined.startOf(at + characters.length - 1) + 1;
  const [, before = "", whole = "", behind = ""] = new RegExp(`^(${SIGN}*)(.*?)(${SIGN}*)$`, "su").exec(form) ?? [];
  const found = text.slice(begin, end);
  if (characters.length < SHORTEST_APART && found !== whole && !new RegExp(BREAK, "u").test(found)) return undefined;
  if (behind !== "") {
    const [signs = ""] = new RegExp(`^${SIGN}*`, "u").exec(text.slice(end)) ?? [];
    end += signs.lastIndexOf(behind.slice(-1)) + 1;
  }
  return [text.endsWith(before, begin) ? begin - before.length : begin, end];
}

/** The reading without one level of escapes. */
function unescaped({ plain, startOf }: Reading): Reading {
  const inner = readAs(plain, ESCAPED, ([escaped, pair, unit]) => {
    const digits = pair ?? unit;
    if (digits !== undefined) return inSmallLetters(String.fromCharCode(Number.parseInt(digits, 16)));
    // A line end and the like, or an entity.
    return /[a-z;]/.test(escaped) ? "" : escaped.slice(1);
  });
  return { plain: inner.plain, startOf: (index) => startOf(inner.startOf(index)) };
}

/** The text with one character or none in place of each match. */
function readAs(text: string, pattern: RegExp, replace: (match: RegExpExecArray) => string): Reading {
  /** Where in both texts the pieces begin that are the same in them. */
  const pieces: { readonly index: number; readonly start: number }[] = [];
  let plain = "";
  let end = 0;
  const add = (piece: string, start: number) => {
    if (piece !== "") pieces.push({ index: plain.length, start });
    plain += piece;
  };
  for (const match of text.matchAll(pattern)) {
    add(text.slice(end, match.index), end);
    add(replace(match), match.index);
    end = match.index + match[0].length;
  }
  add(text.slice(end), end);
  const startOf = (at: number) => {
    const piece = at < plain.length ? pieces.findLast(({ index }) => index <= at) : undefined;
    return piece === undefined ? text.length : piece.start + at - piece.index;
  };
  return { plain, startOf };
}
