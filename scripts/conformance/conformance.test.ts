import { describe, expect, it } from "vitest";
import { checkServer, failedChecks, targetAt } from "./testing/checking.js";
import { account } from "./testing/stateful-server.js";

describe("a server that does what the contract says", () => {
  it("conforms with an access token, and every check that applies has judged it", async () => {
    const { report, server } = await checkServer();
    expect(failedChecks(report), JSON.stringify(report.failures, undefined, 1)).toEqual([]);
    expect(report).toMatchObject({ conforms: true, interrupted: false, leftOver: [] });
    expect(server.ids()).toEqual([]);
    console.log(
      report.requests,
      report.durationMs,
      server.counts,
      report.results.filter((r) => r.verdict !== "passed"),
      report.notProvoked,
      report.notTried,
    );
  });
});
