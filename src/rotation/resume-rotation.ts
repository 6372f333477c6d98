/**
 * Finishes or undoes a rotation that an earlier run of the program did not bring to its end.
 */
import type { AtlasClient } from "../client.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { readRotationRecord } from "./read-record.js";
import { acceptPlan, type RotationPlan } from "./rotation-plan.js";
import type { RotationRecord } from "./rotation-record.js";
import type { AcceptedResumption, ResumedRotation } from "./run-resumption.js";

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
  const { runResumption } = await import("./run-resumption.js");
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
