/** The error of a response that is no success: what its body says, as far as it can be shown, and what to do next. */
import type { OperationDescription } from "../../generated/operations.js";
import { type ApiErrorFields, AtlasApiError, sentence } from "../errors.js";
import { membersOf } from "../options/read-options.js";
import { excerpt, metadataOf, oneLine, type Redact, type ResponseMetadata } from "../safe/redaction.js";
import { PROXY_HINT } from "../transport/network-failure.js";
import {
  outcomeIfNotApplied,
  parseJson,
  type TransportRequest,
  type TransportResponse,
} from "../transport/pipeline.js";
import { provesNotApplied, requestedWaitMs } from "../transport/retry.js";
import { versionOf, versionsOf } from "../transport/versions.js";
import type { Arguments } from "./arguments.js";

export interface ApiErrorContext {
  readonly operation: OperationDescription;
  readonly args: Arguments;
  readonly request: Pick<TransportRequest, "headers" | "retry" | "account">;
  readonly signedInAs: string | undefined;
  readonly redact: Redact;
}

export const EXCERPT_LENGTH = 200;
/** A message shows this much of what Atlas says; the error's members hold all of it. */
const LONGEST_DETAIL = 600;
const LONGEST_NAME = 100;

export function apiError(response: TransportResponse, context: ApiErrorContext): AtlasApiError {
  const { status, text, incomplete: cause } = response;
  const { operation, redact } = context;
  const { errorCode, detail, reason, parameters, badRequestDetail } = errorBody(parseJson(text)?.value, redact);
  const fields = badRequestDetail?.fields?.map(({ field, description }) => `${field}: ${description}`) ?? [];
  const isReadable = errorCode !== undefined || detail !== undefined || text === "";
  const waitMs = requestedWaitMs(response);
  const metadata = metadataOf(response, redact);
  // What Atlas's own refusal would mean does not explain a page.
  const isPage = /^text\/html\b/i.test(response.headers.get("content-type") ?? "") && text !== "";
  const isForeign = isPage && [401, 403, 404].includes(status);
  const hint = isForeign ? FOREIGN_HINT : (redirectHint(metadata) ?? errorHint(status, waitMs, context));
  const sentences = [
    `${status} ${oneLine(errorCode ?? reason ?? "", LONGEST_NAME)}`.trim(),
    oneLine(detail ?? "", LONGEST_DETAIL),
    oneLine(fields.join("; "), LONGEST_DETAIL),
    isReadable ? "" : `The response begins: ${excerpt(text, EXCERPT_LENGTH, redact)}`,
    hint ?? "",
  ];
  return new AtlasApiError(sentences.flatMap((each) => (each === "" ? [] : sentence(each))).join(" "), {
    ...metadata,
    errorCode,
    detail,
    reason,
    parameters,
    badRequestDetail,
    retryAfterSeconds: waitMs === undefined ? undefined : waitMs / 1000,
    operation,
    outcome: provesNotApplied(status) ? outcomeIfNotApplied(context.request) : "unknown",
    cause,
  });
}

const FOREIGN_HINT = "This does not look like a response of Atlas; a proxy or a firewall may have sent it.";

function redirectHint({ status, headers: { location } }: ResponseMetadata): string | undefined {
  if (status < 300 || status > 399 || location === undefined) return undefined;
  return `Redirects are not followed, and this one leads to ${location}: check the baseUrl of the client.`;
}

/** Deeper than anything real, and shallow enough for whoever prints or serializes the error. */
const DEEPEST = 16;

/** The fields of an ApiError that have their type, masked only now: JSON's escapes would hide a credential. */
export function errorBody(value: unknown, redact: Redact): ApiErrorFields {
  const body = membersOf(masked(value, redact, 0));
  if (body === undefined) return {};
  const { errorCode, detail, reason, parameters, badRequestDetail } = body;
  return {
    ...(typeof errorCode === "string" && { errorCode }),
    ...(typeof detail === "string" && { detail }),
    ...(typeof reason === "string" && { reason }),
    ...(Array.isArray(parameters) && { parameters }),
    ...(isBadRequestDetail(badRequestDetail) && { badRequestDetail }),
  };
}

function masked(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) return "…";
  if (Array.isArray(value)) return value.map((each) => masked(each, redact, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [redact(name), masked(each, redact, depth + 1)]),
  );
}

function isBadRequestDetail(value: unknown): value is NonNullable<ApiErrorFields["badRequestDetail"]> {
  const { fields = [] } = membersOf(value) ?? { fields: null };
  const isField = (each: unknown) => {
    const { field, description } = membersOf(each) ?? {};
    return typeof field === "string" && typeof description === "string";
  };
  return Array.isArray(fields) && fields.every(isField);
}

/** @param waitMs how long Atlas asks to wait, if it does */
export function errorHint(status: number, waitMs: number | undefined, context: ApiErrorContext): string | undefined {
  const { operation, args, request, signedInAs, redact } = context;
  const { headers, retry } = request;
  const client = signedInAs === undefined ? "The client" : `The client signs in as ${signedInAs}, which`;
  switch (status) {
    case 401:
      return signedInAs === undefined
        ? "Check the credentials of the client."
        : `The client signs in as ${signedInAs}: check its secret.`;
    case 403: {
      const { requiredRoles } = operation;
      return requiredRoles && `${client} needs the role ${requiredRoles.join(" or ")}.`;
    }
    case 404: {
      const ids = operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
      const shown = ids.map((name) => `${name} ${excerpt(String(args[name]), EXCERPT_LENGTH, redact)}`);
      return `Check that these exist and belong together: ${shown.join(", ")}.`;
    }
    case 407:
      return PROXY_HINT;
    case 406:
    case 410: {
      const { accept } = headers;
      const version = accept && (versionOf(accept) ?? excerpt(accept, EXCERPT_LENGTH, redact));
      const asked = version === undefined ? "no version" : `version ${version}`;
      return `The call asked for ${asked}; the contract has ${versionsOf(operation).join(", ") || "none"} for this operation.`;
    }
    default: {
      if (waitMs === undefined) return undefined;
      const isTooLong = typeof retry === "object" && waitMs > retry.maxDelayMs;
      const limit = isTooLong ? `, longer than retry.maxDelayMs allows (${retry.maxDelayMs / 1000} s)` : "";
      return `Atlas asks to wait ${Math.ceil(waitMs / 1000)} s${limit}.`;
    }
  }
}
