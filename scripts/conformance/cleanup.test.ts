/**
 * What a run creates is gone when it ends, however it ends; and what cannot be deleted is listed by id.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { bundledProgram, type Program } from "../../src/cli/testing/command.js";
import { apiError } from "../../src/testing/atlas/http.js";
import { CannotCheck } from "./http/server.js";
import { runConformance } from "./run.js";
import { checkServer, contract, failedChecks, targetAt } from "./testing/checking.js";
import {
  accepts,
  account,
  around,
  atStep,
  created,
  createdSecret,
  hours,
  instead,
  onCreate,
  onDelete,
  type Plant,
  type Rules,
  responses,
  skips,
  startServer,
  status,
} from "./testing/server.js";

/** Does something once, when the nth secret has just been created or deleted, and the response is not sent yet. */
function whenDone(step: "create" | "delete", nth: number, what: (rules: Rules) => void): Plant {
  return (rules) => {
    let count = 0;
    around(step, (request, state, original) => {
      const response = original(request, state);
      const isDone = response?.status === 201 || response?.status === 204;
      if (isDone) count += 1;
      if (isDone && count === nth) what(rules);
      return response;
    })(rules);
  };
}

describe("cleaning up", () => {
  it("deletes what a server created that should have refused to", async () => {
    const { report, server } = await checkServer(accepts(hours((value) => value === 0)));
    expect(failedChecks(report)).toEqual(["negative_data_rejection create"]);
    expect(server.ids()).toEqual([]);
    expect(report.leftOver).toEqual([]);
  });

  it("deletes what was created without credentials", async () => {
    const { report, server } = await checkServer(skips("authenticate", onCreate));
    expect(failedChecks(report)).toEqual(["ignored_auth create"]);
    expect(server.ids()).toEqual([]);
  });

  it("lists by id what could not be deleted, and then creates no more", async () => {
    const { report, server } = await checkServer(
      atStep("find", (request) => (onDelete(request) ? apiError(403, "FORBIDDEN", "You may not.") : undefined)),
    );
    expect(report.conforms).toBe(false);
    expect(report.leftOver).toEqual([
      {
        id: expect.stringMatching(/^[a-f0-9]{24}$/),
        operationId: "createGroupServiceAccountSecret",
        reason: "its deletion had status 403",
      },
    ]);
    expect(server.counts.created).toBe(1);
  });

  it.each([302, 408, 500])("lists a secret whose id was lost with the response of status %i", async (lost) => {
    const { report, server } = await checkServer(responses(created, status(lost)));
    expect(server.ids()).toHaveLength(1);
    expect(report.leftOver).toEqual([
      {
        id: undefined,
        operationId: "createGroupServiceAccountSecret",
        reason: `status ${lost}: one may have been created`,
      },
    ]);
  });

  it("shows of an id that is none only the beginning, and nothing that a terminal obeys", async () => {
    const { report } = await checkServer(createdSecret({ id: `\u001b[31m\n${"x".repeat(100_000)}` }));
    expect(report.leftOver).toMatchObject([{ id: expect.stringMatching(/^x{70,100}…$/) }]);
  });

  it.each<[string, Plant, string]>([
    ["was reset", instead(created, "reset"), "the connection was reset (ECONNRESET): one may have been created"],
    ["never came", instead(created, "hang"), "no whole response came within 1.5 s: one may have been created"],
    [
      "was another protocol",
      instead(created, { raw: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n" }),
      "the connection was closed: one may have been created",
    ],
  ])("lists a secret that may have been created if the response %s", async (_, plant, reason) => {
    const { report, server } = await checkServer(plant, { timeoutMs: 1500 });
    expect(server.ids()).toHaveLength(1);
    expect(report.leftOver).toEqual([{ id: undefined, operationId: "createGroupServiceAccountSecret", reason }]);
  });

  it("lists nothing for a creation that nobody listened to", async () => {
    const server = await startServer();
    let isClosed: Promise<void> | undefined;
    const onProgress = (words: string): void => {
      if (words.includes("positive_data_acceptance")) isClosed ??= server.close();
    };
    const options = { target: targetAt(server.url), spec: contract, seed: 1, settleMs: 0, casesPerKind: () => 1 };
    const report = await runConformance({ ...options, onProgress });
    await isClosed;
    expect(failedChecks(report)).toContain("positive_data_acceptance create");
    expect(report.leftOver).toEqual([]);
  });

  it.each([
    ["create", 3],
    ["delete", 1],
  ] as const)("happens when the run is interrupted while a request to %s is under way", async (step, nth) => {
    const interruption = new AbortController();
    const { report, server } = await checkServer(
      whenDone(step, nth, () => interruption.abort()),
      { signal: interruption.signal },
    );
    expect(report).toMatchObject({ interrupted: true, conforms: false, leftOver: [] });
    expect(server.counts.created).toBeLessThan(5);
    expect(server.ids()).toEqual([]);
  });

  it("happens at once when the run is interrupted while it waits for the rate limit", async () => {
    const interruption = new AbortController();
    const limited = atStep("find", (request) =>
      onCreate(request) ? { ...apiError(429, "RATE_LIMITED", ""), headers: { "retry-after": "60" } } : undefined,
    );
    const onProgress = (words: string): void => {
      if (words.includes("asks to wait")) interruption.abort();
    };
    const { report } = await checkServer(limited, { signal: interruption.signal, onProgress });
    expect(report.interrupted).toBe(true);
    expect(report.durationMs).toBeLessThan(30_000);
  });

  it("names what is left when nobody can sign in any more", async () => {
    const lockedOut = whenDone("create", 3, ({ steps }) => {
      steps.oauth = ({ kind }) => (kind === "token" ? apiError(401, "invalid_client", "") : undefined);
      steps.authenticate = () => apiError(401, "UNAUTHORIZED", "");
    });
    const credentials = { clientId: account.adminId, clientSecret: account.adminSecret };
    const failure: unknown = await checkServer(lockedOut, { credentials }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CannotCheck);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/Could not be deleted: [a-f0-9]{24} \(its deletion needs a token/),
    });
  });
});

describe("the process", () => {
  it("ends as it has to if nobody reads what it says", async () => {
    const child = spawn(process.execPath, [program.path, "--seed", "none"], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.destroy();
    expect(await once(child, "close")).toEqual([2, null]);
  });

  let program: Program;
  beforeAll(async () => {
    program = await bundledProgram(new URL("main.ts", import.meta.url));
  });
  afterAll(() => program.remove());

  it.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
    ["SIGTERM", 143],
  ] as const)("cleans up after %s and ends with %i", async (signal, exitCode) => {
    let child: ChildProcess | undefined;
    const server = await startServer(
      whenDone("create", 3, () => {
        // Twice, as Ctrl-C arrives under npm.
        child?.kill(signal);
        child?.kill(signal);
      }),
    );
    onTestFinished(() => server.close());
    const env = { ...process.env, MONGODB_ATLAS_ACCESS_TOKEN: account.accessToken };
    child = spawn(process.execPath, [program.path, "--target", server.url], { env });
    onTestFinished(() => void child?.kill("SIGKILL"));
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    expect(await once(child, "close")).toEqual([exitCode, null]);
    expect(output).toMatch(/^Interrupted: /m);
    expect(server.counts.created).toBeGreaterThanOrEqual(3);
    expect(server.ids()).toEqual([]);
  });
});
