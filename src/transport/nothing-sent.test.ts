/**
 * If a connection that could carry a request never came about, nothing was sent: `not-applied`, and tried again.
 */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AtlasClientOptions, AtlasNetworkError, createAtlasClient, type FetchFunction } from "../index.js";
import { creation, errorOf, rejection, scripted } from "../testing/scripted-client.js";
import { hang, reply } from "../testing/scripted-server.js";

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  // It listens on a port.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const onFirstBytes = (handle: (socket: Socket) => void) =>
  createServer((socket) => socket.on("error", () => undefined).once("data", () => handle(socket)));

/** The platform's own fetch over an agent of the caller's. */
const over = (dispatcher: Dispatcher): FetchFunction => {
  // The types of undici and of the platform differ.
  return (url, init) => fetch(url, { ...init, dispatcher } as object);
};

/** A creation, with the error that it ends with and how often it was tried. */
async function created(baseUrl: string, fetch?: FetchFunction) {
  let retries = 0;
  const atlas = createAtlasClient({
    credentials: { accessToken: "test-access-token" },
    baseUrl,
    retry: { maxAttempts: 2, maxDelayMs: 1 },
    onRetry: () => {
      retries += 1;
    },
    ...(fetch && { fetch }),
  });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
  return { outcome: error.outcome, connected: error.connected, retries };
}

const nothingSent = { outcome: "not-applied", connected: false, retries: 1 };

it.each<[string, () => Server]>([
  ["ends as it begins", () => createServer((socket) => void socket.on("error", () => undefined).end())],
  ["ends before it is done", () => onFirstBytes((socket) => socket.end())],
  ["meets something else than TLS", () => onFirstBytes((socket) => socket.end("SSH-2.0-OpenSSH\r\n"))],
  ["meets plain HTTP", () => createHttpServer((_request, response) => response.end("hello"))],
  ["finds no certificate, and so no common parameters", () => createTlsServer()],
])("a TLS handshake that %s", async (_name, server) => {
  expect(await created(`https://${await listening(server())}`)).toEqual(nothingSent);
});

it.each([
  ["403 Forbidden", { outcome: "not-applied", connected: true, retries: 0 }],
  ["407 Proxy Authentication Required", { outcome: "not-applied", connected: true, retries: 0 }],
  ["429 Too Many Requests", nothingSent],
  ["503 Service Unavailable", nothingSent],
])("a proxy that refuses to connect with %s, which is tried again only if that may help", async (status, expected) => {
  const proxy = createHttpServer();
  proxy.on("connect", (_request, socket) => socket.end(`HTTP/1.1 ${status}\r\n\r\n`));
  const agent = new ProxyAgent(`http://${await listening(proxy)}`);
  onTestFinished(() => agent.destroy());
  expect(await created("https://atlas.example", over(agent))).toEqual(expected);
});

describe("a proxy that wants credentials says so, and what to do,", () => {
  const said =
    "A proxy wants credentials: give them in its URL, as in HTTPS_PROXY=http://user:password@proxy.example:3128.";
  const message = async (call: Promise<unknown>) => String(await rejection(call));
  const clientOver = (
    baseUrl: string,
    fetch?: FetchFunction,
    credentials: AtlasClientOptions["credentials"] = { accessToken: "test-access-token" },
  ) => createAtlasClient({ credentials, baseUrl, retry: { maxAttempts: 2, maxDelayMs: 1 }, ...(fetch && { fetch }) });

  it("when it is asked to connect", async () => {
    const proxy = createHttpServer();
    proxy.on("connect", (_request, socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
    const agent = new ProxyAgent(`http://${await listening(proxy)}`);
    onTestFinished(() => agent.destroy());
    const atlas = clientOver("https://atlas.example", over(agent));
    expect(await message(atlas.createGroupServiceAccountSecret(creation))).toContain(
      `A proxy refused the request to atlas.example (407). ${said} Nothing was changed.`,
    );
  });

  it("in place of a response, which Node's fetch makes an error without a word, and no retry helps", async () => {
    const { server } = await scripted(() => reply(407, "no"));
    const atlas = clientOver(server.url);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(error).toMatchObject({ outcome: "not-applied", connected: true });
    expect(error.message).toContain(`(407). ${said} Nothing was changed.`);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ["a call", undefined],
    ["a token", { clientId: creation.clientId, clientSecret: "planted-secret" }],
  ])("as a response to a request for %s", async (_name, credentials) => {
    const fetch: FetchFunction = async () => ({ status: 407, headers: new Headers(), body: null });
    const atlas = clientOver("https://atlas.example", fetch, credentials);
    expect(await message(atlas.createGroupServiceAccountSecret(creation))).toContain(`407. ${said} Nothing was`);
  });
});

it("an agent that had been destroyed", async () => {
  const { server } = await scripted([]);
  const agent = new Agent();
  await agent.destroy();
  expect(await created(server.url, over(agent))).toEqual(nothingSent);
  expect(server.requests).toEqual([]);
});

it("but not an agent that is destroyed while the request is under way", async () => {
  const { server } = await scripted([hang]);
  const agent = new Agent();
  const call = created(server.url, over(agent));
  await server.arrived(1);
  await agent.destroy();
  expect(await call).toEqual({ outcome: "unknown", connected: true, retries: 0 });
});

it("a request that the platform cannot build", async () => {
  const { server } = await scripted([]);
  const spoiling: FetchFunction = (url, init) => fetch(url, { ...init, headers: { ...init.headers, connection: "?" } });
  expect(await created(server.url, spoiling)).toEqual(nothingSent);
  expect(server.requests).toEqual([]);
});
