/** Tells from an error of `fetch` whether the request can have been sent, and makes it an error of this library. */
import { AtlasNetworkError } from "../errors.js";
import { cleanCause, type ForeignError, readError } from "../safe/foreign-error.js";
import { excerpt, type Redact, redactByForm } from "../safe/redaction.js";
import { outcomeIfNotApplied, type TransportRequest } from "./pipeline.js";

/** System calls before a connection: look-ups of the name, and `bind` for a local address that was asked for. */
const CALL_BEFORE_CONNECTION = /^(connect|bind|getaddrinfo|query\w+)$/;
/** System calls on a connection: whatever code they fail with, what was sent may have arrived. */
const CALL_ON_CONNECTION = /^(read|writev?|shutdown)$/;

/**
 * Codes that say so if the system call does not: libuv's for names and routes; Bun's; Node's, if each address took too long or
 * a look-up of the caller's own gives none; undici's and Node's for requests refused before there was anything to send;
 * undici's for a TLS failure with a proxy.
 */
const CODE_BEFORE_CONNECTION =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_NODATA|EHOSTUNREACH|ENETUNREACH|ConnectionRefused|FailedToOpenSocket|ERR_SOCKET_CONNECTION_TIMEOUT|ERR_INVALID_(IP_ADDRESS|URL|CHAR)|UND_ERR_(CONNECT_TIMEOUT|INVALID_ARG|NOT_SUPPORTED|CLOSED|PRX_TLS))$/;

/**
 * TLS failures that only a handshake can have: no common version or parameters, or no TLS at all on the other side. Other
 * `ERR_SSL_…` can come after the request, such as TLS 1.3's refusal of a client without a certificate. What OpenSSL 3.0
 * (of Node 20) calls `SSLV3_ALERT_…` is `SSL/TLS_ALERT_…` in 3.5 (of Node 22 and up).
 */
const HANDSHAKE_CODE =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW|NO_CIPHERS_AVAILABLE|NO_SHARED_CIPHER|(SSLV3|SSL\/TLS)_ALERT_HANDSHAKE_FAILURE|TLSV1_ALERT_PROTOCOL_VERSION|TLSV1_ALERT_INSUFFICIENT_SECURITY|TLSV1_ALERT_NO_APPLICATION_PROTOCOL|TLSV1_UNRECOGNIZED_NAME|DH_KEY_TOO_SMALL|EE_KEY_TOO_SMALL)$/;

/** A proxy refused to connect, in undici's words. */
const REFUSED_TUNNEL = /^Proxy response \((\d+)\) !== 200 when HTTP Tunneling/;
/** Other words that say so: Deno's, fetch's for a port that it never calls, Node's for an end within the handshake. */
const MESSAGE_BEFORE_CONNECTION = /client error \(Connect\)|^bad port$|before secure TLS connection was established/;

/** undici throws this if it is asked to send on a destroyed agent, and ends with it whatever is being sent then. */
const DESTROYED_CODE = "UND_ERR_DESTROYED";
const THROWN_BY_DISPATCH = /^[^\n]*\n\s+at (?:\w+\.)?dispatch\b/;

/**
 * The server's certificate was refused: there was a connection, but no request on it, and trying again changes nothing.
 * `UNSPECIFIED` is every reason that Node has no name for: a weak key or digest, an unknown critical extension.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes
 */
const CERTIFICATE_CODE =
  /^(UNABLE_TO_|CERT_|CRL_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_)|^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|UNSPECIFIED)$/;

/** What to do about a 407, whichever way it came. */
export const PROXY_HINT =
  "A proxy wants credentials: give them in its URL, as in HTTPS_PROXY=http://user:password@proxy.example:3128.";
/** Of a 407 response, fetch makes an error: undici with this message or with none, known by where it was made; Deno. */
const PROXY_AUTHENTICATION = /^proxy authentication required|\bproxy authorization required/i;
const MADE_OF_407 = /\bmakeNetworkError\b.*\n.*\bhttpNetworkOrCacheFetch\b/;
/** With which a proxy refuses for good. */
const PROXY_REFUSALS: readonly unknown[] = [401, 403, 407];

/** A cause of a cause of a cause: deeper than anything real, and a bound for errors that cause each other. */
const DEEPEST_CAUSE = 8;

/** How far a request got before it failed. */
const FAILURES = {
  "not-connected": (host: string) => `No connection to ${host} was made`,
  "certificate-refused": (host: string) => `The certificate of ${host} was refused`,
  "proxy-refused": (host: string) => `A proxy refused the request to ${host}`,
  "maybe-sent": (host: string) => `The connection to ${host} failed before a response arrived`,
};
type Reach = keyof typeof FAILURES;

/** @param timedOutAfterMs of an attempt that its timeout has ended */
export function networkError(
  request: TransportRequest,
  error: unknown,
  timedOutAfterMs: number | undefined,
  redact: Redact,
): AtlasNetworkError {
  const timedOut = timedOutAfterMs !== undefined;
  const reach = timedOut ? "maybe-sent" : reachOf(error);
  const { host } = new URL(request.url);
  // With which a proxy refused, instead of passing the request on.
  const proxyStatus = causesOf(error)
    .map(proxyStatusIn)
    .find((status) => status !== undefined);
  const code = proxyStatus ?? codeOf(error);
  const what = FAILURES[proxyStatus === undefined ? reach : "proxy-refused"](host);
  const message = `${what}${code === undefined ? "" : ` (${code})`}.${proxyStatus === 407 ? ` ${PROXY_HINT}` : ""}`;
  return new AtlasNetworkError(timedOut ? `No response from ${host} within ${timedOutAfterMs} ms.` : message, {
    operation: request.operation,
    outcome: reach === "maybe-sent" ? "unknown" : outcomeIfNotApplied(request),
    cause: cleanCause(error, redact),
    connected: reach !== "not-connected",
    timedOut,
  });
}

/** How far the request got, by every error in `cause` and in `errors` (one for each address that was tried). */
export function reachOf(error: unknown, depth = 0): Reach {
  const read = readError(error);
  if (read === undefined || depth > DEEPEST_CAUSE) return "maybe-sent";
  const { errors, cause, syscall = "", code = "", message = "", stack = "" } = read;
  if (errors !== undefined) {
    // Only if none of the addresses was reached is it certain.
    return errors.every((each) => reachOf(each, depth + 1) === "not-connected") ? "not-connected" : "maybe-sent";
  }
  if (CALL_ON_CONNECTION.test(syscall)) return "maybe-sent";
  // Around another error, these may be the words of a wrapper that does not know.
  if (cause === undefined && PROXY_REFUSALS.includes(proxyStatusIn(read))) return "proxy-refused";
  const isBeforeConnection =
    CODE_BEFORE_CONNECTION.test(code) ||
    HANDSHAKE_CODE.test(code) ||
    (CALL_BEFORE_CONNECTION.test(syscall) && code !== "") ||
    MESSAGE_BEFORE_CONNECTION.test(message) ||
    REFUSED_TUNNEL.test(message) ||
    (code === DESTROYED_CODE && THROWN_BY_DISPATCH.test(stack));
  if (isBeforeConnection) return "not-connected";
  return CERTIFICATE_CODE.test(code) ? "certificate-refused" : reachOf(cause, depth + 1);
}

function proxyStatusIn({ message = "", stack = "" }: ForeignError): number | undefined {
  const tunnel = REFUSED_TUNNEL.exec(message)?.[1];
  if (tunnel !== undefined) return Number(tunnel);
  return PROXY_AUTHENTICATION.test(message) || (message === "" && MADE_OF_407.test(stack)) ? 407 : undefined;
}

/** The first code found in an error or its causes, for the message: `ECONNRESET`, `UND_ERR_SOCKET`, … */
export function codeOf(error: unknown): string | undefined {
  const code = causesOf(error).find((each) => each.code !== undefined)?.code;
  return code === undefined ? undefined : excerpt(code, 60, redactByForm);
}

/** An error, what caused it, and so on; of several addresses that were tried, the first. */
function causesOf(error: unknown): readonly ForeignError[] {
  const causes: ForeignError[] = [];
  let read = readError(error);
  while (read !== undefined && causes.length <= DEEPEST_CAUSE) {
    causes.push(read);
    read = readError(read.errors?.[0] ?? read.cause);
  }
  return causes;
}
