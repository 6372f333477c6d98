/**
 * Twelve things that a program does with the package, the same in every runtime. Plain JavaScript that needs nothing but
 * web APIs, so that it runs as it stands in Node, Bun, Deno and workerd.
 */

/**
 * What the checks are run with: a fake Atlas and who can sign in there.
 *
 * @typedef {{
 *   baseUrl: string, refusingUrl: string,
 *   serviceAccount: { clientId: string, clientSecret: string },
 *   apiKey: { publicKey: string, privateKey: string },
 *   accessToken: string,
 *   groupId: string, orgId: string, clientId: string,
 *   isWorkerd?: boolean,
 * }} Target
 */

/**
 * @param {typeof import("../../src/index.js")} library
 * @param {Target} target
 * @returns {Promise<{ name: string, problem?: string }[]>} each check; without a problem, it passed
 */
export async function runChecks(library, target) {
  const { createAtlasClient, rotateSecret, AtlasError } = library;
  const { AtlasApiError, AtlasAuthError, AtlasNetworkError, AtlasRequestError } = library;
  const { baseUrl, serviceAccount, apiKey, accessToken, groupId, orgId, clientId, isWorkerd } = target;
  const body = { secretExpiresAfterHours: 24 };
  const signedIn = (credentials = serviceAccount, more = {}) => createAtlasClient({ credentials, baseUrl, ...more });

  /** @type {Record<string, () => Promise<void>>} */
  const checks = {
    async "a service account creates a secret and deletes it"() {
      const atlas = signedIn();
      const { id, secret } = await atlas.createGroupServiceAccountSecret({ groupId, clientId, body });
      expect(/^[0-9a-f]{24}$/.test(id) && typeof secret === "string", "an id and a value");
      expect((await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: id })) === undefined, "no data");
      await atlas.close();
    },
    async "an access token creates and deletes"() {
      await createAndDelete(signedIn({ accessToken }));
    },
    async "an API key creates and deletes, or says why it cannot"() {
      const atlas = signedIn(apiKey);
      // It has no MD5.
      if (!isWorkerd) return createAndDelete(atlas);
      const error = await errorOf(atlas.createGroupServiceAccountSecret({ groupId, clientId, body }));
      expect(error instanceof AtlasAuthError && /digest|md5/i.test(error.message), `AtlasAuthError, got ${error}`);
    },
    async "arguments that break the contract are not sent"() {
      const args = { groupId: "not-an-id", clientId, body: { secretExpiresAfterHours: 0 } };
      const error = await errorOf(signedIn().createGroupServiceAccountSecret(args));
      expect(error instanceof AtlasRequestError && error.violations.length === 2, "two violations");
      expect(error.outcome === "not-applied", "not-applied");
    },
    async "an error of Atlas carries status, errorCode and outcome"() {
      const secretId = "0".repeat(24);
      const error = await errorOf(signedIn().deleteOrgServiceAccountSecret({ orgId, clientId, secretId }));
      expect(error instanceof AtlasApiError && error.status === 404, `404, got ${error}`);
      expect(error.outcome === "not-applied" && error.code === "ERR_ATLAS_API", "not-applied");
    },
    async "a wrong client secret is an AtlasAuthError"() {
      const atlas = signedIn({ ...serviceAccount, clientSecret: "mdb_sa_sk_wrong-and-not-real" });
      const error = await errorOf(atlas.createGroupServiceAccountSecret({ groupId, clientId, body }));
      expect(error instanceof AtlasAuthError && error.outcome === "not-applied", `AtlasAuthError, got ${error}`);
      expect(!String(error.stack).includes("wrong-and-not-real"), "no secret in the error");
    },
    async "a refused connection was not applied"() {
      const atlas = signedIn({ accessToken }, { baseUrl: target.refusingUrl, retry: false });
      const error = await errorOf(atlas.createGroupServiceAccountSecret({ groupId, clientId, body }));
      expect(error instanceof AtlasNetworkError, `AtlasNetworkError, got ${error}`);
      expect(/\bnetworkError\b/.test(error.stack), `a stack that names functions, got ${error.stack}`);
      expect(AtlasError.name === "AtlasError", `a class under its own name, got ${AtlasError.name}`);
      // workerd does not say that no connection was made.
      expect(error.outcome === "not-applied" || isWorkerd, `not-applied, got ${error.outcome}`);
    },
    async "a caller's abort rejects with its own reason"() {
      const reason = new Error("enough");
      const call = { signal: AbortSignal.abort(reason) };
      const error = await errorOf(signedIn().createGroupServiceAccountSecret({ groupId, clientId, body }, call));
      expect(error === reason, `the reason, got ${error}`);
    },
    async "an injected fetch is called with (url, init)"() {
      /** @type {string[]} */
      const urls = [];
      /** @type {typeof fetch} */
      const counting = (url, init) => {
        urls.push(String(url));
        return fetch(url, init);
      };
      await createAndDelete(signedIn({ accessToken }, { fetch: counting }));
      expect(urls.length === 2, `2 calls, got ${urls.length}`);
    },
    async "an envelope is opened, and raw returns data"() {
      const atlas = signedIn({ accessToken });
      const wrapped = { groupId, clientId, envelope: true, body };
      const { id } = await atlas.createGroupServiceAccountSecret(wrapped);
      const path = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
      const { response } = await atlas.raw.DELETE(path, { params: { path: { orgId, clientId, secretId: id } } });
      expect(response.status === 204, `204, got ${response.status}`);
    },
    async "a rotation ends with one new secret"() {
      const atlas = signedIn();
      const old = await atlas.createGroupServiceAccountSecret({ groupId, clientId, body });
      await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: old.id });
      let stored = "";
      const store = async (/** @type {{ secret: string }} */ made) => {
        stored = made.secret;
      };
      const { secret, previous } = await rotateSecret(atlas, { groupId, orgId, clientId, ...body, store });
      expect(stored.startsWith("mdb_sa_sk_"), "a value was stored");
      expect(previous === "kept", `kept, got ${previous}`);
      await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: secret.id });
      await atlas.close();
    },
    async "a closed client refuses calls"() {
      const atlas = signedIn();
      await createAndDelete(atlas);
      await atlas.close();
      const error = await errorOf(atlas.createGroupServiceAccountSecret({ groupId, clientId, body }));
      expect(error instanceof AtlasRequestError, `AtlasRequestError, got ${error}`);
    },
  };

  /** @param {ReturnType<typeof createAtlasClient>} atlas */
  async function createAndDelete(atlas) {
    const { id } = await atlas.createGroupServiceAccountSecret({ groupId, clientId, body });
    await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: id });
  }

  const results = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      results.push({ name });
    } catch (error) {
      results.push({ name, problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  }
  return results;
}

function expect(holds, expected) {
  if (!holds) throw new Error(`expected ${expected}`);
}

async function errorOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected an error, and it succeeded");
}
