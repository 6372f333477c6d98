/**
 * Takes an answer out of its envelope: with `envelope=true` Atlas answers 200 and puts the real status and body inside.
 */
import type { Stage, TransportAnswer } from "./pipeline.js";

/**
 * Below the authentication and the retries, so that they see the real status. An answer with another status is not
 * wrapped and goes through as it is; the inner key is `content`, or `envelope` as some pages of the documentation have it.
 */
export const unwrapEnvelope: Stage = (next) => (request) =>
  request.enveloped && request.keepsEnvelope !== true ? next(request).then(opened) : next(request);

function opened(answer: TransportAnswer): TransportAnswer {
  return answer.status === 200 ? (unwrap(answer) ?? { ...answer, unopened: true }) : answer;
}

function unwrap(answer: TransportAnswer): TransportAnswer | undefined {
  try {
    const wrapped: unknown = JSON.parse(answer.text);
    if (typeof wrapped !== "object" || wrapped === null || !("status" in wrapped)) return undefined;
    const { status } = wrapped;
    if (typeof status !== "number" || !Number.isInteger(status) || status < 100 || status > 599) return undefined;
    const content = "content" in wrapped ? wrapped.content : "envelope" in wrapped ? wrapped.envelope : undefined;
    return { ...answer, status, text: content === undefined || content === null ? "" : JSON.stringify(content) };
  } catch {
    // Not JSON, or nested deeper than JSON.stringify can go.
    return undefined;
  }
}
