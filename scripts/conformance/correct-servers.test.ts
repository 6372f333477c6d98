/**
 * Servers that do what the contract says in a way of their own: none of them is a false alarm.
 */
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type AtlasResponse, apiError } from "../../src/testing/atlas/http.js";
import { hoursIn, VERSIONS } from "../../src/testing/atlas/steps.js";
import { changedContract, checkServer, failedChecks } from "./testing/checking.js";
import {
  account,
  all,
  around,
  asIf,
  atStep,
  created,
  createdSecret,
  deleted,
  hasStatus,
  header,
  hours,
  members,
  onCreate,
  onDelete,
  type Plant,
  reorder,
  responses,
  skips,
  status,
} from "./testing/server.js";

const hasBody = ({ body }: AtlasResponse): boolean => body !== undefined;
const isIllFormed = (id: string | undefined): boolean => !/^(mdb_sa_id_)?[a-f0-9]{24}$/.test(id ?? "");
const forbidden = apiError(403, "FORBIDDEN", "You may not.");
const notFound = apiError(404, "RESOURCE_NOT_FOUND", "There is nothing of this name.");

/** Responds with a body in a content coding that nobody has asked for. */
const encoded =
  (coding: string, encode: (text: string) => Buffer): Plant =>
  (rules) => {
    rules.finish = (response) => {
      if (response.body === undefined) return response;
      const body = encode(JSON.stringify(response.body));
      const headers = { "content-type": "application/json", ...response.headers, "content-encoding": coding };
      const lines = Object.entries({ ...headers, "content-length": body.length, connection: "close" });
      const head = [`HTTP/1.1 ${response.status} Whatever`, ...lines.map(([name, text]) => `${name}: ${text}`), "", ""];
      return { raw: Buffer.concat([Buffer.from(head.join("\r\n")), body]) };
    };
  };

/** Changes the dates of what was created. */
const dates = (change: (date: Date) => string): Plant =>
  responses(created, (response) => {
    const all = new Map<string, unknown>(Object.entries(response.body ?? {}));
    const [createdAt, expiresAt] = ["createdAt", "expiresAt"].map((name) => change(new Date(String(all.get(name)))));
    return members({ createdAt, expiresAt })(response);
  });

const isAsked = hours((value) => Number(value) > 0 && Number(value) < 2 ** 31);
const refusesHours = (fits: (asked: number) => boolean): Plant =>
  atStep("checkBody", (request) =>
    isAsked(request) && !fits(Number(hoursIn(request.body)))
      ? apiError(400, "INVALID_EXPIRATION", "The organization allows other hours.")
      : undefined,
  );

const SERVERS: readonly (readonly [name: string, plant: Plant])[] = [
  [
    "no rate limits",
    responses(
      () => true,
      (response) => header("ratelimit-limit", undefined)(header("ratelimit-remaining", undefined)(response)),
    ),
  ],
  [
    "a charset beside the media type",
    responses(hasBody, (response) =>
      header("content-type", `${response.headers?.["content-type"]}; charset=utf-8`)(response),
    ),
  ],
  [
    "a media type in capitals",
    responses(hasBody, (response) =>
      header("content-type", response.headers?.["content-type"]?.toUpperCase())(response),
    ),
  ],
  ["a Content-Type on the bodyless 204", responses(deleted, header("content-type", VERSIONS[1]))],
  ["a Content-Length of 0 on the bodyless 204", responses(deleted, header("content-length", "0"))],
  ["fields that the contract does not list", responses(hasBody, members({ links: [], requestId: "0815" }))],
  [
    "no wrapped responses",
    asIf((request) => {
      const query = new URLSearchParams([...request.query].filter((pair) => pair.join("=") !== "envelope=true"));
      return { ...request, query };
    }),
  ],
  ["no masked value", createdSecret({ maskedSecretValue: undefined })],
  [
    "a time of last use that is that of the creation, as in the documentation's example",
    responses(created, (response) => {
      const createdAt = new Map<string, unknown>(Object.entries(response.body ?? {})).get("createdAt");
      return members({ lastUsedAt: createdAt })(response);
    }),
  ],
  [
    "reason phrases of its own",
    responses(({ body }) => JSON.stringify([body]).includes("reason"), members({ reason: "Geht nicht" })),
  ],
  [
    "405 before it asks who is calling",
    ({ steps }) => reorder(steps, (names) => ["route", ...names.filter((name) => name !== "route")]),
  ],
  ["404 for a method that it does not have", responses(hasStatus(405), status(404))],
  ["501 for a method that it does not have", responses(hasStatus(405), status(501))],
  ["403 for a method that it does not have", responses(hasStatus(405), status(403))],
  ["400 for another Content-Type", responses(hasStatus(415), status(400))],
  [
    "a 4xx of its own if the contract documents no 400",
    responses((response, request) => response.status === 400 && onDelete(request), status(422)),
  ],
  [
    "404 for an id that is none",
    atStep("checkPath", ({ groupId, orgId, clientId }) =>
      isIllFormed(groupId ?? orgId) || isIllFormed(clientId) ? notFound : undefined,
    ),
  ],
  [
    "404 for an id that is none, whoever asks",
    around("authenticate", (request, state, original) => {
      const ids = [request.groupId ?? request.orgId, request.clientId];
      return ids.some(isIllFormed) ? notFound : original(request, state);
    }),
  ],
  [
    "403 for whatever it does not know, before it routes",
    all(
      skips("checkPath"),
      atStep("route", ({ kind, groupId, orgId, clientId }) => {
        const isKnown = (groupId ?? account.groupId) === account.groupId && (orgId ?? account.orgId) === account.orgId;
        return kind !== "other" && isKnown && clientId === account.clientId ? undefined : forbidden;
      }),
    ),
  ],
  ["410 for a version that is not there any more", responses(hasStatus(406), status(410))],
  ["gzip that nobody asked for", encoded("gzip", gzipSync)],
  ["brotli that nobody asked for", encoded("br", brotliCompressSync)],
  [
    "100 before every response",
    (rules) => {
      rules.interim = (outgoing) => outgoing.writeContinue();
    },
  ],
  [
    "103 before every response",
    (rules) => {
      rules.interim = (outgoing) => outgoing.writeEarlyHints({ link: "</styles.css>; rel=preload; as=style" });
    },
  ],
  ["at least 24 hours", refusesHours((asked) => asked >= 24)],
  ["at least 30 days", refusesHours((asked) => asked >= 720)],
  ["at most 12 hours", refusesHours((asked) => asked <= 12)],
  [
    "room for one secret only, the other being taken",
    ({ steps }) => {
      const { create } = steps;
      steps.create = (request, state) => {
        if (onCreate(request) && state.accounts.secretsOf(account.clientId).length === 1) {
          return apiError(400, "MAXIMUM_SECRETS_REACHED", "The service account has two secrets already.");
        }
        return create(request, state);
      };
    },
  ],
  [
    "dates of another time zone",
    dates((date) => `${new Date(date.getTime() + 7_200_000).toISOString().slice(0, -1)}+02:00`),
  ],
  ["dates in whole minutes", dates((date) => `${date.toISOString().slice(0, 16)}:00Z`)],
  ["dates with nanoseconds", dates((date) => date.toISOString().replace("Z", "123456Z"))],
  ["a clock that is a day late", dates((date) => new Date(date.getTime() - 86_400_000).toISOString())],
  [
    "503 at its token endpoint",
    atStep("oauth", ({ kind }) => (kind === "token" ? apiError(503, "UNAVAILABLE", "") : undefined)),
  ],
  [
    "a token endpoint that does not know new secrets yet",
    atStep("oauth", ({ kind, clientId }) =>
      kind === "token" && clientId === account.clientId ? apiError(401, "invalid_client", "") : undefined,
    ),
  ],
  [
    "403 for whoever asks through another organization or project",
    around("find", (request, state, original) => original(request, state) && forbidden),
  ],
  ["hours in whole days only", refusesHours((asked) => asked % 24 === 0)],
  ["hours in whole weeks only", refusesHours((asked) => asked % 168 === 0)],
  ["at least half a year", refusesHours((asked) => asked >= 4380)],
  ["hours from 8 to 8", refusesHours((asked) => asked === 8)],
  [
    "more methods in Allow",
    responses(hasStatus(405), (response) => header("allow", `${response.headers?.["allow"]}, GET, head`)(response)),
  ],
  [
    "204 for OPTIONS",
    atStep("route", ({ method }) =>
      method === "OPTIONS" ? { status: 204, headers: { "access-control-allow-methods": "POST" } } : undefined,
    ),
  ],
  [
    "JSON that is written with escapes",
    (rules) => {
      rules.finish = (response) => {
        if (response.body === undefined) return response;
        const text = JSON.stringify(response.body).replace(
          /[a-z](?=[^"]*"[,}])/g,
          (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`,
        );
        return { ...response, body: text };
      };
    },
  ],
  [
    "a response of HTTP/1.0 that ends with its connection",
    (rules) => {
      rules.finish = ({ status, headers = {}, body }) => {
        const lines = Object.entries({ "content-type": "application/json", ...headers }).map(
          ([name, text]) => `${name}: ${text}`,
        );
        const type = status === 204 ? lines.slice(1) : lines;
        return {
          raw: [`HTTP/1.0 ${status}`, ...type, "", body === undefined ? "" : JSON.stringify(body)].join("\r\n"),
        };
      };
    },
  ],
  ["several challenges", responses(hasStatus(401), header("www-authenticate", 'Bearer realm="a", Basic realm="b, c"'))],
];

describe("a server is free to have", () => {
  it.each(SERVERS)("%s", async (_, plant) => {
    const { report, server } = await checkServer(plant, { casesPerKind: () => 2 });
    expect(failedChecks(report)).toEqual([]);
    expect(report).toMatchObject({ conforms: true, failures: [], leftOver: [] });
    expect(server.ids()).toEqual([]);
  });

  it("several machines, which do not all know at once what one has created", async () => {
    const late = around("delete", (request, state, original) => {
      const secret = state.accounts.secretsOf(request.clientId).find(({ id }) => id === request.secretId);
      const isNew = secret !== undefined && Date.now() - Date.parse(secret.createdAt) < 100;
      return onDelete(request) && isNew ? notFound : original(request, state);
    });
    const { report, server } = await checkServer(late, { settleMs: 50 });
    expect(failedChecks(report)).toEqual([]);
    expect(report.leftOver).toEqual([]);
    expect(server.ids()).toEqual([]);
  });

  it("null if the contract allows it", async () => {
    const spec = await changedContract((text) => text.replace(/(lastUsedAt:\n +)/, "$1nullable: true\n          "));
    const { report } = await checkServer(createdSecret({ lastUsedAt: null }), { spec });
    expect(failedChecks(report)).toEqual([]);
    expect(report.conforms).toBe(true);
  });

  it("any way to refuse a version, and to respond without one, if the contract does not say which", async () => {
    const spec = await changedContract((text) => text.replace("x-version-negotiation:", "x-unknown:"));
    const lenient = asIf((request) => {
      const { accept = "*/*" } = request.headers;
      return accept.includes("vnd") ? request : { ...request, headers: { ...request.headers, accept: VERSIONS[0] } };
    });
    const { report } = await checkServer(all(lenient, responses(hasStatus(406), status(400))), { spec });
    expect(failedChecks(report)).toEqual([]);
    expect(report.notTried.map(({ what }) => what)).toContain("no Accept, or one without a version");
  });
});
