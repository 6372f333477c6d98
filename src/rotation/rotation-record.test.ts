/**
 * `record` is called and awaited before each step and after the last, with what is then known, and stops what it cannot
 * record.
 */
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { type OperationParameter, operations } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import { ADMIN, GROUP_ID, ORG_ID } from "../testing/atlas/start-atlas.js";
import { errorOf } from "../testing/scripted-client.js";
import { rotateSecret } from "./rotate-secret.js";
import { recordAfter, recordDuring, recordUnchanged } from "./rotation-end.js";
import type { RotationPlan } from "./rotation-plan.js";
import { matchesFingerprint, type RotationRecord, readRotationRecord } from "./rotation-record.js";
import { SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";
import {
  apiError,
  clientId,
  expectNothingLost,
  on,
  onDeletion,
  respondingWith,
  rotationScenario,
} from "./testing/rotation-scenario.js";

const schema: object = JSON.parse(readFileSync(new URL("rotation-record.schema.json", import.meta.url), "utf8"));
const ajv = new Ajv({ strictTypes: true, allErrors: true });
addFormats.default(ajv);
const fitsSchema: ValidateFunction = ajv.compile(schema);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A rotation that keeps its records; `failing` says which of them, from 1, cannot be kept. */
async function recording(more: Partial<RotationPlan> = {}, failing: readonly number[] = []) {
  const scenario = await rotationScenario({ onDeviation: () => undefined });
  const records: RotationRecord[] = [];
  const timeline: string[] = [];
  const record = async (entry: RotationRecord) => {
    records.push(entry);
    timeline.push(`record ${entry.underWay?.step ?? "done"}`);
    await new Promise((resolve) => setImmediate(resolve));
    if (failing.includes(records.length)) throw new Error("no space left");
  };
  const onStep: RotationPlan["onStep"] = ({ step }) => void timeline.push(step);
  const plan = scenario.plan({ record, onStep, ...more });
  return { ...scenario, scenario, plan, records, timeline };
}

describe("record", () => {
  it("is awaited before each step and after the last", async () => {
    const { atlas, plan, timeline } = await recording();
    await rotateSecret(atlas, plan);
    expect(timeline).toEqual([
      ...["record create", "create", "record verify", "verify", "record store", "store"],
      ...["record delete-previous", "delete-previous", "record done"],
    ]);
  });

  it("is called with what is known then, and never with the value of a secret", async () => {
    const { atlas, plan, previous, records, scenario } = await recording();
    const { secret } = await rotateSecret(atlas, plan);
    const { id, createdAt, expiresAt } = secret;
    const created = { id, createdAt, expiresAt };
    const shortened = {
      id: previous.id,
      expiresAt: new Date(Date.parse(createdAt) + 7 * DAY_MS).toISOString(),
    };
    const account = { version: 1, groupId: GROUP_ID, orgId: ORG_ID, clientId };
    const fingerprint = records[2]?.underWay?.fingerprint ?? "";
    expect(records).toEqual([
      { ...account, current: { id: previous.id }, underWay: { step: "create" } },
      { ...account, current: shortened, underWay: { step: "verify", created } },
      { ...account, current: shortened, underWay: { step: "store", created, fingerprint } },
      { ...account, current: created, previous: shortened, underWay: { step: "delete-previous" } },
      { ...account, current: created },
    ]);
    expect(await matchesFingerprint(scenario.stored, fingerprint)).toBe(true);
    expect(JSON.stringify(records)).not.toContain(scenario.stored);
  });

  it("says that the previous secret is kept, if it is", async () => {
    const { atlas, plan, previous, records } = await recording();
    const { secret } = await rotateSecret(atlas, { ...plan, previousSecretId: undefined });
    expect(records.map(({ underWay }) => underWay?.step)).toEqual(["create", "verify", "store", undefined]);
    expect(records.at(-1)).toMatchObject({ current: { id: secret.id } });
    // It was not named, so nothing is known of it.
    expect(JSON.stringify(records)).not.toContain(previous.id);
  });

  it("goes on saying what is half-done after a failure that leaves it so, and says that nothing is after one that does not", async () => {
    const rows = [
      { faults: on("create", { applied: false, ends: apiError(403) }), last: undefined },
      { faults: on("create", { applied: true, ends: "reset" }), last: "create" },
      { plan: { store: () => Promise.reject(new SecretNotStoredError("no")) }, last: undefined },
      { plan: { store: () => Promise.reject(new Error("perhaps")) }, last: "store" },
      {
        plan: { store: () => Promise.reject(new SecretNotStoredError("no")) },
        faults: onDeletion("new", { applied: false, ends: apiError(403) }),
        last: "compensate",
      },
      { faults: onDeletion("previous", { applied: false, ends: apiError(403) }), last: "delete-previous" },
    ] as const;
    for (const { last, ...row } of rows) {
      const { atlas, plan, server, records, previous, scenario } = await recording("plan" in row ? row.plan : {});
      if ("faults" in row) server.setFaults((request) => row.faults(request, scenario));
      const error = await errorOf(rotateSecret(atlas, plan), SecretRotationError);
      expect([last, records.at(-1)?.underWay?.step]).toEqual([last, last]);
      if (last === undefined) expect(records.at(-1)).toMatchObject({ current: { id: previous.id } });
      expectNothingLost(scenario, error);
    }
  });
});

describe("a record that cannot be kept", () => {
  it.each([
    { failing: 1, step: "create", requests: [], alive: 1, created: undefined },
    { failing: 2, step: "verify", requests: ["create", "delete"], alive: 1, created: "deleted" },
    { failing: 3, step: "store", requests: ["create", "token", "delete"], alive: 1, created: "deleted" },
    { failing: 4, step: "delete-previous", requests: ["create", "token"], alive: 2, created: "alive" },
  ])("stops the rotation before $step, and loses nothing", async ({ failing, step, requests, alive, created }) => {
    const { atlas, plan, server, timeline, scenario } = await recording({}, [failing]);
    const error = await errorOf(rotateSecret(atlas, plan), SecretRotationError);
    expect(error).toMatchObject({ step, created: created && { now: created }, cause: { message: "no space left" } });
    expect(error.message).toContain(`stopped before ${step}: the record could not be kept: Error: no space left.`);
    expect(error.recordError).toBeUndefined();
    expect(timeline).not.toContain(step);
    const sent = server.requests.filter(({ kind, clientId: of }) => kind !== "revoke" && of !== ADMIN.clientId);
    expect(sent.map(({ kind }) => kind)).toEqual(requests);
    expect(server.accounts.secretsOf(clientId)).toHaveLength(alive);
    expectNothingLost(scenario, error);
  });

  it("after the last step fails the rotation, which has done everything", async () => {
    const { atlas, plan, server, scenario } = await recording({}, [5]);
    const error = await errorOf(rotateSecret(atlas, plan), SecretRotationError);
    expect(error).toMatchObject({ step: "delete-previous", previous: "deleted", outcome: "applied", remedies: [] });
    expect(error.message).toContain(
      "stopped after delete-previous: the record could not be kept: Error: no space left.",
    );
    expect(server.accounts.secretsOf(clientId)).toHaveLength(1);
    expectNothingLost(scenario, error);
  });

  it.each([
    { failing: [3, 4], wrong: true },
    { failing: [4], wrong: true },
    // The last one is right, whatever became of the one before it.
    { failing: [3], wrong: false },
  ])(
    "does not prevent a compensation; the error says if the last one is wrong: $failing",
    async ({ failing, wrong }) => {
      const verify = () => Promise.reject(new Error("no"));
      const { atlas, plan, records, scenario } = await recording({ verify }, failing);
      const error = await errorOf(rotateSecret(atlas, plan), SecretRotationError);
      expect(records.map(({ underWay }) => underWay?.step)).toEqual(["create", "verify", "compensate", undefined]);
      expect(error).toMatchObject({ step: "verify", created: { now: "deleted" }, cause: { message: "no" } });
      expect(error.recordError?.message).toBe(wrong ? "no space left" : undefined);
      expectNothingLost(scenario, error);
    },
  );

  it("by an error of this library that quotes the secret does not quote it on", async () => {
    const { atlas, plan, scenario } = await recording({
      record({ underWay }) {
        if (underWay?.step === "delete-previous") throw new AtlasRequestError(`PUT ${scenario.stored} failed`);
      },
    });
    const error = await errorOf(rotateSecret(atlas, plan), SecretRotationError);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(scenario.stored);
    expect(error.cause).toMatchObject({ message: expect.stringContaining("PUT … failed") });
  });

  it("in time is one that was not kept", async () => {
    const record = () => new Promise<void>(() => undefined);
    const { atlas, plan } = await recording({ record, storeTimeoutMs: 20 });
    const error = await errorOf(rotateSecret(atlas, plan), SecretRotationError);
    expect(error.message).toContain("the record could not be kept: Error: record did not finish within 0.02 s.");
  });
});

it.each<[string, Readonly<Record<string, unknown>>]>([
  ["dates that are none", { createdAt: "soon", expiresAt: "" }],
  ["dates of another kind", { createdAt: "Sun, 04 May 2025 09:42:00 GMT", expiresAt: "2025-06-04" }],
  ["the last date that there is", { createdAt: "+275760-09-13T00:00:00Z" }],
  ["an id of another kind", { id: "9F0c1a2b-3c4d-5e6f-7081-920345678901" }],
])("every record of a secret to which Atlas gives %s can be read again", async (_what, members) => {
  const { server, atlas, plan, records, scenario } = await recording();
  const faults = on("create", { applied: true, ends: respondingWith(members) });
  server.setFaults((request) => faults(request, scenario));
  await rotateSecret(atlas, plan);
  expect(records).toHaveLength(5);
  for (const record of records) expect(readRotationRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
});

describe("reading a record", () => {
  const id = "3c".repeat(12);
  const account = { version: 1, groupId: GROUP_ID, orgId: ORG_ID, clientId };
  const secret = { id, createdAt: "2026-01-01T00:00:00Z", expiresAt: "2026-02-01T00:00:00.000Z" };
  const fingerprint = `sha256:${"0".repeat(32)}:${"f".repeat(64)}`;

  it.each([
    ["nothing but the account", account],
    ["a secret in use", { ...account, current: { id } }],
    ["both secrets", { ...account, current: secret, previous: secret }],
    ["a creation", { ...account, underWay: { step: "create" } }],
    ["a verification", { ...account, underWay: { step: "verify", created: { id } } }],
    ["a store", { ...account, current: { id }, underWay: { step: "store", created: secret, fingerprint } }],
    ["a deletion", { ...account, current: secret, previous: { id }, underWay: { step: "delete-previous" } }],
  ])("accepts %s, as the schema does", (_what, record) => {
    expect(readRotationRecord(record)).toEqual(record);
    expect(fitsSchema(record), JSON.stringify(fitsSchema.errors)).toBe(true);
  });

  it.each<[string, unknown, ...string[]]>([
    ["what is no object", [], "record: expected a plain object, got an array of 0"],
    ["another version", { ...account, version: 2 }, "version: expected one of 1, got 2"],
    ["a missing id", { ...account, groupId: undefined }, "groupId: is missing"],
    [
      "another member",
      { ...account, secret: "x" },
      "secret: unknown option; the options are version, groupId, orgId, clientId, current, previous, underWay",
    ],
    [
      "an id that could lead elsewhere",
      { ...account, current: { id: "../x" } },
      'current.id: expected a string that matches ^[\\w-]+$, got "../x"',
    ],
    ["a secret without an id", { ...account, current: {} }, "current.id: is missing"],
    [
      "a secret with its value",
      { ...account, current: { id, secret: "x" } },
      "current.secret: unknown option; the options are id, createdAt, expiresAt",
    ],
    [
      "a date that is none",
      { ...account, current: { id, expiresAt: "soon" } },
      'current.expiresAt: expected a date, got "soon"',
    ],
    [
      "an unknown step",
      { ...account, underWay: { step: "vanish" } },
      'underWay.step: expected one of create, verify, store, delete-previous, compensate, got "vanish"',
    ],
    [
      "a fingerprint that is none",
      { ...account, underWay: { step: "create", fingerprint: "x" } },
      'underWay.fingerprint: expected a string that matches ^sha256:[0-9a-f]{32}:[0-9a-f]{64}$, got "x"',
    ],
  ])("refuses %s, as the schema does", async (_what, record, violation) => {
    const read = async () => readRotationRecord(record);
    const { violations, message } = await errorOf(read(), AtlasRequestError);
    expect(violations).toHaveLength(1);
    expect(message).toContain(`The record of the rotation is not valid: ${violation}.`);
    expect(fitsSchema(JSON.parse(JSON.stringify(record)))).toBe(false);
  });

  it.each([
    ["verify", {}, ["underWay.created"]],
    ["compensate", {}, ["underWay.created"]],
    ["store", {}, ["underWay.created", "underWay.fingerprint"]],
    ["delete-previous", {}, ["current", "previous"]],
  ])("refuses %s without what it cannot be resumed without", async (step, more, missing) => {
    const read = async () => readRotationRecord({ ...account, underWay: { step, ...more } });
    const { violations } = await errorOf(read(), AtlasRequestError);
    expect(violations.map(({ argument, expected }) => [argument, expected])).toEqual(
      missing.map((name) => [name, "is missing"]),
    );
  });
});

it("holds the ids of a record to the contract's patterns", async () => {
  const { createGroupServiceAccountSecret, deleteOrgServiceAccountSecret } = operations;
  const parameters: readonly OperationParameter[] = [
    ...createGroupServiceAccountSecret.parameters,
    ...deleteOrgServiceAccountSecret.parameters,
  ];
  const wrong = (argument: string, name = argument) => {
    const pattern = parameters.find((each) => each.name === name)?.pattern;
    return { argument, expected: `a string that matches ${pattern}` };
  };
  const given = { version: 1, groupId: "x", orgId: "x", clientId: "x" };
  const { violations } = await errorOf((async () => readRotationRecord(given))(), AtlasRequestError);
  expect(violations).toMatchObject([wrong("groupId"), wrong("orgId"), wrong("clientId")]);
});

describe("a record", () => {
  const account = { groupId: "a".repeat(24), orgId: "b".repeat(24), clientId: `mdb_sa_id_${"c".repeat(24)}` };
  const id = "d".repeat(24);
  const named = { ...account, previousSecretId: id };
  const created = { id: "e".repeat(24), createdAt: "2025-05-04T09:42:00Z", expiresAt: "2025-06-04T09:42:00Z" };
  const shortened = { id, expiresAt: "2025-05-11T09:42:00.000Z" };
  // As a client of another kind may return it.
  const bare = { id: created.id, secret: "mdb_sa_sk_fake", expiresAt: undefined, createdAt: undefined } as never;
  const [current, previous, fingerprint] = [created, shortened, "sha256:fake"];

  it.each<[string, RotationRecord, Partial<RotationRecord>]>([
    ["of a new secret what is known", recordAfter(account, created, "kept"), { current }],
    ["never its value", recordAfter(account, bare, "kept"), { current: { id: created.id } }],
    ["the previous secret if it is kept", recordAfter(named, created, "kept"), { current, previous }],
    ["the previous secret if it may be alive", recordAfter(named, created, "unknown"), { current, previous }],
    ["no previous secret that was deleted", recordAfter(named, created, "deleted"), { current }],
    ["no previous secret that is gone", recordAfter(named, created, "gone"), { current }],
    ["nothing if nothing is known", recordUnchanged(account), {}],
    ["nothing of a secret that is not in use", recordUnchanged(account, created), {}],
    ["the previous secret as the current one if nothing has changed", recordUnchanged(named), { current: { id } }],
    ["its shorter life if another was created", recordUnchanged(named, created), { current: shortened }],
    ["a step without a new secret", recordDuring(account, "create"), { underWay: { step: "create" } }],
    ["a step with one", recordDuring(account, "verify", created), { underWay: { step: "verify", created } }],
    [
      "a fingerprint",
      recordDuring(account, "store", created, fingerprint),
      { underWay: { step: "store", created, fingerprint } },
    ],
    [
      "the new secret in use when the previous one is deleted",
      recordDuring(named, "delete-previous", created),
      { current, previous, underWay: { step: "delete-previous" } },
    ],
    [
      "a deletion of which nothing is known",
      recordDuring(account, "delete-previous"),
      { underWay: { step: "delete-previous" } },
    ],
  ])("has %s", (_what, record, expected) => {
    expect(record).toStrictEqual({ version: 1, ...account, ...expected });
  });
});
