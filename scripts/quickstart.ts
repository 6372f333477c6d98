/**
 * `npm run quickstart`: creates a secret and deletes it, and shows what Atlas refuses, all against the mock on a free port.
 */
import { mockCredentials } from "../contract-tests/mock/settings.js";
import { startMock } from "../contract-tests/mock/start-mock.js";
import { AtlasApiError, AtlasAuthError, createAtlasClient } from "../src/index.js";
import { command, EXIT, runMain } from "./command.js";

const groupId = "5f0c1a2b3c4d5e6f70819203";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

await runMain(
  command({
    name: "quickstart",
    about: "Creates a secret and deletes it, and shows what Atlas refuses, all against the mock on a free port.",
    options: {},
    async run(_values, { out }) {
      const mock = await startMock();
      const say = (what: string, details: string) => out(`${what.padEnd(9)}${details}`);
      say("mock", `Atlas at ${mock.url}, with Prism behind it`);
      try {
        await quickstart(mock.url, say);
      } finally {
        await mock.stop();
      }
      return EXIT.ok;
    },
  }),
);

async function quickstart(baseUrl: string, say: (what: string, details: string) => void): Promise<void> {
  const credentials = { clientId: mockCredentials.clientId, clientSecret: mockCredentials.clientSecret };
  const atlas = createAtlasClient({ credentials, baseUrl });
  const creation = { groupId, clientId, body: { secretExpiresAfterHours: 8 } };

  const { id, expiresAt, secret = "" } = await atlas.createGroupServiceAccountSecret(creation);
  say("created", `secret ${id}, expires ${expiresAt}, value ${masked(secret)}`);
  await atlas.verifySecret({ clientId, clientSecret: secret });
  say("verified", "the new secret signs in");

  try {
    await atlas.createGroupServiceAccountSecret(creation);
  } catch (error) {
    if (!(error instanceof AtlasApiError)) throw error;
    say("refused", `a third secret: ${error.status} ${error.errorCode}, outcome ${error.outcome}`);
  }

  await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: id });
  say("deleted", `secret ${id}`);
  try {
    await atlas.verifySecret({ clientId, clientSecret: secret });
  } catch (error) {
    if (!(error instanceof AtlasAuthError)) throw error;
    say("refused", `the deleted secret: ${error.status} ${error.oauthError}, it no longer signs in`);
  }
  await atlas.close();
}

function masked(value: string): string {
  return `${value.slice(0, "mdb_sa_sk_".length)}… (shown once, so keep it at once)`;
}
