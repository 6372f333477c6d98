/**
 * The rotation is stopped at `store` in every way: the new secret is deleted again only if it certainly is stored nowhere.
 * And at `delete-previous`: the new secret is stored by then and stays.
 */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasAuthError, AtlasNetworkError, AtlasRequestError, AtlasResponseError } from "../errors.js";
import { type Fault, ORG_ID } from "../testing/atlas/start-atlas.js";
import { revoked } from "../testing/hostile-values.js";
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

const storeRows: readonly StoppedRotation[] = [
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
  ...[new Error("the vault hung up"), null, "text", { toString: null }, revoked({})].flatMap((thrown) =>
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
  for (const { how, ...row } of storeRows) it(`by ${how} loses nothing`, () => expectStop(row));

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

  it.each<[string, (text: string) => Error]>([
    ["an error", (text) => new SecretNotStoredError(`PUT ${text} failed`, { cause: new Error(text) })],
    ["an error of this library", (text) => new AtlasResponseError(text, { outcome: "unknown", status: 500 })],
    ["an error of signing in", (text) => new AtlasAuthError(text, { outcome: "not-applied" })],
  ])("by %s that quotes the secret does not quote it on, whatever the secret looks like", async (_what, errorWith) => {
    const { server, atlas, plan } = await rotationScenario();
    const value = "fake-secret-of-another-form";
    server.setFaults(({ kind }) =>
      kind === "create" ? { applied: true, ends: respondingWith({ secret: value }) } : undefined,
    );
    const basic = Buffer.from(`${clientId}:${value}`).toString("base64");
    const thrown = errorWith(`${value}, or as a header ${basic}`);
    const store = () => Promise.reject(Object.assign(thrown, { body: value }));
    const error = await errorOf(rotateSecret(atlas, plan({ verify: false, store })), SecretRotationError);
    const shown = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), error.stack].join();
    expect(shown).not.toContain(value);
    expect(shown).not.toContain(basic);
    expect(error.cause instanceof SecretNotStoredError).toBe(thrown instanceof SecretNotStoredError);
    expect(error.message).toContain("…, or as a header …");
  });
});

const STORED = { step: "delete-previous", outcome: "applied", created: "alive" } as const;
const KEPT = { ...STORED, previous: "kept", alive: 2 } as const;
const PERHAPS_KEPT = { ...STORED, previous: "unknown", alive: 2 } as const;

/** The deletion of the previous secret ends in this way, always or the nth time. */
const deleting = (
  how: string,
  applied: boolean,
  ends: Fault["ends"],
  expected: StoppedRotation["expected"],
  nth?: number,
) => ({
  how,
  faults: onDeletion("previous", { applied, ends }, nth),
  ...(ends === "hang" && { hangs: true as const }),
  expected,
});

const deletionRows: readonly StoppedRotation[] = [
  ...[400, 401, 403, 429].map((status) =>
    deleting(`${status}`, false, apiError(status, { "retry-after": "0" }), { ...KEPT, cause: AtlasApiError }),
  ),
  deleting("404, as for a wrong organization", false, apiError(404), { ...PERHAPS_KEPT, cause: AtlasApiError }),
  deleting("500", false, apiError(500), { ...PERHAPS_KEPT, cause: AtlasApiError }),
  deleting("one 500", false, apiError(500), "rotated", 1),
  deleting("a reset", false, "reset", { ...PERHAPS_KEPT, cause: AtlasNetworkError }),
  deleting("one reset after it was applied", true, "reset", "rotated", 1),
  deleting("resets alone, though it was applied", true, "reset", {
    ...PERHAPS_KEPT,
    alive: 1,
    cause: AtlasNetworkError,
  }),
  deleting("a timeout", false, "hang", { ...PERHAPS_KEPT, cause: AtlasNetworkError }),
  deleting(
    "a success that is not the contract's",
    true,
    { status: 202, body: {} },
    { ...STORED, previous: "deleted", alive: 1, cause: AtlasResponseError },
  ),
  deleting(
    "a success that need not be Atlas's",
    true,
    { status: 202 },
    { ...PERHAPS_KEPT, alive: 1, cause: AtlasResponseError },
  ),
  {
    how: "an abort as it begins",
    plan: abortingAt("delete-previous"),
    expected: { ...PERHAPS_KEPT, cause: REASON },
  },
  {
    how: "an abort while it is under way, and its response",
    faults: aborting(onDeletion("previous", { applied: true, ends: "response" })),
    expected: "rotated",
  },
  {
    how: "an abort while it is under way, and a reset",
    faults: aborting(onDeletion("previous", { applied: true, ends: "reset" })),
    expected: { ...PERHAPS_KEPT, alive: 1, cause: REASON },
  },
];

describe("a rotation stopped at delete-previous", () => {
  for (const { how, ...row } of deletionRows) it(`by ${how} loses nothing`, () => expectStop(row));

  it("says that both are alive, until when, and how to delete the previous one", async () => {
    const { server, atlas, plan, previous } = await rotationScenario();
    server.setFaults(({ kind }) => (kind === "delete" ? { applied: false, ends: apiError(403) } : undefined));
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    const { id, expiresAt } = error.created ?? {};
    expect(error.message).toContain("stopped at delete-previous: DELETE /api/atlas/v2/orgs/");
    expect(error.message).toMatch(
      new RegExp(
        `The new secret ${id} is stored and lives until ${expiresAt}\\. The previous secret ${previous.id} is alive as well\\. ` +
          `Atlas may now let the previous secret ${previous.id} expire within 7 days\\. Delete secret ${previous.id} with ` +
          `deleteOrgServiceAccountSecret\\({ orgId: "${ORG_ID}", clientId: "${clientId}", secretId: "${previous.id}" }\\)\\.$`,
      ),
    );
  });

  it.each([
    ["gone", "a reset and then 404, which a wrong organization brings too", { applied: true, ends: "reset" }],
    ["deleted", "a reset and then 204", { applied: false, ends: "reset" }],
  ] as const)("says %s after %s", async (expected, _what, fault) => {
    const scenario = await rotationScenario();
    scenario.server.setFaults((request) => onDeletion("previous", fault, 1)(request, scenario));
    const { previous } = await rotateSecret(scenario.atlas, scenario.plan());
    expect(previous).toBe(expected);
  });

  it("does not take an abort's reason that is another call's error for a response", async () => {
    const { server, atlas, plan, controller } = await rotationScenario();
    const reason = new AtlasRequestError("another call's");
    server.setFaults(({ kind }) =>
      kind === "delete" ? { applied: true, meanwhile: () => controller.abort(reason), ends: "reset" } : undefined,
    );
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error).toMatchObject({ step: "delete-previous", previous: "unknown", outcome: "applied" });
    expect(error.cause).toBe(reason);
  });

  it("by an abort after the store stops before it, and deletes nothing", async () => {
    const scenario = await rotationScenario();
    const { server, atlas, plan, controller } = scenario;
    const store = ({ secret }: { secret: string }) => {
      scenario.stored = secret;
      controller.abort("stop");
    };
    const error = await errorOf(rotateSecret(atlas, plan({ store })), SecretRotationError);
    expect(error).toMatchObject({ step: "delete-previous", previous: "kept", outcome: "applied", cause: "stop" });
    expect(error.message).toContain("stopped before delete-previous: aborted by the caller (stop).");
    expect(server.requests.filter(({ kind }) => kind === "delete")).toHaveLength(0);
  });
});
