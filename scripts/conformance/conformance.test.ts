/**
 * What a run says of servers that do what the contract says.
 */
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { apiError } from "../../src/testing/atlas/http.js";
import type { Report } from "./report.js";
import { checkTarget, runConformance } from "./run.js";
import {
  ALL_CASES,
  changedContract,
  checkServer,
  contract,
  failedChecks,
  serverWith,
  targetAt,
} from "./testing/checking.js";
import {
  account,
  all,
  asIf,
  atStep,
  onCreate,
  onDelete,
  type Plant,
  skips,
  startServer,
  type TestServer,
} from "./testing/server.js";

describe("a server that does what the contract says", () => {
  let report: Report;
  let server: TestServer;
  beforeAll(async () => {
    ({ report, server } = await checkServer(undefined, ALL_CASES));
  });

  it("conforms, and is left as it was", () => {
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ conforms: true, interrupted: false, leftOver: [], seed: 1 });
    expect(server.ids()).toEqual([]);
    expect(server.counts.created).toBeGreaterThan(10);
  });

  it("has every check that applies judged", () => {
    const others = report.results.filter(({ verdict }) => verdict !== "passed");
    expect(others.map(({ check, operationId, verdict }) => [check, operationId, verdict])).toEqual([
      ["use_after_free", "createGroupServiceAccountSecret", "not-applicable"],
      ...["unsupported_media_type", "secret_value", "secret_expiry", "secret_limit"].map((check) => [
        check,
        "deleteOrgServiceAccountSecret",
        "not-applicable",
      ]),
    ]);
  });

  it("says of every check what it rests on", () => {
    for (const { basis, verdict } of report.results) if (verdict === "passed") expect(basis).not.toEqual([]);
  });

  it("conforms whatever the order of the operations, and is never asked to keep more secrets than it may", async () => {
    expect(server.counts.most).toBe(2);
    const other = await checkServer(undefined, { spec: { ...contract, operations: contract.operations.toReversed() } });
    expect(other.report.failures).toEqual([]);
    expect(other.server.counts.most).toBe(2);
  });

  it("need not be able to show what a client cannot provoke; that is listed, and not as passed", () => {
    const wanted = ["403", "429", "500"].map((code) => `the documented ${code}`);
    expect(report.notProvoked.map(({ what }) => what)).toEqual([...wanted, ...wanted]);
  });

  it("may have constraints that no request can break, and stricter ones of the contract: those are listed", () => {
    const deletion = report.notTried.filter(({ operationId }) => operationId.startsWith("delete"));
    expect(deletion.map(({ what }) => what)).toEqual([
      "another existing orgId",
      "another existing clientId",
      "envelope=true",
      "orgId type",
      "clientId type",
      "secretId type",
      "secretId pattern",
    ]);
    expect(deletion.at(-1)?.reason).toMatch(/stricter than the documentation on purpose/);
  });

  it.each([
    ["a service account", { clientId: account.adminId, clientSecret: account.adminSecret }],
    ["an API key", { publicKey: account.publicKey, privateKey: account.privateKey }],
  ])("conforms with %s too", async (_, credentials) => {
    const { report } = await checkServer(undefined, { credentials });
    expect(report.failures).toEqual([]);
    expect(report.conforms).toBe(true);
  });

  it("may serve below a path of its own", async () => {
    const { report } = await checkServer(undefined, { prefix: "/mirror" });
    expect(failedChecks(report)).toEqual([]);
  });
});

describe("an organization's id of another form", () => {
  /** Checks a server that takes the organizations to which the condition applies for the account's own. */
  async function checkOrganization(orgId: string, pattern: string, isOwn: (given: string) => boolean): Promise<Report> {
    const spec = await changedContract((text) => text.replace(/( orgId:(?:.*\n){1,6}? +pattern: ).*/, `$1${pattern}`));
    const own = asIf((request) => (isOwn(request.orgId ?? "") ? { ...request, orgId: account.orgId } : request));
    const { url } = await serverWith(own);
    const { ids, ...target } = targetAt(url);
    const options = { spec, seed: 1, settleMs: 0, casesPerKind: () => 1 };
    return runConformance({ ...options, target: { ...target, ids: { ...ids, orgId } } });
  }

  it("is tried with another middle, however short it is", async () => {
    const report = await checkOrganization("a1b20000c5d6", "^[a-f0-9]{12}$", (given) =>
      /^a1b2[a-f0-9]{4}c5d6$/.test(given),
    );
    expect(failedChecks(report)).toContain("object_level_authorization delete");
  });

  it("is listed as not tried if no other one can be made of it", async () => {
    const report = await checkOrganization("ghost", "^[g-z]+$", (given) => given === "ghost");
    expect(report.failures).toEqual([]);
    expect(report.notTried).toContainEqual({
      operationId: "deleteOrgServiceAccountSecret",
      what: "another orgId",
      reason: "no other valid value is known",
    });
  });
});

describe("a server that keeps no state", () => {
  const example = { id: "32b6e34b3d91647abb20e7b8", createdAt: "2025-05-04T09:42:00Z", secret: "mdb_sa_sk_..." };
  const recorded = all(
    skips("find"),
    atStep("create", ({ kind, headers: { accept = "" } }) =>
      kind === "create"
        ? { status: 201, headers: { "content-type": accept }, body: { ...example, expiresAt: example.createdAt } }
        : undefined,
    ),
    atStep("delete", (request) => (onDelete(request) ? { status: 204 } : undefined)),
  );

  it("is not held to forget what was deleted", async () => {
    const { report } = await checkServer(recorded);
    expect(failedChecks(report)).toEqual([]);
    const result = report.results.find(
      ({ check, verdict }) => check === "use_after_free" && verdict === "not-provoked",
    );
    expect(result).toMatchObject({ operationId: "deleteOrgServiceAccountSecret", judged: 0 });
    expect(result?.reason).toMatch(/keeps no state/);
  });
});

describe("a server that limits its rate", () => {
  const tooMany = (retryAfter: string) => ({
    ...apiError(429, "RATE_LIMITED", "Too many requests."),
    headers: { "content-type": "application/json", "retry-after": retryAfter },
  });

  it("is waited for, and its 429 counts as shown", async () => {
    const waits: string[] = [];
    let count = 0;
    const { report } = await checkServer(
      atStep("find", () => {
        count += 1;
        return count % 5 === 0 ? tooMany("0") : undefined;
      }),
      { onProgress: (words) => void (words.includes("asks to wait") && waits.push(words)) },
    );
    expect(failedChecks(report)).toEqual([]);
    expect(waits.length).toBeGreaterThan(3);
    expect(report.notProvoked.map(({ what }) => what)).not.toContain("the documented 429");
  });

  it("by hours for wrong credentials is not failed for what it does not show", async () => {
    const { report } = await checkServer(
      atStep("authenticate", ({ headers }) =>
        headers.authorization === `Bearer ${account.accessToken}` ? undefined : tooMany("3600"),
      ),
    );
    expect(failedChecks(report)).toEqual([]);
    const untried = report.notProvoked.filter(({ what }) => what === "ignored_auth");
    expect(untried.map(({ reason }) => reason)).toEqual(
      Array(2).fill("the server limits the rate, and waiting does not help"),
    );
  });

  it("before anything could be tried is not checked", async () => {
    const limited = atStep("authenticate", () => tooMany("3600"));
    await expect(checkServer(limited)).rejects.toThrow(
      /limits the rate, .*status 429 RATE_LIMITED.* Nothing was checked/,
    );
  });

  it("has its 429 judged like every other response", async () => {
    let limited = false;
    const { report } = await checkServer(
      atStep("find", () => {
        if (limited) return undefined;
        limited = true;
        return tooMany("soon");
      }),
    );
    expect(failedChecks(report)).toEqual(["response_headers_conformance create"]);
  });
});

describe("a server that stops accepting the credentials in between", () => {
  it("is not failed for it", async () => {
    let count = 0;
    const expires = atStep("authenticate", () => {
      count += 1;
      return count > 200 ? apiError(401, "UNAUTHORIZED", "") : undefined;
    });
    await expect(checkServer(expires)).rejects.toThrow(/refuses the credentials .* has the access token expired\?/);
  });

  it("for one request is", async () => {
    const { report } = await checkServer(
      atStep("checkBody", ({ body }) => (body === "[]" ? apiError(401, "UNAUTHORIZED", "") : undefined)),
      ALL_CASES,
    );
    expect(failedChecks(report)).toEqual(["negative_data_rejection create"]);
  });
});

describe("a server that is not on this machine", () => {
  const { groupId, orgId, clientId, accessToken } = account;

  /** A server of this test, taken for one elsewhere. */
  async function checkRemote(plant?: Plant): Promise<{ report: Report; server: TestServer }> {
    const server = await startServer(plant);
    onTestFinished(() => server.close());
    const target = { url: server.url, credentials: { accessToken }, ids: { groupId, orgId, clientId }, local: false };
    return { report: await checkTarget(contract, target, { seed: 1 }), server };
  }

  it("is never asked to pretend", async () => {
    const { report, server } = await checkRemote();
    expect(report).toMatchObject({ conforms: true, failures: [], leftOver: [] });
    // Creating the second secret shortens the life of a real account's first.
    expect(server.counts.most).toBe(1);
    expect(report.notProvoked.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["secret_limit", "no_effect_when_refused"]),
    );
    expect(server.requests.length).toBeGreaterThan(100);
    expect(server.requests.filter(({ headers }) => headers["prefer"] !== undefined)).toEqual([]);
  });

  it("is never sent an id from the contract's examples, not even if nothing can be created", async () => {
    const refused = apiError(403, "FORBIDDEN", "You may not.");
    const { report, server } = await checkRemote(
      atStep("find", (request) => (onCreate(request) ? refused : undefined)),
    );
    expect(failedChecks(report)).toEqual(["positive_data_acceptance create"]);
    const example = "32b6e34b3d91647abb20e7b8";
    expect(server.requests.filter(({ target }) => target.includes(example))).toEqual([]);
    expect(report.notProvoked).toContainEqual({
      operationId: "deleteOrgServiceAccountSecret",
      what: "ignored_auth",
      reason: expect.stringMatching(/has status 403/),
    });
  });
});

describe("the project's own mock", () => {
  it("conforms, every documented response having been shown", async () => {
    const report = await runConformance({ seed: 1 });
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ conforms: true, leftOver: [] });
    expect(report.notProvoked).toEqual([]);
  });
});
