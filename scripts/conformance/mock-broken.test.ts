/**
 * The mock with each documented response broken in turn, by a proxy in front of it: none stays unnoticed.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mock, mockCredentials, startMock } from "../../contract-tests/mock/start-mock.js";
import { runConformance } from "./run.js";
import { contract, failedChecks, targetAt } from "./testing/checking.js";
import { type PassingResponse, type ResponseProxy, startResponseProxy } from "./testing/response-proxy.js";

const methodOf = new Map(contract.operations.map(({ operationId, method }) => [operationId, String(method)]));
const documented = contract.operations.flatMap((operation) =>
  operation.responses.map((response) => ({
    method: operation.method,
    name: operation.operationId,
    short: operation.method === "POST" ? "create" : "delete",
    status: Number(response.status),
    hasBody: response.mediaTypes.some(({ schema }) => schema !== undefined),
    headers: response.headers.map(({ name }) => name.toLowerCase()),
  })),
);
const withBody = documented.filter(({ hasBody }) => hasBody);
const withoutBody = documented.filter(({ hasBody }) => !hasBody);
const withHeaders = documented.flatMap(({ headers, ...others }) => headers.map((header) => ({ ...others, header })));

describe("the mock with one documented response broken", () => {
  let mock: Mock;
  let proxy: ResponseProxy;
  beforeAll(async () => {
    mock = await startMock({ spec: contract.document.source, stateless: true });
    proxy = await startResponseProxy(mock.url);
  });
  afterAll(async () => {
    await proxy.stop();
    await mock.stop();
  });

  /** The checks that fail when every response of one status to one method is changed. */
  async function failing(
    method: string,
    status: number,
    change: (response: PassingResponse) => void,
  ): Promise<string[]> {
    proxy.change((response, request) => {
      if (response.status === status && request.method === method) change(response);
    });
    const target = { ...targetAt(proxy.url), ids: {}, credentials: { accessToken: mockCredentials.accessToken } };
    const selects = (operationId: string): boolean => methodOf.get(operationId) === method || method === "";
    return failedChecks(await runConformance({ spec: contract, target, seed: 1, selects }));
  }

  it("conforms through a proxy that changes nothing", async () => {
    expect(await failing("", 0, () => undefined)).toEqual([]);
  });

  it.each(withBody)("$name $status without what its schema requires", async ({ method, status, short }) => {
    const failed = await failing(method, status, (response) => {
      response.text = "{}";
    });
    expect(failed).toEqual([`response_schema_conformance ${short}`]);
  });

  it.each(withoutBody)("$name $status with another status", async ({ method, status, short }) => {
    const failed = await failing(method, status, (response) => {
      response.status = 200;
    });
    expect(failed).toEqual([`status_code_conformance ${short}`]);
  });

  it("asked for one documented response and giving another one", async () => {
    const failed = await failing("POST", 403, (response) => {
      response.status = 404;
      response.text = response.text.replace("403", "404");
    });
    expect(failed).toEqual(["status_code_conformance create"]);
  });

  it.each(withHeaders)("$name $status with a $header that is no number", async ({ method, status, short, header }) => {
    const failed = await failing(method, status, (response) => {
      response.headers[header] = "soon";
    });
    expect(failed).toEqual([`response_headers_conformance ${short}`]);
  });
});
