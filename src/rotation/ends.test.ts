/**
 * README's tables of how a rotation ends are true line by line, and every end that is driven here is in them.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ORG_ID } from "../testing/atlas/start-atlas.js";
import { errorOf } from "../testing/scripted-client.js";
import { resumeRotation, rotateSecret } from "./rotate-secret.js";
import { recordDuring } from "./rotation-end.js";
import type { ResumedRotation, RotationPlan } from "./rotation-plan.js";
import { fingerprintOf, type RotationRecord } from "./rotation-record.js";
import { type RotationRemedy, SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";
import {
  apiError,
  clientId,
  expectNothingLost,
  type Faults,
  firstOf,
  on,
  onDeletion,
  REASON,
  type RotationScenario,
  respondingWith,
  rotationScenario,
} from "./testing/rotation-scenario.js";

interface End {
  readonly faults?: Faults;
  readonly plan?: (scenario: RotationScenario) => Partial<RotationPlan>;
  /** Another run has begun before, and ended at this step. */
  readonly endedAt?: "create" | "store";
}

const unusable = on("create", { applied: true, ends: respondingWith({ secret: undefined }) });
const notWorking: NonNullable<End["plan"]> = () => ({
  verify: () => Promise.reject(new Error("no")),
  verifyTimeoutMs: 50,
});
const deletingNew = (status: number) => onDeletion("new", { applied: false, ends: apiError(status) });
/** Rejects before the step; `undefined` for after the last one. */
const noRecord = (step: string | undefined) => () => ({
  record: ({ underWay }: RotationRecord) => {
    if (underWay?.step === step) throw new Error("no space left");
  },
});

const SUCCESSES: Readonly<Record<string, End>> = {
  "every step succeeds": {},
  "the plan names no previous secret": { plan: () => ({ previousSecretId: undefined }) },
  "a deletion without a response is repeated and finds nothing: a wrong organization would look the same": {
    faults: onDeletion("previous", { applied: true, ends: "reset" }, 1),
  },
};

/** In the order of the table, in which "the same" goes on with the line before it. */
const FAILURES: readonly (readonly [string, End])[] = [
  [
    "the caller aborts before it begins",
    {
      plan: ({ controller }) => {
        controller.abort(REASON);
        return {};
      },
    },
  ],
  ["`record` rejects before `create`", { plan: noRecord("create") }],
  [
    "the creation is refused because the account has two secrets",
    {
      faults: on("create", {
        applied: false,
        ends: { status: 400, body: { error: 400, errorCode: "TOO_MANY_SECRETS" } },
      }),
    },
  ],
  ["the creation is refused with any other 4xx", { faults: on("create", { applied: false, ends: apiError(403) }) }],
  ["the response to the creation is lost", { faults: on("create", { applied: true, ends: "reset" }) }],
  ["the response to the creation has no usable secret, but its id", { faults: unusable }],
  ["the same, and deleting the new secret is refused", { faults: firstOf(unusable, deletingNew(403)) }],
  ["the new secret does not work", { plan: notWorking }],
  ["the same, and deleting the new secret is refused", { plan: notWorking, faults: deletingNew(403) }],
  ["the same, and deleting it finds nothing, but it can sign in", { plan: notWorking, faults: deletingNew(404) }],
  [
    "the same, and nothing is known of its deletion",
    { faults: firstOf(on("token", { applied: false, ends: "reset" }), deletingNew(503)) },
  ],
  [
    "the caller aborts before `store` is called",
    {
      plan: ({ controller }) => ({
        verify: () => {
          controller.abort(REASON);
          return new Promise<void>(() => undefined);
        },
      }),
    },
  ],
  ["`record` rejects before `store`", { plan: noRecord("store") }],
  [
    "`store` throws `SecretNotStoredError`",
    { plan: () => ({ store: () => Promise.reject(new SecretNotStoredError("no")) }) },
  ],
  ["`store` throws anything else", { plan: () => ({ store: () => Promise.reject(new Error("perhaps")) }) }],
  [
    "`store` takes longer than `storeTimeoutMs`",
    { plan: () => ({ store: () => new Promise<void>(() => undefined), storeTimeoutMs: 20 }) },
  ],
  [
    "the caller aborts while `store` runs",
    {
      plan: (scenario) => ({
        store: ({ secret }) => {
          scenario.stored = secret;
          scenario.controller.abort(REASON);
        },
      }),
    },
  ],
  [
    "deleting the previous secret is refused",
    { faults: onDeletion("previous", { applied: false, ends: apiError(403) }) },
  ],
  [
    "deleting the previous secret finds nothing, as in a wrong organization",
    { faults: onDeletion("previous", { applied: false, ends: apiError(404) }) },
  ],
  [
    "nothing is known of the deletion of the previous secret",
    { faults: onDeletion("previous", { applied: false, ends: "reset" }) },
  ],
  ["`record` rejects after the last step", { plan: noRecord(undefined) }],
  ["resumed: an earlier run ended at `create`, and the id is not known", { endedAt: "create" }],
  ["resumed: an earlier run ended at `store`, and nobody knows whether it is stored", { endedAt: "store" }],
];

/** The lines of README's table under this heading line. */
function table(heading: string): string[][] {
  const lines = readFileSync(new URL("README.md", import.meta.url), "utf8").split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${heading}`));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) => line.slice(2, -2).split(" | "));
}

async function run(scenario: RotationScenario, { faults, plan, endedAt }: End): Promise<ResumedRotation> {
  const { server, atlas } = scenario;
  server.setFaults((request) => faults?.(request, scenario));
  const given = scenario.plan(plan?.(scenario));
  if (endedAt === undefined) return rotateSecret(atlas, given);
  const { id, value } = server.accounts.addSecret(clientId, 24);
  const record =
    endedAt === "create"
      ? recordDuring(given, "create")
      : recordDuring(given, "store", { id }, await fingerprintOf(value));
  return resumeRotation(atlas, given, record);
}

/** The secrets of the account by the names that the tables have for them. */
function live({ server, previous }: RotationScenario): string {
  return server.accounts
    .secretsOf(clientId)
    .map(({ id }) => (id === previous.id ? "previous" : "new"))
    .join(", ");
}

describe("a rotation that succeeds:", () => {
  const rows = table("what happens | `previous` | live");

  it("the table has every end", () => expect(rows.map(([what]) => what)).toEqual(Object.keys(SUCCESSES)));

  it.each(rows)("%s", async (what = "", previous, alive) => {
    const scenario = await rotationScenario();
    const result = await run(scenario, SUCCESSES[what] ?? expect.fail("not driven"));
    expect([result.previous, live(scenario)]).toEqual([previous, alive]);
    expectNothingLost(scenario, undefined);
  });
});

describe("a rotation that fails:", () => {
  const rows = table("what happens | `step`");

  it("the table has every end", () => expect(rows.map(([what]) => what)).toEqual(FAILURES.map(([what]) => what)));

  it.each(rows.map((row, index) => [index, ...row] as const))("%i: %s", async (index, _what, ...expected) => {
    const scenario = await rotationScenario();
    const [, end] = FAILURES[index] ?? expect.fail("not driven");
    const error = await errorOf(run(scenario, end), SecretRotationError);
    const { step, outcome, created, previous, remedies } = error;
    const named = ({ action, orgId, clientId: of, secretId }: RotationRemedy) => {
      expect([orgId, of]).toEqual([ORG_ID, clientId]);
      const which = secretId === undefined ? "" : secretId === scenario.previous.id ? " previous" : " new";
      return `${action === "delete-secret" ? "delete" : "look"}${which}`;
    };
    const shown = remedies.map(named).join(", ") || "–";
    expect([step, outcome, created?.now ?? "–", previous, shown, live(scenario)]).toEqual(expected);
    expectNothingLost(scenario, error);
  });
});
