/**
 * How the mock starts and ends, and what does not end it.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DigestCheck } from "../../src/testing/atlas/credentials.js";
import { close, listen } from "../../src/testing/atlas/http.js";
import { ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import { contractOf } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { RequestRecord } from "./beside.js";
import { factsOf } from "./contract.js";
import { createFront } from "./front.js";
import { mockCredentials, startMock } from "./start-mock.js";
import { bearer, creation, exchange, otherContract, writeContract } from "./testing/requests.js";

const errorOf = (action: Promise<unknown>) =>
  action.then(
    () => undefined,
    (error: unknown) => error,
  );

/** The other contract, in which the schema of a parameter is this one. */
const withThing = (schema: object) =>
  `{"openapi":"3.0.3",\n"paths":{"/a/{a}":{"get":{"parameters":[{"name":"a","in":"path","required":true,"schema":${JSON.stringify(schema)}}],"responses":{"200":{"description":"ok"}}}}},
  "info":{"title":"other","version":"1"}}`;

describe("the mock does not start", () => {
  it("on a port that is taken, and says which", async () => {
    const other = createServer();
    const port = Number(new URL(await listen(other)).port);
    const error = await errorOf(startMock({ port }));
    await close(other);
    expect(error).toBeInstanceOf(Error);
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(new RegExp(`^Port ${port} of 127.0.0.1 is taken.*$`)),
    );
  });

  it.each([
    ["without operations", { ...otherContract, paths: {} }, /contract\.json describes no operation$/],
    ["that is not OpenAPI", { hello: 1 }, /contract\.json is not an OpenAPI 3 document: its "openapi" is "missing"$/],
    ["that is not YAML", "openapi: [\n - }", /contract\.json is not YAML: .+$/],
    [
      "that breaks OpenAPI's rules",
      withThing({ type: "texts" }),
      /^The contract \S+ is not usable: #\S+\/schema\/type must be equal to one of the allowed values \(line 2\)$/,
    ],
    [
      "with a reference that leads nowhere",
      withThing({ $ref: "#/none" }),
      /: the reference "#\/none" leads nowhere \(line 2, #/,
    ],
    [
      "with a pattern that is none",
      withThing({ pattern: "(" }),
      /: "\(" is no regular expression \(line 2, #\S+\/pattern\)$/,
    ],
    [
      "with such a pattern in a default response",
      {
        ...otherContract,
        paths: {
          "/a": {
            get: {
              responses: { default: { content: { "a/b": { schema: { properties: { default: { pattern: "(" } } } } } } },
            },
          },
        },
      },
      /"\(" is no regular expression/,
    ],
  ])("on a contract %s, and says so in one line", async (_what, given, reason) => {
    const contract = await writeContract(given);
    const error = await errorOf(startMock({ spec: contract.path }));
    await contract.remove();
    expect(error).toHaveProperty("message", expect.stringMatching(reason));
    expect(error).toHaveProperty("message", expect.not.stringContaining("\n"));
  });

  it("without its contract, and says so", async () => {
    const error = await errorOf(startMock({ spec: "/nowhere/contract.yaml" }));
    expect(error).toHaveProperty("message", "cannot read /nowhere/contract.yaml: there is no such file");
  });

  it("on a port that is none", async () => {
    for (const port of [-1, 65_536, 1.5]) {
      const error = await errorOf(startMock({ port }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toHaveProperty("message", expect.stringContaining("port"));
    }
  });
});

describe("two mocks side by side", () => {
  it("respond independently, and a stopped one frees its port and its connections", async () => {
    const mocks = await Promise.all(Array.from({ length: 2 }, () => startMock()));
    const urls = new Set(mocks.map(({ url }) => url));
    expect(urls.size).toBe(2);
    const responses = await Promise.all(mocks.map(({ url }) => exchange(url, creation(bearer))));
    expect(responses.map(({ status }) => status)).toEqual([201, 201]);
    expect(mocks.map(({ requests }) => requests.length)).toEqual([1, 1]);

    const idle = connect(Number(new URL(mocks[0]?.url ?? "").port), "127.0.0.1");
    await once(idle, "connect");
    const closed = once(idle, "close");
    await Promise.all(mocks.map((mock) => mock.stop()));
    await closed;
    const after = await Promise.all(mocks.map(({ url }) => errorOf(exchange(url, creation(bearer)))));
    for (const error of after) expect(error).toHaveProperty("code", "ECONNREFUSED");
    await Promise.all(mocks.map((mock) => mock.stop()));
  });
});

describe("the mock lives on, whatever happens to a request:", () => {
  let server: Server;
  let url: string;
  let record: RequestRecord;
  beforeEach(async () => {
    const clock = () => 0;
    const state = {
      accounts: new ServiceAccounts({ clock }),
      digests: new DigestCheck([mockCredentials], clock),
      accessTokens: new Set([mockCredentials.accessToken]),
    };
    const prism = { check: () => Promise.reject(new Error("it cannot\nread this")) };
    const contract = factsOf(contractOf(documentOf(otherContract)));
    record = new RequestRecord();
    const settings = { stateless: false, bucket: undefined, faults: undefined, latencyMs: 0 };
    server = createServer(createFront({ contract, state, prism, record, ...settings }));
    url = await listen(server);
  });
  afterEach(() => close(server));

  it("the response is 500 and says how if Prism fails", async () => {
    const { status, json } = await exchange(url, { path: "/news" });
    expect(status).toBe(500);
    expect(json).toMatchObject({ error: 500, errorCode: "MOCK_FAILED", detail: "Prism failed: it cannot read this" });
    expect(record.requests).toMatchObject([{ path: "/news", status: 500 }]);
  });

  it("what needs no Prism is served as ever", async () => {
    expect(await exchange(url, { path: "/things/x" })).toMatchObject({ status: 401 });
    expect(await exchange(url, { path: "/things/x", headers: bearer })).toMatchObject({ status: 406 });
  });

  it("a caller that hangs up in the middle of its body does no harm", async () => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const arrived = once(server, "request");
    socket.write("POST /news HTTP/1.1\r\nHost: mock\r\nContent-Length: 10\r\n\r\n{");
    const [incoming] = await arrived;
    socket.destroy();
    await new Promise((resolve) => incoming.once("close", resolve));
    expect(await exchange(url, { path: "/things/x" })).toMatchObject({ status: 401 });
    expect(record.requests).toMatchObject([{ path: "/things/x" }]);
  });
});
