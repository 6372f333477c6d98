/**
 * Masks credentials in the output of another program, which comes in pieces and may wrap its lines anywhere.
 */
import { encodedForms } from "./encoded-forms.js";
import { createRedactor } from "./redaction.js";

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
  const forms = [...new Set(credentials.flatMap(encodedForms))].sort((one, other) => other.length - one.length);
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
  forms: readonly string[],
  isEnd: boolean,
): { readonly masked: string; readonly safeLength: number } {
  // Line ends aside, a broken form is whole; `positions` leads back to the text.
  const positions = [...text.matchAll(/[^\r\n]/gs)].map(({ index }) => index);
  const joined = text.replace(/[\r\n]/g, "");
  let masked = "";
  let copied = 0;
  let at = 0;
  while (at < joined.length) {
    const rest = joined.length - at;
    if (!isEnd && forms.some((each) => each.length > rest && each.startsWith(joined.slice(at)))) break;
    const form = forms.find((each) => joined.startsWith(each, at));
    if (form === undefined) {
      at += 1;
      continue;
    }
    const begin = positions[at] ?? text.length;
    at += form.length;
    const end = (positions[at - 1] ?? text.length) + 1;
    const lineEnds = text.slice(begin, end).replace(/[^\r\n]/g, "");
    masked += text.slice(copied, begin) + MASK + lineEnds;
    copied = end;
  }
  const safeEnd = at < joined.length ? (positions[at] ?? text.length) : text.length;
  const safe = masked + text.slice(copied, safeEnd);
  return { masked: safe + text.slice(safeEnd), safeLength: safe.length };
}
