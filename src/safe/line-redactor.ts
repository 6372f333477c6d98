/**
 * Masks credentials in the output of another program, which comes in pieces and may wrap its lines anywhere.
 */
import { createRedactor, encodedForms, MASK, readAs, SHORTEST_MASKED } from "./redaction.js";

export interface LineRedactor {
  /** The next piece of the output. */
  write(chunk: string): void;
  /** The output has ended: what was held back comes now. */
  end(): void;
}

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
  const forms = new Map<string, Form[]>();
  for (const form of credentials
    .flatMap(encodedForms)
    .map(formOf)
    .sort((one, other) => other.whole.length - one.whole.length)) {
    const first = form.characters.charAt(0);
    if (form.characters.length >= SHORTEST_MASKED) forms.set(first, [...(forms.get(first) ?? []), form]);
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

/** What may stand between the characters of a broken form: line ends, white space, and what continues a line. */
const BETWEEN = /[\s\x85\\=]+/g;
/** All that Unicode takes for the end of a line. */
const LINE_END = /[\r\n\v\f\x85\u2028\u2029]/;
const PADDING = /(?:[\s\x85\\]*=)*/y;

/** A form of a credential, to be found wherever its lines are broken. */
interface Form {
  /** Without all that may stand between its characters. */
  readonly characters: string;
  readonly whole: string;
  readonly isPadded: boolean;
}

function formOf(text: string): Form {
  const [whole = ""] = /[^\s\x85\\=].*[^\s\x85\\=]/s.exec(text) ?? [];
  return { characters: text.replace(BETWEEN, ""), whole, isPadded: text.endsWith("=") };
}

/** The text masked, and how much of it no later text can change. */
function mask(
  text: string,
  forms: ReadonlyMap<string, readonly Form[]>,
  isEnd: boolean,
): { readonly masked: string; readonly safeLength: number } {
  const { plain, startOf } = readAs(text, BETWEEN, () => "");
  const goesOn = ({ characters, isPadded }: Form, at: number) =>
    plain.length - at < characters.length + Number(isPadded) && characters.startsWith(plain.slice(at));
  const rangeOf = ({ characters, whole, isPadded }: Form, at: number) => {
    const begin = startOf(at);
    const end = startOf(at + characters.length - 1) + 1;
    const found = text.slice(begin, end);
    if (!plain.startsWith(characters, at) || (found !== whole && !LINE_END.test(found))) return undefined;
    PADDING.lastIndex = end;
    return { begin, end: end + (isPadded ? (PADDING.exec(text)?.[0].length ?? 0) : 0), next: at + characters.length };
  };
  let masked = "";
  let copied = 0;
  let at = 0;
  while (at < plain.length) {
    const here = at;
    const candidates = forms.get(plain.charAt(here)) ?? [];
    if (!isEnd && candidates.some((form) => goesOn(form, here))) break;
    const found = candidates.map((form) => rangeOf(form, here)).find((range) => range !== undefined);
    at = found?.next ?? at + 1;
    if (found === undefined) continue;
    masked += text.slice(copied, found.begin) + MASK + text.slice(found.begin, found.end).replace(/[^\r\n]/g, "");
    copied = found.end;
  }
  const safe = masked + text.slice(copied, startOf(at));
  return { masked: safe + text.slice(startOf(at)), safeLength: safe.length };
}
