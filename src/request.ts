/**
 * From what openapi-fetch has built to what the pipeline sends; the one place where a URL is held to the contract.
 */
import type { ApiVersion, OperationDescription } from "../generated/operations.js";
import { AtlasRequestError } from "./errors.js";
import { operationAt } from "./transport/known-path.js";
import type { TransportRequest } from "./transport/pipeline.js";
import { acceptFor } from "./versions.js";

export interface BuiltRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
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
  const headers: Record<string, string> = {};
  for (const [name, value] of built.headers) headers[name] = value;
  const accept = acceptFor(operation, settings.apiVersion);
  if (accept !== undefined) headers["accept"] ??= accept;
  headers["user-agent"] ??= settings.userAgent;
  return { operation, url: built.url, headers, body: built.body, signal: built.signal };
}

/** Whether the caller asked Atlas to wrap its answer. */
export function asksForEnvelope(url: string): boolean {
  return new URLSearchParams(url.split("?", 2)[1] ?? "").get("envelope") === "true";
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
