/**
 * What an operator reads after a rotation has stopped: what now exists in Atlas, and what to do about it.
 */
import { describe, expect, it } from "vitest";
import {
  compensated,
  createdWithoutId,
  describeRemedy,
  nothingCreated,
  perhapsStored,
  previousLeft,
  remediesDuring,
} from "./rotation-end.js";
import type { RotationRemedy, RotationStep } from "./secret-rotation-error.js";

const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const previousSecretId = "0a1b2c3d4e5f60718293a4b5";
const id = "32b6e34b3d91647abb20e7b8";
const unnamed = { orgId, clientId };
const plan = { ...unnamed, previousSecretId };
const secret = { id, expiresAt: "2025-05-04T17:42:00Z" };
const created = (now: string) => ({ ...secret, now });
const shortened = `Atlas may now let the previous secret ${previousSecretId} expire within 7 days.`;
const look: RotationRemedy = { action: "look-in-atlas", ...unnamed };
const deletionOf = (secretId: string): RotationRemedy => ({ action: "delete-secret", ...unnamed, secretId });

it.each([
  ["nothing", nothingCreated(plan), "not-applied", "No secret was created, and Atlas is as before.", []],
  [
    "nothing, perhaps because there are two secrets already",
    nothingCreated(plan, true),
    "not-applied",
    "No secret was created, and Atlas is as before. A service account holds at most two secrets, and this one may have two already.",
    [look],
  ],
  [
    "certainly a secret without a name",
    createdWithoutId(plan, "applied"),
    "applied",
    `A secret was created, and neither its id nor its value can be known. ${shortened}`,
    [look],
  ],
  [
    "perhaps a secret without a name",
    createdWithoutId(plan, "unknown"),
    "unknown",
    `A secret may have been created, and neither its id nor its value can be known. ${shortened}`,
    [look],
  ],
])("the creation has left %s", (_what, end, outcome, state, remedies) => {
  expect(end).toEqual({ outcome, created: undefined, previous: "kept", state, remedies });
});

describe("the new secret", () => {
  it("has been deleted again", () => {
    expect(compensated(plan, secret, "deleted", "")).toEqual({
      outcome: "unknown",
      created: created("deleted"),
      previous: "kept",
      state: `The new secret ${id} has been deleted again, and the previous secret ${previousSecretId} still works. ${shortened}`,
      remedies: [],
    });
  });

  it("has been deleted again, of an account whose previous secret the plan does not name", () => {
    expect(compensated(unnamed, secret, "deleted", "").state).toBe(
      `The new secret ${id} has been deleted again, and the previous secret still works. Atlas may now let the previous secret expire within 7 days.`,
    );
  });

  it.each([
    ["alive", "is", "applied"],
    ["unknown", "may be", "unknown"],
  ] as const)("could not be deleted again, and is %s", (now, word, outcome) => {
    expect(compensated(plan, secret, now, "503.")).toEqual({
      outcome,
      created: created(now),
      previous: "kept",
      state: `The new secret ${id} could not be deleted again: 503. It ${word} left over until 2025-05-04T17:42:00Z, and nothing uses it. The previous secret ${previousSecretId} still works. ${shortened}`,
      remedies: [deletionOf(id)],
    });
  });

  it("could not be deleted again, and its end is not known", () => {
    const { state, created: left } = compensated(plan, { id }, "alive", "503.");
    expect(state).toContain("It is left over until it expires, and nothing uses it.");
    expect(left).toStrictEqual({ id, expiresAt: undefined, now: "alive" });
  });

  it("may have been stored", () => {
    expect(perhapsStored(plan, secret)).toEqual({
      outcome: "applied",
      created: created("alive"),
      previous: "kept",
      state: `The new secret may have been stored, so both stay alive: the new one ${id} until 2025-05-04T17:42:00Z, and the previous secret ${previousSecretId}. ${shortened}`,
      remedies: [{ ...look, secretId: id }],
    });
  });
});

describe("the previous secret", () => {
  const stored = `The new secret ${id} is stored and lives until 2025-05-04T17:42:00Z.`;

  it.each([
    ["kept", `The previous secret ${previousSecretId} is alive as well. ${shortened}`, [deletionOf(previousSecretId)]],
    [
      "unknown",
      `The previous secret ${previousSecretId} may be alive as well. ${shortened} If deleting it returns 404, it is gone, or its id or the organization's is wrong.`,
      [deletionOf(previousSecretId)],
    ],
    ["deleted", `The previous secret ${previousSecretId} has been deleted.`, []],
    ["gone", `The previous secret ${previousSecretId} is gone, unless its id or the organization's is wrong.`, []],
  ] as const)("is left over: %s", (previous, text, remedies) => {
    const state = `${stored} ${text}`;
    const end = { outcome: "applied", created: created("alive"), previous, state, remedies };
    expect(previousLeft(plan, secret, previous)).toEqual(end);
  });

  it("is left over without a remedy, if the plan does not name it", () => {
    expect(previousLeft(unnamed, secret, "kept").remedies).toEqual([]);
  });
});

describe("if the process ends", () => {
  it.each<[RotationStep, Parameters<typeof remediesDuring>[1], string | undefined, readonly RotationRemedy[]]>([
    ["create", plan, undefined, [look]],
    ["verify", plan, id, [deletionOf(id)]],
    ["store", plan, id, [{ ...look, secretId: id }]],
    ["delete-previous", plan, id, [deletionOf(previousSecretId)]],
    ["delete-previous", unnamed, id, []],
    ["compensate", plan, id, [deletionOf(id)]],
  ])("during %s, this is to be done", (step, account, secretId, remedies) => {
    expect(remediesDuring(step, account, secretId)).toStrictEqual(remedies);
  });
});

const call = (secretId: string) =>
  `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${secretId} })`;

it.each([
  ["to delete a secret that nothing uses", deletionOf(id), `Delete secret ${id} with ${call(`"${id}"`)}.`],
  [
    "to find out which of two is in use",
    { ...look, secretId: id },
    `Find out which one is in use and delete the other; the new one with ${call(`"${id}"`)}.`,
  ],
  [
    "to look for a secret whose id is not known",
    look,
    `Before rotating again, look in Atlas at the secrets of ${clientId} in organization ${orgId}, and delete the one that nothing uses with ${call("its id")}.`,
  ],
])("a remedy, as a sentence for somebody who writes a program with this library: %s", (_what, remedy, sentence) => {
  expect(describeRemedy(remedy)).toBe(sentence);
});
