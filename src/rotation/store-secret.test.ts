/**
 * The rotation is stopped at `store` in every way: the new secret is deleted again only if it certainly is stored nowhere.
 */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { errorOf } from "../testing/scripted-client.js";
import { rotateSecret } from "./rotate-secret.js";
import type { NewSecret, StepContext } from "./rotation-plan.js";
import { SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";
import {
  aborting,
  abortingAt,
  apiError,
  clientId,
  expectNothingLost,
  expectStop,
  on,
  onDeletion,
  REASON,
  type RotationScenario,
  respondingWith,
  rotationScenario,
  type Stop,
  type StoppedRotation,
} from "./testing/rotation-scenario.js";

const stop = (outcome: Stop["outcome"], created: Stop["created"], alive: Stop["alive"]) =>
  ({ step: "store", outcome, created, alive }) as const;
const COMPENSATED = stop("unknown", "deleted", 1);
const BOTH_ALIVE = stop("applied", "alive", 2);

const notStored = () => Promise.reject(new SecretNotStoredError("the disk is full"));

/** Fails before it has stored anything, or after. */
const failing = (error: unknown) => [
  { when: "before", store: () => Promise.reject(error) },
  {
    when: "after",
    store: (secret: NewSecret, scenario: RotationScenario) => {
      scenario.stored = secret.secret;
      throw error;
    },
  },
];

/** Not even its class can be asked for. */
function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const rows: readonly StoppedRotation[] = [
  {
    how: "the certainty that it was not stored",
    plan: () => ({ store: notStored }),
    expected: { ...COMPENSATED, cause: SecretNotStoredError },
  },
  {
    how: "the certainty that it was not stored, and a refusal of the compensation",
    faults: onDeletion("new", { applied: false, ends: apiError(403) }),
    plan: () => ({ store: notStored }),
    expected: { ...BOTH_ALIVE, cause: SecretNotStoredError },
  },
  {
    how: "the certainty that it was not stored, and a compensation whose responses are lost",
    faults: onDeletion("new", { applied: false, ends: "reset" }),
    plan: () => ({ store: notStored }),
    expected: { ...BOTH_ALIVE, cause: SecretNotStoredError },
  },
  ...[new Error("the vault hung up"), null, "text", { toString: null }, revokedProxy()].flatMap((thrown) =>
    failing(thrown).map(({ when, store }) => ({
      how: `${inspect(thrown)} thrown ${when} it was stored`.split("\n", 1).join(),
      plan: (scenario: RotationScenario) => ({ store: (secret: NewSecret) => store(secret, scenario) }),
      expected: { ...BOTH_ALIVE, cause: Error },
    })),
  ),
  {
    how: "an abort before it",
    plan: abortingAt("verify"),
    expected: { ...COMPENSATED, step: "verify", cause: REASON },
  },
  {
    how: "an abort before it, if nothing is verified",
    faults: aborting(on("create", { applied: true, ends: "response" })),
    plan: () => ({ verify: false }),
    expected: { ...COMPENSATED, cause: REASON },
  },
  {
    how: "a store that ends by the caller's own abort",
    plan: ({ controller }) => ({
      store: () => {
        controller.abort(REASON);
        throw REASON;
      },
    }),
    expected: { ...BOTH_ALIVE, cause: REASON },
  },
  {
    how: "an abort of a store that says that nothing was stored",
    plan: ({ controller }) => ({
      store: () => {
        controller.abort(REASON);
        return notStored();
      },
    }),
    expected: { ...COMPENSATED, cause: SecretNotStoredError },
  },
  {
    how: "an abort while it is stored",
    plan: (scenario) => ({
      store: async ({ secret }) => {
        scenario.controller.abort(REASON);
        await new Promise((resolve) => setImmediate(resolve));
        scenario.stored = secret;
      },
    }),
    expected: { ...BOTH_ALIVE, step: "delete-previous", cause: REASON },
  },
];

describe("a rotation stopped at store", () => {
  for (const { how, ...row } of rows) it(`by ${how} loses nothing`, () => expectStop(row));

  it("by the certainty of another copy of this library deletes the new secret again as well", async () => {
    const { server, atlas, plan } = await rotationScenario();
    const error = Object.assign(new Error("the disk is full"), { code: "ERR_SECRET_NOT_STORED" });
    const stopped = await errorOf(
      rotateSecret(atlas, plan({ store: () => Promise.reject(error) })),
      SecretRotationError,
    );
    expect(stopped).toMatchObject({ step: "store", created: { now: "deleted" } });
    expect(stopped.cause).toBeInstanceOf(SecretNotStoredError);
    expect(server.accounts.secretsOf(clientId)).toHaveLength(1);
  });

  it("by its clock keeps both, since the secret may have been stored, and tells the store by its signal", async () => {
    const scenario = await rotationScenario();
    let timeUp: AbortSignal | undefined;
    const store = (_secret: NewSecret, { signal }: StepContext) => {
      timeUp = signal;
      return new Promise<void>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const error = await errorOf(
      rotateSecret(scenario.atlas, scenario.plan({ store, storeTimeoutMs: 20 })),
      SecretRotationError,
    );
    expect(error).toMatchObject({ step: "store", outcome: "applied", created: { now: "alive" }, previous: "kept" });
    expect(error.message).toContain("stopped at store: Error: store did not finish within 0.02 s.");
    expect(timeUp?.aborted).toBe(true);
    expectNothingLost(scenario, error);
  });

  it("by an error that says nothing of the secret keeps both, and names the new one", async () => {
    const { atlas, plan, previous } = await rotationScenario();
    const store = () => Promise.reject(new TypeError("fetch failed"));
    const error = await errorOf(rotateSecret(atlas, plan({ store })), SecretRotationError);
    const { id = "", expiresAt = "" } = error.created ?? {};
    expect(error.message).toContain(`stopped at store: TypeError: fetch failed. The new secret may have been stored`);
    expect(error.message).toContain(`both stay alive: the new one ${id} until ${expiresAt}, and the previous secret`);
    expect(error.message).toContain(previous.id);
    expect(error.created).toEqual({ id, expiresAt, now: "alive" });
  });

  it("by an error that quotes the secret does not quote it on, whatever the secret looks like", async () => {
    const { server, atlas, plan } = await rotationScenario();
    const value = "fake-secret-of-another-form";
    server.setFaults(({ kind }) =>
      kind === "create" ? { applied: true, ends: respondingWith({ secret: value }) } : undefined,
    );
    const basic = Buffer.from(`${clientId}:${value}`).toString("base64");
    const store = async ({ secret }: NewSecret) => {
      const body = `${secret}, or as a header ${basic}`;
      throw Object.assign(new SecretNotStoredError(`PUT ${body} failed`, { cause: new Error(body) }), { body });
    };
    const error = await errorOf(rotateSecret(atlas, plan({ verify: false, store })), SecretRotationError);
    const shown = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), error.stack].join();
    expect(shown).not.toContain(value);
    expect(shown).not.toContain(basic);
    expect(error.cause).toBeInstanceOf(SecretNotStoredError);
    expect(error.message).toContain("SecretNotStoredError: PUT …, or as a header … failed");
  });
});
