/**
 * The names of the checks, the first twelve as Schemathesis calls them.
 *
 * @see https://schemathesis.readthedocs.io/en/stable/reference/checks/
 */

/** The checks that judge whatever comes back for the others' requests. */
export const OBSERVING_CHECKS = [
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
  "not_a_server_error",
  "secret_value",
  "secret_expiry",
] as const;

/** In the order of the report. Those that do not observe send requests of their own and say what the response has to be. */
export const CHECKS = [
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
  "not_a_server_error",
  "negative_data_rejection",
  "positive_data_acceptance",
  "ignored_auth",
  "version_negotiation",
  "unsupported_media_type",
  "unsupported_method",
  "use_after_free",
  "object_level_authorization",
  "no_effect_when_refused",
  "secret_value",
  "secret_expiry",
  "secret_limit",
] as const;

export type CheckName = (typeof CHECKS)[number];

/** Whether a text is the name of a check. */
export function isCheckName(name: string): name is CheckName {
  return CHECKS.some((check) => check === name);
}
