/**
 * The project's own mock with each documented answer broken in turn, by a proxy in front of it: none stays unnoticed.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mock, mockCredentials, startMock } from "../../contract-tests/mock/start-mock.js";
import { readContract } from "./contract/operations.js";
import { OWN_CONTRACT, runConformance } from "./run.js";
import { type BreakingProxy, type Passing, startBreakingProxy } from "./testing/breaking-proxy.js";
import { failedChecks, targetAt } from "./testing/checking.js";

const contract = await readContract(OWN_CONTRACT);
const methodOf = new Map(contract.operations.map(({ operationId, method }) => [operationId, String(method)]));
const documented = contract.operations.flatMap((operation) =>
  operation.responses.map((response) => ({
    method: operation.method,
    name: operation.operationId,
    short: operation.method === "POST" ? "create" : "delete",
    status: Number(response.status),
    hasBody: response.mediaTypes.some(({ schema }) => schema !== undefined),
    headers: (response.at.get("headers")?.entries() ?? []).map(([name]) => name.toLowerCase()),
  })),
);
const withBody = documented.filter(({ hasBody }) => hasBody);
const withoutBody = documented.filter(({ hasBody }) => !hasBody);
const withHeaders = documented.flatMap(({ headers, ...others }) => headers.map((header) => ({ ...others, header })));

describe("the mock with one documented answer broken", () => {
  let mock: Mock;
  let proxy: BreakingProxy;
  beforeAll(async () => {
    mock = await startMock();
    proxy = await startBreakingProxy(mock.url);
  });
  afterAll(async () => {
    await proxy.stop();
    await mock.stop();
  });

  /** The checks that fail when every answer of one status to one method is changed. */
  async function failing(method: string, status: number, change: (answer: Passing) => void): Promise<string[]> {
    proxy.change((answer, request) => {
      if (answer.status === status && request.method === method) change(answer);
    });
    const target = { ...targetAt(proxy.url), ids: {}, credentials: { accessToken: mockCredentials.accessToken } };
    const selects = (operationId: string): boolean => methodOf.get(operationId) === method || method === "";
    return failedChecks(await runConformance({ spec: contract, target, seed: 1, selects }));
  }

  it("conforms through a proxy that changes nothing", async () => {
    expect(await failing("", 0, () => undefined)).toEqual([]);
  });

  it.each(withBody)("$name $status without what its schema requires", async ({ method, status, short }) => {
    const failed = await failing(method, status, (answer) => {
      answer.text = "{}";
    });
    expect(failed).toEqual([`response_schema_conformance ${short}`]);
  });

  it.each(withoutBody)("$name $status with another status", async ({ method, status, short }) => {
    const failed = await failing(method, status, (answer) => {
      answer.status = 200;
    });
    expect(failed).toEqual([`status_code_conformance ${short}`]);
  });

  it("asked for one documented answer and giving another one", async () => {
    const failed = await failing("POST", 403, (answer) => {
      answer.status = 404;
    });
    expect(failed).toEqual(["status_code_conformance create"]);
  });

  it.each(withHeaders)("$name $status with a $header that is no number", async ({ method, status, short, header }) => {
    const failed = await failing(method, status, (answer) => {
      answer.headers[header] = "soon";
    });
    expect(failed).toEqual([`response_headers_conformance ${short}`]);
  });
});
