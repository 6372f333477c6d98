/**
 * One thing that a server does which it should not do, or does not do: the check that is meant for it finds it, and the
 * others find nothing.
 */
import { describe, it } from "vitest";
import type { AtlasState } from "../../src/testing/atlas/authenticate.js";
import { type AtlasResponse, apiError } from "../../src/testing/atlas/http.js";
import type { AtlasRequest } from "../../src/testing/atlas/request.js";
import { type Step, VERSIONS } from "../../src/testing/atlas/steps.js";
import { ALL_CASES, expectCaught, type Fault } from "./testing/checking.js";
import {
  accepts,
  account,
  all,
  around,
  asIf,
  atStep,
  created,
  hasStatus,
  header,
  hours,
  instead,
  members,
  onCreate,
  onDelete,
  type Plant,
  responses,
  skips,
  status,
} from "./testing/server.js";

const EXAMPLE_ID = "32b6e34b3d91647abb20e7b8";
const GONE: AtlasResponse = { status: 204 };

/** Deletes what is there, and says that it did even if nothing was. */
const deleting = (request: AtlasRequest, state: AtlasState, original: Step): AtlasResponse | undefined =>
  original(request, state) && GONE;

/** Responds with a version of its own choice. */
const serves = (condition: (request: AtlasRequest) => boolean): Plant =>
  asIf((request) =>
    condition(request) && !VERSIONS.includes(request.headers.accept ?? "")
      ? { ...request, headers: { ...request.headers, accept: VERSIONS[0] } }
      : request,
  );

/** Takes what is no JSON for the text that a lenient parser sees in it. */
const parses = (read: (text: string) => string): Plant =>
  asIf((request) => (onCreate(request) ? { ...request, body: read(request.body) } : request));

const REFUSAL = ["negative_data_rejection create"];
const QUERY = ["negative_data_rejection create", "negative_data_rejection delete"];
/** Takes a value in the query for one that it is not. */
const takesQuery = (value: RegExp): Plant => skips("checkQuery", ({ query }) => value.test(query.toString()));
const INVALID_REQUESTS: readonly Fault[] = [
  [
    "any groupId that is none",
    all(
      skips("checkPath", onCreate),
      asIf((request) =>
        /^[a-f0-9]{24}$/.test(request.groupId ?? "") ? request : { ...request, groupId: account.groupId },
      ),
    ),
    REFUSAL,
  ],
  [
    "a groupId in capitals",
    all(
      ...(["checkPath", "find"] as const).map((step) =>
        skips(step, ({ groupId }) => /^[A-F0-9]{24}$/.test(groupId ?? "")),
      ),
    ),
    REFUSAL,
    ALL_CASES,
  ],
  [
    "a groupId with a newline behind it",
    asIf((request) => ({ ...request, groupId: request.groupId?.replace(/\n$/, "") })),
    REFUSAL,
    ALL_CASES,
  ],
  [
    "an orgId with a space behind it",
    asIf((request) => ({ ...request, orgId: request.orgId?.trimEnd() })),
    ["negative_data_rejection delete"],
    ALL_CASES,
  ],
  [
    "any orgId",
    all(
      skips("checkPath", onDelete),
      skips("find", (request) => onDelete(request) && !/^[a-f0-9]{24}$/.test(request.orgId ?? "")),
    ),
    ["negative_data_rejection delete"],
  ],
  ["any query", skips("checkQuery"), ["negative_data_rejection create", "negative_data_rejection delete"]],
  ["TRUE in the query", takesQuery(/=TRUE$/), QUERY],
  ["1 for true in the query", takesQuery(/=1$/), QUERY, ALL_CASES],
  ["0 hours", accepts(hours((value) => value === 0)), REFUSAL],
  ["negative hours", accepts(hours((value) => typeof value === "number" && value < 0)), REFUSAL],
  [
    "a fraction of an hour",
    accepts(hours((value) => typeof value === "number" && value % 1 !== 0)),
    REFUSAL,
    ALL_CASES,
  ],
  ["hours as text", accepts(hours((value) => typeof value === "string")), REFUSAL],
  ["more hours than 32 bits hold", accepts(hours((value) => Number(value) >= 2 ** 31)), REFUSAL],
  ["a body without hours", accepts(hours((value) => value === undefined)), REFUSAL],
  [
    "hours whatever the letter case of their name",
    accepts(({ body }) => body.includes("SECRETEXPIRESAFTERHOURS")),
    REFUSAL,
    ALL_CASES,
  ],
  ["a body of null", accepts(({ body }) => body === "null"), REFUSAL, ALL_CASES],
  ["JSON with something behind it", parses((text) => text.replace(/(\})[^}]+$/s, "$1")), REFUSAL, ALL_CASES],
  ["JSON twice", parses((text) => text.replace(/\}\{.*$/s, "}")), REFUSAL, ALL_CASES],
  ["JSON with a bracket too many", parses((text) => text.replace(/\}\}$/, "}")), REFUSAL, ALL_CASES],
  ["JSON with comments", parses((text) => text.replaceAll(/\/\*.*?\*\/|\n\/\/.*$/gs, "")), REFUSAL, ALL_CASES],
  ["JSON with a comma before its end", parses((text) => text.replace(/,\s*\}/, "}")), REFUSAL, ALL_CASES],
  ["JSON in single quotes", parses((text) => text.replaceAll("'", '"')), REFUSAL, ALL_CASES],
  ["JSON with names without quotes", parses((text) => text.replace(/\{(\w+):/, '{"$1":')), REFUSAL, ALL_CASES],
  ["JSON with a leading zero", parses((text) => text.replace(/:0(\d)/, ":$1")), REFUSAL, ALL_CASES],
  ["JSON with a hexadecimal number", parses((text) => text.replace(/:0x(\d)/, ":$1")), REFUSAL, ALL_CASES],
  ["JSON with a dot behind a number", parses((text) => text.replace(/:(\d+)\./, ":$1")), REFUSAL, ALL_CASES],
  ["JSON with a comment behind #", parses((text) => text.replace(/\n#.*$/s, "")), REFUSAL, ALL_CASES],
  ["JSON with Infinity", parses((text) => text.replace("Infinity", "1")), REFUSAL, ALL_CASES],
  ["JSON with TRUE", parses((text) => text.replace("TRUE", "true")), REFUSAL, ALL_CASES],
  ["JSON with NaN", parses((text) => text.replace("NaN", "null")), REFUSAL, ALL_CASES],
  ["a list as body", accepts(({ body }) => body.startsWith("[")), REFUSAL, ALL_CASES],
  ["no body", accepts(({ body }) => body === ""), REFUSAL],
  [
    "422 for a broken body",
    responses(hasStatus(400), status(422)),
    ["negative_data_rejection create", "status_code_conformance create"],
  ],
  [
    "500 for a body that is not JSON",
    responses(({ body }) => JSON.stringify([body]).includes("MALFORMED_JSON"), status(500)),
    ["negative_data_rejection create", "not_a_server_error create"],
  ],
];

const VALID_REQUESTS: readonly Fault[] = [
  [
    "the versioned body is refused",
    atStep("checkContentType", ({ headers }) =>
      headers["content-type"]?.includes("vnd") ? apiError(415, "UNSUPPORTED_MEDIA_TYPE", "") : undefined,
    ),
    ["positive_data_acceptance create"],
  ],
  [
    "pretty is refused",
    atStep("checkQuery", ({ query }) => (query.get("pretty") === "true" ? apiError(400, "INVALID", "") : undefined)),
    ["positive_data_acceptance create", "positive_data_acceptance delete", "status_code_conformance delete"],
  ],
  [
    "a listed version is refused",
    atStep("negotiate", ({ kind, headers }) =>
      kind === "create" && headers.accept?.includes("2025") ? apiError(406, "NOT_ACCEPTABLE", "") : undefined,
    ),
    ["positive_data_acceptance create"],
  ],
  [
    "what was made is not found",
    atStep("find", (request) => (onDelete(request) ? apiError(404, "RESOURCE_NOT_FOUND", "") : undefined)),
    ["positive_data_acceptance delete"],
  ],
];

const VERSIONS_CHECKED = ["version_negotiation create", "version_negotiation delete"];
const NEGOTIATION: readonly Fault[] = [
  ["no version is asked for", serves(() => true), ["version_negotiation create", "version_negotiation delete"]],
  [
    "a missing Accept will do",
    serves(({ headers }) => headers.accept === undefined),
    ["version_negotiation create", "version_negotiation delete"],
  ],
  [
    "any version of the right form will do",
    serves(({ headers }) => /^application\/vnd\.atlas\.\d{4}-\d\d-\d\d\+json$/.test(headers.accept ?? "")),
    ["version_negotiation create", "version_negotiation delete"],
  ],
  [
    "400 for an unknown version",
    responses(hasStatus(406), status(400)),
    ["status_code_conformance delete", "version_negotiation create", "version_negotiation delete"],
  ],
  ["anything will do for Accept: */*", serves(({ headers }) => headers.accept === "*/*"), VERSIONS_CHECKED],
  ["application/json will do", serves(({ headers }) => headers.accept === "application/json"), VERSIONS_CHECKED],
  [
    "a version between two will do",
    serves(
      ({ headers: { accept = "" } }) => VERSIONS.some((one) => one < accept) && VERSIONS.some((one) => one > accept),
    ),
    VERSIONS_CHECKED,
  ],
  [
    "another version than the one that was asked for",
    responses(created, header("content-type", VERSIONS[0])),
    ["version_negotiation create"],
  ],
  ["any Content-Type will do", skips("checkContentType"), ["unsupported_media_type create"]],
  [
    "PUT creates too",
    asIf((request) =>
      request.method === "PUT" ? { ...request, kind: request.groupId === undefined ? "delete" : "create" } : request,
    ),
    ["unsupported_method create", "unsupported_method delete"],
  ],
  [
    "405 without Allow",
    responses(hasStatus(405), header("allow", undefined)),
    ["unsupported_method create", "unsupported_method delete"],
  ],
  [
    "405 that allows what there is not",
    responses(hasStatus(405), header("allow", "GET, HEAD")),
    ["unsupported_method create", "unsupported_method delete"],
  ],
  [
    "200 for other methods",
    instead(hasStatus(405), { status: 200 }),
    ["unsupported_method create", "unsupported_method delete"],
  ],
];

/** It takes two secrets at once, which are created for another check. */
const EVERYTHING = { selects: () => true };
const STATE: readonly Fault[] = [
  ["every deletion succeeds", around("delete", deleting), ["use_after_free delete"]],
  [
    "a second deletion succeeds",
    (rules) => {
      const known = new Set<string>();
      around("create", (request, state, create) => {
        const response = create(request, state);
        for (const { id } of state.accounts.secretsOf(account.clientId)) known.add(id);
        return response;
      })(rules);
      around("delete", (request, state, original) =>
        known.has(request.secretId ?? "") ? deleting(request, state, original) : original(request, state),
      )(rules);
    },
    ["use_after_free delete"],
  ],
  [
    "a second deletion succeeds, and every secret has the same id",
    all(
      around("create", (request, state, create) => {
        const response = create(request, state);
        for (const secret of state.accounts.secretsOf(account.clientId)) {
          state.accounts.deleteSecret(account.clientId, secret.id);
        }
        return response && members({ id: EXAMPLE_ID })(response);
      }),
      atStep("delete", ({ kind, secretId }) => (kind === "delete" && secretId === EXAMPLE_ID ? GONE : undefined)),
    ),
    ["use_after_free delete"],
  ],
  [
    "a deletion deletes nothing",
    atStep("delete", (request, { accounts }) => {
      const isThere = accounts.secretsOf(account.clientId).some(({ id }) => id === request.secretId);
      return onDelete(request) && isThere ? GONE : undefined;
    }),
    ["positive_data_acceptance create", "use_after_free delete"],
  ],
  ...[3, 5, 11].map((nth): Fault => {
    let count = 0;
    return [
      `every deletion with a number that ${nth} divides has no effect`,
      around("delete", (request, state, original) => {
        const isThere = state.accounts.secretsOf(account.clientId).some(({ id }) => id === request.secretId);
        if (onDelete(request) && isThere) count += 1;
        return onDelete(request) && isThere && count % nth === 0 ? GONE : original(request, state);
      }),
      // What stays takes the room of what is created next.
      ["positive_data_acceptance create", "use_after_free delete"],
      EVERYTHING,
    ];
  }),
  [
    "a deletion deletes all that the account has",
    around("delete", (request, state, original) => {
      const response = original(request, state);
      const all = response?.status === 204 ? state.accounts.secretsOf(account.clientId) : [];
      for (const { id } of all) state.accounts.deleteSecret(account.clientId, id);
      return response;
    }),
    ["positive_data_acceptance delete"],
    EVERYTHING,
  ],
  [
    "a deletion deletes the oldest secret, whichever it names",
    around("delete", (request, state, original) => {
      const all = state.accounts.secretsOf(account.clientId);
      const isThere = onDelete(request) && all.some(({ id }) => id === request.secretId);
      return original(isThere ? { ...request, secretId: all[0]?.id } : request, state);
    }),
    ["positive_data_acceptance delete"],
    EVERYTHING,
  ],
  [
    "410 for a second deletion",
    responses(({ status: given }, request) => given === 404 && onDelete(request), status(410)),
    ["status_code_conformance delete", "use_after_free delete"],
  ],
];

/** Gives the secret that a deletion deletes to whatever puts it into the response. */
function echoing(echo: (response: AtlasResponse, secret: string) => AtlasResponse): Plant {
  return around("delete", (request, state, original) => {
    const secret = state.accounts.secretsOf(account.clientId).find(({ id }) => id === request.secretId);
    const response = original(request, state);
    return response?.status === 204 ? echo(response, secret?.value ?? "") : response;
  });
}

const SECRETS: readonly Fault[] = [
  [
    "the secret in the body of its deletion",
    echoing((response, secret) => ({ ...response, status: 200, body: { secret } })),
    ["response_schema_conformance delete", "status_code_conformance delete"],
  ],
  [
    "the secret in a header of its deletion",
    echoing((response, secret) => header("x-deleted", secret)(response)),
    ["response_schema_conformance delete"],
  ],
];

describe.each([
  ["with invalid requests", INVALID_REQUESTS],
  ["with valid requests", VALID_REQUESTS],
  ["in negotiation", NEGOTIATION],
  ["in keeping state", STATE],
  ["in keeping secrets", SECRETS],
])("a fault %s", (_, faults) => {
  for (const [name, ...fault] of faults) it(name, () => expectCaught(...fault));
});
