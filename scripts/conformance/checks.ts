/**
 * The checks: their names, what each rests on, and what the contract says of the service beyond OpenAPI's own words. What
 * neither the contract nor another document says is not demanded.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { type DocumentedResponse, type Operation, successesOf } from "../../contract-tests/contract/operations.js";

/** What the contract says, and where; or what another document says. */
export interface Statement {
  readonly says: string;
  readonly at: Place | Source;
}

/** A document beside the contract that requests and responses are held to. */
export interface Source {
  /** As `RFC 9110, section 15.5.6`. */
  readonly name: string;
  readonly url: string;
}

/** A check that a response does not pass. */
export interface Fault {
  readonly check: CheckName;
  readonly problem: string;
  readonly contract: readonly Statement[];
}

/** What was found by looking at one response. */
export interface Examination {
  /** The checks that had something to judge. */
  readonly judged: ReadonlySet<CheckName>;
  readonly faults: readonly Fault[];
  /** The documented response that it is an instance of. */
  readonly documented?: DocumentedResponse;
}

type Basis = (operation: Operation) => readonly Statement[];

/**
 * The checks in the order of the report, each with what it rests on in an operation: nothing if the contract gives it nothing
 * to judge.
 */
const BASES = {
  status_code_conformance: ({ at, responses }) => [
    { says: `documents ${responses.map(({ status }) => status).join(", ")}`, at: at.get("responses") ?? at },
  ],
  content_type_conformance: (operation) =>
    successesOf(operation).map((success) => ({ says: "lists the media types of success", at: contentOf(success) })),
  response_schema_conformance: (operation) =>
    successesOf(operation).map(({ mediaTypes: [first] }) =>
      first?.schema === undefined
        ? { says: "a 204 has no content", at: http("15.3.5") }
        : { says: "describes the body of success", at: first.schema },
    ),
  response_headers_conformance: (operation) =>
    successesOf(operation)
      .filter(({ headers }) => headers.length > 0)
      .map(({ at }) => ({ says: "describes headers", at: at.get("headers") ?? at })),
  not_a_server_error: () => [{ says: "a 5xx is the server's own failure", at: http("15.6") }],
  negative_data_rejection(operation) {
    const documented = documentedAs(operation, 400);
    return documented.length > 0 ? documented : [{ says: "a client's mistake has a status of 4xx", at: http("15.5") }];
  },
  positive_data_acceptance: (operation) =>
    successesOf(operation).map(({ status, at }) => ({ says: `documents ${status} for a valid request`, at })),
  ignored_auth({ open, security, at }) {
    if (open) return [];
    const schemes = security.flat().map(({ name }) => name);
    return [
      { says: `asks for ${schemes.join(" or ")}`, at: at.get("security") ?? at },
      { says: "without valid credentials the status is 401", at: http("15.5.2") },
    ];
  },
  version_negotiation: (operation) => versionRule(operation)?.basis ?? [],
  unsupported_media_type: ({ body }) =>
    body === undefined
      ? []
      : [
          { says: "lists the media types of the request", at: contentOf(body) },
          { says: "a format that is not supported has the status 415", at: http("15.5.16") },
        ],
  unsupported_method: ({ pathItem }) => [
    { says: "lists the methods of the path", at: pathItem },
    { says: "a method that the resource does not support has the status 405, with Allow", at: http("15.5.6") },
  ],
  use_after_free: (operation) => documentedAs(operation, 404),
  object_level_authorization: (operation) => [
    ...documentedAs(operation, 404),
    { says: "checks access to each object", at: BROKEN_AUTHORIZATION },
  ],
  no_effect_when_refused: (operation) => [...documentedAs(operation, 400), ...documentedAs(operation, 401)],
  secret_value: (operation) => secretProperty(operation, "secret"),
  secret_expiry: (operation) => expiryRule(operation),
  secret_limit: (operation) => limitOf(operation)?.basis ?? [],
} satisfies Readonly<Record<string, Basis>>;

export type CheckName = keyof typeof BASES;
// The keys are the checks that the record is of.
export const CHECKS = Object.keys(BASES) as readonly CheckName[];

/** The checks that judge whatever comes back for the others' requests. */
export const OBSERVING_CHECKS: readonly CheckName[] = [
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
  "not_a_server_error",
  "secret_value",
  "secret_expiry",
];

/** Whether a text is the name of a check. */
export function isCheckName(name: string): name is CheckName {
  return Object.hasOwn(BASES, name);
}

/** What a check of an operation rests on; nothing if the contract gives it nothing to judge. */
export function basisOf(operation: Operation, check: CheckName): readonly Statement[] {
  return BASES[check](operation);
}

const BROKEN_AUTHORIZATION = {
  name: "OWASP API1:2023, broken object level authorization",
  url: "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/",
};

const VERSION = /\d{4}-\d{2}-\d{2}/;

/** How `Accept` chooses a version. */
export interface VersionRule {
  /** The versioned media types of success, as the contract lists them. */
  readonly listed: readonly string[];
  /** Statuses for a version that is not listed. */
  readonly unlisted: readonly number[];
  /** Whether an `Accept` that names no version, or a missing one, has to be refused in the same way. */
  readonly required: boolean;
  readonly basis: readonly Statement[];
}

/**
 * `x-version-negotiation` in the operation or in the whole contract. Without it a version that is not listed may not be
 * served, and how it is refused is left to the server.
 */
export function versionRule(operation: Operation): VersionRule | undefined {
  const listed = successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes.map(({ name }) => name));
  if (!listed.some((name) => VERSION.test(name))) return undefined;
  const lists = successesOf(operation).map((success) => ({
    says: `lists ${listed.join(", ")}`,
    at: contentOf(success),
  }));
  const key = "x-version-negotiation";
  const rule = operation.at.get(key) ?? operation.at.document.root.get(key);
  const unlisted = (rule?.get("unlisted")?.items() ?? []).map(({ value }) => Number(value));
  if (rule === undefined || unlisted.length === 0) {
    const anyRefusal = Array.from({ length: 100 }, (_, index) => 400 + index);
    const acceptable = { says: "Accept names the media types that are acceptable", at: http("12.5.1") };
    return { listed, unlisted: anyRefusal, required: false, basis: [...lists, acceptable] };
  }
  const demands = { says: `refuses what names no listed version with ${unlisted.join(" or ")}`, at: rule };
  return { listed, unlisted, required: rule.flag("required"), basis: [...lists, demands] };
}

/** The version of a media type in `Accept` or `Content-Type`, as it is written; `undefined` if it names none. */
export function versionIn(mediaType: string): string | undefined {
  return VERSION.exec(mediaType)?.[0];
}

/** How many of what an operation creates there may be at once, if the contract says it. */
export function limitOf({
  at,
}: Operation): { readonly most: number; readonly basis: readonly Statement[] } | undefined {
  const limit = at.get("x-most-at-once");
  const most = Number(limit?.value);
  return limit === undefined || !(most > 0)
    ? undefined
    : { most, basis: [{ says: `allows ${most} at once`, at: limit }] };
}

/** Where the contract describes a property of the secret that an operation creates; nothing if it creates none. */
export function secretProperty(
  operation: Operation,
  name: "secret" | "expiresAt" | "lastUsedAt",
): readonly Statement[] {
  if (operation.method !== "POST") return [];
  for (const { schema } of successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes)) {
    const property = schema?.get("properties", name);
    if (property === undefined || schema?.get("properties", "secret") === undefined) continue;
    const at = property.get("description") ?? property;
    return [{ says: `${name}: ${at.text ?? "is described"}`, at }];
  }
  return [];
}

/** The name of the property in a request that says how long a secret is to live. */
export const HOURS = "secretExpiresAfterHours";

/** What the contract says of when a secret expires; nothing if no request of the operation says it. */
export function expiryRule(operation: Operation): readonly Statement[] {
  const property = operation.body?.mediaTypes[0]?.schema?.get("properties", HOURS);
  if (property === undefined) return [];
  const at = property.get("description") ?? property;
  return [{ says: `${HOURS}: ${at.text ?? "is described"}`, at }, ...secretProperty(operation, "expiresAt")];
}

/** A section of RFC 9110, HTTP Semantics. */
export function http(section: string): Source {
  return { name: `RFC 9110, section ${section}`, url: `https://www.rfc-editor.org/rfc/rfc9110#section-${section}` };
}

/** What an operation says of one of its responses, if it documents it. */
export function documentedAs(operation: Operation, status: number): readonly Statement[] {
  const response = operation.responses.find((each) => each.status === String(status));
  return response === undefined ? [] : [{ says: `documents ${status}`, at: response.at }];
}

/** The place of a response's media types, or the response's own. */
export function contentOf({ at }: Pick<DocumentedResponse, "at">): Place {
  return at.get("content") ?? at;
}
