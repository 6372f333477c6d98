/**
 * The second step: checks that the new secret works. If not, it is deleted again, since nothing has it yet.
 */
import { untilAborted } from "../signals.js";
import { compensation } from "./compensation.js";
import { asCause, beginStep, describeError, type Rotation, within } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";
import { signIn } from "./sign-in.js";

/** @throws SecretRotationError, after the compensation */
export async function verifySecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { plan, signal } = rotation;
  if (plan.verify === false) return;
  let when = "before";
  try {
    await beginStep(rotation, "verify", secret);
    when = "at";
    await untilAborted(runVerification(rotation, secret), signal);
  } catch (error) {
    const happened = `${when} verify: ${describeError(rotation, error)}`;
    throw await compensation(rotation, secret, { step: "verify", happened, cause: asCause(rotation, error) });
  }
}

async function runVerification(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { atlas, plan, signal } = rotation;
  const { clientId, verify, verifyTimeoutMs: timeoutMs } = plan;
  if (typeof verify !== "function")
    return signIn(atlas, { clientId, clientSecret: secret.secret }, { timeoutMs, signal });
  await within(timeoutMs, "verify", (timeUp) => verify({ ...secret }, { signal: timeUp }));
}
