/**
 * How one operation is run: its arguments checked, its request built and sent, its response read.
 */
import type { Operations, RunOperation } from "../../generated/client.js";
import { operations } from "../../generated/operations.js";
import { notify } from "../safe/notify.js";
import { type Redact, redactByForm } from "../safe/redaction.js";
import { type DeviationEvent, observeDeviation } from "../transport/deviation.js";
import type { Send } from "../transport/pipeline.js";
import { checkArguments } from "./arguments.js";
import { type CallOptions, checkCallOptions } from "./call-options.js";
import { operationRequest, type RequestSettings } from "./request.js";
import { readResponse } from "./response.js";

export interface OperationSettings extends RequestSettings {
  /** Longest wait that the retry policy allows; undefined if it allows none. */
  readonly maxDelayMs: number | undefined;
  /** Client id of the service account that the client signs in as, if it is one. */
  readonly signedInAs: string | undefined;
  readonly redact: Redact;
  readonly onDeviation?: ((event: DeviationEvent) => void) | undefined;
}

/** For the generated functions, which name the operation. */
export function createRunOperation(settings: OperationSettings, send: Send): RunOperation<CallOptions> {
  const { maxDelayMs, signedInAs, redact } = settings;
  const onDeviation = observeDeviation(settings.onDeviation);
  return async (operationId, args, options) => {
    const operation = operations[operationId];
    const checked = checkArguments(operationId, operation, args, redact);
    const callOptions = checkCallOptions(options, operation);
    const request = operationRequest(operation, checked, callOptions, settings);
    const response = await send(request);
    notify(callOptions.onResponse, { operationId, status: response.status }, "onResponse");
    const { accept } = request.headers;
    const context = { operationId, operation, args: checked, accept, maxDelayMs, signedInAs, redact, onDeviation };
    // `readResponse` has held the value to the schema that the type was generated from.
    return readResponse(response, context) as never;
  };
}

/** A request without its host and headers, and so without credentials. */
export interface RequestPreview {
  readonly method: string;
  /** Path and query, as they would be sent. */
  readonly path: string;
  /** Absent if the operation has no body. */
  readonly body?: unknown;
}

/** Of what a preview leaves out, something. */
const ANY_SETTINGS = { baseUrl: "https://localhost", userAgent: "", apiVersion: undefined };

/**
 * Checks the arguments of an operation as a call does and returns the request that it would send. Nothing is sent, and no
 * client is needed.
 *
 * @throws AtlasRequestError listing every violation
 * @example
 * previewRequest("deleteOrgServiceAccountSecret", { orgId, clientId, secretId }).path;
 */
export function previewRequest<Id extends keyof Operations<CallOptions>>(
  operationId: Id,
  args: Parameters<Operations<CallOptions>[Id]>[0],
): RequestPreview {
  const operation = operations[operationId];
  const checked = checkArguments(operationId, operation, args, redactByForm);
  const { target: path } = operationRequest(operation, checked, {}, ANY_SETTINGS);
  const { method } = operation;
  return checked["body"] === undefined ? { method, path } : { method, path, body: checked["body"] };
}
