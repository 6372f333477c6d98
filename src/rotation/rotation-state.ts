/**
 * What now exists in Atlas after a rotation has stopped, and what to do about it, in words for whoever reads the error.
 */
import { excerpt, redactByForm } from "../safe/redaction.js";
import type { RotationPlan } from "./rotation-plan.js";
import type { CreatedSecret, PreviousSecret } from "./secret-rotation-error.js";

const SHORTENED_LIFE_DAYS = 7;

/** @see https://www.mongodb.com/docs/atlas/tutorial/rotate-service-account-secrets/ */
function shortened(plan: RotationPlan): string {
  return `Atlas may now let ${previous(plan)} expire within ${SHORTENED_LIFE_DAYS} days.`;
}

function previous({ previousSecretId }: RotationPlan): string {
  return `the previous secret${previousSecretId === undefined ? "" : ` ${previousSecretId}`}`;
}

function deletion({ orgId, clientId }: RotationPlan, secretId: string): string {
  return `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${secretId} })`;
}

function until({ expiresAt }: CreatedSecret): string {
  return expiresAt === undefined ? "until it expires" : `until ${excerpt(expiresAt, 40, redactByForm)}`;
}

export function nothingCreated(): string {
  return "No secret was created, and Atlas is as before.";
}

export function creationRefused(plan: RotationPlan): string {
  return (
    `${nothingCreated()} A service account holds two secrets at most: if this one has two, delete the one that ` +
    `nobody uses, with ${deletion(plan, "its id")}, and rotate again.`
  );
}

/** The id of what was created, if anything, was in an answer that did not come or cannot be read. */
export function createdWithoutId(plan: RotationPlan, certain: boolean): string {
  return (
    `A secret ${certain ? "was" : "may have been"} created, and neither its id nor its value can be known. Before ` +
    `rotating again, look in Atlas at the secrets of ${plan.clientId} in organization ${plan.orgId}, and delete the one ` +
    `that was made just now, with ${deletion(plan, "its id")}. ${shortened(plan)}`
  );
}

export function createdUnderPreviousId(plan: RotationPlan): string {
  return (
    `Nothing was deleted and nothing was stored, because the id does not tell the two apart. Before rotating again, ` +
    `look in Atlas at the secrets of ${plan.clientId} in organization ${plan.orgId}. ${shortened(plan)}`
  );
}

export function compensated(plan: RotationPlan, created: CreatedSecret, failure: string | undefined): string {
  switch (created.now) {
    case "deleted":
      return `The new secret ${created.id} has been deleted again, and ${previous(plan)} still works. ${shortened(plan)}`;
    case "alive":
    case "unknown":
      return (
        `The new secret ${created.id} could not be deleted again: ${failure ?? "no reason is known."} It ` +
        `${created.now === "alive" ? "is" : "may be"} left over ${until(created)}, and nobody uses it: delete it with ` +
        `${deletion(plan, `"${created.id}"`)}. ${upper(previous(plan))} still works. ${shortened(plan)}`
      );
  }
}

export function perhapsStored(plan: RotationPlan, created: CreatedSecret): string {
  return (
    `The new secret may have been stored, so both stay alive: the new one ${created.id} ${until(created)}, and ` +
    `${previous(plan)}. Find out which one is in use and delete the other; the new one goes with ` +
    `${deletion(plan, `"${created.id}"`)}. ${shortened(plan)}`
  );
}

export function previousLeft(plan: RotationPlan, created: CreatedSecret, left: PreviousSecret): string {
  const stored = `The new secret ${created.id} is stored and lives ${until(created)}.`;
  const again = `Delete it with ${deletion(plan, `"${plan.previousSecretId}"`)}`;
  switch (left) {
    case "kept":
      return `${stored} ${upper(previous(plan))} is alive as well. ${shortened(plan)} ${again}.`;
    case "unknown":
      return `${stored} ${upper(previous(plan))} may be alive as well. ${shortened(plan)} ${again}; a 404 then says that it is gone, or that its id or the organization's is wrong.`;
    case "deleted":
      return `${stored} ${upper(previous(plan))} has been deleted, though the answer was not the expected one.`;
  }
}

function upper(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
