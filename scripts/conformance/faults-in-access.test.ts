/**
 * Who gets in without having to, and who reaches what belongs to somebody else: the check that is meant for it finds it, and
 * the others find nothing.
 */
import { describe, it } from "vitest";
import { type ApiKey, digestCheck, readBasic, readDigest } from "../../src/testing/atlas/credentials.js";
import { apiError } from "../../src/testing/atlas/http.js";
import type { AtlasRequest } from "../../src/testing/atlas/request.js";
import { ALL_CASES, type CheckingOptions, expectCaught, type Fault } from "./testing/checking.js";
import {
  account,
  all,
  around,
  asIf,
  authorization,
  hasStatus,
  onCreate,
  onDelete,
  type Plant,
  reorder,
  responses,
  skips,
  status,
} from "./testing/server.js";

const BOTH = ["ignored_auth create", "ignored_auth delete"];
const CREDENTIALS: readonly Fault[] = [
  ["nobody has to sign in", skips("authenticate"), BOTH],
  ["nobody has to sign in to delete", skips("authenticate", onDelete), ["ignored_auth delete"]],
  [
    "nobody has to sign in for pretty=true",
    skips("authenticate", ({ query }) => query.get("pretty") === "true"),
    BOTH,
    ALL_CASES,
  ],
  [
    "whoever asks learns which projects and organizations there are",
    around("authenticate", (request, state, original) => {
      const isKnown =
        (request.groupId ?? account.groupId) === account.groupId && (request.orgId ?? account.orgId) === account.orgId;
      return isKnown ? original(request, state) : apiError(404, "RESOURCE_NOT_FOUND", "");
    }),
    BOTH,
    ALL_CASES,
  ],
  ["any token will do", skips("authenticate", authorization(/^Bearer \S/)), BOTH],
  ["a scheme alone will do", skips("authenticate", authorization(/^Bearer$/)), BOTH],
  ["any digest will do", skips("authenticate", authorization(/^Digest/)), BOTH],
  ["basic credentials will do", skips("authenticate", authorization(/^Basic/)), BOTH],
  ["any header will do", skips("authenticate", authorization(/./)), BOTH],
  ["403 instead of 401", responses(hasStatus(401), status(403)), BOTH],
  [
    "authentication comes after validation",
    ({ steps }) => {
      const last = ["authenticate", "find", "create", "delete"] as const;
      reorder(steps, (names) => [...names.filter((name) => !last.some((each) => each === name)), ...last]);
    },
    BOTH,
  ],
];

/** Takes one text for another. */
type Comparison = (given: string, own: string) => boolean;

const half = (text: string): number => Math.ceil(text.length / 2);
const lettersOf = (text: string): string => [...text].sort().join("");
const COMPARED = {
  "by its beginning alone": (given, own) => given.startsWith(own),
  "by its first half": (given, own) => given.slice(0, half(own)) === own.slice(0, half(own)),
  "by its last half": (given, own) => given.slice(-half(own)) === own.slice(-half(own)),
  "by its last letter": (given, own) => given.slice(-1) === own.slice(-1),
  "by all but its last letter": (given, own) => given.slice(0, -1) === own.slice(0, -1),
  "as far as it goes": (given, own) => given !== "" && own.startsWith(given),
  "by its length": (given, own) => given.length === own.length,
  "whatever its letter case": (given, own) => given.toLowerCase() === own.toLowerCase(),
  "by both its ends": (given, own) => given.slice(0, 4) + given.slice(-4) === own.slice(0, 4) + own.slice(-4),
  "by its letters in any order": (given, own) => lettersOf(given) === lettersOf(own),
} satisfies Record<string, Comparison>;
type HowCompared = keyof typeof COMPARED;

const wellFormed = (id: string | undefined): boolean => /^(mdb_sa_id_)?[a-f0-9]{24}$/.test(id ?? "");

/** What is compared, and how a server does it with a comparison of its own. */
const tokens = (same: Comparison): Plant =>
  skips("authenticate", ({ headers }) => {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
    return token !== undefined && same(token, account.accessToken);
  });
const owners =
  (name: "orgId" | "groupId" | "clientId", condition: (request: AtlasRequest) => boolean) =>
  (same: Comparison): Plant =>
    asIf((request) => {
      const given = request[name] ?? "";
      return condition(request) && wellFormed(given) && same(given, account[name])
        ? { ...request, [name]: account[name] }
        : request;
    });
const secretIds = (same: Comparison): Plant =>
  around("delete", (request, state, original) => {
    const { secretId = "" } = request;
    const own = state.accounts.secretsOf(request.clientId).find(({ id }) => same(secretId, id));
    return original(own === undefined ? request : { ...request, secretId: own.id }, state);
  });
/** The same, and the id need not even have the form of one. */
const takesIds = (same: Comparison): Plant => all(secretIds(same), skips("checkPath", onDelete));
/** Signs in whoever has nearly the secret of the check's own account. */
const clientSecrets = (same: Comparison): Plant =>
  around("oauth", (request, state, original) => {
    const given = readBasic(request.headers.authorization);
    const isNear = given?.clientId === account.adminId && same(given.clientSecret, account.adminSecret);
    const exact = `Basic ${Buffer.from(`${account.adminId}:${account.adminSecret}`).toString("base64")}`;
    const headers = isNear ? { ...request.headers, authorization: exact } : request.headers;
    return original({ ...request, headers }, state);
  });
/** Lets in whoever signs with this key too: a check of its own finds the digest right, and only its nonce unknown. */
const acceptsKey = (key: (request: AtlasRequest) => ApiKey): Plant =>
  skips("authenticate", (request) => {
    const check = digestCheck([key(request)], Date.now);
    return check.refusalOf(request.headers.authorization, request)?.stale === true;
  });

const OWNER = ["object_level_authorization delete"];
const ORGANIZATION = owners("orgId", onDelete);
const PROJECT = owners("groupId", onCreate);
const CLIENT = owners("clientId", onDelete);
const OTHER_ORG = "aaaaaaaaaaaaaaaaaaaaaaaa";
const isAny: Comparison = () => true;

/** How each is compared. */
const COMPARISONS: readonly (readonly [
  what: string,
  plant: (same: Comparison) => Plant,
  how: readonly HowCompared[],
  caughtBy: readonly string[],
  options?: CheckingOptions,
])[] = [
  [
    "the token",
    tokens,
    [
      "by its beginning alone",
      "by its first half",
      "by its last half",
      "by all but its last letter",
      "as far as it goes",
      "by its length",
      "whatever its letter case",
    ],
    BOTH,
    ALL_CASES,
  ],
  ["the organization", ORGANIZATION, ["by its first half", "by its last letter", "by both its ends"], OWNER],
  ["the project", PROJECT, ["by its last half", "by its letters in any order"], ["object_level_authorization create"]],
  ["the account of a deletion", CLIENT, ["by its last half"], OWNER],
  [
    "the account of a creation",
    owners("clientId", onCreate),
    ["by its first half"],
    ["object_level_authorization create"],
  ],
  ["the id of a secret", secretIds, ["by its first half", "by its last half"], OWNER],
  [
    "the client secret",
    clientSecrets,
    ["by its beginning alone", "by its first half", "as far as it goes", "whatever its letter case"],
    BOTH,
    { credentials: { clientId: account.adminId, clientSecret: account.adminSecret } },
  ],
];

const KEY = { publicKey: account.publicKey, privateKey: account.privateKey };
const DIGESTS: readonly Fault[] = [
  ["a private key in capitals will do", acceptsKey(() => ({ ...KEY, privateKey: KEY.privateKey.toUpperCase() })), BOTH],
  [
    "a private key without its last letter will do",
    acceptsKey(() => ({ ...KEY, privateKey: KEY.privateKey.slice(0, -1) })),
    BOTH,
  ],
  [
    "the private key of another public key will do",
    acceptsKey(({ headers }) => ({ ...KEY, publicKey: readDigest(headers.authorization)?.get("username") ?? "" })),
    BOTH,
  ],
];

const OWNERS: readonly Fault[] = [
  ["a secret is deleted through any organization", ORGANIZATION(isAny), OWNER],
  ["a secret is deleted through any account", CLIENT(isAny), OWNER],
  ["a secret is created through any project", PROJECT(isAny), ["object_level_authorization create"]],
  ["a project's id will do for its organization", ORGANIZATION((given) => given === account.groupId), OWNER],
  [
    "an organization's id will do for its project",
    PROJECT((given) => given === account.orgId),
    ["object_level_authorization create"],
    // Only the other operation knows the organization.
    { selects: () => true },
  ],
  ["the beginning of a secret's id will do", takesIds(COMPARED["as far as it goes"]), OWNER],
  ["a secret's id with something behind it will do", takesIds(COMPARED["by its beginning alone"]), OWNER],
  [
    "a secret is deleted through another organization, which exists",
    ORGANIZATION((given) => given === OTHER_ORG),
    OWNER,
  ],
];

/** Remembers every secret, and goes on signing in with it. */
const signsInForEver: Plant = (rules) => {
  const values = new Map<string, string>();
  around("create", (request, state, create) => {
    const response = create(request, state);
    for (const { value } of state.accounts.secretsOf(account.clientId)) values.set(value, request.clientId);
    return response;
  })(rules);
  around("oauth", (request, state, original) => {
    const given = readBasic(request.headers.authorization);
    const isKnown = request.kind === "token" && given !== undefined && values.has(given.clientSecret);
    return isKnown
      ? { status: 200, body: { access_token: "fake-token", token_type: "Bearer" } }
      : original(request, state);
  })(rules);
};

describe("a fault in who gets in", () => {
  const faults: readonly Fault[] = [
    ...CREDENTIALS,
    ...OWNERS,
    ["a deleted secret still signs in", signsInForEver, ["use_after_free delete"]],
    ...DIGESTS.map(([name, plant, caughtBy]) => [name, plant, caughtBy, { ...ALL_CASES, credentials: KEY }] as const),
    ...COMPARISONS.flatMap(([what, plant, hows, caughtBy, options]) =>
      hows.map((how) => [`${what} is compared ${how}`, plant(COMPARED[how]), caughtBy, options] as const),
    ),
  ];
  for (const [name, plant, caughtBy, options] of faults) {
    it(name, () => expectCaught(plant, caughtBy, { otherIds: { orgId: OTHER_ORG }, ...options }));
  }
});
