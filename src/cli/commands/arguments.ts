/**
 * Holds what was given to the contract before anything is sent.
 */
import type {
  CreateGroupServiceAccountSecretArguments,
  DeleteOrgServiceAccountSecretArguments,
} from "../../../generated/client.js";
import { operations } from "../../../generated/operations.js";
import { AtlasRequestError, type RequestViolation, type RotationPlan } from "../../index.js";
import { type Arguments, checkArguments } from "../../operation/arguments.js";
import { redactByForm } from "../../safe/redaction.js";

/** What commands and fleet files give; nothing of it has been checked. */
export interface Given {
  readonly groupId?: unknown;
  readonly orgId?: unknown;
  readonly clientId?: unknown;
  readonly secretId?: unknown;
  readonly previousSecretId?: unknown;
  readonly secretExpiresAfterHours?: unknown;
}

/** What a rotation is told of the account. */
export type RotationIds = Pick<
  RotationPlan,
  "groupId" | "orgId" | "clientId" | "secretExpiresAfterHours" | "previousSecretId"
>;

/** @throws AtlasRequestError listing all that breaks the contract */
export function creationArguments({
  groupId,
  clientId,
  secretExpiresAfterHours,
}: Given): CreateGroupServiceAccountSecretArguments {
  const body = present({ secretExpiresAfterHours });
  const args = { ...present({ groupId, clientId }), body };
  const operationId = "createGroupServiceAccountSecret";
  // The contract's validator has found nothing else in it; validators do not tell the compiler.
  return checkArguments(operationId, operations[operationId], args, redactByForm) as Arguments &
    CreateGroupServiceAccountSecretArguments;
}

/** @throws AtlasRequestError listing all that breaks the contract */
export function deletionArguments({ orgId, clientId, secretId }: Given): DeleteOrgServiceAccountSecretArguments {
  const args = present({ orgId, clientId, secretId });
  const operationId = "deleteOrgServiceAccountSecret";
  // As above.
  return checkArguments(operationId, operations[operationId], args, redactByForm) as Arguments &
    DeleteOrgServiceAccountSecretArguments;
}

/** In place of a secret's id that need not be given. */
const ANY_SECRET_ID = "0".repeat(24);

/** @throws AtlasRequestError listing all that breaks the contract, each under the name that a rotation's plan has for it */
export function rotationIds(given: Given): RotationIds {
  const { previousSecretId } = given;
  const creation = outcomeOf(() => creationArguments(given));
  const deletion = outcomeOf(() =>
    deletionArguments({ ...given, secretId: previousSecretId === undefined ? ANY_SECRET_ID : previousSecretId }),
  );
  if (creation instanceof AtlasRequestError || deletion instanceof AtlasRequestError) {
    throw new AtlasRequestError("The rotation cannot be started", [
      ...violationsIn(creation),
      ...violationsIn(deletion)
        .filter(({ argument }) => argument !== "clientId")
        .map((violation) => ({ ...violation, argument: PLAN_NAME_OF[violation.argument] ?? violation.argument })),
    ]);
  }
  const { groupId, clientId, body } = creation;
  const ids = { groupId, orgId: deletion.orgId, clientId, ...body };
  return previousSecretId === undefined ? ids : { ...ids, previousSecretId: deletion.secretId };
}

const PLAN_NAME_OF: Readonly<Record<string, string>> = { secretId: "previousSecretId" };

function outcomeOf<Arguments>(check: () => Arguments): Arguments | AtlasRequestError {
  try {
    return check();
  } catch (error) {
    if (error instanceof AtlasRequestError) return error;
    throw error;
  }
}

function violationsIn(outcome: object): readonly RequestViolation[] {
  return outcome instanceof AtlasRequestError ? outcome.violations : [];
}

/** Without what is not there: to the contract, a member that is undefined is a member. */
function present(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
