/**
 * One thing that a server with state does which only several requests together show: the check that is meant for it finds
 * it, and the others find nothing.
 */
import { describe, it } from "vitest";
import { type AtlasResponse, apiError } from "../../src/testing/atlas/http.js";
import type { AtlasRequest } from "../../src/testing/atlas/request.js";
import { hoursIn, type Step } from "../../src/testing/atlas/steps.js";
import { expectCaught, type Fault } from "./testing/checking.js";
import {
  account,
  around,
  atStep,
  created,
  createdSecret,
  hasStatus,
  header,
  members,
  onCreate,
  onDelete,
  type Plant,
  responses,
} from "./testing/server.js";

/** Carries the request out, at once or later, and refuses it at a step. */
function refusesLate(
  step: Parameters<typeof around>[0],
  condition: (request: AtlasRequest) => boolean,
  laterMs = 0,
): Plant {
  return around(step, (request, state, original) => {
    const refusal = original(request, state);
    if (refusal === undefined || !condition(request)) return refusal;
    if (laterMs > 0) setTimeout(() => apply(request, state), laterMs).unref();
    else apply(request, state);
    return refusal;
  });
}

function apply({ kind, clientId, secretId, groupId }: AtlasRequest, { accounts }: Parameters<Step>[1]): void {
  if (kind === "create") {
    const isKnown = clientId === account.clientId && groupId === account.groupId;
    if (isKnown && !accounts.isFull(clientId)) accounts.addSecret(clientId, 8);
  }
  if (kind !== "create" && secretId !== undefined) accounts.deleteSecret(clientId, secretId);
}

/** Instead of one that has been deleted, the account's other one, behind the 404. */
const deletesAnother: Plant = around("delete", (request, state, original) => {
  const response = original(request, state);
  const [other] = state.accounts.secretsOf(request.clientId);
  if (response?.status === 404 && other !== undefined) state.accounts.deleteSecret(request.clientId, other.id);
  return response;
});

/** All secrets have one of two ids, whichever is free. */
const reusesIds: Plant = around("create", (request, state, original) => {
  const { accounts } = state;
  const given = accounts.secretsOf(account.clientId).map(({ id }) => id);
  const response = original(request, state);
  if (response?.status !== 201) return response;
  const made = accounts.secretsOf(account.clientId).find(({ id }) => !given.includes(id));
  const free = ["a".repeat(24), "b".repeat(24)].find((id) => !given.includes(id));
  if (made !== undefined && free !== undefined) Object.assign(made, { id: free });
  return members({ id: free })(response);
});

const REFUSALS: readonly Fault[] = [
  ["a deletion takes place before 401", refusesLate("authenticate", onDelete), ["no_effect_when_refused delete"]],
  ["a creation takes place before 401", refusesLate("authenticate", onCreate), ["no_effect_when_refused create"]],
  [
    "a creation takes place before 401 for a token that is almost right",
    refusesLate(
      "authenticate",
      (request) => onCreate(request) && request.headers.authorization?.startsWith("Bearer test-") === true,
    ),
    ["no_effect_when_refused create"],
  ],
  [
    "a creation takes place before 400 for its body",
    refusesLate("checkBody", onCreate),
    ["no_effect_when_refused create"],
  ],
  [
    "a creation takes place before 400 for its JSON",
    refusesLate("checkJson", onCreate),
    ["no_effect_when_refused create"],
  ],
  [
    "a deletion takes place before 400 for its query",
    refusesLate("checkQuery", onDelete),
    ["no_effect_when_refused delete"],
  ],
  [
    "a deletion takes place before 404 for its organization",
    refusesLate("find", onDelete),
    ["no_effect_when_refused delete"],
  ],
  ["a deletion takes place before 406", refusesLate("negotiate", onDelete), ["no_effect_when_refused delete"]],
  ["a creation takes place before 406", refusesLate("negotiate", onCreate), ["no_effect_when_refused create"]],
  ["a creation takes place before 415", refusesLate("checkContentType", onCreate), ["no_effect_when_refused create"]],
  [
    "a deletion takes place before 405",
    refusesLate("route", ({ secretId }) => secretId !== undefined),
    ["no_effect_when_refused delete"],
  ],
  [
    "a deletion takes place before 405 for GET",
    refusesLate("route", ({ method, secretId }) => method === "GET" && secretId !== undefined),
    ["no_effect_when_refused delete"],
  ],
  [
    "a deletion takes place 50 ms after its 401",
    refusesLate("authenticate", onDelete, 50),
    ["no_effect_when_refused delete"],
    { settleMs: 500 },
  ],
  [
    "a deletion takes place 100 ms after its 406",
    refusesLate("negotiate", onDelete, 100),
    ["no_effect_when_refused delete"],
    { settleMs: 500 },
  ],
  [
    "a deletion takes place 100 ms after its 404 for its organization",
    refusesLate("find", onDelete, 100),
    ["no_effect_when_refused delete"],
    { settleMs: 500 },
  ],
  [
    "a creation takes place before 405 for PUT",
    atStep("route", ({ method }, { accounts }) => {
      if (method === "PUT" && !accounts.isFull(account.clientId)) accounts.addSecret(account.clientId, 8);
      return undefined;
    }),
    ["no_effect_when_refused create"],
  ],
  ["a second deletion deletes another secret", deletesAnother, ["use_after_free delete"]],
  ["an id is given to another secret once it is free", reusesIds, ["use_after_free delete"]],
  [
    "a creation takes place 50 ms after its 401",
    refusesLate("authenticate", onCreate, 50),
    ["no_effect_when_refused create"],
    { settleMs: 500 },
  ],
];

const limit = (most: number): Plant =>
  around("create", (request, state, create) => {
    const { accounts } = state;
    const response = create(request, state);
    if (
      response?.status !== 400 ||
      !accounts.isFull(request.clientId) ||
      accounts.secretsOf(request.clientId).length >= most
    )
      return response;
    return createdFor(request, state, Number(hoursIn(request.body)));
  });

/** Refuses as soon as there are so many. */
const most = (count: number): Plant =>
  atStep("create", (request, { accounts }) =>
    onCreate(request) && accounts.secretsOf(account.clientId).length >= count
      ? apiError(400, "MAXIMUM_SECRETS_REACHED", "")
      : undefined,
  );

function createdFor(
  { clientId, headers }: AtlasRequest,
  { accounts }: Parameters<Step>[1],
  hours: number,
): AtlasResponse {
  const { id, createdAt, expiresAt, value: secret } = accounts.addSecret(clientId, hours);
  return { status: 201, headers: { "content-type": headers.accept ?? "" }, body: { id, createdAt, expiresAt, secret } };
}

const LIMITS: readonly Fault[] = [
  ["there is no limit of two", limit(1000), ["secret_limit create"]],
  ["three secrets are allowed", limit(3), ["secret_limit create"]],
  ["one secret is allowed", most(1), ["secret_limit create"], { held: 0 }],
  ["two secrets are allowed beside the one that was there", () => undefined, ["secret_limit create"], { held: 1 }],
];

const value = (response: AtlasResponse): string => String(new Map(Object.entries(response.body ?? {})).get("secret"));
const createdThen = (change: (response: AtlasResponse) => AtlasResponse): Plant => responses(created, change);
const VALUE = ["secret_value create"];
const VALUES: readonly Fault[] = [
  ["a creation without its value", createdSecret({ secret: undefined }), VALUE],
  ["a creation with an empty value", createdSecret({ secret: "" }), VALUE],
  ["a creation with a blank value", createdSecret({ secret: " " }), VALUE],
  ["a creation with the mask as its value", createdSecret({ secret: "mdb_sa_sk_...3f11" }), VALUE],
  ["the same value for every secret", createdSecret({ secret: "mdb_sa_sk_yesterdays-value-not-real" }), VALUE],
  ["the same short value for every secret", createdSecret({ secret: "fake" }), VALUE],
  [
    "the value of the secret before",
    (rules) => {
      let before = "mdb_sa_sk_fake-of-yesterday";
      let count = 0;
      rules.finish = (response, request) => {
        if (!created(response, request)) return response;
        count += 1;
        // Every second one has the value of the one before.
        if (count % 2 === 0) return members({ secret: before })(response);
        before = value(response);
        return response;
      };
    },
    VALUE,
  ],
  [
    "the value as its own mask",
    createdThen((response) => members({ maskedSecretValue: value(response) })(response)),
    VALUE,
  ],
  [
    "the value in a trailer",
    (rules) => {
      rules.finish = (response, request) => {
        if (!created(response, request)) return response;
        const text = JSON.stringify(response.body);
        const head = `HTTP/1.1 201 Created\r\nContent-Type: ${request.headers.accept}\r\nTransfer-Encoding: chunked`;
        const chunks = `${text.length.toString(16)}\r\n${text}\r\n0\r\nX-Secret: ${value(response)}`;
        return { raw: `${head}\r\nConnection: close\r\n\r\n${chunks}\r\n\r\n` };
      };
    },
    VALUE,
  ],
  [
    "all but the end of the value in its mask",
    createdThen((response) => members({ maskedSecretValue: `${value(response).slice(0, -4)}****` })(response)),
    VALUE,
  ],
  [
    "all but the beginning of the value in its mask",
    createdThen((response) => members({ maskedSecretValue: `…${value(response).slice(10)}` })(response)),
    VALUE,
  ],
  [
    "the id as the value",
    createdThen((response) => {
      const id = String(new Map(Object.entries(response.body ?? {})).get("id"));
      return members({ secret: `mdb_sa_sk_${id}` })(response);
    }),
    VALUE,
  ],
  [
    "the value in base64 in a header",
    createdThen((response) => header("x-secret", Buffer.from(value(response)).toString("base64"))(response)),
    VALUE,
  ],
  ["the value in a header", createdThen((response) => header("x-secret", value(response))(response)), VALUE],
];

const HOUR_MS = 3_600_000;
const EXPIRY = ["secret_expiry create"];
/** Lets a secret expire so many milliseconds after its creation. */
const expiresAfter = (life: (asked: number) => number): Plant =>
  createdThen((response) => {
    const all = new Map<string, unknown>(Object.entries(response.body ?? {}));
    const [from, to] = ["createdAt", "expiresAt"].map((name) => Date.parse(String(all.get(name))));
    const expiresAt = new Date((from ?? 0) + life((to ?? 0) - (from ?? 0))).toISOString();
    return members({ expiresAt })(response);
  });

const EXPIRIES: readonly Fault[] = [
  ["it expires before it is created", expiresAfter(() => -HOUR_MS), EXPIRY],
  ["it expires when it is created", expiresAfter(() => 0), EXPIRY],
  ["hours are taken for minutes", expiresAfter((asked) => asked / 60), EXPIRY],
  ["hours are taken for days", expiresAfter((asked) => asked * 24), EXPIRY],
  ["it lives a year, whatever was asked for", expiresAfter(() => 365 * 24 * HOUR_MS), EXPIRY],
  [
    "it has expired when it is created",
    createdSecret({ createdAt: "2025-05-04T09:42:00Z", expiresAt: "2025-05-04T17:42:00Z" }),
    EXPIRY,
  ],
  [
    "it is created next year",
    createdThen((response) => {
      const from = Date.now() + 365 * 24 * HOUR_MS;
      const [createdAt, expiresAt] = [from, from + 8 * HOUR_MS].map((time) => new Date(time).toISOString());
      return members({ createdAt, expiresAt })(response);
    }),
    EXPIRY,
  ],
  ["it lives an hour less", expiresAfter((asked) => asked - HOUR_MS), EXPIRY],
  ["it lives eight hours, whatever was asked for", expiresAfter(() => 8 * HOUR_MS), EXPIRY],
  ["it lives a day at most, without a word", expiresAfter((asked) => Math.min(asked, 24 * HOUR_MS)), EXPIRY],
  ["it lives seven days at most", expiresAfter((asked) => Math.min(asked, 168 * HOUR_MS)), EXPIRY],
  ["it lives half a year at most", expiresAfter((asked) => Math.min(asked, 4380 * HOUR_MS)), EXPIRY],
  [
    "the second one lives as long as the first",
    (rules) => {
      let first: number | undefined;
      createdThen((response) => {
        const all = new Map<string, unknown>(Object.entries(response.body ?? {}));
        const [from = 0, to = 0] = ["createdAt", "expiresAt"].map((name) => Date.parse(String(all.get(name))));
        first ??= to - from;
        return members({ expiresAt: new Date(from + first).toISOString() })(response);
      })(rules);
    },
    EXPIRY,
  ],
];

/** Creates what was asked for, however long it is to live. */
const unbounded: Plant = around("create", (request, state, create) => {
  const hours = Number(hoursIn(request.body));
  return request.kind === "create" && hours === 2 ** 31 - 1
    ? members({ expiresAt: new Date(Date.now() + hours * HOUR_MS).toISOString() })(createdFor(request, state, hours))
    : create(request, state);
});

const ERRORS: readonly Fault[] = [
  ["a date of the year 247010", unbounded, ["response_schema_conformance create"]],
  [
    "an error that is not the status",
    responses(hasStatus(404), members({ error: 400 })),
    ["response_schema_conformance create", "response_schema_conformance delete"],
  ],
  ...["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"].map(
    (lastUsedAt): Fault => [
      `it was last used at ${lastUsedAt}`,
      createdSecret({ lastUsedAt }),
      ["response_schema_conformance create"],
    ],
  ),
  [
    "an error of 200 with 400",
    responses(hasStatus(400), members({ error: 200 })),
    ["response_schema_conformance create"],
  ],
];

describe.each([
  ["in refusing", REFUSALS],
  ["in limits", LIMITS],
  ["in values", VALUES],
  ["in expiry", EXPIRIES],
  ["in errors", ERRORS],
])("a fault %s", (_, faults) => {
  for (const [name, ...fault] of faults) it(name, () => expectCaught(...fault));
});
