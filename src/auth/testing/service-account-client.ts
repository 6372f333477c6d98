/**
 * For tests: a client that signs in as a service account, and the server that it talks to.
 */
import { expect, onTestFinished } from "vitest";
import { type AtlasClient, type AtlasClientOptions, createAtlasClient } from "../../index.js";
import { type OAuthServerOptions, startOAuthServer } from "./oauth-server.js";

export const credentials = {
  clientId: "mdb_sa_id_000000000000000000000001",
  clientSecret: "mdb_sa_sk_obviously_fake",
};
export const target = { orgId: "a".repeat(24), clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };
export const creation = { groupId: "a".repeat(24), clientId: target.clientId, body: { secretExpiresAfterHours: 8 } };

/** Both end with the test. */
export async function start(server: OAuthServerOptions = {}, options: Partial<AtlasClientOptions> = {}) {
  const oauth = await startOAuthServer(server);
  onTestFinished(() => oauth.close());
  const retry = { maxAttempts: 3, maxDelayMs: 20 };
  return { oauth, atlas: createAtlasClient({ credentials, baseUrl: oauth.url, retry, ...options }) };
}

export function remove(atlas: AtlasClient, signal?: AbortSignal): Promise<void> {
  return atlas.deleteOrgServiceAccountSecret(target, { signal });
}

/** What a call rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error,
  );
}

/** Something that happens once and can be waited for. */
export function latch() {
  let open: () => undefined = () => undefined;
  const opened = new Promise<undefined>((resolve) => {
    open = () => void resolve(undefined);
  });
  return { opened, open };
}
