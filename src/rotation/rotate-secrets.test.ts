/**
 * Many rotations: each is settled by itself, a few run at a time, and an abort starts no other.
 */
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAtlasClient } from "../client.js";
import { AtlasApiError, AtlasRequestError } from "../errors.js";
import { ADMIN, type AtlasOptions, GROUP_ID, ORG_ID, startAtlas } from "../testing/atlas/start-atlas.js";
import { errorOf } from "../testing/scripted-client.js";
import type { RetryOptions } from "../transport/retry.js";
import { rotateSecrets } from "./rotate-secret.js";
import type { RotationPlan } from "./rotation-plan.js";
import type { RotateSecretsOptions, RotationProgress } from "./run-rotations.js";
import { SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";

const accountOf = (index: number) => `mdb_sa_id_${(0xabc000 + index).toString(16).padStart(24, "0")}`;

/** Accounts with one secret each, and a plan for each. */
async function fleet(
  size: number,
  service: AtlasOptions = {},
  retry: RetryOptions = { maxAttempts: 2, maxDelayMs: 1 },
) {
  const server = await startAtlas(service);
  onTestFinished(() => server.close());
  const atlas = createAtlasClient({ credentials: ADMIN, baseUrl: server.url, retry });
  const stored = new Map<string, string>();
  const plans = Array.from({ length: size }, (_, index): RotationPlan => {
    const clientId = accountOf(index);
    const previousSecretId = server.addAccount(clientId).id;
    const store = ({ secret }: { secret: string }) => {
      stored.set(clientId, secret);
    };
    return { groupId: GROUP_ID, orgId: ORG_ID, clientId, secretExpiresAfterHours: 8, previousSecretId, store };
  });
  return { server, atlas, plans, stored };
}

/** Counts how many run at a time; each goes on when it is let. */
function turnstile() {
  const waiting: (() => void)[] = [];
  const enter = () => new Promise<void>((resolve) => waiting.push(resolve));
  const until = async (size: number) => {
    while (waiting.length < size) await new Promise((resolve) => setImmediate(resolve));
  };
  return { enter, until, waiting };
}

describe("rotateSecrets", () => {
  it("rotates every account with one token of its own, and returns the results in the order of the plans", async () => {
    const { server, atlas, plans, stored } = await fleet(20);
    const results = await rotateSecrets(atlas, plans, { concurrency: 8 });
    expect(results.map(({ status }) => status)).toEqual(plans.map(() => "fulfilled"));
    for (const [index, result] of results.entries()) {
      const alive = server.accounts.secretsOf(accountOf(index));
      expect(result).toMatchObject({ value: { previous: "deleted", secret: { id: alive[0]?.id } } });
      expect(alive.map(({ value }) => value)).toEqual([stored.get(accountOf(index))]);
    }
    expect(
      server.requests.filter(({ kind, clientId }) => kind === "token" && clientId === ADMIN.clientId),
    ).toHaveLength(1);
  });

  it("follows plans and options as they were when it was called", async () => {
    const { server, atlas, plans, stored } = await fleet(2);
    const options: { onProgress?: () => void } = {};
    const rotations = rotateSecrets(atlas, plans, options);
    Object.assign(options, { onProgress: () => expect.fail("this one was not given") });
    Object.assign(plans[0] ?? {}, { store: () => expect.fail("this one was not given") });
    plans.pop();
    expect((await rotations).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect([...stored.values()]).toHaveLength(2);
    expect(server.accounts.secretsOf(accountOf(1)).map(({ value }) => value)).toEqual([stored.get(accountOf(1))]);
  });

  it("stops no other when one fails, at whatever step", async () => {
    const { server, atlas, plans } = await fleet(6);
    server.accounts.addSecret(accountOf(0), 8);
    const [full, , second, third, , unknown] = plans;
    if (!full || !second || !third || !unknown) return expect.fail("six plans were made");
    const given = [
      full,
      { ...plans[1], orgId: "wrong" },
      { ...second, store: () => Promise.reject(new SecretNotStoredError("no")) },
      { ...third, verify: () => Promise.reject(new Error("no")) },
      plans[4],
      { ...unknown, clientId: accountOf(99) },
    ] as RotationPlan[]; // The second is one that the types would admit and the contract does not.
    const results = await rotateSecrets(atlas, given);
    const seen = results.map((result) => (result.status === "fulfilled" ? "rotated" : result.reason));
    expect(seen).toMatchObject([
      { code: "ERR_SECRET_ROTATION", step: "create", outcome: "not-applied" },
      { code: "ERR_ATLAS_REQUEST", violations: [{ argument: "orgId" }] },
      { code: "ERR_SECRET_ROTATION", step: "store", created: { now: "deleted" } },
      { code: "ERR_SECRET_ROTATION", step: "verify", created: { now: "deleted" } },
      "rotated",
      { code: "ERR_SECRET_ROTATION", step: "create", cause: { status: 404 } },
    ]);
    expect(server.requests.filter(({ clientId }) => clientId === accountOf(1))).toHaveLength(0);
  });

  it.each([
    [undefined, 4],
    [1, 1],
    [3, 3],
    [100, 10],
  ])("with concurrency %s rotates %i accounts at a time", async (concurrency, expected) => {
    const { atlas, plans } = await fleet(10);
    const { enter, until, waiting } = turnstile();
    let together = 0;
    let most = 0;
    const store = async () => {
      together += 1;
      most = Math.max(most, together);
      await enter();
      together -= 1;
    };
    const rotations = rotateSecrets(
      atlas,
      plans.map((plan) => ({ ...plan, store })),
      { concurrency },
    );
    let settled = false;
    const watched = rotations.finally(() => {
      settled = true;
    });
    await until(expected);
    while (!settled) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await watched).every(({ status }) => status === "fulfilled")).toBe(true);
    expect(most).toBe(expected);
  });

  it("tells the progress after each, failures included", async () => {
    const { atlas, plans } = await fleet(3);
    const progress: RotationProgress[] = [];
    const given = plans.map((plan, index) => (index === 1 ? { ...plan, secretExpiresAfterHours: 0 } : plan));
    await rotateSecrets(atlas, given, { concurrency: 1, onProgress: (event) => progress.push(event) });
    expect(progress).toEqual([
      { index: 0, status: "fulfilled", done: 1, failed: 0, total: 3 },
      { index: 1, status: "rejected", done: 2, failed: 1, total: 3 },
      { index: 2, status: "fulfilled", done: 3, failed: 1, total: 3 },
    ]);
  });

  it("starts no other rotation after so many failures in a row", async () => {
    const { server, atlas, plans } = await fleet(8);
    const failing = new Set([1, 3, 4, 5]);
    const given = plans.map((plan, index) =>
      failing.has(index) ? { ...plan, store: () => Promise.reject(new SecretNotStoredError("no")) } : plan,
    );
    const results = await rotateSecrets(atlas, given, { concurrency: 1, maxFailures: 3 });
    expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, ...Array(5).fill(false)]);
    // The success of the third account began the count anew, so that this one was still started.
    expect(results[5]).toMatchObject({ reason: { step: "store" } });
    for (const result of results.slice(6)) {
      const reason: unknown = result.status === "rejected" ? result.reason : undefined;
      expect(reason).toMatchObject({
        code: "ERR_SECRET_ROTATION",
        step: "create",
        outcome: "not-applied",
        remedies: [],
      });
      expect(String(reason)).toContain(
        "it was not started, because 3 rotations in a row have failed. Nothing was sent for it.",
      );
    }
    for (const index of [6, 7]) {
      expect(server.requests.filter(({ clientId }) => clientId === accountOf(index))).toHaveLength(0);
    }
  });

  it("after an abort compensates what runs and starts nothing else, all with the caller's reason", async () => {
    const { server, atlas, plans } = await fleet(6);
    const controller = new AbortController();
    const reason = new Error("enough");
    let verifying = 0;
    const verify = () => {
      verifying += 1;
      if (verifying === 2) controller.abort(reason);
      return new Promise<void>(() => undefined);
    };
    const results = await rotateSecrets(
      atlas,
      plans.map((plan) => ({ ...plan, verify })),
      { concurrency: 2, signal: controller.signal },
    );
    const reasons = results.map((result) => (result.status === "rejected" ? result.reason : result.value));
    expect(reasons.slice(0, 2)).toMatchObject([
      { step: "verify", created: { now: "deleted" } },
      { step: "verify", created: { now: "deleted" } },
    ]);
    for (const each of reasons.slice(0, 2)) expect(each).toHaveProperty("cause", reason);
    for (const each of reasons.slice(2)) expect(each).toBe(reason);
    expect(server.requests.filter(({ kind }) => kind === "create")).toHaveLength(2);
    for (const [index] of plans.entries()) expect(server.accounts.secretsOf(accountOf(index))).toHaveLength(1);
  });

  it("a plan's own signal stops that plan alone", async () => {
    const { atlas, plans } = await fleet(3);
    const given = plans.map((plan, index) => (index === 1 ? { ...plan, signal: AbortSignal.abort("mine") } : plan));
    const results = await rotateSecrets(atlas, given, { signal: new AbortController().signal });
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: { code: "ERR_SECRET_ROTATION", step: "create", cause: "mine" } });
  });

  it("says of the first that it does not start why, if one failure is enough", async () => {
    const { atlas, plans } = await fleet(2);
    const store = () => Promise.reject(new SecretNotStoredError("no"));
    const given = plans.map((plan) => ({ ...plan, store }));
    const [, second] = await rotateSecrets(atlas, given, { concurrency: 1, maxFailures: 1 });
    expect(second?.status === "rejected" && String(second.reason)).toContain(
      "stopped before create: it was not started, because the one before it has failed. Nothing was sent for it.",
    );
  });

  it("refuses all plans for the same account, and runs the others", async () => {
    const { server, atlas, plans } = await fleet(3);
    const [first] = plans;
    const again = { ...first, clientId: accountOf(0).toUpperCase().replace("MDB_SA_ID", "mdb_sa_id") };
    const results = await rotateSecrets(atlas, [...plans, again as RotationPlan]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "rejected"]);
    for (const index of [0, 3]) {
      expect(results[index]).toMatchObject({
        reason: {
          code: "ERR_ATLAS_REQUEST",
          summary:
            "The rotation plan is not valid: clientId: expected an account that is in no other plan, " +
            "got the same account in plans 0, 3.",
        },
      });
    }
    expect(server.requests.filter(({ clientId }) => clientId === accountOf(0))).toHaveLength(0);
  });

  it("says shortly which plans are for the same account, however many they are", async () => {
    const { atlas, plans } = await fleet(1);
    const results = await rotateSecrets(
      atlas,
      Array.from({ length: 1000 }, () => plans[0] as RotationPlan),
    );
    const received = "the same account in plans 0, 1, 2, 3, 4,…";
    expect(results.map((result) => result.status === "rejected" && result.reason.violations[0])).toEqual(
      results.map(() => ({ argument: "clientId", expected: "an account that is in no other plan", received })),
    );
  });

  it("also rotates the account that the client itself signs in with", async () => {
    const { server, atlas, plans } = await fleet(6);
    const [own] = server.accounts.secretsOf(ADMIN.clientId);
    const [other] = plans;
    if (own === undefined || other === undefined) return expect.fail("the fleet has accounts");
    const self = { ...other, clientId: ADMIN.clientId, previousSecretId: own.id };
    const results = await rotateSecrets(atlas, [self, ...plans], { concurrency: 3 });
    expect(results.every(({ status }) => status === "fulfilled")).toBe(true);
    expect(server.accounts.secretsOf(ADMIN.clientId)).toHaveLength(1);
  });

  it("leaves no token alive once the client is closed: neither its own nor those that verified", async () => {
    const { server, atlas, plans } = await fleet(6);
    await rotateSecrets(atlas, plans, { concurrency: 3 });
    await atlas.close();
    const revoked = server.requests
      .filter(({ kind }) => kind === "revoke")
      .map(({ body }) => new URLSearchParams(body).get("token"));
    const issued = server.requests.flatMap(({ kind, response }) =>
      kind === "token" ? [Object(response?.body).access_token] : [],
    );
    expect(issued).toHaveLength(plans.length + 1);
    expect(revoked.sort()).toEqual(issued.sort());
  });

  it("masks the client's own token, however many secrets it has seen", async () => {
    const { server, plans } = await fleet(30);
    const tokens = new Set<string>();
    const fetch = (url: string, init: RequestInit) => {
      tokens.add(new Headers(init.headers).get("authorization")?.replace("Bearer ", "") ?? "");
      return globalThis.fetch(url, init);
    };
    const atlas = createAtlasClient({ credentials: ADMIN, baseUrl: server.url, fetch, retry: false });
    await rotateSecrets(atlas, plans, { concurrency: 8 });
    const own = [...tokens].filter((token) => token.startsWith("fake-token-"));
    server.setFaults(() => ({
      applied: false,
      ends: { status: 400, body: { error: 400, errorCode: "E", detail: own[0] } },
    }));
    const args = { orgId: ORG_ID, clientId: accountOf(0), secretId: "0".repeat(24) };
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(args), AtlasApiError);
    expect(own).toHaveLength(1);
    expect(error.detail).toBe("…");
  });

  it("warns of an onProgress that throws, without the client's credentials", async () => {
    const accessToken = "planted-token-of-no-known-form";
    const atlas = createAtlasClient({ credentials: { accessToken } });
    const warned = once(process, "warning");
    const onProgress = () => {
      throw new Error(`refused for ${accessToken}`);
    };
    await rotateSecrets(atlas, [{} as RotationPlan], { onProgress });
    expect(await warned).toMatchObject([{ code: "ATLAS_OBSERVER_THREW", message: "onProgress threw: refused for …" }]);
  });

  it("of no plans is done at once", async () => {
    const { server, atlas } = await fleet(0);
    expect(await rotateSecrets(atlas, [])).toEqual([]);
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    ["concurrency", { concurrency: 0 }, "expected an integer of at least 1, got 0"],
    ["concurrency", { concurrency: 1.5 }, "expected an integer of at least 1, got 1.5"],
    ["concurrency", { concurrency: Number.POSITIVE_INFINITY }, "expected an integer of at least 1, got Infinity"],
    ["signal", { signal: {} }, "expected an AbortSignal, got an object"],
    ["onProgress", { onProgress: "console" }, 'expected a function, got "console"'],
    ["parallel", { parallel: 2 }, "unknown option; the options are concurrency, maxFailures, signal, onProgress"],
    ["options", null, "expected a plain object, got null"],
    ["options", 5, "expected a plain object, got 5"],
  ])("refuses a wrong %s: %j", async (argument, options, said) => {
    const { server, atlas, plans } = await fleet(1);
    const call = rotateSecrets(atlas, plans, options as RotateSecretsOptions); // As JavaScript may pass it.
    const error = await errorOf(call, AtlasRequestError);
    expect(error.violations).toHaveLength(1);
    expect(error.message).toBe(`Cannot start the rotations: ${argument}: ${said}. Nothing was changed.`);
    expect(server.requests).toHaveLength(0);
  });

  it("refuses plans that are no array", async () => {
    const { atlas, plans } = await fleet(1);
    const call = rotateSecrets(atlas, plans[0] as unknown as RotationPlan[]); // As JavaScript may pass it.
    expect(await errorOf(call, AtlasRequestError)).toMatchObject({
      violations: [{ argument: "plans", expected: "an array" }],
    });
  });

  it("keeps a rotation's error a rotation's error", async () => {
    const { atlas, plans } = await fleet(1);
    const [result] = await rotateSecrets(
      atlas,
      plans.map((plan) => ({ ...plan, store: () => Promise.reject(new Error("no")) })),
    );
    expect(result?.status === "rejected" && result.reason).toBeInstanceOf(SecretRotationError);
  });
});

// How close it comes to the server's own rate is measured by `npm run bench -- --only fleet`; a test that runs beside others
// can only hold it to a generous bound.
it("none of 12 rotations at a bucket of 10 a second fails, and the client asks for one token of its own", async () => {
  const rateLimit = { capacity: 10, refill: 10, periodSeconds: 1 };
  const { server, atlas, plans } = await fleet(12, { rateLimit }, {});
  const start = performance.now();
  const results = await rotateSecrets(atlas, plans, { concurrency: 8 });
  const seconds = (performance.now() - start) / 1000;
  expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
  const letThrough = server.requests.filter(({ response }) => response?.status !== 429);
  const steps = letThrough.filter(({ kind }) => kind !== "revoke");
  expect(steps).toHaveLength(3 * plans.length + 1);
  expect(letThrough.filter(({ kind, clientId }) => kind === "token" && clientId === ADMIN.clientId)).toHaveLength(1);
  expect(server.requests.length).toBeGreaterThan(letThrough.length);
  const bucketSeconds = Math.ceil(steps.length / rateLimit.refill) - 1;
  expect(seconds).toBeLessThan(8 * bucketSeconds);
});
