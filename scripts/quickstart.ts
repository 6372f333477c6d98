/**
 * `npm run quickstart`: one secret made, one typed error seen, the secret deleted, all against the mock on a free port.
 */
import { mockCredentials } from "../contract-tests/mock/credentials.js";
import { startMock } from "../contract-tests/mock/start-mock.js";
import { AtlasApiError, createAtlasClient } from "../src/index.js";

const groupId = "5f0c1a2b3c4d5e6f70819203";
const orgId = "4e1b0a9f8d7c6b5a49382716";
const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

async function quickstart(baseUrl: string): Promise<void> {
  const credentials = { clientId: mockCredentials.clientId, clientSecret: mockCredentials.clientSecret };
  const atlas = createAtlasClient({ credentials, baseUrl });

  const secret = await atlas.createGroupServiceAccountSecret({
    groupId,
    clientId,
    body: { secretExpiresAfterHours: 8 },
  });
  say("created", `secret ${secret.id}, expires ${secret.expiresAt}, value ${masked(secret.secret)}`);

  try {
    // The mock answers as it is told to; the real service answers 404 where the account is not in the project.
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

function say(what: string, details: string): void {
  console.log(`${what.padEnd(8)} ${details}`);
}

const mock = await startMock();
const stop = () => void mock.stop().finally(() => process.exit(130));
process.once("SIGINT", stop).once("SIGTERM", stop);
say("mock", `Atlas at ${mock.url}, with Prism behind it`);
try {
  await quickstart(mock.url);
} finally {
  await mock.stop();
}
