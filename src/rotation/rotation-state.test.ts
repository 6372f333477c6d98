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
import type { CreatedSecret } from "./secret-rotation-error.js";

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
const deletion = (secretId: string) =>
  `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${secretId} })`;
const shortened = `Atlas may now let the previous secret ${previousSecretId} expire within 7 days.`;

describe("the creation", () => {
  it("did nothing", () => {
    expect(nothingCreated()).toBe("No secret was created, and Atlas is as before.");
  });

  it("was refused, perhaps because there are two secrets", () => {
    expect(creationRefused(plan)).toBe(
      `No secret was created, and Atlas is as before. A service account holds two secrets at most: if this one has two, delete the one that nobody uses, with ${deletion("its id")}, and rotate again.`,
    );
  });

  it.each([
    [true, "was"],
    [false, "may have been"],
  ])("left a secret without a name (certain: %s)", (certain, word) => {
    expect(createdWithoutId(plan, certain)).toBe(
      `A secret ${word} created, and neither its id nor its value can be known. Before rotating again, look in Atlas at the secrets of ${clientId} in organization ${orgId}, and delete the one that was made just now, with ${deletion("its id")}. ${shortened}`,
    );
  });

  it("answered with the id of the previous secret", () => {
    expect(createdUnderPreviousId(plan)).toBe(
      `Nothing was deleted and nothing was stored, because the id does not tell the two apart. Before rotating again, look in Atlas at the secrets of ${clientId} in organization ${orgId}. ${shortened}`,
    );
  });
});

describe("the new secret", () => {
  it("has been deleted again", () => {
    expect(compensated(plan, created("deleted"), undefined)).toBe(
      `The new secret ${id} has been deleted again, and the previous secret ${previousSecretId} still works. ${shortened}`,
    );
  });

  it("has been deleted again, of an account whose previous secret the plan does not name", () => {
    const { previousSecretId: _, ...unnamed } = plan;
    expect(compensated(unnamed, created("deleted"), undefined)).toBe(
      `The new secret ${id} has been deleted again, and the previous secret still works. Atlas may now let the previous secret expire within 7 days.`,
    );
  });

  it.each([
    ["alive", "is"],
    ["unknown", "may be"],
  ] as const)("could not be deleted again, and is %s", (now, word) => {
    expect(compensated(plan, created(now), "503.")).toBe(
      `The new secret ${id} could not be deleted again: 503. It ${word} left over until 2025-05-04T17:42:00Z, and nobody uses it: delete it with ${deletion(`"${id}"`)}. The previous secret ${previousSecretId} still works. ${shortened}`,
    );
  });

  it("could not be deleted again, and its end is not known", () => {
    const text = compensated(plan, { id, expiresAt: undefined, now: "alive" }, "503.");
    expect(text).toContain("It is left over until it expires, and nobody uses it");
  });

  it("may have been stored", () => {
    expect(perhapsStored(plan, created("alive"))).toBe(
      `The new secret may have been stored, so both stay alive: the new one ${id} until 2025-05-04T17:42:00Z, and the previous secret ${previousSecretId}. Find out which one is in use and delete the other; the new one goes with ${deletion(`"${id}"`)}. ${shortened}`,
    );
  });
});

describe("the previous secret", () => {
  const stored = `The new secret ${id} is stored and lives until 2025-05-04T17:42:00Z.`;
  const again = `Delete it with ${deletion(`"${previousSecretId}"`)}`;

  it.each([
    ["kept", `The previous secret ${previousSecretId} is alive as well. ${shortened} ${again}.`],
    [
      "unknown",
      `The previous secret ${previousSecretId} may be alive as well. ${shortened} ${again}; a 404 then says that it is gone, or that its id or the organization's is wrong.`,
    ],
    [
      "deleted",
      `The previous secret ${previousSecretId} has been deleted, though the answer was not the expected one.`,
    ],
  ] as const)("is left over: %s", (left, text) => {
    expect(previousLeft(plan, created("alive"), left)).toBe(`${stored} ${text}`);
  });
});
