/** How one operation is run: its arguments checked, its request built and sent, its response read. */
import { type OperationId, operations } from "../../generated/operations.js";
import { A_DAY_MS } from "../auth/token-endpoint.js";
import { AtlasRequestError } from "../errors.js";
import type { Settings } from "../options/client-options.js";
import { defined, violation } from "../options/read-options.js";
import { concealSecret, metadataOf, type ResponseMetadata, redactByForm } from "../safe/redaction.js";
import { observeDeviation } from "../transport/observe.js";
import { type Send, targetOf } from "../transport/pipeline.js";
import { type CallOptions, checkArguments, checkCallOptions } from "./arguments.js";
import { operationRequest, type RequestSettings } from "./request.js";
import { readResponse } from "./response.js";

/** @param settings with the client id of the service account that the client signs in as, if it is one */
export function createRunOperation(
  settings: RequestSettings & Pick<Settings, "redactor" | "onDeviation"> & { readonly signedInAs: string | undefined },
  send: Send,
) {
  const { signedInAs, redactor } = settings;
  const { redact } = redactor;
  const onDeviation = observeDeviation(settings.onDeviation, redact);
  /** @param onResponse is called as soon as there is a response */
  return async (
    operationId: OperationId,
    args: object,
    onResponse: (metadataOf: () => ResponseMetadata) => void,
    options: CallOptions | undefined,
  ): Promise<unknown> => {
    const operation = operations[operationId];
    const checked = checkArguments(operationId, operation, args, redact);
    const callOptions = checkCallOptions(options, redact, operation);
    const request = operationRequest(operation, checked.args, callOptions, settings, checked.json);
    const response = await send(request);
    onResponse(() => metadataOf(response, redact));
    const context = { operationId, operation, args: checked.args, request, signedInAs, redact, onDeviation };
    const data = readResponse(response, context);
    if (typeof data !== "object" || data === null || !("secret" in data) || typeof data.secret !== "string") {
      return data;
    }
    // A program that logs the result must not log the new secret with it; and no later error may quote it.
    redactor.protect(data.secret, Date.now() + A_DAY_MS);
    return concealSecret(data);
  };
}

/** A request without its host and headers. */
export interface RequestPreview {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Absent if the operation has no body. */
  readonly body?: unknown;
}

/** @throws AtlasRequestError listing every violation */
export function previewRequest(operationId: OperationId, args: object): RequestPreview {
  if (!Object.hasOwn(operations, operationId)) {
    const expected = `one of ${Object.keys(operations).join(", ")}`;
    throw new AtlasRequestError("Cannot preview the request", [violation("operationId", expected, operationId)]);
  }
  const operation = operations[operationId];
  const checked = checkArguments(operationId, operation, args, redactByForm);
  // The host and the headers are not shown.
  const settings = { baseUrl: "https://localhost", userAgent: "" };
  const path = targetOf(operationRequest(operation, checked.args, {}, settings, checked.json));
  return { method: operation.method, path, ...defined({ body: checked.args["body"] }) };
}
