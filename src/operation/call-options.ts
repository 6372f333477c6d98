/**
 * What a single call takes beside its arguments.
 */
import type { OperationDescription } from "../../generated/operations.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { quote, shortName } from "../safe/quote.js";
import { redactByForm } from "../safe/redaction.js";

export interface CallOptions {
  /** Ends the call at once, wherever it is: the request, a wait between attempts, a wait for a token. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with every attempt of this call; `Accept` and `Content-Type` take the place of the contract's. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** Visible characters, spaces and tabs; fetch would quote any other value in its own error. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Whether a header can carry the text; fetch would refuse it by an error that quotes it. */
export function isHeaderValue(text: string): boolean {
  return VALUE.test(text);
}

/** The client signs every request itself. */
const RESERVED: ReadonlySet<string> = new Set([
  "authorization",
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  // Node's fetch refuses these only after the call has begun, as a failure like any other.
  "keep-alive",
  "upgrade",
  "expect",
]);

const OPTION_NAMES = ["signal", "headers"];

/** @throws AtlasRequestError listing everything that cannot be used */
export function checkCallOptions(options: CallOptions | undefined, operation: OperationDescription): CallOptions {
  if (options === undefined) return {};
  const violations: RequestViolation[] = [];
  const { signal, headers, ...unknown } = plain(options, "options", OPTION_NAMES.join(" and "), violations);
  for (const name of Object.keys(unknown)) {
    const expected = `one of the call options ${OPTION_NAMES.join(", ")}`;
    violations.push({ argument: shortName(name, redactByForm), expected, received: quote(name, redactByForm) });
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    violations.push({ argument: "signal", expected: "an AbortSignal", received: quote(signal, redactByForm) });
  }
  const checked = checkHeaders(headers, violations);
  if (violations.length > 0 || !(signal === undefined || signal instanceof AbortSignal)) {
    throw new AtlasRequestError("The call options cannot be used", violations, { operation });
  }
  return { signal, headers: checked };
}

function checkHeaders(headers: unknown, violations: RequestViolation[]): Readonly<Record<string, string>> {
  const checked: [string, string][] = [];
  for (const [name, value] of Object.entries(plain(headers, "headers", "names and values", violations))) {
    const argument = `headers.${shortName(name, redactByForm)}`;
    if (!TOKEN.test(name)) {
      violations.push({ argument, expected: "a header name", received: quote(name, redactByForm) });
    } else if (RESERVED.has(name.toLowerCase())) {
      violations.push({ argument, expected: "to be left to the client", received: "a value" });
    } else if (typeof value !== "string" || !isHeaderValue(value)) {
      // The text may be a credential, so nothing of it is shown.
      const received = typeof value === "string" ? "text that it cannot" : quote(value, redactByForm);
      violations.push({ argument, expected: "text that a header can carry", received });
    } else checked.push([name, value]);
  }
  return Object.fromEntries(checked);
}

/**
 * The members of a plain object, each read once. Of anything else (`Headers`, a `Map`, a signal in place of the options)
 * they would be silently without effect.
 */
function plain(
  value: unknown,
  argument: string,
  members: string,
  violations: RequestViolation[],
): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  try {
    const prototype: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
    if (prototype === null || prototype === Object.prototype) return { ...value };
  } catch {
    // A getter or a proxy that throws: it cannot be read, and that is what the caller is told.
  }
  violations.push({ argument, expected: `a plain object of ${members}`, received: quote(value, redactByForm) });
  return {};
}
