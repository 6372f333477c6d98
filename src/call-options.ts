/**
 * What a single call takes beside its arguments.
 */
import type { OperationDescription } from "../generated/operations.js";
import { AtlasRequestError, type RequestViolation } from "./errors.js";
import { quote, shortName } from "./quote.js";
import { redactByForm } from "./redaction.js";

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
/** The client signs every request itself. */
const RESERVED: ReadonlySet<string> = new Set([
  "authorization",
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
]);

/** @throws AtlasRequestError listing everything that cannot be used */
export function checkCallOptions(options: CallOptions | undefined, operation: OperationDescription): CallOptions {
  const { signal, headers, ...unknown } = options ?? {};
  const violations: RequestViolation[] = Object.keys(unknown).map((name) => ({
    argument: shortName(name, redactByForm),
    expected: "one of the call options signal, headers",
    received: quote(name, redactByForm),
  }));
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    violations.push({ argument: "signal", expected: "an AbortSignal", received: quote(signal, redactByForm) });
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    const argument = `headers.${shortName(name, redactByForm)}`;
    if (!TOKEN.test(name))
      violations.push({ argument, expected: "a header name", received: quote(name, redactByForm) });
    else if (RESERVED.has(name.toLowerCase())) {
      violations.push({ argument, expected: "to be left to the client", received: "a value" });
    } else if (typeof value !== "string" || !VALUE.test(value)) {
      // The value may be a credential, so nothing of it is shown.
      violations.push({
        argument,
        expected: "text that a header can carry",
        received: typeof value === "string" ? "text that it cannot" : `a ${typeof value}`,
      });
    }
  }
  if (violations.length > 0) throw new AtlasRequestError("The call options cannot be used", violations, { operation });
  return { signal, headers };
}
