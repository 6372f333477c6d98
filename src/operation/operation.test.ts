import { inspect } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AtlasApiError, AtlasRequestError, previewRequest } from "../index.js";
import { redactByForm } from "../safe/redaction.js";
import { creation, deletion, errorOf, scripted, secret, secretValue } from "../testing/scripted-client.js";
import { atlasError, reply } from "../testing/scripted-server.js";
import { createRunOperation } from "./operation.js";

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

describe("a body", () => {
  it("is what JSON makes of it, made and checked once", async () => {
    const { server, atlas } = await scripted([reply(201, secret)]);
    let written = 0;
    const toJSON = () => {
      written += 1;
      return 8;
    };
    // TypeScript would refuse it; JavaScript does not.
    const secretExpiresAfterHours = { toJSON } as unknown as number;
    await atlas.createGroupServiceAccountSecret({ ...creation, body: { secretExpiresAfterHours } });
    expect([written, server.requests[0]?.body]).toEqual([1, '{"secretExpiresAfterHours":8}']);
  });
});

describe("previewRequest", () => {
  it("returns what a call would send, with neither host nor headers", async () => {
    expect(await previewRequest("createGroupServiceAccountSecret", { ...creation, pretty: true })).toEqual({
      method: "POST",
      path: `/api/atlas/v2/groups/${creation.groupId}/serviceAccounts/${creation.clientId}/secrets?pretty=true`,
      body: creation.body,
    });
    expect(await previewRequest("deleteOrgServiceAccountSecret", deletion)).toStrictEqual({
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

  it.each(["createSecret", "toString", undefined])("refuses %j, which the contract does not have", async (id) => {
    // JavaScript may pass anything.
    const call = previewRequest(id as "deleteOrgServiceAccountSecret", deletion);
    const { message } = await errorOf(call, AtlasRequestError);
    expect(message).toContain(
      "Cannot preview the request: operationId: expected one of createGroupServiceAccountSecret",
    );
  });
});

describe("running an operation", () => {
  function running(response: { readonly status: number; readonly text: string }) {
    const masked: [string, number | undefined][] = [];
    const redactor = {
      redact: redactByForm,
      protect: (value: string, until?: number) => void masked.push([value, until]),
    };
    const settings = { baseUrl: "https://atlas.example", userAgent: "test", signedInAs: undefined, redactor };
    const run = createRunOperation(settings, async () => ({ headers: new Headers(), ...response }));
    return { masked, run };
  }

  it("masks the value of a new secret for a day", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { masked, run } = running({ status: 201, text: JSON.stringify(secret) });
    await run("createGroupServiceAccountSecret", creation, () => undefined, undefined);
    expect(masked).toEqual([[secretValue, Date.now() + 86_400_000]]);
  });

  it("masks nothing of a result that has none", async () => {
    const { secret: _, ...without } = secret;
    const { masked, run } = running({ status: 201, text: JSON.stringify(without) });
    expect(await run("createGroupServiceAccountSecret", creation, () => undefined, undefined)).toEqual(without);
    const deletes = running({ status: 204, text: "" });
    expect(await deletes.run("deleteOrgServiceAccountSecret", deletion, () => undefined, {})).toBeUndefined();
    expect([...masked, ...deletes.masked]).toEqual([]);
  });
});
