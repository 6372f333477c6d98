/**
 * The rotation is stopped at `verify` in every way; nobody has the new secret yet, so it is deleted again.
 */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AtlasAuthError } from "../errors.js";
import { type Fault, ORG_ID } from "../testing/atlas/start-atlas.js";
import { errorOf } from "../testing/scripted-client.js";
import { rotateSecret } from "./rotate-secret.js";
import type { NewSecret } from "./rotation-plan.js";
import { SecretRotationError } from "./secret-rotation-error.js";
import {
  aborting,
  abortingAt,
  apiError,
  clientId,
  expectNothingLost,
  expectStop,
  type Faults,
  firstOf,
  on,
  onDeletion,
  REASON,
  rotationScenario,
  type Stop,
  type StoppedRotation,
} from "./testing/rotation-scenario.js";

const stop = (outcome: Stop["outcome"], created: Stop["created"], alive: Stop["alive"]) =>
  ({ step: "verify", outcome, created, alive }) as const;
const COMPENSATED = stop("unknown", "deleted", 1);

/** The caller's check refuses the secret; it could sign in. */
const refusing = () => ({ verify: () => Promise.reject(new Error("no")), verifyTimeoutMs: 50 });

/** The secret does not work, and what becomes of its deletion. */
const compensating = (how: string, ends: Fault["ends"], applied: boolean, expected: Stop): StoppedRotation => ({
  how: `a secret that does not work, with ${how} to the compensation`,
  faults: onDeletion("new", { applied, ends }),
  ...(ends === "hang" && { hangs: true as const }),
  plan: refusing,
  expected,
});

const tokenFault = (how: string, fault: Fault, faults: (faults: Faults) => Faults = (same) => same) => ({
  how: `${how} for the token`,
  faults: faults(on("token", fault)),
  ...(fault.ends === "hang" && { hangs: true as const }),
  expected: COMPENSATED,
});

const rows: readonly StoppedRotation[] = [
  ...[
    tokenFault("401", { applied: false, ends: { status: 401, body: { error: "invalid_client" } } }),
    tokenFault("500", { applied: false, ends: apiError(500) }),
    tokenFault("429", { applied: false, ends: apiError(429, { "retry-after": "0" }) }),
    tokenFault("a reset", { applied: false, ends: "reset" }),
    tokenFault("a timeout", { applied: false, ends: "hang" }),
    tokenFault("a response that breaks off", { applied: true, ends: "cut" }),
    tokenFault("a response without a token", { applied: true, ends: { status: 200, body: {} } }),
  ].map((row) => ({ ...row, expected: { ...row.expected, cause: AtlasAuthError } })),
  {
    how: "a check of the caller's that throws",
    plan: () => ({
      verify: ({ secret }: NewSecret) => {
        throw new Error(`the database does not let ${secret} in`);
      },
    }),
    expected: { ...COMPENSATED, cause: Error },
  },
  {
    how: "a check of the caller's that rejects with nothing",
    plan: () => ({ verify: () => Promise.reject() }),
    expected: { ...COMPENSATED, cause: Error },
  },
  {
    how: "a check of the caller's that returns false",
    // TypeScript refuses it; JavaScript does not.
    plan: () => ({ verify: (async () => false) as () => Promise<never> }),
    expected: { ...COMPENSATED, cause: Error },
  },
  { how: "an abort as it begins", plan: abortingAt("verify"), expected: { ...COMPENSATED, cause: REASON } },
  {
    how: "an abort while the token is under way",
    hangs: true,
    faults: aborting(on("token", { applied: true, ends: "hang" })),
    expected: { ...COMPENSATED, cause: REASON },
  },
  {
    how: "an abort while the response with the token comes",
    faults: aborting(on("token", { applied: true, ends: "response" })),
    expected: { ...COMPENSATED, cause: REASON },
  },
  {
    how: "an abort during a check of the caller's that never ends",
    plan: ({ controller }) => ({
      verify: () => {
        setImmediate(() => controller.abort(REASON));
        return new Promise<void>(() => undefined);
      },
    }),
    expected: { ...COMPENSATED, cause: REASON },
  },
  {
    how: "an abort as a check of the caller's begins that never ends",
    plan: (scenario) => ({ ...abortingAt("verify")(scenario), verify: () => new Promise<void>(() => undefined) }),
    expected: { ...COMPENSATED, cause: REASON },
  },
  compensating("403", apiError(403), false, stop("applied", "alive", 2)),
  // Nothing proves the deletion: the secret itself says whether it is alive.
  compensating("404", apiError(404), false, stop("applied", "alive", 2)),
  compensating("500", apiError(500), false, stop("applied", "alive", 2)),
  compensating("a reset", "reset", false, stop("applied", "alive", 2)),
  compensating("resets alone, though it was applied,", "reset", true, COMPENSATED),
  compensating("a timeout", "hang", false, stop("applied", "alive", 2)),
  {
    how: "a secret that does not work, with one 503 and then 404, as for a wrong organization, to the compensation",
    faults: firstOf(
      onDeletion("new", { applied: false, ends: apiError(503) }, 1),
      onDeletion("new", { applied: false, ends: apiError(404) }),
    ),
    plan: refusing,
    expected: stop("applied", "alive", 2),
  },
  ...[404, 500].map((status) => ({
    how: `no token at all, with ${status} to the compensation`,
    faults: firstOf(
      on("token", { applied: false, ends: "reset" }),
      onDeletion("new", { applied: false, ends: apiError(status) }),
    ),
    expected: stop("unknown", "unknown", 2),
  })),
  compensating("a success that is not the contract's", { status: 200 }, true, COMPENSATED),
  {
    how: "a secret that does not work, with one reset to the compensation after it was applied",
    faults: onDeletion("new", { applied: true, ends: "reset" }, 1),
    plan: refusing,
    expected: COMPENSATED,
  },
  {
    how: "an abort, with a refusal of the compensation",
    faults: firstOf(
      aborting(on("token", { applied: true, ends: "response" })),
      onDeletion("new", { applied: false, ends: apiError(403) }),
    ),
    expected: { ...stop("applied", "alive", 2), cause: REASON },
  },
];

describe("a rotation stopped at verify", () => {
  for (const { how, ...row } of rows) it(`by ${how} loses nothing`, () => expectStop(row));

  it("says why, what was deleted again and what may now expire", async () => {
    const { server, atlas, plan, previous, steps } = await rotationScenario();
    server.setFaults(({ kind, clientId: asking }) =>
      kind === "token" && asking === clientId
        ? { applied: false, ends: { status: 401, body: { error: "invalid_client", error_description: "Not yet." } } }
        : undefined,
    );
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    const id = error.created?.id;
    expect(steps.at(-1)).toEqual({
      step: "compensate",
      secretId: id,
      remedies: [{ action: "delete-secret", orgId: ORG_ID, clientId, secretId: id }],
    });
    expect(error.message).toBe(
      `Rotating the secret of ${clientId} stopped at verify: Could not get an access token with this secret: ` +
        `POST /api/oauth/token for ${clientId} returned 401 invalid_client (Not yet.). ` +
        `The new secret ${id} has been deleted again, and the previous secret ${previous.id} still works. ` +
        `Atlas may now let the previous secret ${previous.id} expire within 7 days.`,
    );
    expect(error.cause).toMatchObject({ status: 401, oauthError: "invalid_client", oauthErrorDescription: "Not yet." });
  });

  it("by nothing, if the secret is refused only at first: undoing shortens the life of the previous one", async () => {
    const { server, atlas, plan } = await rotationScenario({ retry: false });
    server.setFaults(({ kind, clientId: of, nth }) => {
      const isEarly = kind === "token" && of === clientId && nth === 1;
      return isEarly ? { applied: false, ends: { status: 401, body: { error: "invalid_client" } } } : undefined;
    });
    expect((await rotateSecret(atlas, plan({ verifyTimeoutMs: undefined }))).previous).toBe("deleted");
  });

  it("takes a refusal of a secret that never signed in for its end only after some time", async () => {
    const { server, atlas, plan } = await rotationScenario();
    // The deletion finds nothing, as in a wrong organization, and the secret becomes known a moment later.
    server.setFaults(({ kind, clientId: of, nth }) => {
      if (kind === "delete") return { applied: false, ends: apiError(404) };
      const isEarly = kind === "token" && of === clientId && nth === 1;
      return isEarly ? { applied: false, ends: { status: 401, body: { error: "invalid_client" } } } : undefined;
    });
    const verify = () => Promise.reject(new Error("no"));
    const error = await errorOf(rotateSecret(atlas, plan({ verify, verifyTimeoutMs: 30_000 })), SecretRotationError);
    expect(error).toMatchObject({ created: { now: "alive" }, outcome: "applied" });
  });

  it("by an abort before it does not begin it, and compensates at once", async () => {
    const { server, atlas, plan, controller, steps } = await rotationScenario();
    server.setFaults(({ kind }) =>
      kind === "create" ? { applied: true, meanwhile: () => controller.abort(REASON), ends: "response" } : undefined,
    );
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error.message).toContain("stopped before verify: aborted by the caller");
    expect(steps).toMatchObject([{ step: "create" }, { step: "compensate", secretId: error.created?.id }]);
    expect(server.requests.map(({ kind }) => kind)).toEqual(["token", "create", "delete"]);
  });

  it("names the secret that is left over if the compensation fails, and the failure", async () => {
    const { server, atlas, plan } = await rotationScenario();
    server.setFaults(({ kind }) => (kind === "delete" ? { applied: false, ends: apiError(403) } : undefined));
    const verify = () => Promise.reject(new Error("no"));
    const error = await errorOf(rotateSecret(atlas, plan({ verify })), SecretRotationError);
    const { id = "", expiresAt = "" } = error.created ?? {};
    expect(error.message).toContain(`The new secret ${id} could not be deleted again: DELETE /api/atlas/v2/`);
    expect(error.message).toContain("403 SCRIPTED. As the test wants it.");
    expect(error.message).toContain(`It is left over until ${expiresAt}, and nothing uses it. The previous secret`);
    expect(error.message).toContain(`secretId: "${id}" })`);
    expect(server.accounts.secretsOf(clientId).map((secret) => secret.id)).toContain(id);
  });

  it("by the clock of a check of the caller's deletes the new secret again", async () => {
    const scenario = await rotationScenario();
    let timeUp: AbortSignal | undefined;
    const verify = (_secret: NewSecret, { signal }: { signal: AbortSignal }) => {
      timeUp = signal;
      return new Promise<void>(() => undefined);
    };
    const plan = scenario.plan({ verify, verifyTimeoutMs: 20 });
    const error = await errorOf(rotateSecret(scenario.atlas, plan), SecretRotationError);
    expect(error).toMatchObject({ step: "verify", created: { now: "deleted" } });
    expect(error.message).toContain("stopped at verify: Error: verify did not finish within 0.02 s.");
    expect(timeUp?.aborted).toBe(true);
    expectNothingLost(scenario, error);
  });

  it("leaves nothing behind that would keep the program from ending, if the caller aborts", async () => {
    const set = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    onTestFinished(() => void vi.restoreAllMocks());
    const scenario = await rotationScenario();
    const verify = () => {
      scenario.controller.abort(REASON);
      return new Promise<void>(() => undefined);
    };
    const error = await errorOf(
      rotateSecret(scenario.atlas, scenario.plan({ verify, verifyTimeoutMs: 54_321 })),
      SecretRotationError,
    );
    expect(error).toMatchObject({ step: "verify", created: { now: "deleted" }, cause: REASON });
    const timer = set.mock.results[set.mock.calls.findIndex(([, ms]) => ms === 54_321)]?.value;
    expect(timer).toBeDefined();
    expect(cleared.mock.calls.map(([each]) => each)).toContain(timer);
  });

  it("an own check gets the new secret, and a copy: what it does to it reaches nobody else", async () => {
    const scenario = await rotationScenario();
    let verified: string | undefined;
    const verify = (secret: NewSecret) => {
      verified = secret.secret;
      Object.assign(secret, { secret: "spoiled", id: scenario.previous.id });
    };
    await rotateSecret(scenario.atlas, scenario.plan({ verify }));
    expect(verified).toBe(scenario.stored);
    expect(scenario.server.requests.filter(({ kind }) => kind === "token")).toHaveLength(1);
  });
});
