/**
 * Rotates the secrets of many accounts: a few at a time, and none is stopped by another's failure.
 */
import type { AtlasClient } from "../client.js";
import { AtlasRequestError } from "../errors.js";
import { ABORT_SIGNAL, FUNCTION, integer, type OptionRules, readOptions, violation } from "../options/read-options.js";
import { notify } from "../safe/notify.js";
import { acceptResumption, type Resumption } from "./rotate-secret.js";
import { type AcceptedPlan, acceptPlan, type RotationPlan } from "./rotation-plan.js";
import type { ResumedRotation, RotationResult } from "./run-rotation.js";
import { type RotationState, SecretRotationError } from "./secret-rotation-error.js";

/** What `onProgress` is called with each time a plan is settled. */
export interface RotationProgress {
  /** Which plan was settled, from 0. */
  readonly index: number;
  /** Whether it was rotated. */
  readonly status: "fulfilled" | "rejected";
  /** Plans settled so far, the failed ones included. */
  readonly done: number;
  /** Plans among them that failed or were not started. */
  readonly failed: number;
  readonly total: number;
}

export interface RotateSecretsOptions {
  /**
   * How many accounts are rotated at the same time.
   * @defaultValue 4
   */
  readonly concurrency?: number | undefined;
  /**
   * After this many failures in a row no other rotation is started; those are rejected with a `SecretRotationError` whose
   * step is `create` and whose outcome is `not-applied`.
   * @defaultValue no limit
   */
  readonly maxFailures?: number | undefined;
  /** Stops every rotation as its plan's own signal does; no other is started. */
  readonly signal?: AbortSignal | undefined;
  /** Is called each time a plan is settled. What it throws becomes a process warning. */
  readonly onProgress?: ((progress: RotationProgress) => void) | undefined;
}

const DEFAULT_CONCURRENCY = 4;

/**
 * Rotates many secrets and returns one settled result for each plan, in the order of the plans. A plan that is wrong is
 * rejected with an `AtlasRequestError`, and nothing is sent for it; so are all plans for the same account, because none
 * can name the secret that another is about to create. After an abort, plans that were not started are rejected with the
 * caller's reason.
 *
 * @throws AtlasRequestError if an option is wrong or `plans` is no array; never because of a single plan
 * @example
 * const results = await rotateSecrets(atlas, plans, { concurrency: 8 });
 * const failed = results.filter(({ status }) => status === "rejected");
 */
export async function rotateSecrets(
  atlas: AtlasClient,
  plans: readonly RotationPlan[],
  options: RotateSecretsOptions = {},
): Promise<PromiseSettledResult<RotationResult>[]> {
  return runAll(plans, options, {
    accept: (plan) => ({ plan: acceptPlan(atlas, plan) }),
    run: async ({ plan }, signal) => (await import("./run-rotation.js")).runRotation(atlas, plan, signal),
  });
}

/**
 * Resumes many rotations as `resumeRotation` does each, and returns one settled result for each, in their order.
 *
 * @throws AtlasRequestError if an option is wrong or `resumptions` is no array; never because of a single one
 */
export async function resumeRotations(
  atlas: AtlasClient,
  resumptions: readonly Resumption[],
  options: RotateSecretsOptions = {},
): Promise<PromiseSettledResult<ResumedRotation>[]> {
  return runAll(resumptions, options, {
    accept: (resumption) => acceptResumption(atlas, resumption),
    run: async (resumption, signal) => (await import("./run-rotation.js")).runResumption(atlas, resumption, signal),
  });
}

interface Kind<Given, Accepted, Result> {
  /** @throws AtlasRequestError */
  accept(given: Given): Accepted;
  run(accepted: Accepted, signal: AbortSignal | undefined): Promise<Result>;
}

async function runAll<Given, Accepted extends { readonly plan: AcceptedPlan }, Result>(
  given: readonly Given[],
  options: RotateSecretsOptions,
  { accept, run }: Kind<Given, Accepted, Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const checked = checkOptions(given, options);
  const { concurrency = DEFAULT_CONCURRENCY, maxFailures = Number.POSITIVE_INFINITY, signal, onProgress } = checked;
  const accepted = acceptAll(given, accept);
  const results: PromiseSettledResult<Result>[] = new Array(accepted.length);
  let done = 0;
  let failed = 0;
  let failedInARow = 0;
  const rotate = async (each: Accepted | AtlasRequestError) => {
    if (each instanceof AtlasRequestError) throw each;
    signal?.throwIfAborted();
    if (failedInARow >= maxFailures) throw notStarted(each.plan, failedInARow);
    return run(each, signal).then(
      (result) => {
        failedInARow = 0;
        return result;
      },
      (error: unknown) => {
        failedInARow += 1;
        throw error;
      },
    );
  };
  // All share one iterator: each takes the next when it has settled one.
  const remaining = accepted.entries();
  const rotateRemaining = async () => {
    for (const [index, each] of remaining) {
      const [result] = await Promise.allSettled([rotate(each)]);
      results[index] = result;
      done += 1;
      if (result.status === "rejected") failed += 1;
      notify(onProgress, { index, status: result.status, done, failed, total: accepted.length }, "onProgress");
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, accepted.length) }, rotateRemaining));
  return results;
}

/** Whatever an earlier run has left of it is as it was. */
const NOTHING_SENT: RotationState = { state: "Nothing was sent for it.", remedies: [] };

function notStarted({ clientId }: RotationPlan, failures: number): SecretRotationError {
  const failed = failures === 1 ? "the one before it has failed" : `${failures} rotations in a row have failed`;
  const happened = `before create: it was not started, because ${failed}.`;
  const nothing = { created: undefined, previous: "kept", outcome: "not-applied", cause: undefined } as const;
  return new SecretRotationError({ clientId, step: "create", happened, ...nothing, ...NOTHING_SENT });
}

/** All are checked before the first is run: only then are two for one account found in time. */
function acceptAll<Given, Accepted extends { readonly plan: AcceptedPlan }>(
  given: readonly Given[],
  accept: (given: Given) => Accepted,
): (Accepted | AtlasRequestError)[] {
  const accepted = Array.from(given, (each) => acceptOrRefuse(each, accept));
  const indexesOf = new Map<string, number[]>();
  for (const [index, each] of accepted.entries()) {
    if (each instanceof AtlasRequestError) continue;
    const account = each.plan.clientId.toLowerCase();
    indexesOf.set(account, [...(indexesOf.get(account) ?? []), index]);
  }
  for (const indexes of indexesOf.values()) {
    if (indexes.length === 1) continue;
    for (const index of indexes) accepted[index] = sameAccount(indexes);
  }
  return accepted;
}

function acceptOrRefuse<Given, Accepted>(given: Given, accept: (given: Given) => Accepted) {
  try {
    return accept(given);
  } catch (error) {
    if (error instanceof AtlasRequestError) return error;
    throw error;
  }
}

function sameAccount(indexes: readonly number[]): AtlasRequestError {
  return new AtlasRequestError("The rotation plan is not valid", [
    {
      argument: "clientId",
      expected: "an account that is in no other plan",
      received: `the same account in plans ${indexes.join(", ")}`,
    },
  ]);
}

const RULES: OptionRules<RotateSecretsOptions> = {
  concurrency: integer(1),
  maxFailures: integer(1),
  signal: ABORT_SIGNAL,
  onProgress: FUNCTION,
};

function checkOptions(plans: readonly unknown[], options: RotateSecretsOptions): RotateSecretsOptions {
  return readOptions<RotateSecretsOptions>(options, RULES, {
    summary: "Cannot start the rotations",
    check(_options, violations) {
      if (!Array.isArray(plans)) violations.push(violation("plans", "an array", plans));
    },
  });
}
