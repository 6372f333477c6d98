import { describe, expect, it } from "vitest";
import { AtlasRequestError, previewRequest } from "../index.js";
import { creation, deletion, errorOf } from "../testing/scripted-client.js";

describe("previewRequest", () => {
  it("returns what a call would send, with neither host nor headers", () => {
    expect(previewRequest("createGroupServiceAccountSecret", { ...creation, pretty: true })).toEqual({
      method: "POST",
      path: `/api/atlas/v2/groups/${creation.groupId}/serviceAccounts/${creation.clientId}/secrets?pretty=true`,
      body: creation.body,
    });
    expect(previewRequest("deleteOrgServiceAccountSecret", deletion)).toEqual({
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
