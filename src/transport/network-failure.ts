/**
 * Tells from an error of `fetch` whether a connection had been made: if not, nothing can have happened.
 */

/** System calls that come before a connection; `getaddrinfo` is the look-up of the name. */
const CALLS_BEFORE_CONNECTION: ReadonlySet<unknown> = new Set(["connect", "getaddrinfo"]);

/** System calls on a connection: whatever code they fail with, what was sent may have arrived. */
const CALLS_ON_CONNECTION: ReadonlySet<unknown> = new Set(["read", "write", "writev", "shutdown"]);

/** Codes that say so if the system call does not: undici's, Bun's, and libuv's for names and routes. */
const CODES_BEFORE_CONNECTION: ReadonlySet<unknown> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "ConnectionRefused",
  "FailedToOpenSocket",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_NODATA",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** Words that say so if there is neither code nor system call: Deno's, and fetch's for a port that it never calls. */
const MESSAGE_BEFORE_CONNECTION = /client error \(Connect\)|^bad port$/;

/**
 * The server's certificate was refused: there was a connection, but no request on it, and trying again changes nothing.
 * Other failures of TLS (`ERR_SSL_…`) can come after the request.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes
 */
const CERTIFICATE_CODE =
  /^(UNABLE_TO_|CERT_|CRL_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_)|^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/;

/** A cause of a cause of a cause: deeper than anything real, and a bound for errors that cause each other. */
const DEEPEST_CAUSE = 8;

/** How far a request got before it failed. */
export type Reach = "not-connected" | "certificate-refused" | "maybe-sent";

/** How far the request got, by every error in `cause` and in `errors` (one for each address that was tried). */
export function reachOf(error: unknown, depth = 0): Reach {
  if (typeof error !== "object" || error === null || depth > DEEPEST_CAUSE) return "maybe-sent";
  const { code, syscall, errors, cause } = error as {
    // Any thrown object can have these; each is checked before it is used.
    code?: unknown;
    syscall?: unknown;
    errors?: unknown;
    cause?: unknown;
  };
  if (Array.isArray(errors) && errors.length > 0) {
    // Several addresses were tried: only if none was reached is it certain.
    return errors.every((each) => reachOf(each, depth + 1) === "not-connected") ? "not-connected" : "maybe-sent";
  }
  if (CALLS_ON_CONNECTION.has(syscall)) return "maybe-sent";
  if (CODES_BEFORE_CONNECTION.has(code) || (CALLS_BEFORE_CONNECTION.has(syscall) && code !== undefined)) {
    return "not-connected";
  }
  if (code === undefined && error instanceof Error && MESSAGE_BEFORE_CONNECTION.test(error.message)) {
    return "not-connected";
  }
  if (typeof code === "string" && CERTIFICATE_CODE.test(code)) return "certificate-refused";
  return cause === undefined ? "maybe-sent" : reachOf(cause, depth + 1);
}

/** The first code found in an error or its causes, for the message: `ECONNRESET`, `UND_ERR_SOCKET`, … */
export function codeOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > DEEPEST_CAUSE) return undefined;
  const own = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return own ?? codeOf(inner, depth + 1);
}
