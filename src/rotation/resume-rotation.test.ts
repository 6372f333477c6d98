/**
 * What resuming does with each record, and what it refuses. `crashed-rotation.test.ts` kills a program at every moment.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasRequestError } from "../errors.js";
import { GROUP_ID, ORG_ID } from "../testing/atlas/start-atlas.js";
import { unreadable } from "../testing/hostile-values.js";
import { errorOf } from "../testing/scripted-client.js";
import { resumeRotation, resumeRotations } from "./rotate-secret.js";
import type { RotationPlan } from "./rotation-plan.js";
import { fingerprintOf, matchesFingerprint, type RotationRecord, type StepUnderWay } from "./rotation-record.js";
import { SecretRotationError } from "./secret-rotation-error.js";
import {
  apiError,
  clientId,
  expectNothingLost,
  on,
  onDeletion,
  REASON,
  rotationScenario,
} from "./testing/rotation-scenario.js";

/** An account whose rotation an earlier run has begun: a second secret is there, and perhaps stored. */
async function halfDone({ stored = false } = {}) {
  const scenario = await rotationScenario();
  const { server, previous } = scenario;
  const { id, value, createdAt, expiresAt } = server.accounts.addSecret(clientId, 24);
  if (stored) scenario.stored = value;
  const created = { id, createdAt, expiresAt };
  const plan = (more?: Partial<RotationPlan>) => scenario.plan({ previousSecretId: undefined, ...more });
  const recordAt = (underWay: StepUnderWay): RotationRecord => ({
    version: 1,
    groupId: GROUP_ID,
    orgId: ORG_ID,
    clientId,
    ...(underWay.step === "delete-previous"
      ? { current: created, previous: { id: previous.id } }
      : { current: { id: previous.id } }),
    underWay,
  });
  const atStore = recordAt({ step: "store", created, fingerprint: await fingerprintOf(value) });
  const isStored = (_id: string, fingerprint: string) => matchesFingerprint(scenario.stored, fingerprint);
  const alive = () => server.accounts.secretsOf(clientId).map((secret) => secret.id);
  return { ...scenario, scenario, plan, created, recordAt, atStore, isStored, alive };
}

describe("resuming", () => {
  it("a creation whose id is not known is refused, and says what to do", async () => {
    const { atlas, plan, recordAt, server, scenario } = await halfDone();
    const error = await errorOf(resumeRotation(atlas, plan(), recordAt({ step: "create" })), SecretRotationError);
    expect(error).toMatchObject({ step: "create", outcome: "unknown", created: undefined });
    expect(error.remedies).toEqual([{ action: "look-in-atlas", orgId: ORG_ID, clientId }]);
    expect(error.message).toContain("stopped at create: an earlier run ended there.");
    expect(server.requests).toEqual([]);
    expectNothingLost(scenario, error);
  });

  it("follows the record as it was when it was called", async () => {
    const { atlas, plan, recordAt, created, alive } = await halfDone();
    const record = recordAt({ step: "verify", created });
    const resumption = resumeRotation(atlas, plan(), record);
    Object.assign(record.current ?? {}, { id: "0".repeat(24) });
    Object.assign(record, { underWay: undefined });
    const { secret, previous } = await resumption;
    expect([previous, alive()]).toEqual(["deleted", [secret.id]]);
  });

  it("with acceptUnknown it rotates anew, and the record's secret is the previous one", async () => {
    const { atlas, plan, recordAt, server, created, scenario, alive } = await halfDone();
    server.accounts.deleteSecret(clientId, created.id);
    const { secret, previous } = await resumeRotation(
      atlas,
      plan({ acceptUnknown: true }),
      recordAt({ step: "create" }),
    );
    expect(previous).toBe("deleted");
    expect(alive()).toEqual([secret.id]);
    expect(secret.secret).toBe(scenario.stored);
  });

  it.each(["create", "verify", "compensate"] as const)(
    "%s with a known id deletes that secret, whose value is lost, and rotates anew",
    async (step) => {
      const { atlas, plan, recordAt, created, steps, alive, scenario } = await halfDone();
      const { secret } = await resumeRotation(atlas, plan(), recordAt({ step, created }));
      expect(steps[0]).toMatchObject({ step: "compensate", secretId: created.id });
      expect(steps.slice(1).map((event) => event.step)).toEqual(["create", "verify", "store", "delete-previous"]);
      expect(alive()).toEqual([secret.id]);
      expectNothingLost(scenario, undefined);
    },
  );

  it("a secret that is already gone is as good as deleted", async () => {
    const { atlas, plan, recordAt, created, server, alive } = await halfDone();
    server.accounts.deleteSecret(clientId, created.id);
    const { secret } = await resumeRotation(atlas, plan(), recordAt({ step: "verify", created }));
    expect(alive()).toEqual([secret.id]);
  });

  it("stops if that secret cannot be deleted, and names it", async () => {
    const { atlas, plan, recordAt, created, server, scenario } = await halfDone();
    server.setFaults((request) => on("delete", { applied: false, ends: apiError(403) })(request, scenario));
    const error = await errorOf(
      resumeRotation(atlas, plan(), recordAt({ step: "verify", created })),
      SecretRotationError,
    );
    expect(error).toMatchObject({ step: "create", outcome: "applied", created: { id: created.id, now: "alive" } });
    expect(error.previous).toBe("kept");
    expect(error.message).toContain(" stopped before create: the secret of an earlier run is in the way. ");
    expect(error.cause).toBeInstanceOf(AtlasApiError);
    expect(error.remedies).toEqual([{ action: "delete-secret", orgId: ORG_ID, clientId, secretId: created.id }]);
    expectNothingLost(scenario, error);
  });

  it("stops if nobody knows whether that secret is deleted", async () => {
    const { atlas, plan, recordAt, created, server, scenario } = await halfDone();
    server.setFaults((request) => on("delete", { applied: false, ends: "reset" })(request, scenario));
    const call = resumeRotation(atlas, plan(), recordAt({ step: "verify", created }));
    const error = await errorOf(call, SecretRotationError);
    expect(error).toMatchObject({ step: "create", outcome: "unknown", created: { id: created.id, now: "unknown" } });
    expectNothingLost(scenario, error);
  });

  it("stops before anything if the caller aborts", async () => {
    const { atlas, plan, recordAt, created, server, controller, scenario } = await halfDone();
    controller.abort(REASON);
    const error = await errorOf(
      resumeRotation(atlas, plan(), recordAt({ step: "verify", created })),
      SecretRotationError,
    );
    expect(error).toMatchObject({ step: "create", created: { id: created.id, now: "alive" }, cause: REASON });
    expect(server.requests).toEqual([]);
    expectNothingLost(scenario, error);
  });

  it("stops before the new secret if the caller aborts while that one is deleted; nothing is then half-done", async () => {
    const { atlas, plan, recordAt, created, server, controller, previous, alive } = await halfDone();
    const records: RotationRecord[] = [];
    const record = (entry: RotationRecord) => void records.push(entry);
    server.setFaults(({ kind }) =>
      kind === "delete" ? { applied: true, meanwhile: () => controller.abort(REASON), ends: "response" } : undefined,
    );
    const call = resumeRotation(atlas, plan({ record }), recordAt({ step: "verify", created }));
    const error = await errorOf(call, SecretRotationError);
    expect(error).toMatchObject({ step: "create", outcome: "not-applied", created: undefined, cause: REASON });
    expect(error.message).toContain(" stopped before create: aborted by the caller ");
    expect(records.map(({ underWay }) => underWay?.step)).toEqual(["compensate", undefined]);
    expect(alive()).toEqual([previous.id]);
  });

  it("a store asks whether the secret is stored: if it is, only the previous secret is left to delete", async () => {
    const { atlas, plan, atStore, created, isStored, steps, alive, scenario } = await halfDone({ stored: true });
    const result = await resumeRotation(atlas, plan({ isStored }), atStore);
    expect(result).toEqual({ secret: created, previous: "deleted" });
    expect(steps.map(({ step }) => step)).toEqual(["delete-previous"]);
    expect(alive()).toEqual([created.id]);
    expectNothingLost(scenario, undefined);
  });

  it("if it is not, the secret is deleted, and it rotates anew", async () => {
    const { atlas, plan, atStore, created, isStored, alive, scenario } = await halfDone();
    const { secret } = await resumeRotation(atlas, plan({ isStored }), atStore);
    expect(secret.id).not.toBe(created.id);
    expect(alive()).toEqual([secret.id]);
    expectNothingLost(scenario, undefined);
  });

  it.each<[string, Partial<RotationPlan>, string]>([
    ["nobody is asked", {}, "nothing says whether the secret was stored"],
    ["the one who is asked does not know", { isStored: () => undefined }, "nothing says whether the secret was stored"],
    ...[null, 0, "", "no", {}].map((returned): [string, Partial<RotationPlan>, string] => [
      `what it returns is ${JSON.stringify(returned)}`,
      // As a program without types may have it.
      { isStored: () => returned as never },
      "nothing says whether the secret was stored",
    ]),
    [
      "asking fails",
      { isStored: () => Promise.reject(new Error("vault is sealed")) },
      "isStored failed: Error: vault is sealed.",
    ],
    [
      "asking takes too long",
      { isStored: () => new Promise<never>(() => undefined), storeTimeoutMs: 20 },
      "isStored failed: Error: isStored did not finish within 0.02 s.",
    ],
  ])("a store is refused if %s, with the ids of both", async (_what, more, said) => {
    const { atlas, plan, atStore, created, previous, server, scenario } = await halfDone({ stored: true });
    const error = await errorOf(resumeRotation(atlas, plan(more), atStore), SecretRotationError);
    expect(error).toMatchObject({ step: "store", outcome: "applied", created: { id: created.id, now: "alive" } });
    expect(error.remedies).toEqual([{ action: "look-in-atlas", orgId: ORG_ID, clientId, secretId: created.id }]);
    expect(error.message).toContain(`stopped at store: an earlier run ended there, and ${said}`);
    expect(error.message).toContain(previous.id);
    expect(server.requests).toEqual([]);
    expectNothingLost(scenario, error);
  });

  it("a deletion of the previous secret deletes it again", async () => {
    const { atlas, plan, recordAt, created, alive } = await halfDone({ stored: true });
    const result = await resumeRotation(atlas, plan(), recordAt({ step: "delete-previous" }));
    expect(result).toEqual({ secret: created, previous: "deleted" });
    expect(alive()).toEqual([created.id]);
  });

  it("and one that is gone is done", async () => {
    const { atlas, plan, recordAt, created, previous, server } = await halfDone({ stored: true });
    server.accounts.deleteSecret(clientId, previous.id);
    const records: RotationRecord[] = [];
    const record = (entry: RotationRecord) => void records.push(entry);
    const result = await resumeRotation(atlas, plan({ record }), recordAt({ step: "delete-previous" }));
    expect(result).toEqual({ secret: created, previous: "gone" });
    expect(records.at(-1)).toEqual({ version: 1, groupId: GROUP_ID, orgId: ORG_ID, clientId, current: created });
  });

  it("but not for the page of a load balancer, which proves nothing", async () => {
    const { atlas, plan, recordAt, server, scenario } = await halfDone({ stored: true });
    const page = { status: 404, headers: { "content-type": "text/plain" }, body: "default backend - 404" };
    server.setFaults((request) => on("delete", { applied: false, ends: page })(request, scenario));
    const error = await errorOf(
      resumeRotation(atlas, plan(), recordAt({ step: "delete-previous" })),
      SecretRotationError,
    );
    expect(error).toMatchObject({ step: "delete-previous", previous: "unknown" });
  });

  it("many: each is settled by itself, in their order", async () => {
    const { atlas, plan, recordAt, created, alive } = await halfDone();
    const other = { ...recordAt({ step: "create" }), clientId: "mdb_sa_id_000000000000000000000001" };
    const results = await resumeRotations(atlas, [
      { plan: plan({ clientId: other.clientId }), record: other },
      { plan: plan(), record: recordAt({ step: "verify", created }) },
      ...[undefined, null, "none", unreadable()].map((none) => none as never),
    ]);
    const none = { status: "rejected", reason: { violations: [{ argument: "plan", received: "undefined" }] } };
    expect(results).toMatchObject([
      { status: "rejected", reason: { code: "ERR_SECRET_ROTATION", step: "create" } },
      { status: "fulfilled", value: { previous: "deleted" } },
      ...[none, none, none, none],
    ]);
    expect(alive()).toHaveLength(1);
  });
});

describe("a record is refused, and nothing is sent,", () => {
  it("if nothing is half-done", async () => {
    const { atlas, plan, recordAt, server } = await halfDone();
    const { underWay: _, ...record } = recordAt({ step: "create" });
    const error = await errorOf(resumeRotation(atlas, plan(), record), AtlasRequestError);
    expect(error.message).toContain(
      "Cannot resume the rotation: record.underWay: is missing: there is nothing to resume.",
    );
    expect(server.requests).toEqual([]);
  });

  it.each(["groupId", "orgId"] as const)("if it has another %s than the plan", async (name) => {
    const { atlas, plan, recordAt } = await halfDone();
    const record = { ...recordAt({ step: "create" }), [name]: "0".repeat(24) };
    const error = await errorOf(resumeRotation(atlas, plan(), record), AtlasRequestError);
    const expected = `the plan's, ${name === "orgId" ? ORG_ID : GROUP_ID}`;
    expect(error.violations).toEqual([{ argument: `record.${name}`, expected, received: "0".repeat(24) }]);
  });

  it("but not for another spelling of the account's digits", async () => {
    const { atlas, plan, recordAt } = await halfDone({ stored: true });
    const record = { ...recordAt({ step: "delete-previous" }), clientId: clientId.replace("b2c3", "B2C3") };
    expect(await resumeRotation(atlas, plan(), record)).toMatchObject({ previous: "deleted" });
  });

  it("if the plan's previous secret is the new one, which would be deleted", async () => {
    const { atlas, plan, atStore, created, isStored, server } = await halfDone({ stored: true });
    const { current: _, ...record } = atStore;
    const call = resumeRotation(atlas, plan({ isStored, previousSecretId: created.id }), record);
    expect((await errorOf(call, AtlasRequestError)).message).toContain(
      "Cannot resume the rotation: previousSecretId: is the new secret, by the record. Nothing was changed.",
    );
    expect(server.requests).toEqual([]);
  });

  it("if it is no record, or the plan is none", async () => {
    const { atlas, plan, recordAt } = await halfDone();
    const given: unknown = { ...recordAt({ step: "create" }), version: 2 };
    await errorOf(resumeRotation(atlas, plan(), given as RotationRecord), AtlasRequestError); // As JavaScript may pass it.
    await errorOf(resumeRotation(atlas, plan({ groupId: "" }), recordAt({ step: "create" })), AtlasRequestError);
  });
});

it("the record's previous secret is the one that is deleted, whatever the plan says", async () => {
  const { atlas, plan, recordAt, created, alive } = await halfDone({ stored: true });
  const result = await resumeRotation(
    atlas,
    plan({ previousSecretId: "0".repeat(24) }),
    recordAt({ step: "delete-previous" }),
  );
  expect(result.previous).toBe("deleted");
  expect(alive()).toEqual([created.id]);
});

it("an uncertain deletion of the previous secret that then finds nothing is told apart from a deletion", async () => {
  const { atlas, plan, recordAt, server, scenario } = await halfDone({ stored: true });
  server.setFaults((request) => onDeletion("previous", { applied: true, ends: "reset" }, 1)(request, scenario));
  expect(await resumeRotation(atlas, plan(), recordAt({ step: "delete-previous" }))).toMatchObject({
    previous: "gone",
  });
});

describe("a fingerprint", () => {
  const secret = "mdb_sa_sk_fake-secret";

  it("matches its secret and no other, and shows nothing of it", async () => {
    const fingerprint = await fingerprintOf(secret);
    expect(fingerprint).not.toContain("fake");
    // Another each time, so that nobody can look it up.
    expect(await fingerprintOf(secret)).not.toBe(fingerprint);
    // Many a file ends its line.
    for (const stored of [secret, ` ${secret}\r\n`]) expect(await matchesFingerprint(stored, fingerprint)).toBe(true);
    for (const other of [`${secret}x`, `${secret}\0`, ""])
      expect(await matchesFingerprint(other, fingerprint)).toBe(false);
    const zeros = (count: number) => "0".repeat(count);
    const none = ["", "sha256", "sha256::", `sha256:${zeros(32)}:${zeros(63)}`, `md5:${zeros(32)}:${zeros(64)}`];
    for (const text of [...none, ` ${fingerprint}`, `${fingerprint}0`]) {
      expect(await matchesFingerprint(secret, text)).toBe(false);
    }
  });

  it("can be computed by a shell: the SHA-256 of the salt's digits and the value", async () => {
    const [scheme, salt, hash] = (await fingerprintOf(secret)).split(":");
    expect([scheme, hash]).toEqual(["sha256", createHash("sha256").update(`${salt}${secret}`).digest("hex")]);
  });
});
