/**
 * The checks, by the names that Schemathesis gives them.
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
] as const;

/** Each check that is not an observing one sends requests of its own and says how they must be responded to. */
export const CHECKS = [
  ...OBSERVING_CHECKS,
  "negative_data_rejection",
  "positive_data_acceptance",
  "ignored_auth",
  "version_negotiation",
  "unsupported_media_type",
  "unsupported_method",
  "use_after_free",
] as const;

export type CheckName = (typeof CHECKS)[number];

/** Whether a text is the name of a check. */
export function isCheckName(name: string): name is CheckName {
  return CHECKS.some((check) => check === name);
}
