/**
 * Keeps credentials and newly made secrets out of everything that is shown or written.
 */
import { redactByForm } from "../../../src/safe/redaction.js";

const MASK = "***";
/** Masking shorter values would garble ordinary words. */
const SHORTEST = 6;

/** Knows what must not be shown. */
export interface Mask {
  /** From now on this value is never shown. */
  protect(value: string): void;
  /** A text of the check's own, such as a curl line: only known values are masked. */
  own(text: string): string;
  /** A text of the server's: what looks like a credential is masked too. */
  foreign(text: string): string;
}

export function createMask(): Mask {
  const values = new Set<string>();
  const own = (text: string): string => {
    let masked = text;
    for (const value of values) masked = masked.replaceAll(value, MASK);
    return masked;
  };
  return {
    protect(value) {
      if (value.length >= SHORTEST) values.add(value);
    },
    own,
    foreign: (text) => redactByForm(own(text)),
  };
}
