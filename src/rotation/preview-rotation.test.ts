import { describe, expect, it } from "vitest";
import { AtlasRequestError, previewRotation, type RotationPlan } from "../index.js";
import { creation, deletion, errorOf } from "../testing/scripted-client.js";

const { groupId, clientId, body } = creation;
const plan: RotationPlan = { groupId, clientId, orgId: deletion.orgId, ...body, store() {} };

const stepsOf = (changes: Partial<RotationPlan>) =>
  previewRotation({ ...plan, ...changes }).map(({ step, method = "", path = "" }) =>
    `${step} ${method} ${path}`.trim(),
  );

describe("previewRotation", () => {
  it("returns the steps in their order, with the requests that they would send", () => {
    const secrets = `/serviceAccounts/${clientId}/secrets`;
    expect(stepsOf({ previousSecretId: deletion.secretId })).toEqual([
      `create POST /api/atlas/v2/groups/${groupId}${secrets}`,
      "verify POST /api/oauth/token",
      "store",
      `delete-previous DELETE /api/atlas/v2/orgs/${deletion.orgId}${secrets}/${deletion.secretId}`,
    ]);
  });

  it("has no step that the plan leaves out, and no request for a check of the caller's own", () => {
    expect(stepsOf({ verify: false })).toEqual([expect.stringMatching(/^create POST /), "store"]);
    expect(stepsOf({ verify() {} })[1]).toBe("verify");
  });

  it("refuses a plan that rotateSecret refuses, listing every violation", async () => {
    const wrong = async () => stepsOf({ groupId: "", secretExpiresAfterHours: 0, previousSecretId: "x" });
    const { violations } = await errorOf(wrong(), AtlasRequestError);
    expect(violations.map(({ argument }) => argument)).toEqual([
      "groupId",
      "secretExpiresAfterHours",
      "previousSecretId",
    ]);
  });
});
