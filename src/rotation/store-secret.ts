/**
 * The third step: the caller stores the new secret. From here on it is deleted only if the caller says that it certainly
 * was not stored.
 */
import { compensation } from "./compensation.js";
import { asCause, beginStep, describeError, type Rotation } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { perhapsStored } from "./rotation-state.js";
import { type CreatedSecret, SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";

/** @throws SecretRotationError, after the compensation if nothing can have the new secret */
export async function storeSecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan, signal } = rotation;
  if (signal.aborted) {
    const happened = `before store: ${describeError(rotation, signal.reason)}`;
    throw await compensation(rotation, secret, { step: "store", happened, cause: signal.reason });
  }
  beginStep(rotation, "store", secret.id);
  try {
    // An abort does not end it: it could then not be known whether the secret was stored.
    await plan.store({ ...secret });
    if (isOwnAccount(rotation)) atlas.updateClientSecret(secret.secret);
  } catch (error) {
    throw await storeFailure(rotation, secret, error);
  }
}

async function storeFailure(rotation: Rotation, secret: NewSecret, error: unknown): Promise<SecretRotationError> {
  const { plan } = rotation;
  const stopped = { step: "store", happened: `at store: ${describeError(rotation, error)}` } as const;
  const cause = asCause(rotation, error);
  if (error instanceof SecretNotStoredError) return compensation(rotation, secret, { ...stopped, cause });
  const created: CreatedSecret = { id: secret.id, expiresAt: secret.expiresAt, now: "alive" };
  return new SecretRotationError({
    ...stopped,
    clientId: plan.clientId,
    created,
    previous: "kept",
    outcome: "applied",
    cause,
    ...perhapsStored(plan, created),
  });
}

/** Whether the client signs in with the secret that is rotated; hexadecimal digits are the same in either case. */
function isOwnAccount({ atlas, plan }: Rotation): boolean {
  return atlas.clientId?.toLowerCase() === plan.clientId.toLowerCase();
}
