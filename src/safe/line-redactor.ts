/** Masks credentials in the output of another program, which comes in pieces and may wrap its lines anywhere. */
import { addForms, type Forms, mask } from "./encodings.js";
import { redactByForm } from "./redaction.js";

export interface LineRedactor {
  write(chunk: string): void;
  /** Passes on what was held back. */
  end(): void;
}

/** A line that is longer is passed on in parts. */
const LONGEST_LINE = 65_536;

/**
 * Passes output on line by line, with the given credentials masked in all encoded forms, even if broken by line ends. A line
 * is held back as long as a form may begin at its end.
 *
 * @example
 * const output = createLineRedactor([secret], (line) => console.error(line));
 * child.stdout.setEncoding("utf8").on("data", output.write).on("end", output.end);
 */
export function createLineRedactor(credentials: readonly string[], onLine: (line: string) => void): LineRedactor {
  const forms: Forms = new Map();
  for (const credential of credentials) addForms(forms, credential);
  let pending = "";

  /** @param isEnd whether nothing follows */
  const flush = (isEnd: boolean) => {
    const { masked, safe } = mask(pending, forms, isEnd);
    const lastLineEnd = masked.lastIndexOf("\n", safe - 1);
    const length = isEnd || safe > LONGEST_LINE ? safe : lastLineEnd + 1;
    if (length === 0) return;
    pending = masked.slice(length);
    for (const line of masked.slice(0, length).replace(/\n$/, "").split("\n"))
      onLine(redactByForm(line.replace(/\r$/, "")));
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
