/**
 * The third step: the caller puts the new secret where it is needed. From here on it is only deleted if the caller says
 * that it certainly was not stored.
 */
import { compensation } from "./compensation.js";
import { beginStep, inWords, type Rotation, showable } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { perhapsStored } from "./rotation-state.js";
import { type CreatedSecret, SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";

/** @throws SecretRotationError, after the compensation where nobody can have the new secret */
export async function storeSecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan, signal } = rotation;
  if (signal.aborted) {
    const happened = `before store: ${inWords(rotation, signal.reason)}`;
    throw await compensation(rotation, secret, { step: "store", happened, cause: signal.reason });
  }
  beginStep(rotation, "store", secret.id);
  try {
    // Not cut short by an abort: whether the secret was stored could then not be known.
    await plan.store({ ...secret });
    if (isOwnAccount(rotation)) atlas.updateClientSecret(secret.secret);
  } catch (error) {
    throw await storeFailure(rotation, secret, error);
  }
}

async function storeFailure(rotation: Rotation, secret: NewSecret, error: unknown): Promise<SecretRotationError> {
  const { plan } = rotation;
  const stopped = { step: "store", happened: `at store: ${inWords(rotation, error)}` } as const;
  const cause = showable(rotation, error);
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

/** Whether it is the client's own secret that is rotated; hexadecimal digits are the same in either case. */
function isOwnAccount({ atlas, plan }: Rotation): boolean {
  return atlas.clientId?.toLowerCase() === plan.clientId.toLowerCase();
}
