/**
 * How one operation is run: its arguments checked, its request built and sent, its response read.
 */
import type { RunOperation } from "../../generated/client.js";
import { operations } from "../../generated/operations.js";
import type { Redact } from "../safe/redaction.js";
import type { Send } from "../transport/pipeline.js";
import { checkArguments } from "./arguments.js";
import { type CallOptions, checkCallOptions } from "./call-options.js";
import { operationRequest, type RequestSettings } from "./request.js";
import { readResponse } from "./response.js";

export interface OperationSettings extends RequestSettings {
  /** Longest wait that the retry policy allows; undefined if it allows none. */
  readonly maxDelayMs: number | undefined;
  readonly redact: Redact;
}

/** For the generated functions, which name the operation. */
export function createRunOperation(settings: OperationSettings, send: Send): RunOperation<CallOptions> {
  const { maxDelayMs, redact } = settings;
  return async (operationId, args, options) => {
    const operation = operations[operationId];
    const checked = checkArguments(operationId, operation, args, redact);
    const callOptions = checkCallOptions(options, operation);
    const request = operationRequest(operation, checked, callOptions, settings);
    const response = await send(request);
    const { accept } = request.headers;
    // `readResponse` has held the value to the schema that the type was generated from.
    return readResponse(response, { operationId, operation, accept, maxDelayMs, redact }) as never;
  };
}
