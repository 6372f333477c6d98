/**
 * Rotates one secret: create, verify, store, delete the previous one; finishes or undoes what an earlier run of the program
 * did not bring to its end; or only says what it would do. Wherever it stops, it leaves a stored secret that works, and no
 * secret that the error does not name.
 */
import { TOKEN } from "../auth/token-endpoint.js";
import type { AtlasClient } from "../client.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { previewRequest, type RequestPreview } from "../operation/operation.js";
import { acceptPlan, type RotationPlan } from "./rotation-plan.js";
import { type RotationRecord, readRotationRecord } from "./rotation-record.js";
import type { AcceptedResumption, ResumedRotation, RotationResult } from "./run-rotation.js";
import type { RotationStep } from "./secret-rotation-error.js";

/**
 * Rotates a secret in four steps: creates the new one, verifies that it works, calls `plan.store` with it, and deletes
 * the previous one, if the plan names one. If the client signs in with the account that is rotated, it switches to the
 * new secret as soon as it is stored.
 *
 * @throws AtlasRequestError listing everything in the plan that is wrong; nothing was sent
 * @throws SecretRotationError for every failure after that, an abort included
 * @example
 * const { secret, previous } = await rotateSecret(atlas, {
 *   groupId,
 *   orgId,
 *   clientId,
 *   secretExpiresAfterHours: 24 * 30,
 *   previousSecretId,
 *   store: ({ secret }) => vault.put("atlas", secret),
 * });
 */
export async function rotateSecret(atlas: AtlasClient, plan: RotationPlan): Promise<RotationResult> {
  // At once: the rotation follows the plan as it is now.
  const accepted = acceptPlan(atlas, plan);
  // Loaded by the first rotation: most programs only create and delete, or rotate once in their life.
  const { runRotation } = await import("./run-rotation.js");
  return runRotation(atlas, accepted);
}

/**
 * Goes on from the last record that `plan.record` kept before the program ended.
 *
 * | the record stops at | resuming |
 * |---|---|
 * | `create`, id unknown | is refused; with `plan.acceptUnknown` it rotates anew |
 * | `create`, `verify` or `compensate`, id known | deletes that secret, whose value is lost, and rotates anew |
 * | `store` | asks `plan.isStored`: if it is stored, deletes the previous secret; if not, as above; if that is not known, it is refused |
 * | `delete-previous` | deletes the previous secret again; if it is gone, that is done |
 *
 * The previous secret is the one that the record names; the plan's counts only if the record names none.
 *
 * @throws AtlasRequestError listing everything in the plan or the record that is wrong; nothing was sent
 * @throws SecretRotationError for every failure after that, with what is left to do in `remedies`
 * @example
 * if (record.underWay !== undefined) await resumeRotation(atlas, plan, record);
 */
export async function resumeRotation(
  atlas: AtlasClient,
  plan: RotationPlan,
  record: RotationRecord,
): Promise<ResumedRotation> {
  const accepted = acceptResumption(atlas, { plan, record });
  const { runResumption } = await import("./run-rotation.js");
  return runResumption(atlas, accepted);
}

/** One rotation to resume. */
export interface Resumption {
  readonly plan: RotationPlan;
  /** The last record that the plan's `record` was called with. */
  readonly record: RotationRecord;
}

/** @throws AtlasRequestError listing everything that is wrong; nothing was sent */
export function acceptResumption(atlas: AtlasClient, given: Resumption): AcceptedResumption {
  const plan = acceptPlan(atlas, given.plan);
  const record = readRotationRecord(given.record);
  const { current, previous, underWay } = record;
  const violations: RequestViolation[] = [];
  for (const name of ["groupId", "orgId", "clientId"] as const) {
    if (record[name].toLowerCase() === plan[name].toLowerCase()) continue;
    violations.push({ argument: `record.${name}`, expected: `the plan's, ${plan[name]}`, received: record[name] });
  }
  const stored = underWay?.step === "delete-previous";
  const created = stored ? current : underWay?.created;
  const previousSecretId = (stored ? previous : current)?.id ?? plan.previousSecretId;
  if (created !== undefined && created.id === previousSecretId) {
    violations.push({ argument: "previousSecretId", expected: "is the new secret, by the record", received: "" });
  }
  if (underWay === undefined) {
    violations.push({ argument: "record.underWay", expected: "is missing: there is nothing to resume", received: "" });
  }
  if (underWay === undefined || violations.length > 0) {
    throw new AtlasRequestError("Cannot resume the rotation", violations);
  }
  return { plan: { ...plan, previousSecretId }, underWay, created };
}

/** A step of a rotation that succeeds, with the request that it would send, if this library sends it. */
export interface RotationStepPreview extends Partial<RequestPreview> {
  readonly step: Exclude<RotationStep, "compensate">;
}

/**
 * Checks a plan as `rotateSecret` does and returns its steps, with the requests that they would send. Nothing is sent, and
 * no client is needed.
 *
 * @throws AtlasRequestError listing everything in the plan that cannot be used
 */
export function previewRotation(plan: RotationPlan): readonly RotationStepPreview[] {
  const { createArguments, deleteArguments, previousSecretId, verify } = acceptPlan(undefined, plan);
  const { method, path } = TOKEN;
  const steps: RotationStepPreview[] = [
    { step: "create", ...previewRequest("createGroupServiceAccountSecret", createArguments) },
  ];
  if (verify !== false) steps.push({ step: "verify", ...(verify === undefined ? { method, path } : {}) });
  steps.push({ step: "store" });
  if (previousSecretId === undefined) return steps;
  const deletion = previewRequest("deleteOrgServiceAccountSecret", deleteArguments(previousSecretId));
  return [...steps, { step: "delete-previous", ...deletion }];
}
