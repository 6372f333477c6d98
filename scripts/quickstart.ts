/** `npm run quickstart`: the first minutes with the library, on the mock. */
import { mockCredentials } from "../contract-tests/mock/settings.js";
import { startMock } from "../contract-tests/mock/start-mock.js";
import { AtlasApiError, AtlasAuthError, createAtlasClient } from "../src/index.js";
import { GROUP_ID as groupId, ORG_ID as orgId } from "../src/testing/atlas/start-atlas.js";
import { masked } from "../src/testing/atlas/steps.js";
import { command, EXIT, runMain } from "./command.js";

const { exampleClientId: clientId } = mockCredentials;

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
  const { clientId: ownId, clientSecret } = mockCredentials;
  const atlas = createAtlasClient({ credentials: { clientId: ownId, clientSecret }, baseUrl });
  const creation = { groupId, clientId, body: { secretExpiresAfterHours: 8 } };

  const { id, expiresAt, secret = "" } = await atlas.createGroupServiceAccountSecret(creation);
  say("created", `secret ${id}, expires ${expiresAt}, value ${masked(secret)} (shown once, so keep it at once)`);
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
