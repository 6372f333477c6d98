/**
 * `outcome` of every error, true of all attempts of the call together; and deletions whose repeat finds nothing.
 */
import { describe, expect, it } from "vitest";
import {
  AtlasApiError,
  AtlasAuthError,
  type AtlasClientOptions,
  AtlasError,
  AtlasNetworkError,
  AtlasRequestError,
  AtlasResponseError,
} from "../index.js";
import { creation, deletion, errorOf, scripted } from "../testing/scripted-client.js";
import { atlasError, hang, reply, reset, type Step, truncated } from "../testing/scripted-server.js";

/** Fetch that finds nobody listening at these attempts, counted from 1, and is the platform's at all others. */
function refusedAt(...attempts: number[]): NonNullable<AtlasClientOptions["fetch"]> {
  let attempt = 0;
  return async (url, init) => {
    attempt += 1;
    if (!attempts.includes(attempt)) return fetch(url, init);
    const refusal = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
    throw new TypeError("fetch failed", { cause: refusal });
  };
}

/** A token function that fails at this request, counted from 1. */
function noTokenAt(request: number): AtlasClientOptions["credentials"] {
  let requests = 0;
  const accessToken = () => {
    requests += 1;
    if (requests === request) throw new Error("no token");
    return "test-access-token";
  };
  return { accessToken };
}

type Row = [
  name: string,
  script: readonly Step[],
  error: abstract new (...args: never[]) => AtlasError,
  outcome: AtlasError["outcome"],
  options?: Partial<AtlasClientOptions>,
];

const down = atlasError(503, "DOWN");
const limited = atlasError(429, "RATE_LIMITED", { "retry-after": "0" });
const forbidden = atlasError(403, "FORBIDDEN");
const unanswerable = reply(401, "", { "www-authenticate": 'Digest realm="r", nonce="n", algorithm=SHA-512' });
const apiKey = { publicKey: "fakepublic", privateKey: "not-a-real-private-key" };

/** Nothing was sent. */
const nothingSent: readonly Row[] = [
  ["create, without a token", [], AtlasAuthError, "not-applied", { credentials: noTokenAt(1) }],
  ["create, nobody listens", [], AtlasNetworkError, "not-applied", { fetch: refusedAt(1, 2, 3, 4) }],
  ["delete, nobody listens", [], AtlasNetworkError, "not-applied", { fetch: refusedAt(1, 2, 3, 4) }],
  [
    "create, the digest challenge cannot be answered",
    [unanswerable],
    AtlasAuthError,
    "not-applied",
    { credentials: apiKey },
  ],
];

/** One attempt says it all. */
const oneAttempt: readonly Row[] = [
  ["create, 400", [atlasError(400, "BAD")], AtlasApiError, "not-applied"],
  ["create, 401", [atlasError(401, "WHO")], AtlasApiError, "not-applied"],
  ["create, 404", [atlasError(404, "NONE")], AtlasApiError, "not-applied"],
  ["create, 408", [atlasError(408, "SLOW")], AtlasApiError, "unknown"],
  ["create, 302", [reply(302, "", { location: "/" })], AtlasApiError, "unknown"],
  ["create, 500", [atlasError(500, "BROKEN")], AtlasApiError, "unknown"],
  ["create, 600", [reply(600)], AtlasApiError, "unknown"],
  ["create, reset", [reset], AtlasNetworkError, "unknown"],
  ["create, timeout", [hang], AtlasNetworkError, "unknown", { timeoutMs: 1_000 }],
  ["create, success cut short", [truncated(201, '{"id":')], AtlasResponseError, "applied"],
  ["create, success that is no JSON", [reply(201, "<html>")], AtlasResponseError, "applied"],
  ["create, JSON with a 2xx that the contract does not list", [reply(202, {})], AtlasResponseError, "applied"],
  ["create, a 2xx that need not be Atlas's", [reply(200, "<html>")], AtlasResponseError, "unknown"],
  ["delete, 404", [atlasError(404, "NONE")], AtlasApiError, "not-applied"],
  ["delete, a 2xx that the contract does not list", [reply(200, {})], AtlasResponseError, "applied"],
];

/** All attempts prove that nothing happened. */
const allProve: readonly Row[] = [
  ["create, 429 then 400", [limited, atlasError(400, "BAD")], AtlasApiError, "not-applied"],
  ["create, 429 four times", [limited, limited, limited, limited], AtlasApiError, "not-applied"],
  ["create, refused connection then 403", [forbidden], AtlasApiError, "not-applied", { fetch: refusedAt(1) }],
  ["create, 429 then no token", [limited], AtlasAuthError, "not-applied", { credentials: noTokenAt(2) }],
  ["create, 429 then refused connections", [limited], AtlasNetworkError, "not-applied", { fetch: refusedAt(2, 3, 4) }],
  ["delete, 429 then 404", [limited, atlasError(404, "NONE")], AtlasApiError, "not-applied"],
  [
    "delete, refused connection then 404",
    [atlasError(404, "NONE")],
    AtlasApiError,
    "not-applied",
    { fetch: refusedAt(1) },
  ],
];

/** A later attempt that did nothing does not undo an earlier one that may have. */
const notUndone: readonly Row[] = [
  ["create, 429 then reset", [limited, reset], AtlasNetworkError, "unknown"],
  [
    "create, refused connection then 500",
    [atlasError(500, "BROKEN")],
    AtlasApiError,
    "unknown",
    { fetch: refusedAt(1) },
  ],
  ["delete, reset then 403", [reset, forbidden], AtlasApiError, "unknown"],
  ["delete, 408 then 409", [atlasError(408, "SLOW"), atlasError(409, "BUSY")], AtlasApiError, "unknown"],
  ["delete, timeout then 401", [hang, atlasError(401, "WHO")], AtlasApiError, "unknown", { timeoutMs: 1_000 }],
  ["delete, 503 then refused connections", [down], AtlasNetworkError, "unknown", { fetch: refusedAt(2, 3, 4) }],
  ["delete, 503 then 429 three times", [down, limited, limited, limited], AtlasApiError, "unknown"],
  [
    "delete, 503 then a Retry-After too long",
    [down, atlasError(429, "RATE_LIMITED", { "retry-after": "3600" })],
    AtlasApiError,
    "unknown",
  ],
  ["delete, 503 then no token", [down], AtlasAuthError, "unknown", { credentials: noTokenAt(2) }],
  [
    "delete, reset then a digest challenge that cannot be answered",
    [reset, unanswerable],
    AtlasAuthError,
    "unknown",
    { credentials: apiKey },
  ],
  ["delete, 429, reset, 429, 403", [limited, reset, limited, forbidden], AtlasApiError, "unknown"],
];

/** A later attempt that certainly took effect decides. */
const decides: readonly Row[] = [
  ["delete, reset then a 2xx that the contract does not list", [reset, reply(200, {})], AtlasResponseError, "applied"],
];

describe("outcome", () => {
  it.each<Row>([...nothingSent, ...oneAttempt, ...allProve, ...notUndone, ...decides])(
    "%s",
    async (name, script, expected, outcome, options) => {
      const { server, atlas } = await scripted(script, options);
      const create = name.startsWith("create");
      const call = create
        ? atlas.createGroupServiceAccountSecret(creation)
        : atlas.deleteOrgServiceAccountSecret(deletion);
      const error = await errorOf(call, expected);
      expect(error).toMatchObject({ name: expected.name, outcome });
      expect(error.operationId).toBe(create ? "createGroupServiceAccountSecret" : "deleteOrgServiceAccountSecret");
      // Every attempt that reaches the server has its step: none too few, none too many.
      expect(server.requests).toHaveLength(script.length);
    },
  );

  it.each([
    ["not-applied", [forbidden], "Nothing was changed."],
    ["unknown", [reset, forbidden], "Whether the call took effect is unknown."],
    ["applied", [reply(200, {})], "The call took effect."],
  ] as const)("%s is said in the message too", async (_outcome, script, sentence) => {
    const { atlas } = await scripted(script);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasError);
    expect(
      error.message.startsWith("DELETE /api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}: "),
    ).toBe(true);
    expect(error.message.endsWith(` ${sentence}`)).toBe(true);
  });

  it("of arguments that break the contract is not-applied, and of a closed client too", async () => {
    const { server, atlas } = await scripted([]);
    const refused = await errorOf(
      atlas.deleteOrgServiceAccountSecret({ ...deletion, secretId: ".." }),
      AtlasRequestError,
    );
    expect(refused).toMatchObject({ code: "ERR_ATLAS_REQUEST", outcome: "not-applied" });
    await atlas.close();
    const closed = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasRequestError);
    expect(closed).toMatchObject({
      outcome: "not-applied",
      operationId: "deleteOrgServiceAccountSecret",
      violations: [],
    });
    expect(server.requests).toEqual([]);
  });
});

describe("a DELETE is finished when it is gone", () => {
  const gone = atlasError(404, "RESOURCE_NOT_FOUND");

  it.each<[string, Step]>([
    ["a reset", reset],
    ["a timeout", hang],
    ["408", atlasError(408, "SLOW")],
    ["500", atlasError(500, "BROKEN")],
    ["504", atlasError(504, "SLOW")],
  ])("404 on the repeat after %s resolves", async (_name, step) => {
    const { server, atlas } = await scripted([step, gone], { timeoutMs: 1_000 });
    expect(await atlas.deleteOrgServiceAccountSecret(deletion)).toBeUndefined();
    expect(server.count("DELETE")).toBe(2);
  });

  it("404 resolves also where attempts that did nothing lie between", async () => {
    const { server, atlas } = await scripted([reset, limited, gone]);
    expect(await atlas.deleteOrgServiceAccountSecret(deletion)).toBeUndefined();
    expect(server.count("DELETE")).toBe(3);
  });

  it("and withResponse tells the 404, which proves no deletion, from a 204", async () => {
    const { atlas } = await scripted([reset, gone, reset, reply(204)]);
    const remove = () => atlas.deleteOrgServiceAccountSecret(deletion).withResponse();
    expect([(await remove()).response.status, (await remove()).response.status]).toEqual([404, 204]);
  });

  it("404 inside an envelope resolves likewise", async () => {
    const { server, atlas } = await scripted([
      reset,
      reply(200, { status: 404, content: { error: 404, errorCode: "X" } }),
    ]);
    expect(await atlas.deleteOrgServiceAccountSecret({ ...deletion, envelope: true })).toBeUndefined();
    expect(server.count("DELETE")).toBe(2);
  });

  it.each<[string, readonly Step[]]>([
    ["on the first attempt", [gone]],
    ["after 429 only", [limited, limited, gone]],
  ])("404 %s is an AtlasApiError", async (_name, script) => {
    const { server, atlas } = await scripted(script);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(error).toMatchObject({ status: 404, errorCode: "RESOURCE_NOT_FOUND", outcome: "not-applied" });
    expect(server.count("DELETE")).toBe(script.length);
  });

  it("404 if nothing was to be repeated is an AtlasApiError", async () => {
    const { atlas } = await scripted([reset, gone], { retry: false });
    expect(await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasNetworkError)).toMatchObject({
      outcome: "unknown",
    });
    expect(await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError)).toMatchObject({
      outcome: "not-applied",
    });
  });

  it.each<[string, Step]>([
    ["a page", reply(404, "<html>Not Found</html>", { "content-type": "text/html" })],
    ["the text of a load balancer without servers", reply(404, "default backend - 404")],
  ])("404 on the repeat is no proof that it is gone, if it comes with %s", async (_name, page) => {
    const { server, atlas } = await scripted([down, page]);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(error).toMatchObject({ status: 404, outcome: "unknown" });
    expect(server.count("DELETE")).toBe(2);
  });

  it.each([403, 410])("%d on the repeat is no proof that it is gone", async (status) => {
    const { atlas } = await scripted([reset, atlasError(status, "NO")]);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(error).toMatchObject({ status, outcome: "unknown" });
  });

  it("raw returns the 404 of the repeat as it came", async () => {
    const { server, atlas } = await scripted([reset, gone]);
    const { orgId, clientId, secretId } = deletion;
    const { response } = await atlas.raw.DELETE(
      "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}",
      { params: { path: { orgId, clientId, secretId } } },
    );
    expect([response.status, server.count("DELETE")]).toEqual([404, 2]);
  });
});
