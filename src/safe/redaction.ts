/**
 * Keeps credentials out of everything that leaves the library: messages, excerpts, causes.
 */
import { readError } from "./foreign-error.js";

/** Answers the text with every credential in it masked. */
export type Redact = (text: string) => string;

/** The values that one client must never show. They live in a closure, where no inspection finds them. */
export interface Redactor {
  readonly redact: Redact;
  /** From now on mask this value wherever it turns up. */
  protect(value: string): void;
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

const MASK = "…";
/** Masking shorter values would garble ordinary words. */
const SHORTEST_PROTECTED = 4;
/** A client that lives for weeks sees many tokens; the old ones have long ended. */
const MOST_PROTECTED = 64;

/** Masks what can be known to be a credential by its form alone. */
export function redactByForm(text: string): string {
  return text
    .replace(SERVICE_ACCOUNT_SECRET, `mdb_sa_sk_${MASK}`)
    .replace(SECRET_MEMBER, `$1${MASK}`)
    .replace(AUTHORIZATION_VALUE, `$1 ${MASK}`)
    .replace(DIGEST_RESPONSE, `$1=${MASK}`);
}

/**
 * Masks credentials in what a program logs: whatever has the form of one, and the values that it is asked to protect.
 *
 * @example
 * const { protect, redact } = createRedactor();
 * protect(secret);
 * console.error(redact(message));
 */
export function createRedactor(): Redactor {
  const protectedValues = new Set<string>();
  return {
    protect(value) {
      if (value.length < SHORTEST_PROTECTED) return;
      protectedValues.delete(value);
      protectedValues.add(value);
      for (const oldest of protectedValues) {
        if (protectedValues.size <= MOST_PROTECTED) break;
        protectedValues.delete(oldest);
      }
    },
    redact(text) {
      let redacted = text;
      for (const value of protectedValues) redacted = redacted.replaceAll(value, MASK);
      return redactByForm(redacted);
    },
  };
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

/** Of an error of other code, no more than this is shown. */
const LONGEST_MESSAGE = 200;
const LONGEST_NAME = 60;

/** An error of other code, reduced to what can be shown: name, code and a masked message, its causes likewise. */
export function cleanCause(error: unknown, redact: Redact): Error {
  try {
    return cleanedCopy(error, redact, 0);
  } catch {
    // Anything can be thrown: an object without a text, an error whose members throw when they are read.
    return new Error("An error that cannot be read.");
  }
}

function cleanedCopy(error: unknown, redact: Redact, depth: number): Error {
  const read = readError(error);
  if (read === undefined) return new Error(excerpt(String(error), LONGEST_MESSAGE, redact));
  const cause = read.cause === undefined || depth >= 4 ? undefined : cleanedCopy(read.cause, redact, depth + 1);
  const cleaned: Error & { code?: string } = new Error(
    excerpt(read.message ?? "", LONGEST_MESSAGE, redact),
    cause === undefined ? undefined : { cause },
  );
  cleaned.name = excerpt(read.name ?? "", LONGEST_NAME, redact) || "Error";
  if (read.code !== undefined) cleaned.code = excerpt(read.code, LONGEST_NAME, redact);
  // The stack repeats the original message, which may quote what was masked.
  cleaned.stack = `${cleaned.name}: ${cleaned.message}`;
  return cleaned;
}
