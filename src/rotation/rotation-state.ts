/**
 * What now exists in Atlas after a rotation has stopped, in words for whoever reads the error, and what to do about it.
 */
import { excerpt, redactByForm } from "../safe/redaction.js";
import { SHORTENED_LIFE_DAYS } from "./rotation-record.js";
import {
  type CreatedSecret,
  deleteSecret,
  lookInAtlas,
  type PreviousSecret,
  type RotatedAccount,
  type RotationState,
} from "./secret-rotation-error.js";

function shortened(plan: RotatedAccount): string {
  return `Atlas may now let ${previous(plan)} expire within ${SHORTENED_LIFE_DAYS} days.`;
}

function previous({ previousSecretId }: RotatedAccount): string {
  return `the previous secret${previousSecretId === undefined ? "" : ` ${previousSecretId}`}`;
}

function until({ expiresAt }: CreatedSecret): string {
  return expiresAt === undefined ? "until it expires" : `until ${excerpt(expiresAt, 40, redactByForm)}`;
}

export function nothingCreated(): RotationState {
  return { state: "No secret was created, and Atlas is as before.", remedies: [] };
}

/** By a 400 that may be that of an account with two secrets. */
export function creationRefused(plan: RotatedAccount): RotationState {
  const { state } = nothingCreated();
  return {
    state: `${state} A service account holds at most two secrets, and this one may have two already.`,
    remedies: [lookInAtlas(plan)],
  };
}

/** The id of what was created, if anything, was in a response that did not come or cannot be read. */
export function createdWithoutId(plan: RotatedAccount, certain: boolean): RotationState {
  return {
    state:
      `A secret ${certain ? "was" : "may have been"} created, and neither its id nor its value can be known. ` +
      shortened(plan),
    remedies: [lookInAtlas(plan)],
  };
}

export function createdUnderPreviousId(plan: RotatedAccount): RotationState {
  return {
    state: `Nothing was deleted and nothing was stored, because the id does not tell the two apart. ${shortened(plan)}`,
    remedies: [lookInAtlas(plan)],
  };
}

export function compensated(plan: RotatedAccount, created: CreatedSecret, failure: string | undefined): RotationState {
  const { id, now } = created;
  if (now === "deleted") {
    const state = `The new secret ${id} has been deleted again, and ${previous(plan)} still works. ${shortened(plan)}`;
    return { state, remedies: [] };
  }
  return {
    state:
      `The new secret ${id} could not be deleted again: ${failure ?? "no reason is known."} It ` +
      `${now === "alive" ? "is" : "may be"} left over ${until(created)}, and nothing uses it. ` +
      `${upper(previous(plan))} still works. ${shortened(plan)}`,
    remedies: [deleteSecret(plan, id)],
  };
}

export function perhapsStored(plan: RotatedAccount, created: CreatedSecret): RotationState {
  return {
    state:
      `The new secret may have been stored, so both stay alive: the new one ${created.id} ${until(created)}, and ` +
      `${previous(plan)}. ${shortened(plan)}`,
    remedies: [lookInAtlas(plan, created.id)],
  };
}

export function previousLeft(plan: RotatedAccount, created: CreatedSecret, left: PreviousSecret): RotationState {
  const stored = `The new secret ${created.id} is stored and lives ${until(created)}. ${upper(previous(plan))}`;
  const { previousSecretId } = plan;
  const remedies = previousSecretId === undefined ? [] : [deleteSecret(plan, previousSecretId)];
  switch (left) {
    case "kept":
      return { state: `${stored} is alive as well. ${shortened(plan)}`, remedies };
    case "unknown":
      return {
        state:
          `${stored} may be alive as well. ${shortened(plan)} If deleting it brings a 404, it is gone, or its id or ` +
          "the organization's is wrong.",
        remedies,
      };
    case "deleted":
      return { state: `${stored} has been deleted.`, remedies: [] };
    case "gone":
      return { state: `${stored} is gone, unless its id or the organization's is wrong.`, remedies: [] };
  }
}

function upper(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
