/** The fault run, shortened; and that it finds out clients which are wrong. */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  type AtlasClientOptions,
  AtlasError,
  AtlasNetworkError,
  AtlasResponseError,
  createAtlasClient,
  type FetchFunction,
} from "../../src/index.js";
import { runFaults, runFleet, type TriedClient } from "./run-faults.js";

const calls = 200;

describe("the client of this library", () => {
  it("says nothing untrue of 200 calls, with a new seed each time", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    // On a busy machine calls time out that would have succeeded.
    const { untrue, endings, faults } = await runFaults({ seed, calls, timeoutMs: 2_000 });
    expect(untrue, `seed ${seed}`).toEqual([]);
    // A run in which nothing went wrong, or nothing right, would show nothing.
    expect(endings.get("resolved")).toBeGreaterThan(5);
    expect(endings.size).toBeGreaterThan(3);
    expect(faults.size).toBeGreaterThan(12);
  });
});

/** A client with something wrong about how its calls end. */
function ending(change: (call: Promise<unknown>) => Promise<unknown>) {
  return (options: AtlasClientOptions): TriedClient => {
    const client = createAtlasClient(options);
    return {
      // Whatever a wrong client returns is what is to be judged.
      createGroupServiceAccountSecret: (args, callOptions) =>
        change(client.createGroupServiceAccountSecret(args, callOptions)) as never,
      deleteOrgServiceAccountSecret: (args, callOptions) =>
        change(client.deleteOrgServiceAccountSecret(args, callOptions)) as never,
    };
  };
}

/** The same error with something else in it. */
function withOwn(name: "outcome" | "status", value: unknown) {
  return ending((call) =>
    call.catch((error: unknown) => {
      throw error instanceof AtlasError ? Object.defineProperty(error, name, { value }) : error;
    }),
  );
}

const withOutcome = (outcome: AtlasError["outcome"]) => withOwn("outcome", outcome);

/** A fetch that does not see how long it is asked to wait. */
function hasty(options: AtlasClientOptions): TriedClient {
  const send: FetchFunction = options.fetch ?? fetch;
  const unheeding: FetchFunction = async (url, init) => {
    const response = await send(url, init);
    if (response instanceof Response) response.headers.delete("retry-after");
    return response;
  };
  return createAtlasClient({ ...options, fetch: unheeding });
}

/** What becomes of a response that a client throws away. */
function lost(): never {
  throw new AtlasResponseError("lost", { outcome: "applied", status: 201 });
}

/** A fetch that sends everything again that failed, whatever it was. */
function repeating(options: AtlasClientOptions): TriedClient {
  const once: FetchFunction = options.fetch ?? fetch;
  const twice: FetchFunction = (url, init) => once(url, init).catch(() => once(url, init));
  return createAtlasClient({ ...options, fetch: twice });
}

/** A fetch that sends everything twice and hides the first response. */
function twice(options: AtlasClientOptions): TriedClient {
  const once: FetchFunction = options.fetch ?? fetch;
  return createAtlasClient({
    ...options,
    fetch: async (url, init) => {
      await once(url, init).catch(() => undefined);
      return once(url, init);
    },
  });
}

describe("a client that is wrong is found out:", () => {
  it.each<[string, (options: AtlasClientOptions) => TriedClient, string]>([
    ["it sends a create again that may have been applied", repeating, "it was sent again after"],
    ["it sends every request twice", twice, "2 secrets were created"],
    ["it calls everything not-applied", withOutcome("not-applied"), "its outcome is not-applied, but it was applied"],
    ["it calls everything applied", withOutcome("applied"), "its outcome is applied, but it was not"],
    ["it calls everything unknown", withOutcome("unknown"), "though the only response proves that nothing was done"],
    ["it calls what was never sent unknown", withOutcome("unknown"), "its outcome is unknown, but nothing was sent"],
    ["it loses a value", ending((call) => call.then(() => lost())), "it lost a secret whose value had arrived"],
    ["it loses an id", ending((call) => call.catch(() => lost())), "it lost the id that had arrived"],
    ["it swallows errors", ending((call) => call.catch(() => undefined)), "it resolved, but"],
    ["it loses the result", ending((call) => call.then(() => ({}))), "something else than the secret created"],
    [
      "it rejects after a success",
      ending((call) =>
        call.then(() => Promise.reject(new AtlasNetworkError("lost", { outcome: "not-applied", connected: true }))),
      ),
      "its outcome is not-applied, but it was applied",
    ],
    [
      "it throws away what arrived in full",
      ending((call) =>
        call.then(() => Promise.reject(new AtlasNetworkError("lost", { outcome: "unknown", connected: true }))),
      ),
      "it failed, though the only response is its success",
    ],
    [
      "it calls a deletion done that was refused",
      ending((call) => call.catch((error) => error.status !== 404 && Promise.reject(error))),
      "it resolved, though the only response refuses it",
    ],
    ["it makes up a status", withOwn("status", 418), "its status is one that no response had"],
    ["it comes again before it may", hasty, "it was sent again before its time"],
    [
      "it throws errors of its own",
      ending((call) =>
        call.catch(() => {
          throw new TypeError("fetch failed");
        }),
      ),
      "which has no outcome",
    ],
    [
      "it follows redirects",
      (options) => createAtlasClient({ ...options, fetch: (url, init) => fetch(url, { ...init, redirect: "follow" }) }),
      "a redirect was followed",
    ],
    [
      "it shows what it received",
      ending((call) =>
        call.then((value) =>
          Promise.reject(new AtlasNetworkError(`got ${Object(value).secret}`, { outcome: "applied", connected: true })),
        ),
      ),
      "its error shows a secret",
    ],
  ])("%s", async (_name, makeClient, found) => {
    const finds = async (seed: number, calls: number, timeoutMs: number) => {
      const { untrue } = await runFaults({ seed, calls, timeoutMs, makeClient });
      return untrue.some((each) => each.includes(found));
    };
    // With these seeds a few calls mostly are enough. On a busy machine all of them may time out, so the longer runs wait
    // longer.
    const isFound =
      (await finds(5, 13, 500)) ||
      (await finds(14, 13, 500)) ||
      (await finds(5, 40, 1_000)) ||
      (await finds(14, 13, 5_000)) ||
      (await finds(5, 250, 5_000));
    expect(isFound).toBe(true);
  });
});

describe("a fleet through a rate limit that says too little", () => {
  const fleet = { accounts: 3 };

  it("loses none, and its server outlives the revocation of the last token", async () => {
    let issued = 0;
    const revocations = new Set<unknown>();
    const slowly: FetchFunction = async (url, init) => {
      if (url.endsWith("/revoke")) await sleep(50);
      const response = await fetch(url, init);
      if (url.endsWith("/token") && response.ok) issued += 1;
      if (url.endsWith("/revoke")) revocations.add(init.body);
      return response;
    };
    const makeClient = (options: AtlasClientOptions) => createAtlasClient({ ...options, fetch: slowly });
    const { untrue, rateLimited } = await runFleet({ ...fleet, makeClient });
    expect(untrue).toEqual([]);
    expect(rateLimited).toBeGreaterThan(0);
    expect(revocations.size).toBe(issued);
  });

  it("is found out if it loses one", async () => {
    const makeClient = (options: AtlasClientOptions) => createAtlasClient({ ...options, retry: false });
    const { untrue } = await runFleet({ ...fleet, makeClient });
    expect(untrue).toContainEqual(expect.stringMatching(/^mdb_sa_id_\w+ was not rotated: /));
  });
});

it("npm run test:faults prints the seed and what happened, and exits with 0 when nothing is untrue", () => {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const args = ["--import", "tsx", main, "--seed", "7", "--calls", "20", "--fleet", "2"];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout).toMatch(
    /^20 calls, seed 7\n.*What the server did\n.*How the calls ended\n.*0 untrue in .*A fleet of 2 .*0 lost, /s,
  );
  expect(status).toBe(0);
});
