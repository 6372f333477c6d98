/**
 * What the generated functions give openapi-fetch in place of the platform's Request and Response: plain records, since
 * building and reading the platform's own costs more than all the rest of a call.
 */
import type { TransportAnswer } from "./transport/pipeline.js";

/** As openapi-fetch makes it: `new Request(url, init)`. */
export class RequestRecord {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;

  constructor(url: string, init: { method: string; headers: Headers; body?: string; signal?: AbortSignal }) {
    this.url = url;
    this.method = init.method;
    this.headers = init.headers;
    this.body = init.body;
    this.signal = init.signal;
  }
}

/** As much of a Response as openapi-fetch looks at when it is told not to parse: the answer is read by `readAnswer`. */
export class AnswerRecord {
  readonly answer: TransportAnswer;
  readonly status: number;
  readonly headers: Headers;
  readonly body = null;

  constructor(answer: TransportAnswer) {
    this.answer = answer;
    this.status = answer.status;
    this.headers = answer.headers;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  async text(): Promise<string> {
    return this.answer.text;
  }
}
