import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { SpecDiffError } from "./document.js";
import type { FetchLimits } from "./fetch-text.js";
import { parseSpec, readDocument } from "./read-document.js";

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

async function problemOf(location: string, limits: FetchLimits = {}): Promise<string> {
  const error: unknown = await readDocument(location, limits).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SpecDiffError);
  const message = error instanceof SpecDiffError ? error.message : "";
  expect(message).not.toContain("\n");
  return message;
}

describe("a document from a URL", () => {
  it("is read as JSON and as YAML, whatever its media type", async () => {
    const url = await serve(({ url: path }, response) =>
      response.end(path === "/v2.json" ? minimal : "openapi: 3.0.1\npaths: {}\n"),
    );
    expect((await readDocument(`${url}/v2.json`)).root.value).toEqual({ openapi: "3.0.1", paths: {} });
    expect((await readDocument(`${url}/v2`)).root.value).toEqual({ openapi: "3.0.1", paths: {} });
  });

  it("is fetched behind redirects, at most five", async () => {
    const url = await serve(({ url: path = "" }, response) => {
      const left = Number(path.slice(1));
      if (left === 0) response.end(minimal);
      else response.writeHead(302, { location: `/${left - 1}` }).end("elsewhere");
    });
    expect((await readDocument(`${url}/5`)).root.value).toEqual({ openapi: "3.0.1", paths: {} });
    expect(await problemOf(`${url}/6`)).toBe(`cannot get ${url}/6: more than 5 redirects`);
  });

  it("is not fetched from another scheme, nor from a redirect that names no place", async () => {
    const url = await serve(({ url: path }, response) => {
      response.writeHead(302, path === "/file" ? { location: "file:///etc/hostname" } : {}).end();
    });
    expect(await problemOf(`${url}/file`)).toBe(
      `cannot get ${url}/file: it redirects to somewhere that is not followed`,
    );
    expect(await problemOf(`${url}/nowhere`)).toBe(`cannot get ${url}/nowhere: it answers 302 Found`);
  });

  it("is refused where the answer is not 200", async () => {
    const url = await serve((_, response) => response.writeHead(404).end(minimal));
    expect(await problemOf(`${url}/v2.json`)).toBe(`cannot get ${url}/v2.json: it answers 404 Not Found`);
  });

  it("is refused where it is larger than the limit, without reading on", async () => {
    const url = await serve((_, response) => {
      const more = () => {
        while (response.write(" ".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    });
    expect(await problemOf(url, { maxBytes: 100_000 })).toBe(`cannot get ${url}/: it answers more than 100000 bytes`);
  });

  it("is refused where no answer, or no end of it, comes in time", async () => {
    const url = await serve(({ url: path }, response) => {
      if (path === "/half") response.write("{");
    });
    expect(await problemOf(`${url}/none`, { timeoutMs: 100 })).toBe(
      `cannot get ${url}/none: no whole answer within 0.1 s`,
    );
    expect(await problemOf(`${url}/half`, { timeoutMs: 100 })).toBe(
      `cannot get ${url}/half: no whole answer within 0.1 s`,
    );
  });

  it("is refused where nobody listens or the connection breaks", async () => {
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

describe("a document from a file", () => {
  const folders: string[] = [];
  afterEach(async () => {
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
  });

  async function fileWith(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "spec-diff-"));
    folders.push(folder);
    await writeFile(join(folder, "spec"), text);
    return join(folder, "spec");
  }

  it("is read as JSON and as YAML, with or without a byte order mark", async () => {
    for (const text of [
      minimal,
      `\uFEFF${minimal}`,
      "\n\n{}".replace("{}", minimal),
      "openapi: 3.1.0\npaths: {}",
      "\uFEFFopenapi: 3.1.0\npaths: {}",
    ]) {
      expect((await readDocument(await fileWith(text))).root.get("paths")?.value).toEqual({});
    }
  });

  it("is refused in one line where there is none", async () => {
    expect(await problemOf("no/such/file.yaml")).toBe("cannot read no/such/file.yaml: there is no such file");
    expect(await problemOf("scripts")).toBe("cannot read scripts: it is a directory");
  });

  it.each([
    ["nothing", " \n", "is empty"],
    ["a web page", "<!doctype html><title>404</title>", "is not an OpenAPI document: it looks like a web page"],
    ["broken JSON", '{"openapi": "3.0.1",', "is not JSON: "],
    ["broken YAML", "openapi: 3.0.1\npaths: {", "is not YAML: "],
    [
      "a YAML that unfolds without end",
      `a: &a [x]\n${Array.from(
        { length: 20 },
        (_, i) =>
          `k${i}: &b${i} [${Array(9)
            .fill(i === 0 ? "*a" : `*b${i - 1}`)
            .join()}]`,
      ).join("\n")}`,
      "is not YAML: ",
    ],
    [
      "a YAML that holds itself",
      "openapi: 3.0.1\npaths: &a\n  /a: *a",
      "is not YAML: Converting circular structure to JSON",
    ],
    ["a list", "- openapi", "is not an OpenAPI document: it holds no object"],
    ["a word", "openapi", "is not an OpenAPI document: it holds no object"],
    ["Swagger 2", '{"swagger":"2.0","paths":{}}', "is a Swagger 2.0 document; OpenAPI 3 is needed"],
    ["OpenAPI 4", '{"openapi":"4.0.0","paths":{}}', 'is not an OpenAPI 3 document: its "openapi" is "4.0.0"'],
    ["another JSON", '{"name":"x"}', 'is not an OpenAPI 3 document: its "openapi" is "missing"'],
    ["no paths", '{"openapi":"3.0.1"}', 'is not an OpenAPI 3 document: it has no "paths"'],
  ])("is refused in one line where it holds %s", async (_, text, problem) => {
    const path = await fileWith(text);
    expect(await problemOf(path)).toContain(`${path} ${problem}`);
  });
});

describe("line numbers", () => {
  const yaml =
    'openapi: "3.0.1"\npaths:\n  /a:\n    get:\n      tags: &tags\n        - one\n        - two\n    put:\n      tags: *tags\n';
  const json = JSON.stringify(
    {
      openapi: "3.0.1",
      info: { text: 'a "quote", {brackets] and \\' },
      paths: { "/a": { get: { tags: ["one", "two"] } } },
    },
    null,
    2,
  );

  it("are those of what a pointer names, or of its nearest parent", () => {
    const document = parseSpec("a.yaml", yaml);
    expect(
      ["#", "#/paths", "#/paths/~1a/get/tags/1", "#/paths/~1a/put/tags/0", "#/paths/~1a/get/nothing/here"].map((at) =>
        document.lineOf(at),
      ),
    ).toEqual([1, 2, 7, 6, 4]);
  });

  it("are found in JSON too", () => {
    const document = parseSpec("a.json", json);
    const lines = json.split("\n");
    const lineWith = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
    expect(document.lineOf("#")).toBe(1);
    expect(document.lineOf("#/paths/~1a/get/tags/1")).toBe(lineWith('"two"'));
    expect(document.lineOf("#/paths/~1a/get")).toBe(lineWith('"get"'));
    expect(document.lineOf("#/paths/~1a/get/nothing/here")).toBe(lineWith('"get"'));
    expect(document.lineOf("#/info/text")).toBe(lineWith("quote"));
    expect(parseSpec("b.json", JSON.stringify(JSON.parse(json))).lineOf("#/paths/~1a/get")).toBe(1);
  });
});
