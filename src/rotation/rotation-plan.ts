/**
 * The plan of a rotation, and the check of all of it before anything is sent.
 */
import type {
  CreateGroupServiceAccountSecretArguments,
  CreateGroupServiceAccountSecretResult,
  DeleteOrgServiceAccountSecretArguments,
} from "../../generated/client.js";
import { type OperationId, operations } from "../../generated/operations.js";
import type { AtlasClient } from "../client.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { checkArguments } from "../operation/arguments.js";
import {
  ABORT_SIGNAL,
  ANYTHING,
  FUNCTION,
  missing,
  type OptionRules,
  readOptions,
  required,
} from "../options/read-options.js";
import { redactByForm } from "../safe/redaction.js";
import type { RotationRemedy } from "./remedies.js";

/** A secret that has just been created; its value is certain to be there. */
export type NewSecret = CreateGroupServiceAccountSecretResult & { readonly secret: string };

/**
 * The steps of a rotation, in their order. `compensate` takes the place of those that would have followed: it deletes
 * the new secret again, which nothing has.
 */
export type RotationStep = "create" | "verify" | "store" | "delete-previous" | "compensate";

/** What `onStep` is called with as a step begins. */
export interface RotationStepEvent {
  readonly step: RotationStep;
  /** Id of the new secret; absent until Atlas has returned it. */
  readonly secretId?: string;
  /** What a person has to do if the process ends during this step. */
  readonly remedies: readonly RotationRemedy[];
}

/** One rotation: whose secret, how long the new one lives, where it goes, and which one it replaces. */
export interface RotationPlan {
  /** Project through which the secret is created, 24 hexadecimal digits. */
  readonly groupId: CreateGroupServiceAccountSecretArguments["groupId"];
  /** Organization through which secrets are deleted, 24 hexadecimal digits; compensation needs it in every rotation. */
  readonly orgId: DeleteOrgServiceAccountSecretArguments["orgId"];
  /** The service account whose secret is rotated. */
  readonly clientId: CreateGroupServiceAccountSecretArguments["clientId"];
  /** Life of the new secret, in hours; Atlas allows 8 hours to 365 days, within the organization's own bounds. */
  readonly secretExpiresAfterHours: CreateGroupServiceAccountSecretArguments["body"]["secretExpiresAfterHours"];
  /** Id of the secret to delete at the end. Without it the previous secret is kept. */
  readonly previousSecretId?: DeleteOrgServiceAccountSecretArguments["secretId"] | undefined;
  /**
   * Stores the new secret where it is needed. Throw `SecretNotStoredError` if it certainly was not stored; after any
   * other error it may have been, and both secrets stay alive.
   */
  readonly store: (secret: NewSecret) => void | Promise<void>;
  /**
   * Checks that the new secret works, before `store`; `false` checks nothing.
   * @defaultValue fetches an access token with it
   */
  readonly verify?: false | ((secret: NewSecret) => void | Promise<void>) | undefined;
  /** Is called as each step begins. What it throws becomes a process warning. */
  readonly onStep?: ((event: RotationStepEvent) => void) | undefined;
  /**
   * Stops the rotation before its next step. Waits and `verify` end at once; a request that has been sent and `store`
   * are finished first. The new secret is deleted again unless `store` was called.
   */
  readonly signal?: AbortSignal | undefined;
}

/** A plan that has been checked; read once, so that nothing can change it afterwards. */
export interface AcceptedPlan extends RotationPlan {
  readonly createArguments: CreateGroupServiceAccountSecretArguments;
  deleteArguments(secretId: string): DeleteOrgServiceAccountSecretArguments;
}

const RULES: OptionRules<RotationPlan> = {
  // The contract's validators look at these, in `check`.
  groupId: ANYTHING,
  orgId: ANYTHING,
  clientId: ANYTHING,
  secretExpiresAfterHours: ANYTHING,
  previousSecretId: ANYTHING,
  store: required(FUNCTION),
  verify: { expected: "false or a function", fits: (value) => value === false || typeof value === "function" },
  onStep: FUNCTION,
  signal: ABORT_SIGNAL,
};
/** In place of a `previousSecretId` that is not given, so that the other arguments of the deletion are checked. */
const ANY_SECRET_ID = "0".repeat(24);

/**
 * @param atlas undefined if the plan is only looked at
 * @throws AtlasRequestError listing everything that is wrong; nothing was sent
 */
export function acceptPlan(atlas: AtlasClient | undefined, given: RotationPlan): AcceptedPlan {
  const plan = readOptions<RotationPlan>(given, RULES, {
    summary: "The rotation plan is not valid",
    name: "plan",
    check(members, violations) {
      violations.push(...contractViolations(members));
      if (atlas !== undefined && members.verify === undefined && typeof atlas.verifySecret !== "function") {
        const expected = "has to be false or a function, because the client was not created by createAtlasClient";
        violations.push({ argument: "verify", expected, received: "" });
      }
    },
  });
  return {
    ...plan,
    createArguments: createArgumentsOf(plan),
    deleteArguments: (secretId) => deleteArgumentsOf(plan, secretId),
  };
}

function createArgumentsOf({ groupId, clientId, secretExpiresAfterHours }: RotationPlan) {
  return { groupId, clientId, body: { secretExpiresAfterHours } };
}

function deleteArgumentsOf({ orgId, clientId }: RotationPlan, secretId: string) {
  return { orgId, clientId, secretId };
}

/** The plan's names for what the operations name differently. */
const PLAN_NAME_OF: Readonly<Record<string, string>> = {
  "body.secretExpiresAfterHours": "secretExpiresAfterHours",
  secretId: "previousSecretId",
};

function contractViolations(plan: RotationPlan): RequestViolation[] {
  const { previousSecretId = ANY_SECRET_ID } = plan;
  const ofCreation = argumentViolations("createGroupServiceAccountSecret", createArgumentsOf(plan));
  const ofDeletion = argumentViolations("deleteOrgServiceAccountSecret", deleteArgumentsOf(plan, previousSecretId));
  // Both have a client id, and one mention of it is enough.
  return [...ofCreation, ...ofDeletion.filter(({ argument }) => argument !== "clientId")];
}

function argumentViolations(operationId: OperationId, args: object): RequestViolation[] {
  try {
    checkArguments(operationId, operations[operationId], args, redactByForm);
    return [];
  } catch (error) {
    if (!(error instanceof AtlasRequestError)) throw error;
    return error.violations.map(({ argument, expected, received }) => {
      const name = PLAN_NAME_OF[argument] ?? argument;
      return received === "undefined" || received === "nothing"
        ? missing(name)
        : { argument: name, expected, received };
    });
  }
}
