/**
 * What a person has to do after a rotation has stopped, as data, and the same as a sentence for the error's message.
 */

/**
 * The steps of a rotation, in their order. `compensate` takes the place of those that would have followed: it deletes
 * the new secret again, which nothing has.
 */
export type RotationStep = "create" | "verify" | "store" | "delete-previous" | "compensate";

/** Something to do in Atlas that no program can decide on, or that it tried and failed to do. */
export interface RotationRemedy {
  /**
   * - `delete-secret`: delete the secret `secretId`; nothing uses it.
   * - `look-in-atlas`: find out in Atlas which secrets the account has and which one is in use, then delete the other.
   *   `secretId`, if known, is the one that the rotation created.
   */
  readonly action: "delete-secret" | "look-in-atlas";
  /** Organization through which the secret is deleted. */
  readonly orgId: string;
  /** Service account that the secret belongs to. */
  readonly clientId: string;
  readonly secretId?: string;
}

/** The part of a plan that says whose secrets they are. */
export interface RotatedAccount {
  readonly orgId: string;
  readonly clientId: string;
  readonly previousSecretId?: string | undefined;
}

export function deleteSecret({ orgId, clientId }: RotatedAccount, secretId: string): RotationRemedy {
  return { action: "delete-secret", orgId, clientId, secretId };
}

export function lookInAtlas({ orgId, clientId }: RotatedAccount, secretId?: string): RotationRemedy {
  return { action: "look-in-atlas", orgId, clientId, ...(secretId === undefined ? {} : { secretId }) };
}

/** What has to be done if the process ends during a step. */
export function remediesDuring(
  step: RotationStep,
  plan: RotatedAccount,
  secretId: string | undefined,
): readonly RotationRemedy[] {
  if (secretId === undefined || step === "store") return [lookInAtlas(plan, secretId)];
  if (step !== "delete-previous") return [deleteSecret(plan, secretId)];
  return plan.previousSecretId === undefined ? [] : [deleteSecret(plan, plan.previousSecretId)];
}

/** The remedy as a sentence, for somebody who writes a program with this library. */
export function describeRemedy({ action, orgId, clientId, secretId }: RotationRemedy): string {
  const deletion = (id: string) =>
    `deleteOrgServiceAccountSecret({ orgId: "${orgId}", clientId: "${clientId}", secretId: ${id} })`;
  if (action === "delete-secret") return `Delete secret ${secretId} with ${deletion(`"${secretId}"`)}.`;
  if (secretId === undefined) {
    return (
      `Before rotating again, look in Atlas at the secrets of ${clientId} in organization ${orgId}, and delete the one ` +
      `that nothing uses with ${deletion("its id")}.`
    );
  }
  return `Find out which one is in use and delete the other; the new one with ${deletion(`"${secretId}"`)}.`;
}
