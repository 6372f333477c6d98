/**
 * The front without its Prism. What it decides with one is in start-mock.test.ts.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DigestCheck } from "../../src/testing/atlas/digest.js";
import { ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import { contractOf } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { RequestRecord } from "./beside.js";
import { factsOf } from "./contract.js";
import { createFront } from "./front.js";
import { mockCredentials } from "./settings.js";
import { bearer, exchange, otherContract } from "./testing/requests.js";

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
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe("if Prism fails", () => {
  it("the response is 500 and says how", async () => {
    const { status, json } = await exchange(url, { path: "/news" });
    expect(status).toBe(500);
    expect(json).toMatchObject({ error: 500, errorCode: "MOCK_FAILED", detail: "Prism failed: it cannot read this" });
    expect(record.requests).toMatchObject([{ path: "/news", status: 500 }]);
  });

  it("what needs no Prism is served as ever", async () => {
    expect(await exchange(url, { path: "/things/x" })).toMatchObject({ status: 401 });
    expect(await exchange(url, { path: "/things/x", headers: bearer })).toMatchObject({ status: 406 });
  });
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
