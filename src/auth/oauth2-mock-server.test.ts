/**
 * Against a token server that is not ours: it says what OAuth 2.0 servers do beyond what we thought of.
 */
import { OAuth2Server } from "oauth2-mock-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AtlasAuthError, type AtlasClient, createAtlasClient } from "../index.js";
import { type AtlasRequest, type FakeAtlas, startAtlas } from "../testing/atlas/start-atlas.js";

const credentials = { clientId: "mdb_sa_id_000000000000000000000001", clientSecret: "mdb_sa_sk_obviously_fake" };
const deletion = { orgId: "a".repeat(24), clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };

let tokens: OAuth2Server;
let api: FakeAtlas;
let basic: (string | null)[];
let atlas: AtlasClient;

beforeEach(async () => {
  tokens = new OAuth2Server();
  await tokens.issuer.keys.generate("RS256");
  await tokens.start(0, "127.0.0.1");
  basic = [];
  const isSigned = ({ headers }: AtlasRequest) => headers.authorization?.split(".").length === 3;
  api = await startAtlas({
    faults: (request) => ({ applied: false, ends: { status: isSigned(request) ? 204 : 401 } }),
  });
  // One host in Atlas, two here: token requests go to the server that is not ours.
  const routed = (url: string, init: RequestInit) => {
    if (!url.endsWith("/api/oauth/token")) return fetch(url, init);
    basic.push(new Headers(init.headers).get("authorization"));
    return fetch(`http://127.0.0.1:${tokens.address().port}/token`, init);
  };
  atlas = createAtlasClient({ credentials, baseUrl: api.url, fetch: routed, retry: false });
});

afterEach(async () => {
  await tokens.stop();
  await api.close();
});

describe("with oauth2-mock-server as the token endpoint", () => {
  it("a signed JWT is fetched once and sent with every call", async () => {
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(basic).toEqual([
      `Basic ${Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString("base64")}`,
    ]);
    expect(new Set(api.requests.map(({ headers }) => headers.authorization)).size).toBe(1);
    expect(api.requests).toHaveLength(2);
  });

  it("its refusal is an AtlasAuthError with its code", async () => {
    tokens.service.once("beforeResponse", (response) => {
      response.statusCode = 400;
      response.body = { error: "unauthorized_client", error_description: "not today" };
    });
    const error = await atlas.deleteOrgServiceAccountSecret(deletion).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({ status: 400, oauthError: "unauthorized_client", oauthErrorDescription: "not today" });
    expect(api.requests).toHaveLength(0);
  });

  it("a token that it lets live for no time at all serves one call, and the next call fetches one anew", async () => {
    tokens.service.on("beforeResponse", (response) => {
      if (typeof response.body === "object" && response.body !== null) response.body["expires_in"] = 0;
    });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(basic).toHaveLength(2);
  });
});
