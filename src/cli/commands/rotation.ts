/**
 * A rotation as the command line knows it, whether it was given as options or in a fleet file.
 */
import type { RotationPlan, RotationStep } from "../../index.js";
import type { SecretStore } from "../stores/secret-store.js";
import type { JournalEntry } from "../terminal/journal.js";
import type { RotationIds } from "./arguments.js";
import { PLANNED_VERIFICATION, type PlannedStep, plannedCreation, plannedDeletion, plannedStore } from "./dry-run.js";

export type Rotation = RotationIds & { readonly destination: SecretStore };

/** What the library is given. */
export function planOf(
  { destination, ...ids }: Rotation,
  entry: JournalEntry,
  onStep: (step: RotationStep) => void,
): RotationPlan {
  const { clientId, groupId } = ids;
  return {
    ...ids,
    store: (secret) => destination.store({ clientId, groupId, ...secret }),
    onStep(event) {
      entry.onStep(event);
      onStep(event.step);
    },
  };
}

/** What would be done. */
export function plannedSteps({
  destination,
  secretExpiresAfterHours,
  previousSecretId,
  ...ids
}: Rotation): PlannedStep[] {
  const steps = [plannedCreation(ids, secretExpiresAfterHours), PLANNED_VERIFICATION, plannedStore(destination)];
  if (previousSecretId === undefined) return steps;
  return [...steps, plannedDeletion("delete-previous", { ...ids, secretId: previousSecretId })];
}

/** A step as people call it. */
export const STEP_NAMES: Readonly<Record<RotationStep, string>> = {
  create: "creating a secret",
  verify: "verifying the new secret",
  store: "storing the new secret",
  "delete-previous": "deleting the previous secret",
  compensate: "deleting the new secret again",
};
