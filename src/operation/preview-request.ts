/**
 * What a call would send, for dry runs: checked and built as the call does it, and not sent.
 */
import type { Operations } from "../../generated/client.js";
import { operations } from "../../generated/operations.js";
import { redactByForm } from "../safe/redaction.js";
import { checkArguments } from "./arguments.js";
import type { CallOptions } from "./call-options.js";
import { operationRequest } from "./request.js";

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
