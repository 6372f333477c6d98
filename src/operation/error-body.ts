/**
 * What an error's body says, as far as it can be read and shown.
 */
import type { ApiErrorFields } from "../errors.js";
import { membersOf } from "../options/read-options.js";
import type { Redact } from "../safe/redaction.js";

/** Deeper than anything real, and shallow enough for whoever prints or serializes the error. */
const DEEPEST = 16;

/**
 * The fields of an ApiError that are there and of the right type, every credential in them masked. Masked only once the
 * text is parsed: JSON's escapes would hide a credential from the mask, and the mask could cut into the JSON. The HTTP
 * status is never taken from the body.
 */
export function errorBody(value: unknown, redact: Redact): ApiErrorFields {
  const body = membersOf(masked(value, redact, 0));
  if (body === undefined) return {};
  const { errorCode, detail, reason, parameters, badRequestDetail } = body;
  return {
    ...(typeof errorCode === "string" ? { errorCode } : {}),
    ...(typeof detail === "string" ? { detail } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(Array.isArray(parameters) ? { parameters } : {}),
    ...(isBadRequestDetail(badRequestDetail) ? { badRequestDetail } : {}),
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
  const detail = membersOf(value);
  if (detail === undefined) return false;
  const { fields } = detail;
  const isField = (each: unknown) => {
    const { field, description } = membersOf(each) ?? {};
    return typeof field === "string" && typeof description === "string";
  };
  return fields === undefined || (Array.isArray(fields) && fields.every(isField));
}
