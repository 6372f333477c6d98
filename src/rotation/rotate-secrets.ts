/**
 * Rotates the secrets of many accounts: a few at a time, and none is stopped by another's failure.
 */
import type { AtlasClient } from "../client.js";
import { AtlasRequestError } from "../errors.js";
import { ABORT_SIGNAL, FUNCTION, integer, type OptionRules, readOptions, violation } from "../options/read-options.js";
import { notify } from "../safe/notify.js";
import { type RotationResult, runRotation } from "./rotate-secret.js";
import { type AcceptedPlan, acceptPlan, type RotationPlan } from "./rotation-plan.js";

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
  const { concurrency = DEFAULT_CONCURRENCY, signal, onProgress } = checkOptions(plans, options);
  const accepted = acceptAll(atlas, plans);
  const results: PromiseSettledResult<RotationResult>[] = new Array(accepted.length);
  let done = 0;
  let failed = 0;
  const rotate = async (plan: AcceptedPlan | AtlasRequestError) => {
    if (plan instanceof AtlasRequestError) throw plan;
    signal?.throwIfAborted();
    return runRotation(atlas, plan, signal);
  };
  // All share one iterator: each takes the next plan when it has settled one.
  const remaining = accepted.entries();
  const rotateRemaining = async () => {
    for (const [index, plan] of remaining) {
      const [result] = await Promise.allSettled([rotate(plan)]);
      results[index] = result;
      done += 1;
      if (result.status === "rejected") failed += 1;
      notify(onProgress, { index, status: result.status, done, failed, total: accepted.length }, "onProgress");
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, accepted.length) }, rotateRemaining));
  return results;
}

/** All plans are checked before the first is run: only then are two plans for one account found in time. */
function acceptAll(atlas: AtlasClient, plans: readonly RotationPlan[]): (AcceptedPlan | AtlasRequestError)[] {
  const accepted = Array.from(plans, (plan) => acceptOrRefuse(atlas, plan));
  const indexesOf = new Map<string, number[]>();
  for (const [index, plan] of accepted.entries()) {
    if (plan instanceof AtlasRequestError) continue;
    const account = plan.clientId.toLowerCase();
    indexesOf.set(account, [...(indexesOf.get(account) ?? []), index]);
  }
  for (const indexes of indexesOf.values()) {
    if (indexes.length === 1) continue;
    for (const index of indexes) accepted[index] = sameAccount(indexes);
  }
  return accepted;
}

function acceptOrRefuse(atlas: AtlasClient, plan: RotationPlan): AcceptedPlan | AtlasRequestError {
  try {
    return acceptPlan(atlas, plan);
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
  signal: ABORT_SIGNAL,
  onProgress: FUNCTION,
};

function checkOptions(plans: readonly RotationPlan[], options: RotateSecretsOptions): RotateSecretsOptions {
  return readOptions<RotateSecretsOptions>(options, RULES, {
    summary: "Cannot start the rotations",
    check(_options, violations) {
      if (!Array.isArray(plans)) violations.push(violation("plans", "an array", plans));
    },
  });
}
