/**
 * The mock with each documented response broken in turn, by a proxy in front of it: none stays unnoticed.
 */
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mock, mockCredentials, startMock } from "../../contract-tests/mock/start-mock.js";
import { runConformance } from "./run.js";
import { contract, failedChecks, targetAt } from "./testing/checking.js";

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

/** A response on its way. */
interface PassingResponse {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A running proxy. */
interface ResponseProxy {
  readonly url: string;
  /** From now on responses go through this. */
  change(how: (response: PassingResponse, request: { readonly method: string; readonly path: string }) => void): void;
  stop(): Promise<void>;
}

/** Starts a proxy in front of a server on this machine. */
async function startResponseProxy(upstream: string): Promise<ResponseProxy> {
  const remembered = new Map<string, Promise<PassingResponse>>();
  let change: Parameters<ResponseProxy["change"]>[0] = () => undefined;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url = "", headers } = incoming;
    const { host: _, ...others } = headers;
    const body = Buffer.concat(chunks);
    const key = JSON.stringify([method, url, others, body.toString()]);
    const passed = remembered.get(key) ?? pass(upstream, method, url, others, body);
    remembered.set(key, passed);
    const response = { ...(await passed) };
    response.headers = { ...response.headers };
    change(response, { method, path: url });
    delete response.headers["content-length"];
    outgoing.writeHead(response.status, response.headers);
    outgoing.end(response.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    change(how) {
      change = how;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pass(
  upstream: string,
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<PassingResponse> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(upstream);
    const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, async (incoming) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const { connection: _, "transfer-encoding": __, ...kept } = incoming.headers;
      resolve({ status: incoming.statusCode ?? 0, headers: kept, text: Buffer.concat(chunks).toString() });
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
