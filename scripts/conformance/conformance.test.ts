/**
 * What a run says of servers that do what the contract says.
 */
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readContract } from "./contract/operations.js";
import type { Report } from "./report.js";
import { checkTarget, OWN_CONTRACT, runConformance } from "./run.js";
import { checkServer, failedChecks } from "./testing/checking.js";
import { all, answers, atStep, isAnswered, onCreate, onDelete, type Plant, skips, status } from "./testing/faults.js";
import { account, apiError, type Plain, VERSIONS } from "./testing/rules.js";
import { type StatefulServer, startStatefulServer } from "./testing/stateful-server.js";

describe("a server that does what the contract says", () => {
  let report: Report;
  let server: StatefulServer;
  beforeAll(async () => {
    ({ report, server } = await checkServer());
  });

  it("conforms, and is left as it was", () => {
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ conforms: true, interrupted: false, leftOver: [], seed: 1 });
    expect(server.ids()).toEqual([]);
    expect(server.counts.made).toBeGreaterThan(10);
  });

  it("has every check that applies judged", () => {
    const others = report.results.filter(({ verdict }) => verdict !== "passed");
    expect(others.map(({ check, operationId, verdict }) => [check, operationId, verdict])).toEqual([
      ["use_after_free", "createGroupServiceAccountSecret", "not-applicable"],
      ["unsupported_media_type", "deleteOrgServiceAccountSecret", "not-applicable"],
    ]);
  });

  it("is never asked to keep two secrets at once, whatever the order of the operations", async () => {
    expect(server.counts.most).toBe(1);
    const contract = await readContract(OWN_CONTRACT);
    const other = await checkServer(undefined, { spec: { ...contract, operations: contract.operations.toReversed() } });
    expect(other.report.failures).toEqual([]);
    expect(other.server.counts.most).toBe(1);
  });

  it("need not be made to show what a client cannot provoke; that is listed, and not as passed", () => {
    const wanted = ["403", "429", "500"].map((code) => `the documented ${code}`);
    expect(report.notProvoked.map(({ what }) => what)).toEqual([...wanted, ...wanted]);
  });

  it("may have constraints that no request can break, and stricter ones of the contract: those are listed", () => {
    const deletion = report.notTried.filter(({ operationId }) => operationId.startsWith("delete"));
    expect(deletion.map(({ what }) => what)).toEqual([
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

const TOLERATED: readonly (readonly [name: string, plant: Plant])[] = [
  ["no rate limits", answers(() => true, withoutHeaders("RateLimit-Limit", "RateLimit-Remaining"))],
  ["a charset beside the media type", answers(hasBody, addToType("; charset=utf-8"))],
  ["a Content-Type on the bodyless 204", answers(isAnswered(204), setType(VERSIONS[1] ?? ""))],
  ["fields that the contract does not list", answers(hasBody, addField)],
  ["405 before it asks who is calling", methodsFirst],
  ["404 for a method that it does not have", answers(isAnswered(405), status(404))],
  ["400 for another Content-Type", answers(isAnswered(415), status(400))],
  [
    "a 4xx of its own where the contract documents no 400",
    answers(({ status }, request) => status === 400 && onDelete(request), status(422)),
  ],
];

describe("a server is free to have", () => {
  it.each(TOLERATED)("%s", async (_, plant) => {
    const { report } = await checkServer(plant);
    expect(report.failures).toEqual([]);
    expect(report.conforms).toBe(true);
  });
});

describe("a server that keeps no state", () => {
  const recorded: Plant = all(skips("find"), (rules) => {
    const { perform } = rules;
    rules.perform = (request, own) => {
      const answer = perform(request, own);
      own.secrets.clear();
      if (answer.status === 201)
        Object.assign(answer.body ?? {}, { id: "32b6e34b3d91647abb20e7b8", secret: "mdb_sa_sk_..." });
      return answer;
    };
  });

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
  it("is waited for, and its 429 counts as shown", async () => {
    const waits: string[] = [];
    let count = 0;
    const { report } = await checkServer(
      (rules) => {
        const limit = rules.steps.find;
        rules.steps.find = (request, own) => {
          count += 1;
          if (count % 5 !== 0) return limit(request, own);
          const headers = { "content-type": "application/json", "retry-after": "0" };
          return { status: 429, headers, body: { error: 429, errorCode: "RATE_LIMITED" } };
        };
      },
      { onProgress: (words) => void (words?.includes("asks to wait") && waits.push(words)) },
    );
    expect(failedChecks(report)).toEqual([]);
    expect(waits.length).toBeGreaterThan(3);
    expect(report.notProvoked.map(({ what }) => what)).not.toContain("the documented 429");
  });

  it("has its 429 judged as any other answer", async () => {
    let limited = false;
    const { report } = await checkServer((rules) => {
      const { find } = rules.steps;
      rules.steps.find = (request, own) => {
        if (limited) return find(request, own);
        limited = true;
        const headers = { "content-type": "application/json", "retry-after": "soon" };
        return { status: 429, headers, body: { error: 429, errorCode: "RATE_LIMITED" } };
      };
    });
    expect(failedChecks(report)).toEqual(["response_headers_conformance create"]);
  });
});

describe("a server that is not on this machine", () => {
  const { groupId, orgId, clientId, accessToken } = account;

  /** A server of this test, taken for one elsewhere. */
  async function checkRemote(plant?: Plant): Promise<{ report: Report; server: StatefulServer }> {
    const server = await startStatefulServer(plant);
    onTestFinished(() => server.stop());
    const target = { url: server.url, credentials: { accessToken }, ids: { groupId, orgId, clientId }, local: false };
    return { report: await checkTarget(await readContract(OWN_CONTRACT), target, { seed: 1 }), server };
  }

  it("is never asked to pretend", async () => {
    const { report, server } = await checkRemote();
    expect(report).toMatchObject({ conforms: true, failures: [], leftOver: [] });
    expect(server.requests.length).toBeGreaterThan(100);
    expect(server.requests.filter(({ headers }) => headers["prefer"] !== undefined)).toEqual([]);
  });

  it("is never sent an id from the contract's examples, not even where nothing can be made", async () => {
    const refused = apiError(403, "FORBIDDEN", "You may not.");
    const { report, server } = await checkRemote(
      atStep("find", (request) => (onCreate(request) ? refused : undefined)),
    );
    expect(failedChecks(report)).toEqual(["positive_data_acceptance create"]);
    const example = "32b6e34b3d91647abb20e7b8";
    expect(server.requests.filter(({ target }) => target.includes(example))).toEqual([]);
    expect(
      report.results.find(({ check, operationId }) => check === "ignored_auth" && operationId.startsWith("delete")),
    ).toMatchObject({ verdict: "not-provoked", reason: expect.stringMatching(/answers 403/) });
  });
});

describe("the project's own mock", () => {
  it("conforms in less than 20 s, every documented answer having been shown", async () => {
    const report = await runConformance({ seed: 1 });
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ conforms: true, leftOver: [] });
    expect(report.notProvoked.map(({ what }) => what)).toEqual(["use_after_free"]);
    expect(report.durationMs).toBeLessThan(20_000);
  });
});

function withoutHeaders(...names: readonly string[]) {
  return (answer: Plain): void => {
    for (const name of names) delete answer.headers[name];
  };
}

function hasBody({ body }: Plain): boolean {
  return body !== undefined;
}

function addToType(text: string) {
  return (answer: Plain): void => {
    answer.headers["content-type"] += text;
  };
}

function setType(type: string) {
  return (answer: Plain): void => {
    answer.headers["content-type"] = type;
  };
}

function addField(answer: Plain): void {
  Object.assign(answer.body ?? {}, { links: [], requestId: "0815" });
}

/** Asks for the method before the credentials. */
function methodsFirst(rules: Parameters<Plant>[0]): void {
  const { route, ...others } = rules.steps;
  rules.steps = Object.assign({ route }, others);
}
