/**
 * Signing in with an access token, and with a token server that is not ours: it says what OAuth 2.0 servers do beyond what
 * we thought of.
 */
import { OAuth2Server } from "oauth2-mock-server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type AccessToken, AtlasApiError, AtlasAuthError, createAtlasClient } from "../index.js";
import { readDigest } from "../testing/atlas/credentials.js";
import { type AtlasRequest, ORG_ID, startAtlas } from "../testing/atlas/start-atlas.js";
import type { TransportRequest } from "../transport/pipeline.js";
import { requestTo } from "./digest/testing/digest-client.js";
import { createSignIn } from "./sign-in.js";
import { createTokenEndpoint } from "./token-endpoint.js";

const deletion = { orgId: ORG_ID, clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };

async function start(accessToken: AccessToken) {
  const server = await startAtlas({
    accessTokens: ["good.token-1", "good1", "good2"],
    accounts: [{ clientId: deletion.clientId, secrets: [{ id: deletion.secretId }] }],
  });
  onTestFinished(() => server.close());
  const calls = server.requests;
  return { calls, atlas: createAtlasClient({ credentials: { accessToken }, baseUrl: server.url, retry: false }) };
}

describe("a client with an access token", () => {
  it("sends it as it is", async () => {
    const { calls, atlas } = await start("good.token-1");
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(calls.map((call) => call.headers.authorization)).toEqual(["Bearer good.token-1"]);
  });

  it("asks a function before every request, synchronous or not", async () => {
    let count = 0;
    const { calls, atlas } = await start(async () => `good${++count}`);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await expect(atlas.deleteOrgServiceAccountSecret(deletion)).rejects.toMatchObject({ status: 404 });
    expect(calls.map((call) => call.headers.authorization)).toEqual(["Bearer good1", "Bearer good2"]);
  });

  it("reports a refused token after one request", async () => {
    const { calls, atlas } = await start("bad");
    const error = await atlas.deleteOrgServiceAccountSecret(deletion).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AtlasApiError);
    expect(error).toMatchObject({ status: 401, errorCode: "UNAUTHORIZED", outcome: "not-applied" });
    expect(calls).toHaveLength(1);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("the vault is sealed");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the vault is sealed"))],
  ])("is an AtlasAuthError if the function %s", async (_name, accessToken) => {
    const { calls, atlas } = await start(accessToken as () => string);
    const error = await atlas.deleteOrgServiceAccountSecret(deletion).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({
      code: "ERR_ATLAS_AUTH",
      outcome: "not-applied",
      message: expect.stringContaining(
        ": Could not get an access token: the accessToken function failed: the vault is sealed. ",
      ),
      cause: { message: "the vault is sealed" },
    });
    expect(calls).toHaveLength(0);
  });

  it.each([[undefined], [""], ["two words"], ["line\nbreak"], [5], ["ümlaut"]])(
    "is an AtlasAuthError if the function returns %j",
    async (answer) => {
      const { calls, atlas } = await start((() => answer) as () => string);
      const error = await atlas.deleteOrgServiceAccountSecret(deletion).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AtlasAuthError);
      expect(error).toMatchObject({
        message: expect.stringContaining("the accessToken function returned something that cannot be a token."),
      });
      expect(calls).toHaveLength(0);
    },
  );

  it("masks the token for good if it was given as text, and else until a day after its last use", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const ends: (number | undefined)[] = [];
    const redactor = {
      redact: (text: string) => text,
      protect: (_token: string, until?: number) => void ends.push(until),
    };
    const nothingSent = createTokenEndpoint("http://127.0.0.1", async () => expect.fail(), redactor, "test");
    for (const accessToken of ["fake", () => "fake"]) {
      const { stage } = createSignIn({ accessToken }, nothingSent, redactor);
      const send = async ({ headers }: TransportRequest) => ({ status: 204, headers: new Headers(headers), text: "" });
      const response = await stage(send)(requestTo("http://127.0.0.1"));
      expect(response.headers.get("authorization")).toBe("Bearer fake");
    }
    expect(ends).toEqual([undefined, Date.now() + 86_400_000]);
  });
});

it("a client with an API key asks for one challenge for all calls that begin while the digest is loaded", async () => {
  const key = { publicKey: "abcdefgh", privateKey: "not-a-real-private-key" };
  const server = await startAtlas({ apiKeys: [key] });
  onTestFinished(() => server.close());
  const atlas = createAtlasClient({ credentials: key, baseUrl: server.url, retry: false });
  const call = () => atlas.deleteOrgServiceAccountSecret(deletion).catch((error: unknown) => error);
  // There is no such account: what is seen to is that they are signed in.
  const notFound = expect.objectContaining({ status: 404 });
  expect(await Promise.all([call(), call(), call()])).toEqual([notFound, notFound, notFound]);
  const counts = server.requests.map(({ headers }) => readDigest(headers.authorization)?.get("nc") ?? "unsigned");
  expect(counts.toSorted()).toEqual(["00000001", "00000002", "00000003", "unsigned"]);
});

const credentials = { clientId: "mdb_sa_id_000000000000000000000001", clientSecret: "mdb_sa_sk_obviously_fake" };

/** All of it ends with the test. */
async function startWithOAuth2Server() {
  const tokens = new OAuth2Server();
  await tokens.issuer.keys.generate("RS256");
  await tokens.start(0, "127.0.0.1");
  onTestFinished(() => tokens.stop());
  const isSigned = ({ headers }: AtlasRequest) => headers.authorization?.split(".").length === 3;
  const api = await startAtlas({
    faults: (request) => ({ applied: false, ends: { status: isSigned(request) ? 204 : 401 } }),
  });
  onTestFinished(() => api.close());
  const basic: (string | null)[] = [];
  // One host in Atlas, two here: token requests go to the server that is not ours.
  const routed = (url: string, init: RequestInit) => {
    if (!url.endsWith("/api/oauth/token")) return fetch(url, init);
    basic.push(new Headers(init.headers).get("authorization"));
    return fetch(`http://127.0.0.1:${tokens.address().port}/token`, init);
  };
  const atlas = createAtlasClient({ credentials, baseUrl: api.url, fetch: routed, retry: false });
  return { tokens, api, basic, atlas };
}

describe("with oauth2-mock-server as the token endpoint", () => {
  it("a signed JWT is fetched once and sent with every call", async () => {
    const { api, basic, atlas } = await startWithOAuth2Server();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(basic).toEqual([
      `Basic ${Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString("base64")}`,
    ]);
    expect(new Set(api.requests.map(({ headers }) => headers.authorization)).size).toBe(1);
    expect(api.requests).toHaveLength(2);
  });

  it("its refusal is an AtlasAuthError with its code", async () => {
    const { tokens, api, atlas } = await startWithOAuth2Server();
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
    const { tokens, basic, atlas } = await startWithOAuth2Server();
    tokens.service.on("beforeResponse", (response) => {
      if (typeof response.body === "object" && response.body !== null) response.body["expires_in"] = 0;
    });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(basic).toHaveLength(2);
  });
});
