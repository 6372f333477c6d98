/**
 * What an operator reads after a rotation has stopped: what now exists in Atlas, and what to do about it.
 */
import { describe, expect, it } from "vitest";
import type { RotationPlan } from "./rotation-plan.js";
import {
  compensated,
  createdUnderPreviousId,
  createdWithoutId,
  creationRefused,
  nothingCreated,
  perhapsStored,
  previousLeft,
} from "./rotation-state.js";
import {
  type CreatedSecret,
  deleteSecret,
  describeRemedy,
  lookInAtlas,
  type RotationRemedy,
  type RotationStep,
  remediesDuring,
} from "./secret-rotation-error.js";

const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const previousSecretId = "0a1b2c3d4e5f60718293a4b5";
const id = "32b6e34b3d91647abb20e7b8";
const plan: RotationPlan = {
  groupId: "5f0c1a2b3c4d5e6f70819203",
  orgId,
  clientId,
  secretExpiresAfterHours: 8,
  previousSecretId,
  store: () => undefined,
};
const created = (now: CreatedSecret["now"]): CreatedSecret => ({ id, expiresAt: "2025-05-04T17:42:00Z", now });
const shortened = `Atlas may now let the previous secret ${previousSecretId} expire within 7 days.`;
const account = { orgId, clientId };
const look = { action: "look-in-atlas", ...account } as const;
const deleteOf = (secretId: string) => ({ action: "delete-secret", ...account, secretId }) as const;

describe("the creation", () => {
  it("did nothing", () => {
    expect(nothingCreated()).toEqual({ state: "No secret was created, and Atlas is as before.", remedies: [] });
  });

  it("was refused, perhaps because there are two secrets", () => {
    expect(creationRefused(plan)).toEqual({
      state:
        "No secret was created, and Atlas is as before. A service account holds at most two secrets, and this one may have two already.",
      remedies: [look],
    });
  });

  it.each([
    [true, "was"],
    [false, "may have been"],
  ])("left a secret without a name (certain: %s)", (certain, word) => {
    expect(createdWithoutId(plan, certain)).toEqual({
      state: `A secret ${word} created, and neither its id nor its value can be known. ${shortened}`,
      remedies: [look],
    });
  });

  it("brought the id of the previous secret", () => {
    expect(createdUnderPreviousId(plan)).toEqual({
      state: `Nothing was deleted and nothing was stored, because the id does not tell the two apart. ${shortened}`,
      remedies: [look],
    });
  });
});

describe("the new secret", () => {
  it("has been deleted again", () => {
    expect(compensated(plan, created("deleted"), undefined)).toEqual({
      state: `The new secret ${id} has been deleted again, and the previous secret ${previousSecretId} still works. ${shortened}`,
      remedies: [],
    });
  });

  it("has been deleted again, of an account whose previous secret the plan does not name", () => {
    const { previousSecretId: _, ...unnamed } = plan;
    expect(compensated(unnamed, created("deleted"), undefined).state).toBe(
      `The new secret ${id} has been deleted again, and the previous secret still works. Atlas may now let the previous secret expire within 7 days.`,
    );
  });

  it.each([
    ["alive", "is"],
    ["unknown", "may be"],
  ] as const)("could not be deleted again, and is %s", (now, word) => {
    expect(compensated(plan, created(now), "503.")).toEqual({
      state: `The new secret ${id} could not be deleted again: 503. It ${word} left over until 2025-05-04T17:42:00Z, and nothing uses it. The previous secret ${previousSecretId} still works. ${shortened}`,
      remedies: [deleteOf(id)],
    });
  });

  it("could not be deleted again, and its end is not known", () => {
    const { state } = compensated(plan, { id, expiresAt: undefined, now: "alive" }, "503.");
    expect(state).toContain("It is left over until it expires, and nothing uses it");
  });

  it("may have been stored", () => {
    expect(perhapsStored(plan, created("alive"))).toEqual({
      state: `The new secret may have been stored, so both stay alive: the new one ${id} until 2025-05-04T17:42:00Z, and the previous secret ${previousSecretId}. ${shortened}`,
      remedies: [{ ...look, secretId: id }],
    });
  });
});

describe("the previous secret", () => {
  const stored = `The new secret ${id} is stored and lives until 2025-05-04T17:42:00Z.`;

  it.each([
    ["kept", `The previous secret ${previousSecretId} is alive as well. ${shortened}`, [deleteOf(previousSecretId)]],
    [
      "unknown",
      `The previous secret ${previousSecretId} may be alive as well. ${shortened} If deleting it brings a 404, it is gone, or its id or the organization's is wrong.`,
      [deleteOf(previousSecretId)],
    ],
    ["deleted", `The previous secret ${previousSecretId} has been deleted.`, []],
    ["gone", `The previous secret ${previousSecretId} is gone, unless its id or the organization's is wrong.`, []],
  ] as const)("is left over: %s", (left, text, remedies) => {
    expect(previousLeft(plan, created("alive"), left)).toEqual({ state: `${stored} ${text}`, remedies });
  });
});

describe("if the process ends", () => {
  const unnamed = { orgId, clientId };
  it.each<[RotationStep, Parameters<typeof remediesDuring>[1], string | undefined, readonly RotationRemedy[]]>([
    ["create", plan, undefined, [look]],
    ["verify", plan, id, [deleteOf(id)]],
    ["store", plan, id, [{ ...look, secretId: id }]],
    ["delete-previous", plan, id, [deleteOf(previousSecretId)]],
    ["delete-previous", unnamed, id, []],
    ["compensate", plan, id, [deleteOf(id)]],
  ])("during %s, this is to be done", (step, account, secretId, remedies) => {
    expect(remediesDuring(step, account, secretId)).toStrictEqual(remedies);
  });
});

it("a previous secret that the plan does not name is left over without a remedy", () => {
  const { previousSecretId: _, ...unnamed } = plan;
  expect(previousLeft(unnamed, created("alive"), "kept").remedies).toEqual([]);
});

it("a new secret that could not be deleted again may be left over for a reason that nobody knows", () => {
  expect(compensated(plan, created("alive"), undefined).state).toContain(
    "could not be deleted again: no reason is known. It",
  );
});

const call = (secretId: string) =>
  `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${secretId} })`;

it.each([
  ["to delete a secret that nothing uses", deleteSecret(account, id), `Delete secret ${id} with ${call(`"${id}"`)}.`],
  [
    "to find out which of two is in use",
    lookInAtlas(account, id),
    `Find out which one is in use and delete the other; the new one with ${call(`"${id}"`)}.`,
  ],
  [
    "to look for a secret whose id is not known",
    lookInAtlas(account),
    `Before rotating again, look in Atlas at the secrets of ${clientId} in organization ${orgId}, and delete the one that nothing uses with ${call("its id")}.`,
  ],
])("a remedy, as a sentence for somebody who writes a program with this library: %s", (_what, remedy, sentence) => {
  expect(describeRemedy(remedy)).toBe(sentence);
});
