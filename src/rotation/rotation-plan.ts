/** The plan of a rotation, all of it checked before anything is sent, and what comes of it. */
import { type OperationId, operations } from "../../generated/operations.js";
import type {
  CreateGroupServiceAccountSecretArguments,
  CreateGroupServiceAccountSecretResult,
  DeleteOrgServiceAccountSecretArguments,
} from "../../generated/types.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { checkArguments } from "../operation/arguments.js";
import * as rule from "../options/read-options.js";
import { type OptionRules, readOptions } from "../options/read-options.js";
import { type Redact, redactByForm } from "../safe/redaction.js";
import type { RecordedSecret, RotationRecord, StepUnderWay } from "./rotation-record.js";
import type { PreviousSecret, RotationRemedy, RotationStep } from "./secret-rotation-error.js";

/** A created secret with its value. */
export type NewSecret = CreateGroupServiceAccountSecretResult & { readonly secret: string };

/** For `onStep`. */
export interface RotationStepEvent {
  readonly step: RotationStep;
  /** Of the new secret, once it is known. */
  readonly secretId?: string;
  /** What a person has to do if the process ends during this step. */
  readonly remedies: readonly RotationRemedy[];
}

/** What a rotation returns. */
export interface RotationResult {
  /** As `store` got it; neither JSON nor inspection shows its value. */
  readonly secret: NewSecret;
  /** `kept` if the plan names no previous secret. */
  readonly previous: Exclude<PreviousSecret, "unknown">;
}

/** What a resumed rotation returns. */
export interface ResumedRotation {
  /** The secret now in use; with its value only if it was created anew. */
  readonly secret: RecordedSecret & { readonly secret?: string };
  readonly previous: RotationResult["previous"];
}

/** One rotation. */
export interface RotationPlan {
  /** Project through which the secret is created, 24 hexadecimal digits. */
  readonly groupId: CreateGroupServiceAccountSecretArguments["groupId"];
  /** Organization through which secrets are deleted, for compensation too; 24 hexadecimal digits. */
  readonly orgId: DeleteOrgServiceAccountSecretArguments["orgId"];
  readonly clientId: CreateGroupServiceAccountSecretArguments["clientId"];
  /** Atlas allows 8 hours to 365 days, within the organization's own bounds. */
  readonly secretExpiresAfterHours: CreateGroupServiceAccountSecretArguments["body"]["secretExpiresAfterHours"];
  /** The secret to delete at the end; without it, none is deleted. */
  readonly previousSecretId?: DeleteOrgServiceAccountSecretArguments["secretId"] | undefined;
  /**
   * Stores the new secret. Throw `SecretNotStoredError` if it certainly was not stored; after any other error it may
   * have been, and both secrets stay alive.
   */
  readonly store: (secret: NewSecret, context: StepContext) => void | Promise<void>;
  /** Time limit of `store` and `record`, in milliseconds; after it, the secret may be stored. Default: 300 000. */
  readonly storeTimeoutMs?: number | undefined;
  /** Whether the secret was stored, for `resumeRotation`: see `matchesFingerprint`. Undefined if that is not known. */
  readonly isStored?:
    | ((id: string, fingerprint: string) => boolean | undefined | Promise<boolean | undefined>)
    | undefined;
  /**
   * Checks before `store` that the new secret works; `false` checks nothing. If it fails or returns `false`, the new
   * secret is deleted again. Default: signs in, repeatedly, as a new secret may be known everywhere only seconds later.
   */
  readonly verify?: false | ((secret: NewSecret, context: StepContext) => void | Promise<void>) | undefined;
  /** Time limit of `verify`, in milliseconds. Default: 30 000. Without a function, no sign-in begins after it. */
  readonly verifyTimeoutMs?: number | undefined;
  /**
   * Saves the progress, without the secret's value: awaited before each step and after the last. If it rejects, the
   * rotation stops before that step.
   */
  readonly record?: ((entry: RotationRecord) => void | Promise<void>) | undefined;
  /** Resumes a run that may have created a secret of unknown id; set it after looking in Atlas. Default: false. */
  readonly acceptUnknown?: boolean | undefined;
  /** Called as each step begins. What it throws becomes a process warning. */
  readonly onStep?: ((event: RotationStepEvent) => void) | undefined;
  /**
   * Stops the rotation before its next step: waits and `verify` end at once, a sent request and `store` are finished.
   * The new secret is deleted again unless `store` was called.
   */
  readonly signal?: AbortSignal | undefined;
}

/** The second argument of `store` and `verify`. */
export interface StepContext {
  /** Aborts when the step's time is over; not when the caller aborts the rotation. */
  readonly signal: AbortSignal;
}

/** A plan that has been checked; read once, so that nothing can change it afterwards. */
export interface AcceptedPlan extends RotationPlan {
  readonly storeTimeoutMs: number;
  readonly verifyTimeoutMs: number;
  /** What an earlier run has begun, if it is resumed; the previous secret is then the one that its record names. */
  readonly underWay?: StepUnderWay | undefined;
  /** The new secret of that run, if its id is known. */
  readonly created?: RecordedSecret | undefined;
}

const DEFAULTS = { storeTimeoutMs: 5 * 60_000, verifyTimeoutMs: 30_000 };

const RULES: OptionRules<RotationPlan> = {
  // The contract's validators look at these, in `check`.
  groupId: rule.ANYTHING,
  orgId: rule.ANYTHING,
  clientId: rule.ANYTHING,
  secretExpiresAfterHours: rule.ANYTHING,
  previousSecretId: rule.ANYTHING,
  store: rule.required(rule.FUNCTION),
  storeTimeoutMs: rule.milliseconds(1),
  isStored: rule.FUNCTION,
  verify: { expected: "false or a function", fits: (value) => value === false || typeof value === "function" },
  verifyTimeoutMs: rule.milliseconds(1),
  record: rule.FUNCTION,
  acceptUnknown: { expected: "a boolean", fits: (value) => typeof value === "boolean" },
  onStep: rule.FUNCTION,
  signal: rule.ABORT_SIGNAL,
};
/** In place of a `previousSecretId` that is not given, so that the other arguments of the deletion are checked. */
const ANY_SECRET_ID = "0".repeat(24);

/** @throws AtlasRequestError listing everything that is wrong; nothing was sent */
export function acceptPlan(given: RotationPlan, redact = redactByForm): AcceptedPlan {
  const plan = readOptions<RotationPlan>(given, RULES, {
    summary: "The rotation plan is not valid",
    name: "plan",
    redact,
    check(members, violations) {
      const { previousSecretId = ANY_SECRET_ID } = members;
      const ofDeletion = violationsOf("deleteOrgServiceAccountSecret", deletionOf(members, previousSecretId), redact);
      violations.push(
        ...violationsOf("createGroupServiceAccountSecret", creationOf(members), redact),
        // Both have a client id, and one mention of it is enough.
        ...ofDeletion.filter(({ argument }) => argument !== "clientId"),
      );
    },
  });
  return { ...DEFAULTS, ...plan };
}

export function creationOf({ groupId, clientId, secretExpiresAfterHours }: RotationPlan) {
  return { groupId, clientId, body: { secretExpiresAfterHours } };
}

export function deletionOf({ orgId, clientId }: RotationPlan, secretId: string) {
  return { orgId, clientId, secretId };
}

/** The plan's names for what the operations name differently. */
const PLAN_NAMES: Readonly<Record<string, string>> = {
  "body.secretExpiresAfterHours": "secretExpiresAfterHours",
  secretId: "previousSecretId",
};

function violationsOf(operationId: OperationId, args: object, redact: Redact): RequestViolation[] {
  try {
    checkArguments(operationId, operations[operationId], args, redact);
    return [];
  } catch (error) {
    if (!(error instanceof AtlasRequestError)) throw error;
    return error.violations.map((each) => ({ ...each, argument: PLAN_NAMES[each.argument] ?? each.argument }));
  }
}
