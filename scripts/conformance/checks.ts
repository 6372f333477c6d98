/**
 * The checks: their names, what each rests on, and what the contract says of the service beyond OpenAPI's own words. What
 * neither the contract nor another document says is not demanded.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import {
  type DocumentedResponse,
  type MediaType,
  type Operation,
  successesOf,
  versionIn,
} from "../../contract-tests/contract/operations.js";

/** What a check holds the server to: a place in the contract's file, or another document. */
export interface Basis {
  readonly says: string;
  /** JSON pointer into the contract, references already followed. */
  readonly pointer?: string;
  readonly line?: number;
  /** The other document and its address, as `RFC 9110, section 15.5.6`. */
  readonly source?: string;
  readonly url?: string;
}

export function inContract(says: string, { pointer, line }: Place): Basis {
  return { says, pointer, line };
}

export function inRfc(number: number, section: string, says: string): Basis {
  const url = `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`;
  return { says, source: `RFC ${number}, section ${section}`, url };
}

const inHttp = (section: string, says: string): Basis => inRfc(9110, section, says);

export interface Fault {
  readonly check: CheckName;
  readonly problem: string;
  /** Default: what the check rests on. */
  readonly basis?: readonly Basis[] | undefined;
}

/** What is found by looking at a response: the documented one that it is, a check that has something to judge, or a fault. */
export type Finding = { readonly shown: string } | CheckName | Fault;

export const A_CLIENTS_MISTAKE = inHttp("15.5", "a client's mistake has a status of 4xx");
const CHECKED_ACCESS: Basis = {
  says: "checks access to each object",
  source: "OWASP API1:2023, broken object level authorization",
  url: "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/",
};

/**
 * The checks in the order of the report, each with what it rests on in an operation: nothing if the contract gives it nothing
 * to judge.
 */
const BASES = {
  status_code_conformance: ({ at, responses }) => [
    inContract(`documents ${responses.map(({ status }) => status).join(", ")}`, at.get("responses") ?? at),
  ],
  content_type_conformance: (operation) =>
    successesOf(operation).map((success) => inContract("lists the media types of success", contentOf(success))),
  response_schema_conformance: (operation) =>
    successesOf(operation).map(({ mediaTypes: [first] }) =>
      first?.schema === undefined
        ? inHttp("15.3.5", "a 204 has no content")
        : inContract("describes the body of success", first.schema),
    ),
  response_headers_conformance: (operation) =>
    successesOf(operation)
      .filter(({ headers }) => headers.length > 0)
      .map(({ at }) => inContract("describes headers", at.get("headers") ?? at)),
  not_a_server_error: () => [inHttp("15.6", "a 5xx is the server's own failure, whatever the request")],
  negative_data_rejection(operation) {
    const documented = documentedAs(operation, 400);
    return documented.length > 0 ? documented : [A_CLIENTS_MISTAKE];
  },
  positive_data_acceptance: (operation) =>
    successesOf(operation).map(({ status, at }) => inContract(`documents ${status} for a valid request`, at)),
  ignored_auth({ open, security, at }) {
    if (open) return [];
    const names = security.flat().map(({ name }) => name);
    const asks = inContract(`asks for ${names.join(" or ")}`, at.get("security") ?? at);
    return [asks, inHttp("15.5.2", "without valid credentials the status is 401")];
  },
  version_negotiation: (operation) => versionRule(operation)?.basis ?? [],
  unsupported_media_type({ body }) {
    if (body === undefined) return [];
    const lists = inContract("lists the media types of the request", contentOf(body));
    return [lists, inHttp("15.5.16", "a format that is not supported has the status 415")];
  },
  unsupported_method: ({ pathItem }) => [
    inContract("lists the methods of the path", pathItem),
    inHttp("15.5.6", "a method that the resource does not support has the status 405, with Allow"),
  ],
  use_after_free: (operation) => documentedAs(operation, 404),
  object_level_authorization: (operation) => [...documentedAs(operation, 404), CHECKED_ACCESS],
  no_effect_when_refused: (operation) => [...documentedAs(operation, 400), ...documentedAs(operation, 401)],
  secret_value: (operation) => secretProperty(operation, "secret"),
  secret_expiry(operation) {
    const asked = describedBy(operation.body?.mediaTypes[0]?.schema, HOURS);
    return asked.length === 0 ? [] : [...asked, ...secretProperty(operation, "expiresAt")];
  },
  secret_limit(operation) {
    const limit = limitOf(operation);
    return limit === undefined ? [] : [inContract(`allows ${limit.value} at once`, limit)];
  },
} satisfies Readonly<Record<string, (operation: Operation) => readonly Basis[]>>;

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

export function basisOf(operation: Operation, check: CheckName): readonly Basis[] {
  return BASES[check](operation);
}

/**
 * `x-version-negotiation` in the operation or in the whole contract. Without it a version that is not listed may not be
 * served, and how it is refused is left to the server. `undefined` if no success has a version.
 */
export function versionRule(operation: Operation) {
  /** The media types of success, as the contract lists them. */
  const listed = successTypes(operation).map(({ name }) => name);
  if (listed.every((name) => versionIn(name) === undefined)) return undefined;
  const says = `lists ${listed.join(", ")}`;
  const lists = successesOf(operation).map((success) => inContract(says, contentOf(success)));
  const key = "x-version-negotiation";
  const rule = operation.at.get(key) ?? operation.at.document.root.get(key);
  /** Statuses for a version that is not listed; none: any refusal will do. */
  const unlisted = (rule?.get("unlisted")?.items() ?? []).map(({ value }) => Number(value));
  /** Whether an `Accept` that names no version, or a missing one, has to be refused in the same way. */
  const required = unlisted.length > 0 && rule?.flag("required") === true;
  const demand =
    rule === undefined || unlisted.length === 0
      ? inHttp("12.5.1", "Accept names the media types that are acceptable")
      : inContract(`refuses what names no listed version with ${unlisted.join(" or ")}`, rule);
  return { listed, unlisted, required, basis: [...lists, demand] };
}

/** Where the contract says how many of what an operation creates there may be at once, if it does. */
export function limitOf({ at }: Operation): Place | undefined {
  const limit = at.get("x-most-at-once");
  return Number(limit?.value) > 0 ? limit : undefined;
}

/** Where the contract describes a property of the secret that an operation creates; nothing if it creates none. */
export function secretProperty(operation: Operation, name: "secret" | "expiresAt" | "lastUsedAt"): readonly Basis[] {
  if (operation.method !== "POST") return [];
  const schemas = successTypes(operation).map(({ schema }) => schema);
  const ofSecret = schemas.filter((schema) => schema?.get("properties", "secret") !== undefined);
  return describedBy(
    ofSecret.find((schema) => schema?.get("properties", name) !== undefined),
    name,
  );
}

export const HOURS = "secretExpiresAfterHours";

function describedBy(schema: Place | undefined, name: string): readonly Basis[] {
  const property = schema?.get("properties", name);
  const at = property?.get("description") ?? property;
  return at === undefined ? [] : [inContract(`${name}: ${at.text ?? "is described"}`, at)];
}

export function documentedAs({ responses }: Operation, status: number): readonly Basis[] {
  const documented = responses.filter((each) => each.status === String(status));
  return documented.map(({ at }) => inContract(`documents ${status}`, at));
}

export function successTypes(operation: Operation): readonly MediaType[] {
  return successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes);
}

export function contentOf({ at }: Pick<DocumentedResponse, "at">): Place {
  return at.get("content") ?? at;
}
