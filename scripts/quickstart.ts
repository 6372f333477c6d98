/**
 * `npm run quickstart`: creates a secret, shows a typed error, deletes the secret, all against the mock on a free port.
 */
import { mockCredentials } from "../contract-tests/mock/credentials.js";
import { startMock } from "../contract-tests/mock/start-mock.js";
import { AtlasApiError, createAtlasClient } from "../src/index.js";
import { command, EXIT, runMain } from "./command.js";

const groupId = "5f0c1a2b3c4d5e6f70819203";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

await runMain(
  command({
    name: "quickstart",
    about: "Creates a secret, shows a typed error and deletes the secret, all against the mock on a free port.",
    options: {},
    async run(_values, { out }) {
      const mock = await startMock();
      const stop = () => void mock.stop().finally(() => process.exit(130));
      process.once("SIGINT", stop).once("SIGTERM", stop);
      const say = (what: string, details: string) => out(`${what.padEnd(8)} ${details}`);
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

  const secret = await atlas.createGroupServiceAccountSecret({
    groupId,
    clientId,
    body: { secretExpiresAfterHours: 8 },
  });
  say("created", `secret ${secret.id}, expires ${secret.expiresAt}, value ${masked(secret.secret)}`);

  try {
    // The mock responds as `Prefer` asks; Atlas itself responds with 404 if the account is not in the project.
    const headers = { Prefer: "code=404" };
    await atlas.createGroupServiceAccountSecret(
      { groupId, clientId, body: { secretExpiresAfterHours: 8 } },
      { headers },
    );
  } catch (error) {
    if (!(error instanceof AtlasApiError)) throw error;
    say("refused", `${error.name} ${error.status} ${error.errorCode}, outcome ${error.outcome}`);
  }

  await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: secret.id });
  say("deleted", `secret ${secret.id}`);
  await atlas.close();
}

function masked(value: string | undefined): string {
  return value === undefined ? "(none)" : `${value.slice(0, "mdb_sa_sk_".length)}… (shown once, so keep it at once)`;
}
