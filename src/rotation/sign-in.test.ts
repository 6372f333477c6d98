/**
 * A new secret may be known everywhere only seconds after its creation, and undoing shortens the life of the previous one:
 * so the rotation goes on asking before it undoes anything.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AtlasAuthError } from "../errors.js";
import { errorOf, rejection } from "../testing/scripted-client.js";
import { rotateSecret } from "./rotate-secret.js";
import { signIn } from "./rotation.js";
import { clientId, rotationScenario } from "./testing/rotation-scenario.js";
import { on } from "./testing/stopped-rotation.js";

const account = { clientId, clientSecret: "mdb_sa_sk_fake" };
const refused = new AtlasAuthError("refused", { outcome: "not-applied", oauthError: "invalid_client", status: 401 });

describe("signing in with a new secret", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** When each attempt was made, in seconds; the secret is known from `knownAfter` on. */
  function attempts(knownAfter = Number.POSITIVE_INFINITY) {
    const start = performance.now();
    const seconds: number[] = [];
    const atlas = {
      async verifySecret() {
        const now = (performance.now() - start) / 1000;
        seconds.push(now);
        if (now < knownAfter) throw refused;
      },
    };
    return { atlas, seconds };
  }

  it("is tried again until the secret is known", async () => {
    const { atlas, seconds } = attempts(5);
    const signedIn = signIn(atlas, account, { timeoutMs: 30_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    await signedIn;
    expect(seconds).toEqual([0, 1, 3, 7]);
  });

  it("is tried for all of its time, the last time at its end", async () => {
    const { atlas, seconds } = attempts();
    const failed = errorOf(signIn(atlas, account, { timeoutMs: 30_000 }), AtlasAuthError);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await failed).toBe(refused);
    expect(seconds).toEqual([0, 1, 3, 7, 15, 23, 30]);
  });

  it("comes to an end where a test has faked timers but not the clock", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { atlas, seconds } = attempts();
    const failed = errorOf(signIn(atlas, account, { timeoutMs: 30_000 }), AtlasAuthError);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await failed).toBe(refused);
    expect(seconds).toHaveLength(7);
  });

  it("ends at once by its signal, and is not tried again", async () => {
    const { atlas, seconds } = attempts();
    const controller = new AbortController();
    const failed = rejection(signIn(atlas, account, { timeoutMs: 30_000, signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(500);
    controller.abort(new Error("enough"));
    await failed;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seconds).toEqual([0]);
  });

  it("is not tried again after an error of another kind", async () => {
    const failure = new TypeError("a defect");
    const verifySecret = vi.fn(() => Promise.reject(failure));
    expect(await rejection(signIn({ verifySecret }, account, { timeoutMs: 30_000 }))).toBe(failure);
    expect(verifySecret).toHaveBeenCalledOnce();
  });
});

it("a rotation undoes nothing because of a secret that is refused at first", async () => {
  const { atlas, plan, server, ...scenario } = await rotationScenario({ retry: false });
  const refusal = { status: 401, body: { error: "invalid_client" } };
  server.setFaults((request) =>
    on("token", { applied: false, ends: refusal }, 1)(request, { ...scenario, atlas, plan, server }),
  );
  const { previous } = await rotateSecret(atlas, plan({ verifyTimeoutMs: undefined }));
  expect(previous).toBe("deleted");
});
