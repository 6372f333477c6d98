/**
 * One request at the faulty server, and the ways to answer it.
 */
import type { ServerResponse } from "node:http";
import type { SeededRandom } from "./seeded-random.js";

/** Of a create; a delete's success has none. */
export type SuccessBody = Readonly<Record<string, unknown>> | "none";

export interface Exchange {
  readonly response: ServerResponse;
  readonly random: SeededRandom;
  /** Carries the request out; answers the body of the success, or undefined where there is nothing to be done (404). */
  apply(): SuccessBody | undefined;
  /** Status of the operation's success. */
  readonly success: 201 | 204;
  readonly enveloped: boolean;
  /** Longer than the client waits for an answer. */
  readonly longerThanTimeoutMs: number;
}

/** The status of an answer that proves that nothing was done (a 4xx other than 408); undefined for every other one. */
export type Proof = number | undefined;

type Headers = Readonly<Record<string, string>>;

/** A complete answer, in an envelope where one was asked for and the text can be put into it. */
export function answer(
  { response, enveloped, random }: Exchange,
  status: number,
  text = "",
  headers: Headers = {},
): Proof {
  const inner = enveloped ? parsed(text) : undefined;
  if (inner === undefined) response.writeHead(status, headers).end(text);
  else {
    const key = random.pick(["content", "envelope"]);
    response.writeHead(200, headers).end(JSON.stringify({ status, [key]: inner.value }));
  }
  return status >= 400 && status <= 499 && status !== 408 ? status : undefined;
}

/** The operation's true answer: its success, or 404 where there is nothing to be done. */
export function honest(exchange: Exchange, headers: Headers = {}): Proof {
  const body = exchange.apply();
  if (body === undefined) return answer(exchange, 404, '{"error": 404, "errorCode": "RESOURCE_NOT_FOUND"}');
  return answer(exchange, exchange.success, body === "none" ? "" : JSON.stringify(body), headers);
}

/** An error with a body that may say anything, also that it is none. */
export function refuse(exchange: Exchange, status: number): Proof {
  const text = exchange.random.pick([
    JSON.stringify({ error: status, errorCode: "SOME_ERROR", detail: "A detail." }),
    '{"error": 201, "errorCode": "CREATED", "detail": "It says that it succeeded."}',
    `{"id": "${"0".repeat(24)}", "createdAt": "2025-01-01T00:00:00Z", "expiresAt": "2025-01-01T00:00:00Z"}`,
    "<html><body>An error page",
    '{"error": 5',
    "null",
    "",
  ]);
  return answer(exchange, status, text);
}

/** Writes and then ends the connection, before as much has come as was announced. */
export function breakOff({ response }: Exchange, status: number, text: string): void {
  response.writeHead(status, { "content-length": String(text.length + 1000) });
  response.write(text, () => response.socket?.destroySoon());
}

/** In place of an answer. */
export function rawBytes({ response }: Exchange, bytes: string): void {
  response.socket?.end(bytes);
}

/** Some of the beginning of a text. */
export function cut(text: string, random: SeededRandom): string {
  return text.slice(0, Math.floor(random.next() * text.length));
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: text === "" ? null : JSON.parse(text) };
  } catch {
    // An error page, or what is cut short: it cannot be wrapped.
    return undefined;
  }
}
