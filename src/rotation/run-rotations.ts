/** Runs rotations whose plans are checked first: one, or many a few at a time, of which none is stopped by another. */
import { TOKEN } from "../auth/token-endpoint.js";
import type { AtlasClient } from "../client.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { previewRequest, type RequestPreview } from "../operation/operation.js";
import { ABORT_SIGNAL, FUNCTION, integer, type OptionRules, readOptions, violation } from "../options/read-options.js";
import { notify } from "../safe/foreign-error.js";
import { oneLine } from "../safe/redaction.js";
import { linkSignals } from "../signals.js";
import { Rotation } from "./rotation.js";
import { NOTHING_SENT, rotationError } from "./rotation-end.js";
import {
  type AcceptedPlan,
  acceptPlan,
  creationOf,
  deletionOf,
  type ResumedRotation,
  type RotationPlan,
} from "./rotation-plan.js";
import { type RotationRecord, readRotationRecord } from "./rotation-record.js";
import type { RotationStep } from "./secret-rotation-error.js";

/** For `onProgress`. */
export interface RotationProgress {
  /** Which plan was settled, from 0. */
  readonly index: number;
  readonly status: "fulfilled" | "rejected";
  /** Plans settled so far, the failed ones included. */
  readonly done: number;
  /** Failed or not started. */
  readonly failed: number;
  readonly total: number;
}

export interface RotateSecretsOptions {
  /** How many accounts are rotated at the same time. Default: 4. */
  readonly concurrency?: number | undefined;
  /** After this many failures in a row no rotation is started: the rest reject as `not-applied`. Default: no limit. */
  readonly maxFailures?: number | undefined;
  /** Stops every rotation as its plan's own signal does; no other is started. */
  readonly signal?: AbortSignal | undefined;
  /** Called each time a plan is settled. What it throws becomes a process warning. */
  readonly onProgress?: ((progress: RotationProgress) => void) | undefined;
}

/** One rotation to resume. */
export interface Resumption {
  readonly plan: RotationPlan;
  /** The last one that the plan's `record` was called with. */
  readonly record: RotationRecord;
}

/** A step, with the request that it would send, if any. */
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

export async function rotateAll(atlas: AtlasClient, given: readonly Start[], options: RotateSecretsOptions) {
  const read = readOptions<RotateSecretsOptions>(options, RULES, {
    summary: "Cannot start the rotations",
    check(_options, violations) {
      if (!Array.isArray(given)) violations.push(violation("plans", "an array", given));
    },
  });
  const { concurrency, maxFailures, signal, onProgress } = { ...DEFAULTS, ...read };
  const accepted = await acceptAll(atlas, given);
  const results: PromiseSettledResult<ResumedRotation>[] = new Array(accepted.length);
  let [done, failed, failedInARow] = [0, 0, 0];
  const rotated = async (each: PromiseSettledResult<AcceptedPlan>): Promise<(typeof results)[number]> => {
    if (each.status === "rejected") return each;
    if (signal?.aborted === true) return { status: "rejected", reason: signal.reason };
    if (failedInARow >= maxFailures) {
      const failed = failedInARow === 1 ? "the one before it has" : `${failedInARow} rotations in a row have`;
      const said = `it was not started, because ${failed} failed.`;
      const stop = { step: "create", when: "before", said } as const;
      return { status: "rejected", reason: rotationError(each.value.clientId, stop, NOTHING_SENT) };
    }
    const [result] = await Promise.allSettled([runRotation(atlas, each.value, signal)]);
    failedInARow = result.status === "fulfilled" ? 0 : failedInARow + 1;
    return result;
  };
  // All share one iterator: each takes the next when it has settled one.
  const remaining = accepted.entries();
  const rotateRemaining = async () => {
    for (const [index, each] of remaining) {
      const result = await rotated(each);
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
  return new Rotation(atlas, plan, signal).run().finally(release);
}

/** All are checked before the first is run: only then are two for one account found in time. */
async function acceptAll(atlas: AtlasClient, given: readonly Start[]): Promise<PromiseSettledResult<AcceptedPlan>[]> {
  const accepted = await Promise.allSettled(given.map(async (each) => accept(atlas, each)));
  const indexesOf = new Map<string, number[]>();
  for (const [index, each] of accepted.entries()) {
    if (each.status === "rejected") continue;
    const account = each.value.clientId.toLowerCase();
    indexesOf.set(account, [...(indexesOf.get(account) ?? []), index]);
  }
  for (const indexes of indexesOf.values()) {
    if (indexes.length === 1) continue;
    const received = oneLine(`the same account in plans ${indexes.join(", ")}`, 40);
    const sameAccount = { argument: "clientId", expected: "an account that is in no other plan", received };
    const reason = new AtlasRequestError("The rotation plan is not valid", [sameAccount]);
    for (const index of indexes) accepted[index] = { status: "rejected", reason };
  }
  return accepted;
}
