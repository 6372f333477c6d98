/** `npm run mock`: the mock of the service on one port, until SIGINT or SIGTERM ends it. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { firstLineOf } from "../contract-tests/contract/document.js";
import { accountsIn, clockIn, mockCredentials, rateLimitIn, ratesIn } from "../contract-tests/mock/settings.js";
import type { MockOptions } from "../contract-tests/mock/start-mock.js";
import { randomFaults } from "../src/testing/atlas/faults.js";
import { GROUP_ID, ORG_ID } from "../src/testing/atlas/service-accounts.js";
import {
  CommandError,
  type CommandIo,
  command,
  EXIT,
  flag,
  integer,
  parsed,
  runMain,
  text,
  withDefault,
} from "./command.js";

await runMain(
  command({
    name: "mock",
    about:
      "Starts a mock of the service on 127.0.0.1. It keeps secrets as Atlas does, really checks bearer tokens and digests, " +
      "and Prism holds its requests and responses to the contract. A page at / shows what it holds. It runs until SIGINT " +
      "(Ctrl-C) or SIGTERM.",
    options: {
      port: withDefault(integer("port", "port to listen on, 0 for a free one", 0, 65_535), 4010),
      accounts: text("file", "JSON list of the accounts at the start: clientId, orgId, groupIds, secrets"),
      stateless: flag("keep nothing: every success is a documented example"),
      spec: text("file", "the contract (default: openapi/atlas-service-account-secrets.yaml)"),
      "token-lifetime": withDefault(integer("seconds", "how long an issued token works", 1, 365 * 24 * 3600), 3600),
      "rate-limit": parsed("n/duration", "one token bucket, such as 10/60s", "such as 10/60s", rateLimitIn),
      latency: withDefault(integer("ms", "how long each response is held back, in milliseconds", 0, 600_000), 0),
      fail: parsed(
        "list",
        "faults and how often each comes: a status, reset, cut or hang, and apply- before it if the request takes effect " +
          "all the same; such as 503:0.01,reset:0.005,apply-reset:0.005",
        "such as 503:0.01,apply-reset:0.005, together at most 1",
        ratesIn,
      ),
      seed: withDefault(integer("number", "the same seed gives the same faults again", 0, 2 ** 31 - 1), 1),
      clock: parsed(
        "duration",
        "how far its time is ahead",
        "a time such as +30d or -12h, in the years 0 to 9999",
        clockIn,
      ),
      control: flag("let POST /__mock/clock move its time"),
    },
    afterHelp: "Exit codes: 0 ended by a signal, 1 it cannot start, 2 wrong usage",
    async run({ accounts, latency, fail, seed, clock, ...values }, io) {
      try {
        const options = {
          ...values,
          tokenLifetimeSeconds: values["token-lifetime"],
          latencyMs: latency,
          accounts: accounts === undefined ? undefined : await readAccounts(accounts),
          rateLimit: values["rate-limit"],
          faults: fail && randomFaults(fail, seed),
          clock: clock?.now,
        };
        await serve(options, io);
      } catch (error) {
        if (error instanceof CommandError) throw error;
        throw new CommandError([firstLineOf(error)], EXIT.found, { cause: error });
      }
      return EXIT.ok;
    },
  }),
);

async function readAccounts(file: string): Promise<MockOptions["accounts"]> {
  try {
    return accountsIn(await readFile(file, "utf8"));
  } catch (error) {
    throw new CommandError([`--accounts ${file}: ${firstLineOf(error)}`]);
  }
}

/** Resolves when a signal has ended the mock; rejects if it cannot start. */
async function serve(options: MockOptions, { out, err }: CommandIo): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    // Not `once`: Ctrl-C arrives twice, from the terminal and from npm, and the second must not cut the stopping short.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
    whenOrphaned(resolve);
  });
  // Loading Prism takes a second, which whoever asks for help need not wait.
  const { startMock } = await import("../contract-tests/mock/start-mock.js");
  const mock = await startMock({
    ...options,
    onRequest({ method, path, status = "no response", reason }) {
      const line = `${method} ${path.split("?", 1)[0]} ${status}${reason === undefined ? "" : `: ${reason}`}`;
      // A reason can quote what the caller sent, and a terminal obeys control characters.
      out(line.replaceAll(/\p{Cc}/gu, "\u{FFFD}"));
    },
    onReload: (problem) => {
      if (problem === undefined) out("The contract has changed and is loaded.");
      else err(`mock: the last usable contract stays: ${problem.message}`);
    },
  });
  out(introduction(mock.url, options.spec === undefined));
  await ended;
  await mock.stop();
}

/**
 * Calls `end` when npm has ended, or the shell between it and the mock: neither passes on the signal that ended it, and the
 * mock must not outlive them. Without npm it may: whoever starts it in the background of a shell that ends wants it to stay.
 */
function whenOrphaned(end: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const first = ancestors();
  setInterval(() => {
    if (ancestors() !== first) end();
  }, 250).unref();
}

/** Ids of the parent and, if the system has them in files, of its parent. */
function ancestors(): string {
  const { ppid } = process;
  try {
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${ppid}/status`, "utf8")) ?? [];
    return `${ppid} ${parent}`;
  } catch {
    return String(ppid);
  }
}

function introduction(url: string, ownContract: boolean): string {
  const { accessToken, clientId, clientSecret, exampleClientId, firstSecretId, publicKey, privateKey } =
    mockCredentials;
  const account = `${url}/api/atlas/v2/groups/${GROUP_ID}/serviceAccounts/${exampleClientId}/secrets`;
  const secret = `${url}/api/atlas/v2/orgs/${ORG_ID}/serviceAccounts/${exampleClientId}/secrets/${firstSecretId}`;
  const credentials = `The mock listens on ${url} (open it in a browser) and knows these credentials:

  access token      ${accessToken}
  service account   ${clientId} : ${clientSecret}
  API key (digest)  ${publicKey} : ${privateKey}

Try:

  curl --user '${clientId}:${clientSecret}' -d grant_type=client_credentials ${url}/api/oauth/token`;
  const operations = `
  curl --include --header 'Authorization: Bearer ${accessToken}' --header 'Accept: application/vnd.atlas.2024-08-05+json' --header 'Content-Type: application/json' -X POST ${account} -d '{"secretExpiresAfterHours": 8}'

  curl --include --user '${publicKey}:${privateKey}' --digest --header 'Accept: application/vnd.atlas.2025-03-12+json' -X DELETE ${secret}`;
  return `${credentials}\n${ownContract ? `${operations}\n` : ""}\nRequests:`;
}
