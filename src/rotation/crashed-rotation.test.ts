/**
 * A program dies at every moment of a rotation and is started again: it ends with exactly one live secret, which is the
 * stored one, or says what a person has to do.
 */
import { describe, expect, it } from "vitest";
import { ORG_ID } from "../testing/atlas/start-atlas.js";
import type { RotationPlan } from "./rotation-plan.js";
import { SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";
import { type Crash, clientId, crashingProgram, type Ending, type Program } from "./testing/crashing-program.js";

const SIDES: readonly Crash["side"][] = ["before", "after"];

/** Starts the program until it is done; a person helps if the program says that one has to. */
async function untilDone(program: Program): Promise<void> {
  let ending: Ending = await program.run();
  if (ending.kind === "failed") {
    expectRemedyForUnknownId(program, ending.error);
    lookInAtlas(program);
    ending = await program.run(undefined, { acceptUnknown: true });
  }
  expect(ending).toMatchObject({ kind: "done" });
}

function expectRemedyForUnknownId({ record }: Program, error: unknown): void {
  expect(record?.underWay).toEqual({ step: "create" });
  expect(error).toBeInstanceOf(SecretRotationError);
  expect(error).toMatchObject({
    step: "create",
    outcome: "unknown",
    remedies: [{ action: "look-in-atlas", orgId: ORG_ID, clientId }],
  });
}

function idIsNotKnown({ record }: Program): boolean {
  return record?.underWay?.step === "create" && record.underWay.created === undefined;
}

/** What the remedy asks a person to do: delete the secret that nothing uses. */
function lookInAtlas({ server, stored }: Program): void {
  for (const { id, value } of server.accounts.secretsOf(clientId)) {
    if (value !== stored) server.accounts.deleteSecret(clientId, id);
  }
}

function expectOneStoredSecret({ server, stored, previous, record, records }: Program): void {
  const alive = server.accounts.secretsOf(clientId);
  expect(alive.map(({ value }) => value)).toEqual([stored]);
  expect(stored).not.toBe(previous.value);
  expect(record).toMatchObject({ current: { id: alive[0]?.id } });
  expect(record).not.toHaveProperty("previous");
  expect(record).not.toHaveProperty("underWay");
  expect(JSON.stringify(records)).not.toMatch(/mdb_sa_sk_fake/);
}

interface Kind {
  readonly what: string;
  readonly ownAccount?: boolean;
  /** What is unusual in the plan of the first run. */
  readonly plan?: Partial<RotationPlan>;
  /** What happens in the first run, in order; it dies before and after each. */
  readonly moments: readonly string[];
}

const ROTATION = ["record", "token", "POST", "record", "token", "record", "store", "record", "DELETE", "record"];
const kinds: readonly Kind[] = [
  { what: "a rotation", moments: ROTATION },
  {
    what: "a rotation of the account that the program signs in with",
    ownAccount: true,
    // The new secret signs in for the deletion.
    moments: [...ROTATION.slice(0, -2), "token", ...ROTATION.slice(-2)],
  },
  {
    what: "a rotation that verifies nothing",
    plan: { verify: false },
    moments: ["record", "token", "POST", "record", "store", "record", "DELETE", "record"],
  },
  {
    what: "a rotation whose secret does not work",
    plan: { verify: () => Promise.reject(new Error("no")) },
    moments: ["record", "token", "POST", "record", "record", "DELETE", "record"],
  },
  {
    what: "a rotation whose secret is not stored",
    plan: { store: () => Promise.reject(new SecretNotStoredError("no")) },
    moments: ["record", "token", "POST", "record", "token", "record", "store", "record", "DELETE", "record"],
  },
];

describe.each(kinds)("$what", ({ ownAccount, plan, moments }) => {
  it.each(SIDES)(
    "can die %s each of its moments and be resumed",
    async (side) => {
      for (const [index, what] of moments.entries()) {
        const program = await crashingProgram({ ownAccount });
        const moment = index + 1;
        expect(await program.run({ moment, side }, plan)).toEqual({ kind: "died", at: `${side} ${what}` });
        await untilDone(program);
        expectOneStoredSecret(program);
      }
      const program = await crashingProgram({ ownAccount });
      expect((await program.run({ moment: moments.length + 1, side }, plan)).kind).not.toBe("died");
    },
    120_000,
  );
});

it("a program that dies again at each moment of resuming, whatever it died of before, is resumed all the same", async () => {
  let deaths = 0;
  for (const first of ROTATION.keys()) {
    for (let second = 1, dies = true; dies; second += 1) {
      for (const side of SIDES) {
        const program = await crashingProgram();
        await program.run({ moment: first + 1, side });
        if (idIsNotKnown(program)) lookInAtlas(program);
        const ending = await program.run({ moment: second, side }, { acceptUnknown: true });
        dies = ending.kind === "died";
        if (dies) deaths += 1;
        await untilDone(program);
        expectOneStoredSecret(program);
      }
    }
  }
  expect(deaths).toBeGreaterThan(100);
}, 240_000);
