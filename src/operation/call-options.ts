/** What a single call takes beside its arguments. */
import type { OperationDescription } from "../../generated/operations.js";
import type { RequestViolation } from "../errors.js";
import { ATTEMPT_RULES } from "../options/client-options.js";
import { ABORT_SIGNAL, membersOf, type OptionRules, readOptions, violation } from "../options/read-options.js";
import { type Redact, shortName } from "../safe/redaction.js";
import type { RetryOptions } from "../transport/retry.js";

export interface CallOptions {
  /** Ends the call at once, wherever it is: the request, a wait between attempts, a wait for a token. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with every attempt; `Accept` and `Content-Type` replace the contract's. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For each attempt of this call, in milliseconds. Requests for tokens, which calls share, keep the client's. */
  readonly timeoutMs?: number | undefined;
  /** What it leaves out is the client's. `false` sends this call once. */
  readonly retry?: RetryOptions | false | undefined;
}

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** Visible characters, spaces and tabs: what a header can carry. Fetch would quote any other value in its own error. */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function headerFaults(name: string, value: string, redact: Redact): readonly RequestViolation[] {
  const argument = `headers.${shortName(name, redact)}`;
  if (!TOKEN.test(name)) return [violation(argument, "a header name", name, redact)];
  return HEADER_VALUE.test(value) ? [] : [{ argument, ...NO_HEADER_VALUE }];
}

/** The text may be a credential, so nothing of it is shown. */
export const NO_HEADER_VALUE = {
  expected: "contains characters that are not allowed in a header",
  received: "",
} as const;
export const SET_BY_CLIENT = { expected: "is set by the client; remove it", received: "" } as const;

/** Of one connection, or about the message as it is sent (RFC 9110, section 7.6.1): not the caller's to set. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  // Node's fetch refuses these only after the call has begun, as a failure like any other.
  "keep-alive",
  "upgrade",
  "expect",
]);
/** The client signs every request itself. */
const RESERVED: ReadonlySet<string> = new Set(["authorization", ...HOP_BY_HOP]);

const RULES: OptionRules<CallOptions> = {
  signal: ABORT_SIGNAL,
  headers: {
    expected: "a plain object of names and values",
    fits: (value) => value === null || membersOf(value) !== undefined,
  },
  ...ATTEMPT_RULES,
};

/** @throws AtlasRequestError listing everything that cannot be used */
export function checkCallOptions(
  given: CallOptions | undefined,
  redact: Redact,
  operation?: OperationDescription,
): CallOptions {
  if (given === undefined || given === null) return {};
  const headers: [string, string][] = [];
  const { signal, timeoutMs, retry } = readOptions<CallOptions>(given, RULES, {
    summary: "Cannot use the call options",
    redact,
    ...(operation && { operation }),
    check(options, violations) {
      for (const [name, value] of Object.entries(membersOf(options.headers) ?? {})) {
        const argument = `headers.${shortName(name, redact)}`;
        if (RESERVED.has(name.toLowerCase())) violations.push({ argument, ...SET_BY_CLIENT });
        else if (typeof value === "string") {
          violations.push(...headerFaults(name, value, redact));
          headers.push([name, value]);
        } else violations.push(violation(argument, "a string", value, redact));
      }
    },
  });
  return { signal, headers: Object.fromEntries(headers), timeoutMs, retry };
}
