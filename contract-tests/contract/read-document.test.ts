import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ContractError } from "./document.js";
import { documentOf, parseDocumentText, readDocument } from "./read-document.js";

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "contract-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "spec"), text);
  return join(folder, "spec");
}

async function problemOf(path: string): Promise<string> {
  const error: unknown = await readDocument(path).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ContractError);
  const message = error instanceof ContractError ? error.message : "";
  expect(message).not.toContain("\n");
  return message;
}

describe("a document from a file", () => {
  const minimal = '{"openapi":"3.0.1","paths":{}}';

  it("is read as JSON and as YAML, with or without a byte order mark", async () => {
    const yaml = "openapi: 3.1.0\npaths: {}";
    for (const text of [minimal, `\uFEFF${minimal}`, `\n\n${minimal}`, yaml, `\uFEFF${yaml}`]) {
      expect((await readDocument(await fileWith(text))).root.get("paths")?.value).toEqual({});
    }
  });

  it("is refused in one line if there is none", async () => {
    expect(await problemOf("no/such/file.yaml")).toBe("cannot read no/such/file.yaml: there is no such file");
    expect(await problemOf("contract-tests")).toBe("cannot read contract-tests: it is a directory");
  });

  const unfolding = Array.from(
    { length: 20 },
    (_, level) =>
      `k${level}: &b${level} [${Array(9)
        .fill(level === 0 ? "*a" : `*b${level - 1}`)
        .join()}]`,
  );
  it.each([
    ["nothing", " \n", "is empty"],
    ["a web page", "<!doctype html><title>404</title>", "is not an OpenAPI document: it looks like a web page"],
    ["broken JSON", '{"openapi": "3.0.1",', "is not JSON: "],
    ["broken YAML", "openapi: 3.0.1\npaths: {", "is not YAML: "],
    ["a YAML that unfolds without end", ["a: &a [x]", ...unfolding].join("\n"), "is not YAML: "],
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
  ])("is refused in one line if it holds %s", async (_, text, problem) => {
    const path = await fileWith(text);
    expect(await problemOf(path)).toContain(`${path} ${problem}`);
  });
});

describe("line numbers", () => {
  const yaml =
    'openapi: "3.0.1"\npaths:\n  /a:\n    get:\n      tags: &tags\n        - one\n        - two\n    put:\n      tags: *tags\n';
  const value = {
    openapi: "3.0.1",
    info: { text: 'a "quote", {brackets] and \\' },
    paths: { "/a": { get: { tags: ["one", "two"] } } },
  };

  it("are those of what a pointer names, or of its nearest parent", () => {
    const document = parseDocumentText("a.yaml", yaml);
    const pointers = [
      "#",
      "#/paths",
      "#/paths/~1a/get/tags/1",
      "#/paths/~1a/put/tags/0",
      "#/paths/~1a/get/nothing/here",
    ];
    expect(pointers.map((pointer) => document.lineOf(pointer))).toEqual([1, 2, 7, 6, 4]);
  });

  it("are found in JSON too", () => {
    const document = documentOf(value);
    const lines = JSON.stringify(value, undefined, 2).split("\n");
    const lineWith = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
    expect(document.lineOf("#")).toBe(1);
    expect(document.lineOf("#/paths/~1a/get/tags/1")).toBe(lineWith('"two"'));
    expect(document.lineOf("#/paths/~1a/get")).toBe(lineWith('"get"'));
    expect(document.lineOf("#/paths/~1a/get/nothing/here")).toBe(lineWith('"get"'));
    expect(document.lineOf("#/info/text")).toBe(lineWith("quote"));
    expect(parseDocumentText("b.json", JSON.stringify(value)).lineOf("#/paths/~1a/get")).toBe(1);
  });
});
