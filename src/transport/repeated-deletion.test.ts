/**
 * A deletion whose answer was lost has succeeded when its repeat finds nothing.
 */
import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasNetworkError } from "../index.js";
import { deletion, errorOf, scripted } from "../testing/scripted-client.js";
import { atlasError, hang, reply, reset, type Step } from "../testing/scripted-server.js";

const limited = atlasError(429, "RATE_LIMITED", { "retry-after": "0" });

describe("a DELETE is finished when it is gone", () => {
  const gone = atlasError(404, "RESOURCE_NOT_FOUND");

  it.each<[string, Step]>([
    ["a reset", reset],
    ["a timeout", hang],
    ["408", atlasError(408, "SLOW")],
    ["500", atlasError(500, "BROKEN")],
    ["504", atlasError(504, "SLOW")],
  ])("404 on the repeat after %s resolves", async (_name, step) => {
    const { server, atlas } = await scripted([step, gone], { timeoutMs: 60 });
    expect(await atlas.deleteOrgServiceAccountSecret(deletion)).toBeUndefined();
    expect(server.count("DELETE")).toBe(2);
  });

  it("404 resolves also where attempts that did nothing lie between", async () => {
    const { server, atlas } = await scripted([reset, limited, gone]);
    expect(await atlas.deleteOrgServiceAccountSecret(deletion)).toBeUndefined();
    expect(server.count("DELETE")).toBe(3);
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

  it("404 where nothing was to be repeated is an AtlasApiError", async () => {
    const { atlas } = await scripted([reset, gone], { retry: false });
    expect(await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasNetworkError)).toMatchObject({
      outcome: "unknown",
    });
    expect(await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError)).toMatchObject({
      outcome: "not-applied",
    });
  });

  it.each([403, 410])("%d on the repeat is no proof that it is gone", async (status) => {
    const { atlas } = await scripted([reset, atlasError(status, "NO")]);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(error).toMatchObject({ status, outcome: "unknown" });
  });

  it("raw answers the 404 of the repeat as it came", async () => {
    const { server, atlas } = await scripted([reset, gone]);
    const { orgId, clientId, secretId } = deletion;
    const { response } = await atlas.raw.DELETE(
      "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}",
      { params: { path: { orgId, clientId, secretId } } },
    );
    expect([response.status, server.count("DELETE")]).toEqual([404, 2]);
  });
});
