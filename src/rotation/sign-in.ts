/**
 * Signs in with the new secret: the only proof that it works, and the only one that it is alive.
 */
import type { ServiceAccount } from "../auth/token-endpoint.js";
import type { AtlasClient } from "../client.js";
import { AtlasAuthError } from "../errors.js";
import { sleep } from "../signals.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 8000;

/**
 * Signs in with the new secret, if necessary again and again until its time is over: a secret may be known everywhere only
 * seconds after its creation.
 *
 * @throws AtlasAuthError of the last attempt
 */
export async function signIn(
  atlas: Pick<AtlasClient, "verifySecret">,
  account: ServiceAccount,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      return await atlas.verifySecret(account, signal && { signal });
    } catch (error) {
      const leftMs = end - performance.now();
      if (!(error instanceof AtlasAuthError) || leftMs <= 0) throw error;
      await sleep(Math.min(waitMs, leftMs), signal);
    }
  }
}
