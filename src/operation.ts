/**
 * How one operation is carried out: its arguments checked, its request built and sent, its answer read.
 */
import createClient from "openapi-fetch";
import type { Perform } from "../generated/client.js";
import { type OperationDescription, operations } from "../generated/operations.js";
import type { paths } from "../generated/schema.js";
import { readAnswer } from "./answer.js";
import { checkArguments } from "./arguments.js";
import { type CallOptions, checkCallOptions } from "./call-options.js";
import { AtlasError } from "./errors.js";
import { AnswerRecord, RequestRecord } from "./records.js";
import type { Redact } from "./redaction.js";
import { asksForEnvelope, type RequestSettings, transportRequest } from "./request.js";
import type { Send } from "./transport/pipeline.js";
import { acceptFor } from "./versions.js";

export interface OperationSettings extends RequestSettings {
  /** Longest wait that the retry policy allows; undefined where it allows none. */
  readonly maxDelayMs: number | undefined;
  readonly redact: Redact;
}

/** For the generated functions, which name the operation and take their arguments apart. */
export function createPerform(settings: OperationSettings, send: Send): Perform<CallOptions> {
  const { maxDelayMs, redact } = settings;
  const client = createClient<paths>({
    baseUrl: settings.baseUrl,
    // The types ask for the platform's classes, but openapi-fetch only constructs the one and reads these members of the other.
    Request: RequestRecord as unknown as typeof Request,
    fetch: async (request) => {
      const built = request as unknown as RequestRecord;
      const enveloped = asksForEnvelope(built.url);
      const answer = await send({ ...transportRequest(built, settings), enveloped });
      return new AnswerRecord(answer) as unknown as Response;
    },
  });
  return async (operationId, args, options, sendWith) => {
    const operation = operations[operationId];
    const checked = checkArguments(operationId, operation, args, redact);
    const { signal, headers: ownHeaders } = checkCallOptions(options, operation);
    const headers = new Headers({ ...contractHeaders(operation, settings), ...lowerCased(ownHeaders) });
    const init = { headers, parseAs: "stream", ...(signal === undefined ? {} : { signal }) } as const;
    const { response } = await sendWith(client, checked, init).catch((error: unknown) => {
      // openapi-fetch loses a reason that is falsy and then fails for want of an answer. An error of ours stands: it may
      // be about a request that the abort did not cut.
      if (!(error instanceof AtlasError)) signal?.throwIfAborted();
      throw error;
    });
    if (!(response instanceof AnswerRecord)) throw new TypeError("openapi-fetch answered with a foreign response");
    const accept = headers.get("accept") ?? undefined;
    // `readAnswer` has held the value to the schema that the type was generated from.
    return readAnswer(response.answer, { operationId, operation, accept, maxDelayMs, redact }) as never;
  };
}

/** `Accept` and `Content-Type` as the contract has them, the first listed of each. */
function contractHeaders(operation: OperationDescription, { apiVersion }: RequestSettings): Record<string, string> {
  const accept = acceptFor(operation, apiVersion);
  const [contentType] = operation.requestMediaTypes;
  return {
    ...(accept === undefined ? {} : { accept }),
    ...(contentType === undefined ? {} : { "content-type": contentType }),
  };
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
