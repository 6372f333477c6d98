/**
 * Answers that the front gives by itself.
 */

import type { OutgoingHttpHeaders } from "node:http";

/** One HTTP answer, before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  readonly body: string | Buffer;
}

/** An answer with a JSON body. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** An error in the form that Atlas gives its errors. */
export function apiError(status: number, reason: string, errorCode: string, detail: string): Answer {
  return jsonAnswer(status, { error: status, reason, errorCode, detail });
}

/** An answer of one line for people. */
export function textAnswer(status: number, line: string): Answer {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: `${line}\n` };
}
