/**
 * Takes a response out of its envelope: with `envelope=true` Atlas returns 200 and puts the real status and body inside.
 */
import type { Stage, TransportResponse } from "./pipeline.js";

/**
 * Below the authentication and the retries, so that they see the real status. A response that is no success is not wrapped
 * and goes through as it is, as does one of another success status than 200 that holds no envelope. The inner key is
 * `content`, or `envelope` as some pages of the documentation have it.
 */
export const unwrapEnvelope: Stage = (next) => (request) =>
  request.enveloped && request.keepsEnvelope !== true ? next(request).then(opened) : next(request);

function opened(response: TransportResponse): TransportResponse {
  const inner = response.status >= 200 && response.status <= 299 ? unwrap(response) : undefined;
  return inner ?? (response.status === 200 ? { ...response, unopened: true } : response);
}

function unwrap(response: TransportResponse): TransportResponse | undefined {
  try {
    const wrapped: Readonly<Record<string, unknown>> = Object(JSON.parse(response.text));
    const { status } = wrapped;
    if (typeof status !== "number" || !Number.isInteger(status) || status < 100 || status > 599) return undefined;
    const content = wrapped["content" in wrapped ? "content" : "envelope"];
    return { ...response, status, text: content === undefined || content === null ? "" : JSON.stringify(content) };
  } catch {
    // Not JSON, or nested deeper than JSON.stringify can go.
    return undefined;
  }
}
