/**
 * The second step: does the new secret work? Nobody has it yet, so where it does not, it is deleted again.
 */
import { untilAborted } from "../signals.js";
import { compensation } from "./compensation.js";
import { beginStep, inWords, type Rotation, showable } from "./rotation.js";
import type { AcceptedPlan, NewSecret } from "./rotation-plan.js";

/** @throws SecretRotationError, after the compensation */
export async function verifySecret(rotation: Rotation, secret: NewSecret): Promise<void> {
  const { plan, signal } = rotation;
  if (plan.verify === false) return;
  if (signal.aborted) {
    const happened = `before verify: ${inWords(rotation, signal.reason)}`;
    throw await compensation(rotation, secret, { step: "verify", happened, cause: signal.reason });
  }
  beginStep(rotation, "verify", secret.id);
  try {
    await untilAborted(carryOut(plan, secret, signal), signal);
  } catch (error) {
    const happened = `at verify: ${inWords(rotation, error)}`;
    throw await compensation(rotation, secret, { step: "verify", happened, cause: showable(rotation, error) });
  }
}

async function carryOut({ verify, clientId, requestToken }: AcceptedPlan, secret: NewSecret, signal: AbortSignal) {
  if (typeof verify === "function") await verify({ ...secret });
  else await requestToken?.({ clientId, clientSecret: secret.secret }, signal);
}
