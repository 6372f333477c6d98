/**
 * The third step: the caller stores the new secret. From here on it is deleted only if the caller says that it certainly
 * was not stored.
 */
import { compensation } from "./compensation.js";
import { asCause, beginStep, describeError, type Rotation, stop, within } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { type CreatedSecret, perhapsStored } from "./rotation-state.js";
import { SecretNotStoredError } from "./secret-rotation-error.js";

/** @throws SecretRotationError, after the compensation if nothing can have the new secret */
export async function storeSecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan } = rotation;
  let when = "before";
  try {
    await beginStep(rotation, "store", secret, secret.secret);
    when = "at";
    // An abort does not end it: it could then not be known whether the secret was stored.
    await within(plan.storeTimeoutMs, "store", (signal) => plan.store({ ...secret }, { signal }));
    if (isOwnAccount(rotation)) atlas.updateClientSecret(secret.secret);
  } catch (error) {
    const stopped = { step: "store", happened: `${when} store: ${describeError(rotation, error)}` } as const;
    const cause = asCause(rotation, error);
    if (when === "before" || cause instanceof SecretNotStoredError) {
      throw await compensation(rotation, secret, { ...stopped, cause });
    }
    const created: CreatedSecret = { id: secret.id, expiresAt: secret.expiresAt, now: "alive" };
    const left = perhapsStored(plan, created);
    throw await stop(rotation, { ...stopped, created, previous: "kept", outcome: "applied", cause, ...left });
  }
}

/** Whether the client signs in with the secret that is rotated; hexadecimal digits are the same in either case. */
function isOwnAccount({ atlas, plan }: Rotation): boolean {
  return atlas.clientId?.toLowerCase() === plan.clientId.toLowerCase();
}
