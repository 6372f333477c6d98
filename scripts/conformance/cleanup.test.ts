/**
 * What a run makes is gone when it ends, however it ends; and what cannot be deleted is listed by id.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { SignInFailure } from "./http/sign-in.js";
import { checkServer, failedChecks } from "./testing/checking.js";
import {
  answers,
  atStep,
  created,
  hours,
  instead,
  onCreate,
  onDelete,
  type Plant,
  skips,
  status,
} from "./testing/faults.js";
import { account, apiError, type Rules } from "./testing/rules.js";
import { startStatefulServer } from "./testing/stateful-server.js";

/** Does something once, when the third secret has just been made. */
function whenMade(what: (rules: Rules) => void): Plant {
  return (rules) => {
    const { perform } = rules;
    let made = 0;
    rules.perform = (request, own) => {
      const answer = perform(request, own);
      if (onCreate(request)) made += 1;
      if (onCreate(request) && made === 3) what(rules);
      return answer;
    };
  };
}

describe("cleaning up", () => {
  it("deletes what a server made that should have refused to", async () => {
    const { report, server } = await checkServer(
      skips(
        "checkBody",
        hours((value) => value === 0),
      ),
    );
    expect(failedChecks(report)).toEqual(["negative_data_rejection create"]);
    expect(server.ids()).toEqual([]);
    expect(report.leftOver).toEqual([]);
  });

  it("deletes what was made without credentials", async () => {
    const { report, server } = await checkServer(skips("authenticate", onCreate));
    expect(failedChecks(report)).toEqual(["ignored_auth create"]);
    expect(server.ids()).toEqual([]);
  });

  it("lists by id what could not be deleted, and then makes no more", async () => {
    const { report, server } = await checkServer(
      atStep("find", (request) => (onDelete(request) ? apiError(403, "FORBIDDEN", "You may not.") : undefined)),
    );
    expect(report.conforms).toBe(false);
    expect(report.leftOver).toEqual([
      {
        id: expect.stringMatching(/^[a-f0-9]{24}$/),
        operationId: "createGroupServiceAccountSecret",
        reason: "its deletion was answered 403",
      },
    ]);
    expect(server.counts.made).toBe(1);
  });

  it("lists a secret whose id was lost with the answer", async () => {
    const { report, server } = await checkServer(answers(({ status }) => status === 201, status(500)));
    expect(server.ids()).toHaveLength(1);
    expect(report.leftOver).toEqual([
      {
        id: undefined,
        operationId: "createGroupServiceAccountSecret",
        reason: "answered 500: one may have been made",
      },
    ]);
  });

  it.each<[string, Plant, string]>([
    ["was reset", instead(created, "reset"), "the connection was reset (ECONNRESET): one may have been made"],
    ["never came", instead(created, "hang"), "no whole answer came within 0.3 s: one may have been made"],
  ])("lists a secret that may have been made where the answer %s", async (_, plant, reason) => {
    const { report, server } = await checkServer(plant, { timeoutMs: 300 });
    expect(server.ids()).toHaveLength(1);
    expect(report.leftOver).toEqual([{ id: undefined, operationId: "createGroupServiceAccountSecret", reason }]);
  });

  it("happens when the run is interrupted, even while a secret is being made", async () => {
    const interruption = new AbortController();
    const { report, server } = await checkServer(
      whenMade(() => interruption.abort()),
      { signal: interruption.signal },
    );
    expect(report).toMatchObject({ interrupted: true, conforms: false, leftOver: [] });
    expect(server.counts.made).toBe(3);
    expect(server.ids()).toEqual([]);
  });

  it("happens at once when the run is interrupted while it waits for the rate limit", async () => {
    const interruption = new AbortController();
    const limited: Plant = (rules) => {
      rules.steps.find = ({ operation }) => {
        if (operation === "delete") return undefined;
        const headers = { "content-type": "application/json", "retry-after": "60" };
        return { status: 429, headers, body: { error: 429, errorCode: "RATE_LIMITED" } };
      };
    };
    const onProgress = (words: string): void => {
      if (words.includes("asks to wait")) interruption.abort();
    };
    const { report } = await checkServer(limited, { signal: interruption.signal, onProgress });
    expect(report.interrupted).toBe(true);
    expect(report.durationMs).toBeLessThan(30_000);
  });

  it("names what is left when nobody can sign in any more", async () => {
    const lockedOut = whenMade((rules) => {
      rules.tokens.clear();
      rules.issuesTokens = false;
    });
    const credentials = { clientId: account.adminId, clientSecret: account.adminSecret };
    const failure: unknown = await checkServer(lockedOut, { credentials }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SignInFailure);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/Could not be deleted: [a-f0-9]{24} \(its deletion needs a token/),
    });
  });
});

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

describe("the process", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("cleans up after %s and ends with %i", async (signal, exitCode) => {
    let child: ChildProcess | undefined;
    const server = await startStatefulServer(
      whenMade(() => {
        // Twice, as Ctrl-C arrives under npm.
        child?.kill(signal);
        child?.kill(signal);
      }),
    );
    onTestFinished(() => server.stop());
    const env = { ...process.env, MONGODB_ATLAS_ACCESS_TOKEN: account.accessToken };
    child = spawn(process.execPath, ["--import", "tsx", MAIN, "--target", server.url], { env });
    onTestFinished(() => void child?.kill("SIGKILL"));
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    expect(await once(child, "close")).toEqual([exitCode, null]);
    expect(output).toMatch(/^Interrupted: /m);
    expect(server.counts.made).toBeGreaterThanOrEqual(3);
    expect(server.ids()).toEqual([]);
  });
});
