/**
 * `npm run mock`: the mock of the service on one port, until it is told to stop.
 *
 * Exit codes: 0 when told to stop, 1 when it cannot start or Prism ends, 2 when the options make no sense.
 */
import { parseArgs } from "node:util";
import { type Mock, type MockOptions, mockCredentials, startMock } from "../contract-tests/mock/start-mock.js";

const USAGE = `Usage: npm run mock -- [options]

Starts a mock of the service on 127.0.0.1: Prism on the contract, and in front of it the token endpoint and real checks
of bearer tokens and digests. It runs until SIGINT (Ctrl-C) or SIGTERM.

  --port PORT               port to listen on, 0 for a free one (default 4010)
  --token-lifetime SECONDS  how long a token of the token endpoint works (default 3600)
  --spec FILE               the contract (default openapi/atlas-service-account-secrets.yaml)
  --help                    show this`;

let mock: Mock | undefined;

// Not `once`: Ctrl-C arrives twice, from the terminal and from npm, and the second must not cut the cleaning up short.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(0));
await main();

async function main(): Promise<void> {
  const options = optionsFrom(process.argv.slice(2));
  if (options === "help") {
    console.log(USAGE);
    return;
  }
  try {
    mock = await startMock({
      ...options,
      onRequest: ({ method, path, status }) => console.log(`${method} ${path.split("?", 1)[0]} ${status}`),
      onFailure: (failure) => {
        complain(failure);
        void stop(1);
      },
    });
    console.log(introduction(mock.url, options.spec === undefined));
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  }
}

/** Ends the process with everything that belongs to it. */
async function stop(exitCode: number): Promise<void> {
  await mock?.stop();
  process.exit(exitCode);
}

/** What the command line asks for. Where it makes no sense, the process ends with one line and exit code 2. */
function optionsFrom(args: string[]): MockOptions | "help" {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: "string", default: "4010" },
        "token-lifetime": { type: "string", default: "3600" },
        spec: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return "help";
    return {
      port: wholeNumber("--port", values.port, 0, 65_535),
      tokenLifetimeSeconds: wholeNumber("--token-lifetime", values["token-lifetime"], 1, 365 * 24 * 3600),
      ...(values.spec === undefined ? {} : { spec: values.spec }),
    };
  } catch (error) {
    complain(error);
    process.exit(2);
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${option} has to be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
}

function complain(problem: unknown): void {
  const message = problem instanceof Error ? problem.message : String(problem);
  console.error(`mock: ${message.split("\n", 1)[0]}`);
}

function introduction(url: string, ownContract: boolean): string {
  const { accessToken, clientId, clientSecret, exampleClientId, createdSecret, publicKey, privateKey } =
    mockCredentials;
  const account = `${url}/api/atlas/v2/groups/5f0c1a2b3c4d5e6f70819203/serviceAccounts/${clientId}/secrets`;
  const secret = `${url}/api/atlas/v2/orgs/4e1b0a9f8d7c6b5a49382716/serviceAccounts/${clientId}/secrets/32b6e34b3d91647abb20e7b8`;
  const credentials = `The mock listens on ${url} and knows these credentials:

  access token       ${accessToken}
  service account    ${clientId} : ${clientSecret}
  the created secret ${exampleClientId} : ${createdSecret}
  API key (digest)   ${publicKey} : ${privateKey}

Try:

  curl --user '${clientId}:${clientSecret}' -d grant_type=client_credentials ${url}/api/oauth/token`;
  const operations = `
  curl --include --header 'Authorization: Bearer ${accessToken}' --header 'Accept: application/vnd.atlas.2024-08-05+json' --header 'Content-Type: application/json' -X POST ${account} -d '{"secretExpiresAfterHours": 8}'

  curl --include --user '${publicKey}:${privateKey}' --digest --header 'Accept: application/vnd.atlas.2025-03-12+json' -X DELETE ${secret}`;
  return `${credentials}\n${ownContract ? `${operations}\n` : ""}\nRequests:`;
}
