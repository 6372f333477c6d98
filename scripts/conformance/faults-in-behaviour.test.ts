/**
 * One thing that a server does which it should not do, or does not do: the check that is meant for it finds it, and the
 * others find nothing.
 */
import { describe, expect, it } from "vitest";
import { checkServer, failedChecks, operationsOf } from "./testing/checking.js";
import {
  all,
  answers,
  atStep,
  authorization,
  type deleted,
  hours,
  instead,
  isAnswered,
  onCreate,
  onDelete,
  type Plant,
  skips,
  status,
} from "./testing/faults.js";
import { account, apiError } from "./testing/rules.js";
import { find } from "./testing/steps.js";

type Fault = readonly [name: string, plant: Plant, caughtBy: readonly string[]];

const BOTH = ["ignored_auth create", "ignored_auth delete"];
const CREDENTIALS: readonly Fault[] = [
  ["nobody has to sign in", skips("authenticate"), BOTH],
  ["nobody has to sign in to delete", skips("authenticate", onDelete), ["ignored_auth delete"]],
  ["any token will do", skips("authenticate", authorization(/^Bearer \S/)), BOTH],
  [
    "the beginning of a token will do",
    skips("authenticate", authorization(RegExp(`^Bearer ${account.accessToken}`))),
    BOTH,
  ],
  ["a scheme alone will do", skips("authenticate", authorization(/^Bearer$/)), BOTH],
  ["any digest will do", skips("authenticate", authorization(/^Digest/)), BOTH],
  ["basic credentials will do", skips("authenticate", authorization(/^Basic/)), BOTH],
  ["any header will do", skips("authenticate", authorization(/./)), BOTH],
  ["403 instead of 401", answers(isAnswered(401), status(403)), BOTH],
  [
    "authentication comes after validation",
    (rules) => {
      const { authenticate, find, ...others } = rules.steps;
      rules.steps = Object.assign({}, others, { authenticate, find });
    },
    BOTH,
  ],
];

const REFUSAL = ["negative_data_rejection create"];
const INVALID_REQUESTS: readonly Fault[] = [
  ["any groupId", all(skips("checkPath", onCreate), skips("find", onCreate)), REFUSAL],
  ["404 for a broken groupId", skips("checkPath", onCreate), REFUSAL],
  [
    "a groupId in capitals",
    all(
      ...(["checkPath", "find"] as const).map((step) =>
        skips(step, ({ ids }) => /^[A-F0-9]{24}$/.test(ids["groupId"] ?? "")),
      ),
    ),
    REFUSAL,
  ],
  [
    "any orgId",
    all(
      skips("checkPath", onDelete),
      skips("find", ({ operation, ids }) => operation === "delete" && !/^[a-f0-9]{24}$/.test(ids["orgId"] ?? "")),
    ),
    ["negative_data_rejection delete"],
  ],
  ["any query", skips("checkQuery"), ["negative_data_rejection create", "negative_data_rejection delete"]],
  [
    "0 hours",
    skips(
      "checkBody",
      hours((value) => value === 0),
    ),
    REFUSAL,
  ],
  [
    "negative hours",
    skips(
      "checkBody",
      hours((value) => typeof value === "number" && value < 0),
    ),
    REFUSAL,
  ],
  [
    "a fraction of an hour",
    skips(
      "checkBody",
      hours((value) => typeof value === "number" && value % 1 !== 0),
    ),
    REFUSAL,
  ],
  [
    "hours as text",
    skips(
      "checkBody",
      hours((value) => typeof value === "string"),
    ),
    REFUSAL,
  ],
  [
    "more hours than 32 bits hold",
    skips(
      "checkBody",
      hours((value) => Number(value) >= 2 ** 31),
    ),
    REFUSAL,
  ],
  [
    "a body without hours",
    skips(
      "checkBody",
      hours((value) => value === undefined),
    ),
    REFUSAL,
  ],
  ["a body of null", skips("checkBody", ({ text }) => text === "null"), REFUSAL],
  ["a list as body", skips("checkBody", ({ text }) => text.startsWith("[")), REFUSAL],
  [
    "no body",
    all(
      skips("readJson", ({ text }) => text === ""),
      skips("checkBody", ({ text }) => text === ""),
    ),
    REFUSAL,
  ],
  [
    "422 for a broken body",
    answers(isAnswered(400), status(422)),
    ["negative_data_rejection create", "status_code_conformance create"],
  ],
  [
    "500 for a body that is not JSON",
    answers(({ body }) => JSON.stringify([body]).includes("MALFORMED_JSON"), status(500)),
    ["negative_data_rejection create", "not_a_server_error create"],
  ],
];

const VALID_REQUESTS: readonly Fault[] = [
  [
    "the versioned body is refused",
    atStep("readType", ({ headers }) =>
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
    atStep("negotiate", ({ operation, headers }) =>
      operation === "create" && headers.accept?.includes("2025") ? apiError(406, "NOT_ACCEPTABLE", "") : undefined,
    ),
    ["positive_data_acceptance create"],
  ],
  [
    "what was made is not found",
    atStep("find", (request) => (onDelete(request) ? apiError(404, "RESOURCE_NOT_FOUND", "") : undefined)),
    ["positive_data_acceptance delete"],
  ],
];

const NEGOTIATION: readonly Fault[] = [
  ["no version is asked for", skips("negotiate"), ["version_negotiation create", "version_negotiation delete"]],
  [
    "a missing Accept will do",
    skips("negotiate", ({ headers }) => headers.accept === undefined),
    ["version_negotiation create", "version_negotiation delete"],
  ],
  [
    "any version of the right form will do",
    skips("negotiate", ({ headers }) => /^application\/vnd\.atlas\.\d{4}-\d\d-\d\d\+json$/.test(headers.accept ?? "")),
    ["version_negotiation create", "version_negotiation delete"],
  ],
  [
    "400 for an unknown version",
    answers(isAnswered(406), status(400)),
    ["status_code_conformance delete", "version_negotiation create", "version_negotiation delete"],
  ],
  ["any Content-Type will do", skips("readType"), ["unsupported_media_type create"]],
  [
    "PUT creates too",
    skips("route", ({ method }) => method === "PUT"),
    ["unsupported_method create", "unsupported_method delete"],
  ],
  [
    "other methods are answered with 200",
    instead(isAnswered(405), { status: 200, headers: {}, body: undefined }),
    ["unsupported_method create", "unsupported_method delete"],
  ],
  [
    "501 for another method",
    answers(isAnswered(405), status(501)),
    [
      "not_a_server_error create",
      "not_a_server_error delete",
      "unsupported_method create",
      "unsupported_method delete",
    ],
  ],
];

const STATE: readonly Fault[] = [
  ["every deletion succeeds", skips("find", onDelete), ["use_after_free delete"]],
  [
    "a second deletion succeeds",
    (rules) => {
      const made = new Set<string>();
      rules.steps.find = (request, own) => {
        for (const id of own.secrets.keys()) made.add(id);
        return made.has(request.ids["secretId"] ?? "") ? undefined : find(request, own);
      };
    },
    ["use_after_free delete"],
  ],
  [
    "a second deletion succeeds, and every secret has the same id",
    (rules) => {
      const id = "32b6e34b3d91647abb20e7b8";
      const { perform } = rules;
      rules.perform = (request, own) => {
        const answer = perform(request, own);
        own.secrets.clear();
        if (onCreate(request)) Object.assign(answer.body ?? {}, { id });
        return answer;
      };
      rules.steps.find = (request, own) => (request.ids["secretId"] === id ? undefined : find(request, own));
    },
    ["use_after_free delete"],
  ],
  [
    "a deletion deletes nothing",
    (rules) => {
      const { perform } = rules;
      rules.perform = (request, own) => {
        const before = [...own.secrets];
        const answer = perform(request, own);
        if (onDelete(request)) for (const [id, secret] of before) own.secrets.set(id, secret);
        return answer;
      };
    },
    ["positive_data_acceptance create", "use_after_free delete"],
  ],
  [
    "410 for a second deletion",
    answers(({ status: given }, request) => given === 404 && onDelete(request), status(410)),
    ["status_code_conformance delete", "use_after_free delete"],
  ],
];

/** Gives the secret that a deletion deletes to whoever may put it into the answer. */
function echoing(echo: (answer: Parameters<typeof deleted>[0], secret: string) => void): Plant {
  return (rules) => {
    const { perform } = rules;
    rules.perform = (request, own) => {
      const secret = own.secrets.get(request.ids["secretId"] ?? "")?.secret ?? "";
      const answer = perform(request, own);
      if (onDelete(request)) echo(answer, secret);
      return answer;
    };
  };
}

const SECRETS: readonly Fault[] = [
  [
    "the secret in the body of its deletion",
    echoing((answer, secret) => Object.assign(answer, { status: 200, body: { secret } })),
    ["response_schema_conformance delete", "status_code_conformance delete"],
  ],
  [
    "the secret in a header of its deletion",
    echoing((answer, secret) => {
      answer.headers["x-deleted"] = secret;
    }),
    ["response_schema_conformance delete"],
  ],
];

describe.each([
  ["with credentials", CREDENTIALS],
  ["with invalid requests", INVALID_REQUESTS],
  ["with valid requests", VALID_REQUESTS],
  ["in negotiation", NEGOTIATION],
  ["in keeping state", STATE],
  ["in keeping secrets", SECRETS],
])("a fault %s", (_, faults) => {
  it.each(faults)("%s", async (_, plant, caughtBy) => {
    const { report } = await checkServer(plant, { selects: operationsOf(caughtBy) });
    expect(failedChecks(report)).toEqual([...caughtBy].sort());
    expect(report.conforms).toBe(false);
  });
});
