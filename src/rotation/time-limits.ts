/** What may take its time, but not for ever: a function of the caller's, and signing in with a new secret. */
import type { ServiceAccount } from "../auth/credentials.js";
import type { AtlasClient } from "../client.js";
import { AtlasAuthError } from "../errors.js";
import { sleep, untilAborted } from "../signals.js";
import type { CreatedSecret } from "./secret-rotation-error.js";

/** Rejects if the caller's function has not ended in time, or when the signal aborts; then nothing keeps the program alive. */
export async function within<Value>(
  timeoutMs: number,
  what: string,
  run: (signal: AbortSignal) => Value | Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  const controller = new AbortController();
  const timeUp = () => controller.abort(new Error(`${what} did not finish within ${timeoutMs / 1000} s`));
  const timer = setTimeout(timeUp, timeoutMs);
  try {
    const done = untilAborted((async () => run(controller.signal))(), controller.signal);
    return await untilAborted(done, signal);
  } finally {
    clearTimeout(timer);
  }
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 8000;

/** Signs in, if necessary again and again until the time is over: a new secret may be known everywhere only seconds later. */
export async function signIn(
  atlas: Pick<AtlasClient, "verifySecret">,
  account: ServiceAccount,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  let sleptMs = 0;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      return await atlas.verifySecret(account, signal && { signal });
    } catch (error) {
      // What was slept counts even if the clock says otherwise: a test may have faked the timers alone.
      const leftMs = timeoutMs - Math.max(sleptMs, performance.now() - begun);
      if (!(error instanceof AtlasAuthError) || leftMs <= 0) throw error;
      const nextMs = Math.min(waitMs, leftMs);
      await sleep(nextMs, signal);
      sleptMs += nextMs;
    }
  }
}

/** A secret that has never signed in may be refused because it is not yet known everywhere. */
const UNTIL_KNOWN_MS = 5000;

/** Whether the secret is alive, as far as the token endpoint tells. */
export async function stateBySigningIn(
  atlas: Pick<AtlasClient, "verifySecret">,
  account: ServiceAccount,
  timeoutMs: number,
): Promise<CreatedSecret["now"]> {
  try {
    await signIn(atlas, account, Math.min(UNTIL_KNOWN_MS, timeoutMs));
    return "alive";
  } catch (error) {
    const refused = error instanceof AtlasAuthError && (error.oauthError === "invalid_client" || error.status === 401);
    // A page is a proxy's or a portal's, and says nothing of the secret.
    return refused && !/^text\/html\b/i.test(error.headers?.["content-type"] ?? "") ? "deleted" : "unknown";
  }
}
