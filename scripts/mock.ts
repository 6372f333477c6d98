/**
 * `npm run mock`: the mock of the service on one port, until SIGINT or SIGTERM ends it.
 */
import { type MockOptions, mockCredentials, startMock } from "../contract-tests/mock/start-mock.js";
import { CommandError, type CommandIo, command, EXIT, integer, runMain, text, withDefault } from "./command.js";

await runMain(
  command({
    name: "mock",
    about:
      "Starts a mock of the service on 127.0.0.1: Prism on the contract, and in front of it the token endpoint and real " +
      "checks of bearer tokens and digests. It runs until SIGINT (Ctrl-C) or SIGTERM.",
    options: {
      port: withDefault(integer("port", "port to listen on, 0 for a free one", 0, 65_535), 4010),
      "token-lifetime": withDefault(
        integer("seconds", "how long a token of the token endpoint works", 1, 365 * 24 * 3600),
        3600,
      ),
      spec: text("file", "the contract (default: openapi/atlas-service-account-secrets.yaml)"),
    },
    afterHelp: "Exit codes: 0 ended by a signal, 1 it cannot start, 2 wrong usage",
    async run({ port, "token-lifetime": tokenLifetimeSeconds, spec }, io) {
      try {
        await serve({ port, tokenLifetimeSeconds, ...(spec === undefined ? {} : { spec }) }, io);
      } catch (error) {
        const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
        throw new CommandError([line], EXIT.found, { cause: error });
      }
      return EXIT.ok;
    },
  }),
);

/** Resolves when a signal has ended the mock; rejects if it cannot start. */
async function serve(options: MockOptions, { out, err }: CommandIo): Promise<void> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  // Not `once`: Ctrl-C arrives twice, from the terminal and from npm, and the second must not cut the stopping short.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
  const mock = await startMock({
    ...options,
    onRequest: ({ method, path, status }) => out(`${method} ${path.split("?", 1)[0]} ${status}`),
    onReload: (problem) => {
      if (problem === undefined) out("The contract has changed and is loaded.");
      else err(`mock: the last usable contract stays: ${problem.message}`);
    },
  });
  out(introduction(mock.url, options.spec === undefined));
  await ended;
  await mock.stop();
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
