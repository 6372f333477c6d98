/**
 * Masks credentials in the output of another program, which comes in pieces and may wrap its lines anywhere.
 */
import { createRedactor, encodedForms } from "./redaction.js";

export interface LineRedactor {
  /** The next piece of the output. */
  write(chunk: string): void;
  /** The output has ended: what was held back comes now. */
  end(): void;
}

const MASK = "…";
/** A line that is longer is passed on in parts. */
const LONGEST_LINE = 65_536;

/**
 * Passes output on line by line, without the given credentials in any of their encoded forms, even if a form is broken by
 * line ends. A line is held back as long as a form may begin at its end.
 *
 * @example
 * const output = createLineRedactor([secret], (line) => console.error(line));
 * child.stdout.setEncoding("utf8").on("data", output.write).on("end", output.end);
 */
export function createLineRedactor(credentials: readonly string[], onLine: (line: string) => void): LineRedactor {
  const { redact, protect } = createRedactor();
  // Of escapes in unusual places, a form that is whole in its line is found.
  for (const credential of credentials) protect(credential);
  /** By their first characters, the longest first. */
  const forms = new Map<string, string[]>();
  for (const form of credentials.flatMap(encodedForms).sort((one, other) => other.length - one.length)) {
    forms.set(form.charAt(0), [...(forms.get(form.charAt(0)) ?? []), form]);
  }
  let pending = "";

  /** @param isEnd whether nothing follows */
  const flush = (isEnd: boolean) => {
    const { masked, safeLength } = mask(pending, forms, isEnd);
    const lastLineEnd = masked.lastIndexOf("\n", safeLength - 1);
    const length = isEnd || safeLength > LONGEST_LINE ? safeLength : lastLineEnd + 1;
    if (length === 0) return;
    pending = masked.slice(length);
    for (const line of masked.slice(0, length).replace(/\n$/, "").split("\n")) onLine(redact(line.replace(/\r$/, "")));
  };
  return {
    write(chunk) {
      pending += chunk;
      if (pending.includes("\n") || pending.length > LONGEST_LINE) flush(false);
    },
    end() {
      flush(true);
    },
  };
}

/** The text masked, and how much of it no later text can change. */
function mask(
  text: string,
  forms: ReadonlyMap<string, readonly string[]>,
  isEnd: boolean,
): { readonly masked: string; readonly safeLength: number } {
  const breaks = lineBreaks(text);
  let masked = "";
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const ends = forms.get(text.charAt(at))?.map((form) => endOf(form, text, at, breaks)) ?? [];
    if (!isEnd && ends.includes(Number.POSITIVE_INFINITY)) break;
    const end = ends.find((each) => each !== undefined && each <= text.length);
    if (end === undefined) {
      at += 1;
      continue;
    }
    masked += text.slice(copied, at) + MASK + text.slice(at, end).replace(/[^\r\n]/g, "");
    copied = end;
    at = end;
  }
  const safe = masked + text.slice(copied, at);
  return { masked: safe + text.slice(at), safeLength: safe.length };
}

/** All that Unicode takes for the end of a line. */
const LINE_ENDS = /[\r\n\v\f\x85\u2028\u2029]+/g;

/**
 * Where each break of a line ends, by all places in it: line ends, white space around them, and before them a backslash or
 * the equals sign of quoted-printable.
 */
function lineBreaks(text: string): ReadonlyMap<number, number> {
  const breaks = new Map<number, number>();
  for (const { index, 0: lineEnds } of text.matchAll(LINE_ENDS)) {
    let begin = index;
    while (/[\s\\=]/.test(text.charAt(begin - 1)) && !breaks.has(begin - 1)) begin -= 1;
    let end = index + lineEnds.length;
    while (/\s/.test(text.charAt(end))) end += 1;
    for (let place = begin; place < end; place += 1) breaks.set(place, end);
  }
  return breaks;
}

/**
 * Where the form that goes on here ends; infinity if the text does before it, undefined if it is another. What stands in a
 * break may belong to the form or not, and a break may stand for a space of it.
 */
function endOf(
  form: string,
  text: string,
  begin: number,
  breaks: ReadonlyMap<number, number>,
  from = 0,
): number | undefined {
  let at = begin;
  /** Known once the text has gone on; what is whole without it needs no more text. */
  let otherwise: number | undefined;
  for (let index = from; index < form.length; index += 1) {
    if (at === text.length) return Number.POSITIVE_INFINITY;
    const end = index === 0 ? undefined : breaks.get(at);
    const behind =
      end === undefined
        ? undefined
        : (endOf(form, text, end, breaks, index) ??
          (form.charAt(index) === " " ? endOf(form, text, end, breaks, index + 1) : undefined));
    if (behind === Number.POSITIVE_INFINITY) otherwise = behind;
    else if (behind !== undefined) return behind;
    if (text.charAt(at) !== form.charAt(index)) return otherwise;
    at += 1;
  }
  return at;
}
