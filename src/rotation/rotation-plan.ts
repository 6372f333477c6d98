/**
 * The plan of a rotation, and the check of all of it before anything is sent.
 */
import type {
  CreateGroupServiceAccountSecretArguments,
  CreateGroupServiceAccountSecretResult,
  DeleteOrgServiceAccountSecretArguments,
} from "../../generated/client.js";
import { operations } from "../../generated/operations.js";
import type { TokenEndpoint } from "../auth/token-endpoint.js";
import type { AtlasClient } from "../client.js";
import { internalsOf } from "../client-internals.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { checkArguments } from "../operation/arguments.js";
import { quote, shortName } from "../safe/quote.js";
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
  /** What the default of `verify` calls; undefined if the plan does not use it. */
  readonly requestToken: TokenEndpoint["requestToken"] | undefined;
}

/** Every key of a plan; a misspelt one would otherwise be silently without effect. */
const PLAN_NAMES: Readonly<Record<keyof RotationPlan, true>> = {
  groupId: true,
  orgId: true,
  clientId: true,
  secretExpiresAfterHours: true,
  previousSecretId: true,
  store: true,
  verify: true,
  onStep: true,
  signal: true,
};
/** In place of a `previousSecretId` that is not given, so that the other arguments of the deletion are checked. */
const ANY_SECRET_ID = "0".repeat(24);

/**
 * @param atlas undefined if the plan is only looked at
 * @throws AtlasRequestError listing everything that is wrong; nothing was sent
 */
export function acceptPlan(atlas: AtlasClient | undefined, given: RotationPlan): AcceptedPlan {
  const plan = readOnce(given);
  const { groupId, orgId, clientId, secretExpiresAfterHours, previousSecretId, verify } = plan;
  const createArguments = { groupId, clientId, body: { secretExpiresAfterHours } };
  const deleteArguments = (secretId: string) => ({ orgId, clientId, secretId });
  const requestToken = verify === undefined && atlas !== undefined ? internalsOf.get(atlas)?.requestToken : undefined;
  const ofDeletion = deleteArguments(previousSecretId === undefined ? ANY_SECRET_ID : previousSecretId);
  const violations = [
    ...unknownNames(plan),
    ...violationsIn(plan),
    ...argumentViolations("createGroupServiceAccountSecret", createArguments),
    ...argumentViolations("deleteOrgServiceAccountSecret", ofDeletion).filter(
      ({ argument }) => argument !== "clientId",
    ),
  ];
  if (atlas !== undefined && verify === undefined && requestToken === undefined) {
    const expected = "false or a function, because the client was not created by createAtlasClient";
    violations.push({ argument: "verify", expected, received: "nothing" });
  }
  if (violations.length > 0) throw new AtlasRequestError("The rotation plan is not valid", violations);
  return { ...plan, createArguments, deleteArguments, requestToken };
}

/** The plan's own members, each read once. */
function readOnce(plan: RotationPlan): RotationPlan {
  if (typeof plan === "object" && plan !== null && !Array.isArray(plan)) {
    try {
      return { ...plan };
    } catch {
      // A getter or a proxy that throws: the plan cannot be read, and that is reported.
    }
  }
  const received = quote(plan, redactByForm);
  throw new AtlasRequestError("The rotation plan is not valid", [
    { argument: "plan", expected: "an object that can be read", received },
  ]);
}

function unknownNames(plan: RotationPlan): RequestViolation[] {
  const expected = `one of the plan's members ${Object.keys(PLAN_NAMES).join(", ")}`;
  return Object.keys(plan)
    .filter((name) => !Object.hasOwn(PLAN_NAMES, name))
    .map((name) => ({ argument: shortName(name, redactByForm), expected, received: quote(name, redactByForm) }));
}

/** Wrong members that the contract does not describe. */
function violationsIn({ store, verify, onStep, signal }: RotationPlan): RequestViolation[] {
  const checks: readonly [argument: string, value: unknown, expected: string, fits: boolean][] = [
    ["store", store, "a function", typeof store === "function"],
    ["verify", verify, "false or a function", verify === undefined || verify === false || typeof verify === "function"],
    ["onStep", onStep, "a function", onStep === undefined || typeof onStep === "function"],
    ["signal", signal, "an AbortSignal", signal === undefined || signal instanceof AbortSignal],
  ];
  return checks
    .filter(([, , , fits]) => !fits)
    .map(([argument, value, expected]) => ({
      argument,
      expected,
      received: value === undefined ? "nothing" : quote(value, redactByForm),
    }));
}

/** The plan's names for what the operations name differently. */
const PLAN_NAME_OF: Readonly<Record<string, string>> = {
  "body.secretExpiresAfterHours": "secretExpiresAfterHours",
  secretId: "previousSecretId",
};

function argumentViolations(
  operationId: "createGroupServiceAccountSecret" | "deleteOrgServiceAccountSecret",
  args: object,
): RequestViolation[] {
  try {
    checkArguments(operationId, operations[operationId], args, redactByForm);
    return [];
  } catch (error) {
    if (!(error instanceof AtlasRequestError)) throw error;
    return error.violations.map(({ argument, expected, received }) => ({
      argument: PLAN_NAME_OF[argument] ?? argument,
      expected,
      received: received === "undefined" ? "nothing" : received,
    }));
  }
}
