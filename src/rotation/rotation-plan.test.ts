/**
 * The whole plan is checked before anything is sent, and everything that is wrong with it is said at once.
 */
import { describe, expect, it } from "vitest";
import { type AtlasClient, createAtlasClient } from "../client.js";
import { AtlasRequestError } from "../errors.js";
import { errorOf } from "../testing/scripted-client.js";
import { previewRotation, rotateSecret } from "./rotate-secret.js";
import { acceptPlan, type RotationPlan } from "./rotation-plan.js";

const plan = {
  groupId: "5f0c1a2b3c4d5e6f70819203",
  orgId: "4e1b0a9f8d7c6b5a49382716",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  secretExpiresAfterHours: 8,
  store: () => undefined,
};

const PREVIOUS = "32b6e34b3d91647abb20e7b8";

function clientThatCounts(): { atlas: AtlasClient; sent: () => number } {
  let sent = 0;
  const fetch = async () => {
    sent += 1;
    return new Response(null, { status: 400 });
  };
  return { atlas: createAtlasClient({ credentials: { accessToken: "a" }, fetch }), sent: () => sent };
}

/** A plan as JavaScript may pass it: the types admit none of these. */
async function refusalOf(given: unknown) {
  const { atlas, sent } = clientThatCounts();
  const error = await errorOf(rotateSecret(atlas, given as RotationPlan), AtlasRequestError);
  expect(sent()).toBe(0);
  expect(error).toMatchObject({ code: "ERR_ATLAS_REQUEST", outcome: "not-applied" });
  expect(error.message).toContain("The rotation plan is not valid");
  return error.violations;
}

describe("a rotation plan", () => {
  it("with several mistakes is refused with all of them, each under the plan's own name for it", async () => {
    const violations = await refusalOf({
      groupId: "..",
      orgId: undefined,
      clientId: "65a1b2c3d4e5f60718293a4b",
      secretExpiresAfterHours: 0,
      previousSecretId: "..",
      store: "vault",
      verify: true,
      onStep: 1,
      signal: new AbortController(),
      concurrency: 4,
    });
    const id = "a string that matches ^([a-f0-9]{24})$";
    const members =
      "groupId, orgId, clientId, secretExpiresAfterHours, previousSecretId, store, storeTimeoutMs, isStored, verify, verifyTimeoutMs, record, acceptUnknown, onStep, signal";
    expect(violations.map(({ argument, expected, received }) => [argument, expected, received]).sort()).toEqual([
      ["clientId", String.raw`a string that matches ^mdb_sa_id_[a-fA-F\d]{24}$`, '"65a1b2c3d4e5f60718293a4b"'],
      ["concurrency", `unknown option; the options are ${members}`, ""],
      ["groupId", id, '".."'],
      ["onStep", "a function", "1"],
      ["orgId", "is missing", ""],
      ["previousSecretId", id, '".."'],
      ["secretExpiresAfterHours", "a value > 0", "0"],
      ["signal", "an AbortSignal", "an object"],
      ["store", "a function", '"vault"'],
      ["verify", "false or a function", "true"],
    ]);
  });

  it.each([
    ["groupId", undefined],
    ["groupId", "5F0C1A2B3C4D5E6F70819203"],
    ["orgId", "4e1b0a9f8d7c6b5a49382716 "],
    ["clientId", "mdb_sa_id_65a1b2c3d4e5f60718293a4b/.."],
    ["secretExpiresAfterHours", undefined],
    ["secretExpiresAfterHours", "8"],
    ["secretExpiresAfterHours", 1.5],
    ["secretExpiresAfterHours", 2 ** 31],
    ["previousSecretId", null],
    ["previousSecretId", ""],
    ["store", undefined],
    ["storeTimeoutMs", 0],
    ["storeTimeoutMs", 2 ** 31],
    ["isStored", true],
    ["verifyTimeoutMs", 0],
    ["verifyTimeoutMs", 2 ** 31],
    ["record", []],
    ["acceptUnknown", "yes"],
    ["verify", null],
    ["onStep", null],
    ["signal", null],
  ])("with a wrong %s (%j) is refused for that alone", async (name, value) => {
    expect(await refusalOf({ ...plan, [name]: value })).toMatchObject([{ argument: name }]);
  });

  it.each(["groupId", "orgId", "clientId", "secretExpiresAfterHours"])(
    "without %s is told that it is missing",
    async (name) => {
      const violation = { argument: name, expected: "is missing", received: "" };
      const { [name]: _, ...without }: Record<string, unknown> = plan;
      expect(await refusalOf(without)).toEqual([violation]);
      expect(await refusalOf({ ...plan, [name]: undefined })).toEqual([violation]);
    },
  );

  it.each([undefined, null, "plan", 5, [plan], () => plan])("that is no object (%s) is refused", async (given) => {
    expect(await refusalOf(given)).toMatchObject([{ argument: "plan", expected: "a plain object" }]);
  });

  it("that throws when it is read is refused", async () => {
    const given = {
      ...plan,
      get orgId(): string {
        throw new Error("not today");
      },
    };
    expect(await refusalOf(given)).toMatchObject([{ argument: "plan", received: "an object" }]);
  });

  it("shows no secret that was put where an id belongs", async () => {
    const violations = await refusalOf({ ...plan, previousSecretId: "mdb_sa_sk_fake-and-misplaced" });
    expect(violations).toMatchObject([{ argument: "previousSecretId", received: '"mdb_sa_sk_…"' }]);
  });

  it("that says no more than it must waits 5 minutes for store, and 30 seconds for verify", () => {
    expect(acceptPlan(plan)).toStrictEqual({ ...plan, storeTimeoutMs: 300_000, verifyTimeoutMs: 30_000 });
  });

  it("is taken as it is, whatever it says", () => {
    const given = {
      ...plan,
      previousSecretId: PREVIOUS,
      storeTimeoutMs: 1,
      isStored: () => true,
      verify: false,
      verifyTimeoutMs: 2 ** 31 - 1,
      record: () => undefined,
      acceptUnknown: true,
      onStep: () => undefined,
      signal: new AbortController().signal,
    } as const;
    expect(acceptPlan(given)).toMatchObject(given);
  });
});

const stepsOf = async (changes: Partial<RotationPlan>) =>
  (await previewRotation({ ...plan, ...changes })).map(({ step, method = "", path = "" }) =>
    `${step} ${method} ${path}`.trim(),
  );

describe("previewRotation", () => {
  it("returns the steps in their order, with the requests that they would send", async () => {
    const secrets = `/serviceAccounts/${plan.clientId}/secrets`;
    expect(await stepsOf({ previousSecretId: PREVIOUS })).toEqual([
      `create POST /api/atlas/v2/groups/${plan.groupId}${secrets}`,
      "verify POST /api/oauth/token",
      "store",
      `delete-previous DELETE /api/atlas/v2/orgs/${plan.orgId}${secrets}/${PREVIOUS}`,
    ]);
  });

  it("has no step that the plan leaves out, and no request for a check of the caller's own", async () => {
    expect(await stepsOf({ verify: false })).toEqual([expect.stringMatching(/^create POST /), "store"]);
    expect((await stepsOf({ verify() {} }))[1]).toBe("verify");
  });

  it("refuses a plan that rotateSecret refuses, listing every violation", async () => {
    const wrong = stepsOf({ groupId: "", secretExpiresAfterHours: 0, previousSecretId: "x" });
    const { violations } = await errorOf(wrong, AtlasRequestError);
    expect(violations.map(({ argument }) => argument)).toEqual([
      "groupId",
      "secretExpiresAfterHours",
      "previousSecretId",
    ]);
  });
});
