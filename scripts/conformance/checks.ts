/**
 * What each check rests on.
 */
import { type Operation, successesOf } from "../../contract-tests/contract/operations.js";
import { contentOf, documentedAs, http, type Statement } from "./cases/case.js";
import type { CheckName } from "./check-names.js";
import type { Basis } from "./report.js";
import { expiryRule, limitOf, secretProperty, versionRule } from "./service-rules.js";

/** What a check of an operation rests on; nothing if the contract gives it nothing to judge. */
export function basisOf(operation: Operation, check: CheckName): readonly Statement[] {
  const { at, pathItem, body, responses, security } = operation;
  const responsesPlace = at.get("responses") ?? at;
  const successes = successesOf(operation);
  switch (check) {
    case "status_code_conformance":
      return [{ says: `documents ${responses.map(({ status }) => status).join(", ")}`, at: responsesPlace }];
    case "content_type_conformance":
      return successes.map((success) => ({ says: "lists the media types of success", at: contentOf(success) }));
    case "response_schema_conformance":
      return successes.map(({ mediaTypes: [first] }) =>
        first?.schema === undefined
          ? { says: "a 204 has no content", at: http("15.3.5") }
          : { says: "describes the body of success", at: first.schema },
      );
    case "response_headers_conformance":
      return successes.flatMap((success) =>
        success.headers.length === 0
          ? []
          : [{ says: "describes headers", at: success.at.get("headers") ?? success.at }],
      );
    case "not_a_server_error":
      return [{ says: "a 5xx is the server's own failure", at: http("15.6") }];
    case "negative_data_rejection":
      return documentedAs(operation, 400).length > 0
        ? documentedAs(operation, 400)
        : [{ says: "a client's mistake has a status of 4xx", at: http("15.5") }];
    case "positive_data_acceptance":
      return successes.map((success) => ({ says: `documents ${success.status} for a valid request`, at: success.at }));
    case "ignored_auth":
      return operation.open
        ? []
        : [
            {
              says: `asks for ${security
                .flat()
                .map(({ name }) => name)
                .join(" or ")}`,
              at: at.get("security") ?? at,
            },
            { says: "without valid credentials the status is 401", at: http("15.5.2") },
          ];
    case "version_negotiation":
      return versionRule(operation)?.basis ?? [];
    case "unsupported_media_type":
      return body === undefined
        ? []
        : [
            { says: "lists the media types of the request", at: contentOf(body) },
            { says: "a format that is not supported has the status 415", at: http("15.5.16") },
          ];
    case "unsupported_method":
      return [
        { says: "lists the methods of the path", at: pathItem },
        { says: "a method that the resource does not support has the status 405, with Allow", at: http("15.5.6") },
      ];
    case "use_after_free":
      return documentedAs(operation, 404);
    case "object_level_authorization":
      return [...documentedAs(operation, 404), { says: "checks access to each object", at: BROKEN_AUTHORIZATION }];
    case "no_effect_when_refused":
      return [400, 401].flatMap((status) => documentedAs(operation, status));
    case "secret_value":
      return secretProperty(operation, "secret");
    case "secret_expiry":
      return expiryRule(operation);
    case "secret_limit":
      return limitOf(operation)?.basis ?? [];
  }
}

const BROKEN_AUTHORIZATION = {
  name: "OWASP API1:2023, broken object level authorization",
  url: "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/",
};

/** A statement as the report gives it. */
export function asBasis({ says, at }: Statement): Basis {
  return "pointer" in at ? { says, pointer: at.pointer, line: at.line } : { says, source: at.name, url: at.url };
}
