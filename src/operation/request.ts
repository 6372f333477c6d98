/**
 * What the pipeline sends for a request that openapi-fetch has built: here its URL is held to the contract.
 */
import type { ApiVersion, OperationDescription } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import type { TransportRequest } from "../transport/pipeline.js";
import { acceptFor } from "../transport/versions.js";
import { operationAt } from "./path-template.js";

export interface BuiltRequest {
  readonly url: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface RequestSettings {
  readonly baseUrl: string;
  readonly userAgent: string;
  readonly apiVersion: ApiVersion | undefined;
}

/** @throws AtlasRequestError where the contract has no operation at this method and path, or the host is another one */
export function transportRequest(built: BuiltRequest, settings: RequestSettings): Omit<TransportRequest, "enveloped"> {
  const operation = operationOf(built, settings.baseUrl);
  const { url, body, signal } = built;
  return { operation, url, headers: { ...contractHeaders(operation, settings), ...built.headers }, body, signal };
}

/** The headers of an operation where a call does not say otherwise. */
export function contractHeaders(
  operation: OperationDescription,
  { userAgent, apiVersion }: RequestSettings,
): Record<string, string> {
  const accept = acceptFor(operation, apiVersion);
  return { "user-agent": userAgent, ...(accept === undefined ? undefined : { accept }) };
}

/** Whether the caller asked Atlas to wrap its answer. */
export function asksForEnvelope(url: string): boolean {
  const query = url.split("?", 2)[1];
  return query !== undefined && new URLSearchParams(query).get("envelope") === "true";
}

function operationOf({ url, method }: BuiltRequest, baseUrl: string): OperationDescription {
  const path = url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length).split(/[?#]/, 1)[0] : undefined;
  const operation = path === undefined ? undefined : operationAt(method, path);
  if (operation === undefined) {
    // The URL itself is not shown: what does not fit the contract may hold anything.
    throw new AtlasRequestError(
      `The contract has no ${/^[A-Z]+$/.test(method) ? method : "such"} operation at the URL that was built; it was not sent`,
    );
  }
  return operation;
}
