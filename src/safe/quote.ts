/**
 * Shows a little of a value that cannot be used, in a message.
 */
import { nodeModule } from "../platform.js";
import { excerpt, type Redact } from "./redaction.js";

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
