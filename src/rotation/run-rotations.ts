/** Runs rotations whose plans are checked first: one, or many a few at a time, of which none is stopped by another. */
import { TOKEN } from "../auth/token-endpoint.js";
import type { AtlasClient } from "../client.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { previewRequest, type RequestPreview } from "../operation/operation.js";
import { ABORT_SIGNAL, FUNCTION, integer, type OptionRules, readOptions, violation } from "../options/read-options.js";
import { notify } from "../safe/foreign-error.js";
import { oneLine } from "../safe/redaction.js";
import { linkSignals, throwIfAborted } from "../signals.js";
import { Rotation } from "./rotation.js";
import { NOTHING_SENT, rotationError } from "./rotation-end.js";
import { type AcceptedPlan, acceptPlan, creationOf, deletionOf, type RotationPlan } from "./rotation-plan.js";
import { type RotationRecord, readRotationRecord } from "./rotation-record.js";
import type { RotationStep } from "./secret-rotation-error.js";
import { type ResumedRotation, runSteps } from "./steps.js";

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
   * After this many failures in a row no further rotation is started; those are rejected with a `SecretRotationError`
   * whose step is `create` and whose outcome is `not-applied`.
   * @defaultValue no limit
   */
  readonly maxFailures?: number | undefined;
  /** Stops every rotation as its plan's own signal does; no other is started. */
  readonly signal?: AbortSignal | undefined;
  /** Is called each time a plan is settled. What it throws becomes a process warning. */
  readonly onProgress?: ((progress: RotationProgress) => void) | undefined;
}

/** One rotation to resume. */
export interface Resumption {
  readonly plan: RotationPlan;
  /** The last record that the plan's `record` was called with. */
  readonly record: RotationRecord;
}

/** A step of a rotation that succeeds, with the request that it would send, if this library sends it. */
export interface RotationStepPreview extends Partial<RequestPreview> {
  readonly step: Exclude<RotationStep, "compensate">;
}

const RULES: OptionRules<RotateSecretsOptions> = {
  concurrency: integer(1),
  maxFailures: integer(1),
  signal: ABORT_SIGNAL,
  onProgress: FUNCTION,
};
const DEFAULTS = { concurrency: 4, maxFailures: Number.POSITIVE_INFINITY };

/** A rotation to begin, or to resume if there is a record. */
type Start = Pick<Resumption, "plan"> & Partial<Resumption>;

export async function rotate(atlas: AtlasClient, given: Start) {
  return runRotation(atlas, accept(atlas, given));
}

/** @throws AtlasRequestError listing everything that is wrong; nothing was sent */
function accept(atlas: AtlasClient, given: Start): AcceptedPlan {
  const plan = acceptPlan(given.plan, atlas.redact);
  if (!("record" in given)) return plan;
  const record = readRotationRecord(given.record);
  const { current, previous, underWay } = record;
  const violations: RequestViolation[] = (["groupId", "orgId", "clientId"] as const)
    .filter((name) => record[name].toLowerCase() !== plan[name].toLowerCase())
    .map((name) => ({ argument: `record.${name}`, expected: `the plan's, ${plan[name]}`, received: record[name] }));
  const stored = underWay?.step === "delete-previous";
  const created = stored ? current : underWay?.created;
  const previousSecretId = (stored ? previous : current)?.id ?? plan.previousSecretId;
  if (created !== undefined && created.id === previousSecretId) {
    violations.push({ argument: "previousSecretId", expected: "is the new secret, by the record", received: "" });
  }
  if (underWay === undefined) {
    violations.push({ argument: "record.underWay", expected: "is missing: there is nothing to resume", received: "" });
  }
  if (violations.length > 0) throw new AtlasRequestError("Cannot resume the rotation", violations);
  return { ...plan, previousSecretId, underWay, created };
}

export function preview(plan: RotationPlan): readonly RotationStepPreview[] {
  const { previousSecretId, verify, ...accepted } = acceptPlan(plan);
  const { method, path } = TOKEN;
  const steps: (RotationStepPreview | false)[] = [
    { step: "create", ...previewRequest("createGroupServiceAccountSecret", creationOf(accepted)) },
    verify !== false && { step: "verify", ...(verify === undefined ? { method, path } : {}) },
    { step: "store" },
    previousSecretId !== undefined && {
      step: "delete-previous",
      ...previewRequest("deleteOrgServiceAccountSecret", deletionOf(accepted, previousSecretId)),
    },
  ];
  return steps.filter((step) => step !== false);
}

export async function rotateAll(
  atlas: AtlasClient,
  given: readonly Start[],
  options: RotateSecretsOptions,
): Promise<PromiseSettledResult<ResumedRotation>[]> {
  const read = readOptions<RotateSecretsOptions>(options, RULES, {
    summary: "Cannot start the rotations",
    check(_options, violations) {
      if (!Array.isArray(given)) violations.push(violation("plans", "an array", given));
    },
  });
  const { concurrency, maxFailures, signal, onProgress } = { ...DEFAULTS, ...read };
  const accepted = acceptAll(atlas, given);
  const results: PromiseSettledResult<ResumedRotation>[] = new Array(accepted.length);
  let done = 0;
  let failed = 0;
  let failedInARow = 0;
  const rotate = async (each: AcceptedPlan | AtlasRequestError) => {
    if (each instanceof AtlasRequestError) throw each;
    throwIfAborted(signal);
    if (failedInARow >= maxFailures) {
      const failed = failedInARow === 1 ? "the one before it has" : `${failedInARow} rotations in a row have`;
      const said = `it was not started, because ${failed} failed.`;
      throw rotationError(each.clientId, { step: "create", when: "before", said }, NOTHING_SENT);
    }
    try {
      const result = await runRotation(atlas, each, signal);
      failedInARow = 0;
      return result;
    } catch (error) {
      failedInARow += 1;
      throw error;
    }
  };
  // All share one iterator: each takes the next when it has settled one.
  const remaining = accepted.entries();
  const rotateRemaining = async () => {
    for (const [index, each] of remaining) {
      const [result] = await Promise.allSettled([rotate(each)]);
      results[index] = result;
      done += 1;
      if (result.status === "rejected") failed += 1;
      const progress = { index, status: result.status, done, failed, total: accepted.length };
      notify(onProgress, progress, "onProgress", atlas.redact);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, accepted.length) }, rotateRemaining));
  return results;
}

/** @param fleetSignal stops the rotation as the plan's own does */
async function runRotation(atlas: AtlasClient, plan: AcceptedPlan, fleetSignal?: AbortSignal) {
  const { signal, release } = linkSignals([plan.signal, fleetSignal]);
  try {
    return await runSteps(new Rotation(atlas, plan, signal));
  } finally {
    release();
  }
}

/** All are checked before the first is run: only then are two for one account found in time. */
function acceptAll(atlas: AtlasClient, given: readonly Start[]): (AcceptedPlan | AtlasRequestError)[] {
  const indexesOf = new Map<string, number[]>();
  const accepted = given.map((each, index) => {
    try {
      const plan = accept(atlas, each);
      const account = plan.clientId.toLowerCase();
      indexesOf.set(account, [...(indexesOf.get(account) ?? []), index]);
      return plan;
    } catch (error) {
      if (error instanceof AtlasRequestError) return error;
      throw error;
    }
  });
  for (const indexes of [...indexesOf.values()].filter(({ length }) => length > 1)) {
    const received = oneLine(`the same account in plans ${indexes.join(", ")}`, 40);
    const sameAccount = { argument: "clientId", expected: "an account that is in no other plan", received };
    const error = new AtlasRequestError("The rotation plan is not valid", [sameAccount]);
    for (const index of indexes) accepted[index] = error;
  }
  return accepted;
}
