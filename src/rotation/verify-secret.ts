/**
 * The second step: checks that the new secret works. If not, it is deleted again, since nothing has it yet.
 */
import { untilAborted } from "../signals.js";
import { compensation } from "./compensation.js";
import { asCause, beginStep, describeError, type Rotation } from "./rotation.js";
import type { NewSecret } from "./rotation-plan.js";

/** @throws SecretRotationError, after the compensation */
export async function verifySecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { plan, signal } = rotation;
  if (plan.verify === false) return;
  if (signal.aborted) {
    const happened = `before verify: ${describeError(rotation, signal.reason)}`;
    throw await compensation(rotation, secret, { step: "verify", happened, cause: signal.reason });
  }
  beginStep(rotation, "verify", secret.id);
  try {
    await untilAborted(runVerification(rotation, secret), signal);
  } catch (error) {
    const happened = `at verify: ${describeError(rotation, error)}`;
    throw await compensation(rotation, secret, { step: "verify", happened, cause: asCause(rotation, error) });
  }
}

async function runVerification({ atlas, plan, signal }: Rotation, secret: NewSecret) {
  const { verify, clientId } = plan;
  if (typeof verify === "function") await verify({ ...secret });
  else await atlas.verifySecret({ clientId, clientSecret: secret.secret }, { signal });
}
