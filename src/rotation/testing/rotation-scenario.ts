/**
 * For tests: one account whose secret a program uses, the place where that secret is stored, a client that rotates it,
 * ways to stop the rotation, and the rule that every rotation has to keep, however it ends.
 */
import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
import { type AtlasClient, createAtlasClient } from "../../client.js";
import type { AtlasClientOptions } from "../../options/client-options.js";
import {
  ADMIN,
  type AtlasRequest,
  type AtlasResponse,
  type FakeAtlas,
  type Fault,
  GROUP_ID,
  ORG_ID,
  type RecordedRequest,
  type StoredSecret,
  startAtlas,
} from "../../testing/atlas/start-atlas.js";
import { rotateSecret } from "../rotate-secret.js";
import { describeRemedy } from "../rotation-end.js";
import type { NewSecret, RotationPlan, RotationStepEvent } from "../rotation-plan.js";
import {
  type CreatedSecret,
  type PreviousSecret,
  type RotationStep,
  SecretRotationError,
} from "../secret-rotation-error.js";

export const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

/** A call to Atlas fails for good after two attempts; nobody waits longer than a millisecond. */
const retry = { maxAttempts: 2, maxDelayMs: 1 };

export interface RotationScenario {
  readonly server: FakeAtlas;
  readonly atlas: AtlasClient;
  /** The secret that is to be replaced. */
  readonly previous: StoredSecret;
  /** Value of the secret that the program uses. */
  stored: string;
  /** What `onStep` was told. */
  readonly steps: RotationStepEvent[];
  readonly controller: AbortController;
  /** A plan that puts the new secret where the old one is stored. */
  plan(more?: Partial<RotationPlan>): RotationPlan;
}

export async function rotationScenario(options: Partial<AtlasClientOptions> = {}): Promise<RotationScenario> {
  const server = await startAtlas();
  onTestFinished(() => server.close());
  const previous = server.addAccount(clientId);
  const steps: RotationStepEvent[] = [];
  const controller = new AbortController();
  const scenario: RotationScenario = {
    server,
    atlas: createAtlasClient({ credentials: ADMIN, baseUrl: server.url, retry, ...options }),
    previous,
    stored: previous.value,
    steps,
    controller,
    plan: (more) => ({
      groupId: GROUP_ID,
      orgId: ORG_ID,
      clientId,
      secretExpiresAfterHours: 24,
      previousSecretId: previous.id,
      store: ({ secret }: NewSecret) => {
        scenario.stored = secret;
      },
      onStep: (event) => steps.push(event),
      signal: controller.signal,
      // A secret that is refused is refused for good here; a function of the test's own has its time.
      verifyTimeoutMs: typeof more?.verify === "function" ? undefined : 1,
      ...more,
    }),
  };
  return scenario;
}

/**
 * What is stored works; a live secret that is not stored is the error's to remedy, by its id or, if that cannot be known
 * or nobody can say which one is stored, by looking; what is stored is never to be deleted. No secret's value is in the
 * error.
 */
export function expectNothingLost({ server, stored }: RotationScenario, error: SecretRotationError | undefined): void {
  const alive = server.accounts.secretsOf(clientId);
  expect(alive.map(({ value }) => value)).toContain(stored);
  const announced = error !== undefined && error.created === undefined && error.outcome !== "not-applied";
  if (announced) expect(error.message).toMatch(/neither its id nor its value can be known/);
  const remedies = error?.remedies ?? [];
  const toDelete = remedies.filter(({ action }) => action === "delete-secret").map(({ secretId }) => secretId);
  expect(toDelete).not.toContain(alive.find(({ value }) => value === stored)?.id);
  const unaccounted = alive.filter(({ id, value }) => value !== stored && !toDelete.includes(id));
  if (error !== undefined) expect(unaccounted.length).toBeLessThanOrEqual(remedies.length - toDelete.length);
  for (const remedy of remedies) {
    expect(remedy).toMatchObject({ orgId: ORG_ID, clientId });
    expect(error?.message).toContain(describeRemedy(remedy));
    expect(error?.summary).not.toContain("deleteOrgServiceAccountSecret");
  }
  const shown = `${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}${error?.message}${error?.stack}`;
  expect(shown).not.toMatch(/mdb_sa_sk_fake/);
}

/** Decides on each request of a rotation. */
export type Faults = (request: RecordedRequest, scenario: RotationScenario) => Fault | undefined;

export interface StoppedRotation {
  readonly how: string;
  /** How the service fails. */
  readonly faults?: Faults;
  /** Whether one of the faults is a request that hangs, so that a timeout has to be waited for. */
  readonly hangs?: true;
  /** What is unusual in the plan. */
  readonly plan?: (scenario: RotationScenario) => Partial<RotationPlan>;
  /** `rotated`: it comes to its end in spite of it. */
  readonly expected: "rotated" | Stop;
}

export interface Stop {
  readonly step: Exclude<RotationStep, "compensate">;
  readonly outcome: SecretRotationError["outcome"];
  /** What the error says of the new secret; `unnamed` if it does not know one. */
  readonly created: CreatedSecret["now"] | "unnamed";
  readonly previous?: PreviousSecret;
  /** How many secrets the account then has. */
  readonly alive: 1 | 2;
  /** The class of the cause, or the caller's reason itself. */
  readonly cause?: (abstract new (...args: never[]) => Error) | typeof REASON;
}

/** Why the caller of every aborted rotation aborts. */
export const REASON = new Error("the caller has had enough");

/** On every request of the kind for the rotated account, or on the nth alone. */
export function on(kind: AtlasRequest["kind"], fault: Fault, nth?: number): Faults {
  return (request) =>
    request.kind === kind && request.clientId === clientId && (nth ?? request.nth) === request.nth ? fault : undefined;
}

/** On deletions of the new secret, or of the previous one; `nth` counts them together. */
export function onDeletion(of: "new" | "previous", fault: Fault, nth?: number): Faults {
  return (request, scenario) =>
    (request.secretId === scenario.previous.id) === (of === "previous")
      ? on("delete", fault, nth)(request, scenario)
      : undefined;
}

/** The first that has something to say about a request decides. */
export function firstOf(...all: readonly Faults[]): Faults {
  return (request, scenario) => {
    for (const faults of all) {
      const fault = faults(request, scenario);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** The same, and the caller aborts while the request is under way. */
export function aborting(faults: Faults): Faults {
  return (request, scenario) => {
    const fault = faults(request, scenario);
    return fault && { ...fault, meanwhile: () => scenario.controller.abort(REASON) };
  };
}

/** The caller aborts as the step begins. */
export function abortingAt(step: RotationStep): NonNullable<StoppedRotation["plan"]> {
  return ({ controller, steps }) => ({
    onStep: (event) => {
      steps.push(event);
      if (event.step === step) controller.abort(REASON);
    },
  });
}

/** The ordinary response to a creation, with some of its members changed. */
export const respondingWith =
  (members: Readonly<Record<string, unknown>>) =>
  ({ status, body }: AtlasResponse): AtlasResponse => ({
    status,
    body: { ...(typeof body === "object" ? body : {}), ...members },
  });

export const apiError = (status: number, headers = {}): AtlasResponse => ({
  status,
  headers,
  body: { error: status, errorCode: "SCRIPTED", detail: "As the test wants it." },
});

/** Where something hangs; long enough for every other response, on a busy machine too. */
const TIMEOUT_MS = 1000;

export async function expectStop({ faults, hangs, plan, expected }: Omit<StoppedRotation, "how">): Promise<void> {
  const scenario = await rotationScenario(hangs === true ? { timeoutMs: TIMEOUT_MS } : {});
  scenario.server.setFaults((request) => faults?.(request, scenario));
  const error = await rotateSecret(scenario.atlas, scenario.plan(plan?.(scenario))).then(
    () => undefined,
    (reason: unknown) =>
      reason instanceof SecretRotationError ? reason : expect.fail(`Not a rotation's error: ${String(reason)}`),
  );
  expectNothingLost(scenario, error);
  const alive = scenario.server.accounts.secretsOf(clientId);
  if (expected === "rotated") {
    expect(error).toBeUndefined();
    expect(alive.map(({ value }) => value)).toEqual([scenario.stored]);
    expect(scenario.stored).not.toBe(scenario.previous.value);
    return;
  }
  const { step, outcome, created, previous = "kept", cause } = expected;
  expect(error).toMatchObject({ code: "ERR_SECRET_ROTATION", name: "SecretRotationError", clientId });
  expect({
    step: error?.step,
    outcome: error?.outcome,
    created: error?.created?.now ?? "unnamed",
    previous: error?.previous,
    alive: alive.length,
  }).toEqual({ step, outcome, created, previous, alive: expected.alive });
  if (cause instanceof Error) expect(error?.cause).toBe(cause);
  else if (cause !== undefined) expect(error?.cause).toBeInstanceOf(cause);
  expectToldOfShortenedLife(error);
}

function expectToldOfShortenedLife(error: SecretRotationError | undefined): void {
  const told = error?.message.match(/Atlas may now let the previous secret [a-f0-9]{24} expire within 7 days/) ?? null;
  expect(told !== null).toBe(error?.outcome !== "not-applied" && error?.previous !== "deleted");
}
