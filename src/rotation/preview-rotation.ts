/**
 * What a rotation would do, for dry runs.
 */
import { TOKEN } from "../auth/token-endpoint.js";
import { previewRequest, type RequestPreview } from "../operation/operation.js";
import type { RotationStep } from "./remedies.js";
import { acceptPlan, type RotationPlan } from "./rotation-plan.js";

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
