/**
 * Where requests go: https, so that no credential crosses a network in the clear; plain HTTP on loopback only.
 */
import type { RequestViolation } from "../errors.js";
import { quote, type Redact, redactByForm } from "../safe/redaction.js";

const EXPECTED = "an https URL (http on loopback only) without user, password, query or fragment";

/** The base URL without a slash at its end; what is wrong with it is added to `violations`. */
export function checkBaseUrl(
  value: unknown,
  violations: RequestViolation[],
  argument: string,
  redact: Redact = redactByForm,
): string {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !isAcceptable(url)) {
    // A URL may hold a password, which no pattern can be sure to find: then nothing of it is shown.
    const received = url !== undefined && hasUser(url) ? "a URL with a user or password" : quote(value, redact);
    violations.push({ argument, expected: EXPECTED, received });
    return "";
  }
  const [prefix = "", ...api] = url.pathname.split(API_PATH);
  if (api.length > 0) {
    const expected = `${url.origin}${prefix}, because the client adds the path of the API`;
    violations.push({ argument, expected, received: quote(value, redact) });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Where the path of an operation, or of a token request, begins. */
const API_PATH = /\/+api(?=\/+(?:atlas|oauth|public)(?:\/|$)|\/*$)/;

function isAcceptable(url: URL): boolean {
  const secure = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  return secure && !hasUser(url) && url.search === "" && url.hash === "";
}

function hasUser({ username, password }: URL): boolean {
  return username !== "" || password !== "";
}

/** Whether a host name can only mean this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
