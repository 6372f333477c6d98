import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { ContractError } from "../../contract-tests/contract/document.js";
import { loadDocument } from "./command.js";

const minimal = '{"openapi":"3.0.1","paths":{}}';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port }: AddressInfo = addressOf(server.address());
  return `http://127.0.0.1:${port}`;
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (typeof address !== "object" || address === null) throw new Error("not listening on a port");
  return address;
}

async function problemOf(location: string, limits: Parameters<typeof loadDocument>[1] = {}): Promise<string> {
  const error: unknown = await loadDocument(location, limits).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ContractError);
  const message = error instanceof ContractError ? error.message : "";
  expect(message).not.toContain("\n");
  return message;
}

describe("a document from a URL", () => {
  it("is read as JSON and as YAML, whatever its media type", async () => {
    const url = await serve(({ url: path }, response) =>
      response.end(path === "/v2.json" ? minimal : "openapi: 3.0.1\npaths: {}\n"),
    );
    expect((await loadDocument(`${url}/v2.json`)).root.value).toEqual({ openapi: "3.0.1", paths: {} });
    expect((await loadDocument(`${url}/v2`)).root.value).toEqual({ openapi: "3.0.1", paths: {} });
  });

  it("is fetched behind redirects, but not without end", async () => {
    const url = await serve(({ url: path = "" }, response) => {
      const left = Number(path.slice(1));
      if (left === 0) response.end(minimal);
      else response.writeHead(302, { location: `/${left - 1}` }).end("elsewhere");
    });
    expect((await loadDocument(`${url}/5`)).root.value).toEqual({ openapi: "3.0.1", paths: {} });
    expect(await problemOf(`${url}/1000`)).toBe(`cannot get ${url}/1000: redirect count exceeded`);
  });

  it("is not fetched from another scheme, nor from a redirect that names no place", async () => {
    const url = await serve(({ url: path }, response) => {
      response.writeHead(302, path === "/file" ? { location: "file:///etc/hostname" } : {}).end();
    });
    expect(await problemOf(`${url}/file`)).toBe(`cannot get ${url}/file: URL scheme must be a HTTP(S) scheme`);
    expect(await problemOf(`${url}/nowhere`)).toBe(`cannot get ${url}/nowhere: the status is 302 Found`);
  });

  it("is refused if the status is not 200", async () => {
    const url = await serve((_, response) => response.writeHead(404).end(minimal));
    expect(await problemOf(`${url}/v2.json`)).toBe(`cannot get ${url}/v2.json: the status is 404 Not Found`);
  });

  it("is refused if it is larger than the limit, without reading on", async () => {
    const url = await serve((_, response) => {
      const more = () => {
        while (response.write(" ".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    });
    expect(await problemOf(url, { maxBytes: 100_000 })).toBe(`cannot get ${url}/: the body has more than 100000 bytes`);
  });

  it("is refused if no response, or no end of it, comes in time", async () => {
    const url = await serve(({ url: path }, response) => {
      if (path === "/half") response.write("{");
    });
    expect(await problemOf(`${url}/none`, { timeoutMs: 100 })).toBe(
      `cannot get ${url}/none: no complete response within 0.1 s`,
    );
    expect(await problemOf(`${url}/half`, { timeoutMs: 100 })).toBe(
      `cannot get ${url}/half: no complete response within 0.1 s`,
    );
  });

  it("is refused if nobody listens or the connection breaks", async () => {
    const url = await serve(({ socket }) => socket.destroy());
    expect(await problemOf(url)).toMatch(/^cannot get http:\/\/127\.0\.0\.1:\d+\/: /);
    expect(await problemOf("http://127.0.0.1:1/")).toMatch(
      /^cannot get http:\/\/127\.0\.0\.1:1\/: .*(ECONNREFUSED|bad port)/,
    );
  });

  it("never shows what its URL may hold of secrets", async () => {
    const url = await serve((_, response) => response.writeHead(403).end());
    expect(await problemOf(`${url}/v2.json?token=obviously-fake#x`)).not.toContain("obviously-fake");
    const problem = await problemOf(`http://somebody:obviously-fake@127.0.0.1:1/v2.json`);
    expect(problem).toContain("credentials in a URL are not sent");
    expect(problem).not.toContain("obviously-fake");
  });
});
