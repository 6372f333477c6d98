/**
 * Responses before they are sent, and the form in which Atlas gives its errors.
 */
import { STATUS_CODES } from "node:http";
import type { components } from "../../../generated/schema.js";

/** One HTTP response. */
export interface AtlasResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
}

/** Members of an error besides those that every error has. */
type MoreOfApiError = Omit<components["schemas"]["ApiError"], "error" | "errorCode" | "detail">;

/** An error of the API, with the words that belong to its status as the reason. */
export function apiError(status: number, errorCode: string, detail: string, more: MoreOfApiError = {}): AtlasResponse {
  const reason = STATUS_CODES[status] ?? "Unknown";
  return { status, headers: JSON_TYPE, body: { error: status, reason, errorCode, detail, ...more } };
}

export const JSON_TYPE: Readonly<Record<string, string>> = { "content-type": "application/json" };

/** The body as it goes over the wire. */
export function textOf({ body }: AtlasResponse, pretty = false): string {
  if (body === undefined) return "";
  return typeof body === "string" ? body : JSON.stringify(body, undefined, pretty ? 2 : undefined);
}

/** The headers, with a media type if there is a body. */
export function contentHeaders({ body, headers }: AtlasResponse): Readonly<Record<string, string>> {
  return body === undefined ? { ...headers } : { ...JSON_TYPE, ...headers };
}

/** With `envelope=true` the status and the body come in a 200. */
export function enveloped(response: AtlasResponse, query: URLSearchParams): AtlasResponse {
  if (query.get("envelope") !== "true") return response;
  const { status, headers, body = null } = response;
  return { status: 200, headers: { ...JSON_TYPE, ...headers }, body: { status, content: body } };
}

/** The media type of a `Content-Type`, in lower case and without parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
