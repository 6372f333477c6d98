/**
 * The front without its Prism. What it decides with one is in start-mock.test.ts.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccessTokens } from "./access-tokens.js";
import { Authentication } from "./authentication.js";
import { readContractFacts } from "./contract-facts.js";
import { mockCredentials } from "./credentials.js";
import { DigestCheck } from "./digest-check.js";
import { createFront, type RecordedRequest } from "./front.js";
import { exchange } from "./testing/exchange.js";
import { otherContract, writeContract } from "./testing/other-contract.js";
import { bearer } from "./testing/requests.js";
import { OAuthEndpoints } from "./token-endpoint.js";

let server: Server;
let url: string;
let records: RecordedRequest[];
const prism: { url: string; failure: Error | undefined } = { url: "", failure: undefined };
beforeEach(async () => {
  const file = await writeContract(otherContract);
  const contract = await readContractFacts(file.path);
  await file.remove();
  const tokens = new AccessTokens({ permanentToken: mockCredentials.accessToken, lifetimeSeconds: 60 });
  const digests = new DigestCheck({ ...mockCredentials, nonceLifetimeSeconds: 60 });
  const authentication = new Authentication({ contract, tokens, digests });
  const oauth = new OAuthEndpoints({ contract, accounts: [mockCredentials], tokens });
  records = [];
  server = createServer(createFront({ contract, authentication, oauth, prism, record: (each) => records.push(each) }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe("where Prism is gone", () => {
  it("the answer is 502 and one line that says how it ended", async () => {
    prism.failure = new Error("Prism was ended by SIGKILL");
    const { status, headers, text } = await exchange(url, { path: "/news" });
    expect(status).toBe(502);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(text).toBe("The mock has no answer from Prism: Prism was ended by SIGKILL\n");
    expect(records).toMatchObject([{ path: "/news", status: 502 }]);
  });

  it("what needs no Prism is answered as ever", async () => {
    prism.failure = new Error("Prism was ended by SIGKILL");
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
  expect(records).toMatchObject([{ path: "/things/x" }]);
});

describe("where Prism does not keep up", () => {
  it("a connection that it cuts is a 502", async () => {
    const cutting = createServer((incoming) => incoming.socket.destroy());
    cutting.listen(0, "127.0.0.1");
    await once(cutting, "listening");
    const address = cutting.address();
    prism.failure = undefined;
    prism.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const { status, text } = await exchange(url, { path: "/news" });
    cutting.close();
    expect(status).toBe(502);
    expect(text).toBe("The mock has no answer from Prism: socket hang up\n");
  });
});
