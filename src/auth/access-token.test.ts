import { afterEach, describe, expect, it } from "vitest";
import { type AccessToken, AtlasApiError, AtlasAuthError, createAtlasClient } from "../index.js";
import { type OAuthServer, startOAuthServer } from "./testing/oauth-server.js";

const deletion = { orgId: "a".repeat(24), clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };

let server: OAuthServer | undefined;
afterEach(() => server?.close());

async function start(accessToken: AccessToken) {
  server = await startOAuthServer({ onCall: (_request, token) => ({ status: token.startsWith("good") ? 204 : 401 }) });
  const { calls } = server;
  return { calls, atlas: createAtlasClient({ credentials: { accessToken }, baseUrl: server.url, retry: false }) };
}

describe("a client with an access token", () => {
  it("sends it as it is", async () => {
    const { calls, atlas } = await start("good.token-1");
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(calls.map((call) => call.authorization)).toEqual(["Bearer good.token-1"]);
  });

  it("asks a function before every request, synchronous or not", async () => {
    let count = 0;
    const { calls, atlas } = await start(async () => `good${++count}`);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(calls.map((call) => call.authorization)).toEqual(["Bearer good1", "Bearer good2"]);
  });

  it("reports a refused token after one request", async () => {
    const { calls, atlas } = await start("bad");
    const error = await atlas.deleteOrgServiceAccountSecret(deletion).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AtlasApiError);
    expect(error).toMatchObject({ status: 401, errorCode: undefined, outcome: "not-applied" });
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
  ])("is an AtlasAuthError where the function %s", async (_name, accessToken) => {
    const { calls, atlas } = await start(accessToken as () => string);
    const error = await atlas.deleteOrgServiceAccountSecret(deletion).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({
      code: "ERR_ATLAS_AUTH",
      outcome: "not-applied",
      message: expect.stringContaining("the vault is sealed"),
    });
    expect(calls).toHaveLength(0);
  });

  it.each([[undefined], [""], ["two words"], ["line\nbreak"], [5], ["ümlaut"]])(
    "is an AtlasAuthError where the function answers %j",
    async (answer) => {
      const { calls, atlas } = await start((() => answer) as () => string);
      const error = await atlas.deleteOrgServiceAccountSecret(deletion).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AtlasAuthError);
      expect(calls).toHaveLength(0);
    },
  );
});
