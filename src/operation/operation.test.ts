import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasRequestError, previewRequest } from "../index.js";
import { creation, deletion, errorOf, scripted, secret, secretValue } from "../testing/scripted-client.js";
import { atlasError, reply } from "../testing/scripted-server.js";

describe("withResponse", () => {
  it("gives the response beside the data, and the promise is awaited as ever", async () => {
    const headers = { "X-Request-Id": "0815", "Set-Cookie": "planted", "RateLimit-Remaining": "9" };
    const { server, atlas } = await scripted([reply(201, secret, headers)]);
    const call = atlas.createGroupServiceAccountSecret(creation);
    const { data, response } = await call.withResponse();
    expect(data).toBe(await call);
    expect(data.secret).toBe(secretValue);
    expect(response).toMatchObject({
      status: 201,
      requestId: "0815",
      headers: { "x-request-id": "0815", "set-cookie": "…", "ratelimit-remaining": "9" },
    });
    expect(server.requests).toHaveLength(1);
  });

  it("shows the value of a new secret as little as the result does", async () => {
    const { atlas } = await scripted([reply(201, secret, { "x-echo": secretValue })]);
    const result = await atlas.createGroupServiceAccountSecret(creation).withResponse();
    expect(inspect(result, { showHidden: true, depth: 9 }) + JSON.stringify(result)).not.toContain("not-a-real");
  });

  it("rejects as the call does, and leaves no rejection unhandled whichever of the two is used", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listener);
    try {
      const { atlas } = await scripted(() => atlasError(404, "NOT_FOUND"));
      const only = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion).withResponse(), AtlasApiError);
      expect(only.status).toBe(404);
      await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
      const call = atlas.deleteOrgServiceAccountSecret(deletion);
      const both = await Promise.allSettled([call, call.withResponse()]);
      expect(both[0]).toEqual(both[1]);
      // Rejections are called unhandled only once the microtasks are done.
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", listener);
    }
  });

  it("is the status in an envelope", async () => {
    const { atlas } = await scripted([reply(200, { status: 201, content: secret })]);
    const { response } = await atlas.createGroupServiceAccountSecret({ ...creation, envelope: true }).withResponse();
    expect(response.status).toBe(201);
  });
});

describe("previewRequest", () => {
  it("returns what a call would send, with neither host nor headers", async () => {
    expect(await previewRequest("createGroupServiceAccountSecret", { ...creation, pretty: true })).toEqual({
      method: "POST",
      path: `/api/atlas/v2/groups/${creation.groupId}/serviceAccounts/${creation.clientId}/secrets?pretty=true`,
      body: creation.body,
    });
    expect(await previewRequest("deleteOrgServiceAccountSecret", deletion)).toEqual({
      method: "DELETE",
      path: `/api/atlas/v2/orgs/${deletion.orgId}/serviceAccounts/${deletion.clientId}/secrets/${deletion.secretId}`,
    });
  });

  it("refuses what a call refuses, listing every violation", async () => {
    const wrong = async () =>
      previewRequest("createGroupServiceAccountSecret", {
        ...creation,
        groupId: "..",
        body: { secretExpiresAfterHours: 0 },
      });
    const { violations } = await errorOf(wrong(), AtlasRequestError);
    expect(violations.map(({ argument }) => argument)).toEqual(["groupId", "body.secretExpiresAfterHours"]);
  });
});
