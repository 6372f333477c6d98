/**
 * Takes an answer out of its envelope: with `envelope=true` Atlas answers 200 and puts the real status and body inside.
 */
import type { Stage, TransportAnswer } from "./pipeline.js";

/**
 * Below the authentication and the retries, so that they see the real status. An answer that is not wrapped goes
 * through as it is; the inner key is `content`, or `envelope` as some pages of the documentation have it.
 */
export const unwrapEnvelope: Stage = (next) => async (request) => {
  const answer = await next(request);
  return request.enveloped && answer.status === 200 ? unwrap(answer) : answer;
};

function unwrap(answer: TransportAnswer): TransportAnswer {
  const wrapped = parse(answer.text);
  if (typeof wrapped !== "object" || wrapped === null || !("status" in wrapped)) return answer;
  const { status } = wrapped;
  if (typeof status !== "number" || !Number.isInteger(status) || status < 100 || status > 599) return answer;
  const content = "content" in wrapped ? wrapped.content : "envelope" in wrapped ? wrapped.envelope : undefined;
  return { ...answer, status, text: content === undefined || content === null ? "" : JSON.stringify(content) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not an envelope; whoever reads the answer says what is wrong with it.
    return undefined;
  }
}
