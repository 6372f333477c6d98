/**
 * What a compensation says of the new secret: only what Atlas, or the secret itself, has said. A secret may be known
 * everywhere only seconds after its creation, so it is asked again and again.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError } from "../errors.js";
import { errorOf, rejection } from "../testing/scripted-client.js";
import { Rotation } from "./rotation.js";
import type { Stop } from "./rotation-end.js";
import { acceptPlan, type RotationPlan } from "./rotation-plan.js";
import { signIn } from "./time-limits.js";

const ORG_ID = "4e1b0a9f8d7c6b5a49382716";
const secret = { id: "32b6e34b3d91647abb20e7b8", secret: "mdb_sa_sk_fake" };
const { id } = secret;
const stop: Stop = { step: "store", when: "at", said: "Error: no." };

const authError = (status: number, oauthError?: string, headers = {}) =>
  new AtlasAuthError("no token", { outcome: "not-applied", status, oauthError, headers });
const apiError = (status: number, outcome: "applied" | "not-applied" | "unknown") =>
  new AtlasApiError(String(status), { status, outcome });

/** A rotation whose deletion ends in this way, and the times at which its secret signs in. */
function rotationWith(deletion: number | Error, signIn?: () => Promise<void>, more: Partial<RotationPlan> = {}) {
  const start = performance.now();
  const seconds: number[] = [];
  const verifySecret = () => {
    seconds.push((performance.now() - start) / 1000);
    return signIn?.();
  };
  // As another implementation of the client may be.
  const atlas = {
    deleteOrgServiceAccountSecret: () => ({
      withResponse: () =>
        typeof deletion === "number" ? Promise.resolve({ response: { status: deletion } }) : Promise.reject(deletion),
    }),
    ...(signIn === undefined ? {} : { verifySecret }),
  } as unknown as AtlasClient;
  const plan = acceptPlan({
    groupId: "5f0c1a2b3c4d5e6f70819203",
    orgId: ORG_ID,
    clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
    secretExpiresAfterHours: 8,
    store: () => undefined,
    ...more,
  });
  return { seconds, rotation: new Rotation(atlas, plan, new AbortController().signal) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function compensated(...given: Parameters<typeof rotationWith>) {
  const { rotation, seconds } = rotationWith(...given);
  const compensating = rotation.compensate(secret, stop);
  await vi.advanceTimersByTimeAsync(60_000);
  return { error: await compensating, seconds };
}

const refused = () => Promise.reject(authError(400, "invalid_client"));

describe("a new secret", () => {
  it("that Atlas has deleted is deleted, without signing in", async () => {
    const { error, seconds } = await compensated(204, refused);
    expect(error).toMatchObject({ outcome: "unknown", created: { id, now: "deleted" }, remedies: [] });
    expect(seconds).toEqual([]);
  });

  it("whose deletion is refused is alive, without signing in", async () => {
    const { error, seconds } = await compensated(apiError(403, "not-applied"), refused);
    expect(error).toMatchObject({ outcome: "applied", created: { now: "alive" } });
    expect(error.message).toContain(" could not be deleted again: 403. It is left over ");
    expect(seconds).toEqual([]);
  });

  it.each<[string, () => Promise<void>, string]>([
    ["by its OAuth error", refused, "deleted"],
    ["by its status", () => Promise.reject(authError(401)), "deleted"],
    ["by a proxy's page", () => Promise.reject(authError(401, undefined, { "content-type": "text/html" })), "unknown"],
    ["by another status", () => Promise.reject(authError(503)), "unknown"],
    ["by an error of another kind", () => Promise.reject(new TypeError("a defect")), "unknown"],
    ["not at all", () => Promise.resolve(), "alive"],
  ])(
    "that Atlas does not find is asked itself, once if it has signed in before: it is refused %s",
    async (_how, signIn, now) => {
      const { error, seconds } = await compensated(404, signIn);
      expect(error).toMatchObject({ created: { now } });
      expect(seconds).toEqual([0]);
    },
  );

  it("that has not signed in before is asked for five seconds, because it may not be known everywhere yet", async () => {
    const { error, seconds } = await compensated(404, refused, { verify: () => undefined });
    expect(error).toMatchObject({ created: { now: "deleted" } });
    expect(seconds).toEqual([0, 1, 3, 5]);
    expect((await compensated(404, refused, { verify: () => undefined, verifyTimeoutMs: 2000 })).seconds).toEqual([
      0, 1, 2,
    ]);
  });

  it("that stopped at verify has not signed in before either", async () => {
    const { rotation, seconds } = rotationWith(404, refused);
    const compensating = rotation.compensate(secret, { ...stop, step: "verify" });
    await vi.advanceTimersByTimeAsync(60_000);
    await compensating;
    expect(seconds).toEqual([0, 1, 3, 5]);
  });

  it("whose value is lost cannot be asked", async () => {
    const { rotation, seconds } = rotationWith(404, refused);
    const error = await rotation.compensate({ id }, stop);
    expect(error).toMatchObject({ created: { now: "unknown" } });
    expect(error.message).toContain(`Atlas found no such secret in organization ${ORG_ID}.`);
    expect(seconds).toEqual([]);
  });
});

it("says why its record could not be kept, and goes on", async () => {
  const record = () => Promise.reject(new Error("no space left"));
  const { error } = await compensated(204, refused, { record });
  expect(error).toMatchObject({ created: { now: "deleted" }, recordError: { message: "no space left" } });
});

it.each<[unknown, string]>([
  [new Error("no"), "unknown"],
  [apiError(404, "not-applied"), "unknown"],
  [apiError(403, "not-applied"), "alive"],
  [apiError(503, "unknown"), "unknown"],
  [apiError(500, "applied"), "deleted"],
])("a secret whose deletion failed with %s is %s", (error, now) => {
  const { rotation } = rotationWith(204);
  expect(rotation.afterFailedDeletion(error)).toBe(now);
});

describe("signing in with a new secret", () => {
  const account = { clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b", clientSecret: secret.secret };
  const refusal = authError(401, "invalid_client");

  /** When each attempt was made, in seconds; the secret is known from `knownAfter` on. */
  function attempts(knownAfter = Number.POSITIVE_INFINITY) {
    const start = performance.now();
    const seconds: number[] = [];
    const atlas = {
      async verifySecret() {
        const now = (performance.now() - start) / 1000;
        seconds.push(now);
        if (now < knownAfter) throw refusal;
      },
    };
    return { atlas, seconds };
  }

  it("is tried again until the secret is known", async () => {
    const { atlas, seconds } = attempts(5);
    const signedIn = signIn(atlas, account, 30_000);
    await vi.advanceTimersByTimeAsync(60_000);
    await signedIn;
    expect(seconds).toEqual([0, 1, 3, 7]);
  });

  it("is tried for all of its time, the last time at its end", async () => {
    const { atlas, seconds } = attempts();
    const failed = errorOf(signIn(atlas, account, 30_000), AtlasAuthError);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await failed).toBe(refusal);
    expect(seconds).toEqual([0, 1, 3, 7, 15, 23, 30]);
  });

  it("comes to an end where a test has faked timers but not the clock", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { atlas, seconds } = attempts();
    const failed = errorOf(signIn(atlas, account, 30_000), AtlasAuthError);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await failed).toBe(refusal);
    expect(seconds).toHaveLength(7);
  });

  it("ends at once by its signal, and is not tried again", async () => {
    const { atlas, seconds } = attempts();
    const controller = new AbortController();
    const failed = rejection(signIn(atlas, account, 30_000, controller.signal));
    await vi.advanceTimersByTimeAsync(500);
    controller.abort(new Error("enough"));
    await failed;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seconds).toEqual([0]);
  });

  it("is not tried again after an error of another kind", async () => {
    const failure = new TypeError("a defect");
    const verifySecret = vi.fn(() => Promise.reject(failure));
    expect(await rejection(signIn({ verifySecret }, account, 30_000))).toBe(failure);
    expect(verifySecret).toHaveBeenCalledOnce();
  });
});
