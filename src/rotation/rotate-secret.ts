/** Rotations, as a program begins them: what they need is loaded then, and they follow the plan as it was then. */
import type { AtlasClient } from "../client.js";
import { load } from "../load.js";
import { captured, membersOf } from "../options/read-options.js";
import type { ResumedRotation, RotationPlan, RotationResult } from "./rotation-plan.js";
import type { RotationRecord } from "./rotation-record.js";
import type { Resumption, RotateSecretsOptions, RotationStepPreview } from "./run-rotations.js";

const loadRotation = () => load(() => import("./run-rotations.js"));

/**
 * Creates a secret, verifies that it works, stores it by `plan.store`, and deletes the previous one if the plan names
 * it. A client that signs in as this account switches to the new secret as soon as it is stored.
 *
 * @throws AtlasRequestError listing everything in the plan that is wrong; nothing was sent
 * @throws SecretRotationError for every failure after that, an abort included
 * @example
 * const account = { groupId, orgId, clientId, previousSecretId };
 * const store = ({ secret }) => vault.put("atlas", secret);
 * const { secret, previous } = await rotateSecret(atlas, { ...account, secretExpiresAfterHours: 24 * 30, store });
 */
export async function rotateSecret(atlas: AtlasClient, plan: RotationPlan): Promise<RotationResult> {
  const given = { plan: captured(plan) };
  // Without a record, the secret is always created here; so it is of many.
  return (await loadRotation()).rotate(atlas, given) as Promise<RotationResult>;
}

/**
 * Rotates many secrets and returns the settled results in the order of the plans. A wrong plan rejects with an
 * `AtlasRequestError`, and nothing is sent for it; so do plans of the same account, because none can name the secret
 * that another is about to create. After an abort, those not started reject with the caller's reason.
 *
 * @throws AtlasRequestError if an option is wrong or `plans` is no array; never because of a single plan
 * @example
 * const results = await rotateSecrets(atlas, plans, { concurrency: 8 });
 */
export async function rotateSecrets(
  atlas: AtlasClient,
  plans: readonly RotationPlan[],
  options: RotateSecretsOptions = {},
): Promise<PromiseSettledResult<RotationResult>[]> {
  const given = [capturedEach(plans, (plan) => ({ plan: captured(plan) })), captured(options)] as const;
  return (await loadRotation()).rotateAll(atlas, ...given) as Promise<PromiseSettledResult<RotationResult>[]>;
}

/**
 * Continues from the last record that `plan.record` saved. If the new secret was stored by then, only the previous one
 * is left to delete; if not, the new one, whose value is lost, is deleted, and it rotates anew. It is refused if
 * `plan.isStored` cannot tell, or, without `plan.acceptUnknown`, if a record at `create` names no id. The plan's
 * previous secret counts only if the record names none.
 *
 * @throws AtlasRequestError listing everything in the plan or the record that is wrong; nothing was sent
 * @throws SecretRotationError for every failure after that
 * @example
 * if (record.underWay !== undefined) await resumeRotation(atlas, plan, record);
 */
export async function resumeRotation(
  atlas: AtlasClient,
  plan: RotationPlan,
  record: RotationRecord,
): Promise<ResumedRotation> {
  const given = capturedResumption({ plan, record });
  return (await loadRotation()).rotate(atlas, given);
}

/**
 * Resumes many rotations, and returns the settled results in their order.
 *
 * @throws AtlasRequestError if an option is wrong or `resumptions` is no array; never because of a single one
 */
export async function resumeRotations(
  atlas: AtlasClient,
  resumptions: readonly Resumption[],
  options: RotateSecretsOptions = {},
): Promise<PromiseSettledResult<ResumedRotation>[]> {
  const given = [capturedEach(resumptions, capturedResumption), captured(options)] as const;
  return (await loadRotation()).rotateAll(atlas, ...given);
}

function capturedResumption(given: Resumption): Resumption {
  // Of one that cannot be read, the plan is refused by itself.
  const { plan, record } = Object(membersOf(given)) as Resumption;
  return { plan: captured(plan), record: captured(record) };
}

/** What is no array stays what it is, and is refused. */
function capturedEach<Given, Taken>(list: readonly Given[], capture: (each: Given) => Taken): readonly Taken[] {
  return Array.isArray(list) ? Array.from(list, capture) : (list as never);
}

/**
 * Returns the steps of a rotation. It needs no client and sends nothing.
 *
 * @throws AtlasRequestError listing everything in the plan that is wrong
 */
export async function previewRotation(plan: RotationPlan): Promise<readonly RotationStepPreview[]> {
  const given = captured(plan);
  return (await loadRotation()).preview(given);
}
