/**
 * Reads an OpenAPI 3 document from a file or a URL, JSON or YAML.
 */
import { readFile, stat } from "node:fs/promises";
import { LineCounter, parseDocument } from "yaml";
import { isRecord, type LineOf, SpecDiffError, SpecDocument } from "./document.js";
import { type FetchLimits, fetchText, maxDocumentBytes, withoutSecrets } from "./fetch-text.js";
import { jsonLines, yamlLines } from "./line-numbers.js";

/**
 * The document at a file path or an http(s) URL.
 * @throws SpecDiffError with one line, where it cannot be read or is no OpenAPI 3 document
 */
export async function readDocument(location: string, limits: FetchLimits = {}): Promise<SpecDocument> {
  if (!/^https?:\/\//i.test(location)) return parseSpec(location, await readText(location));
  if (!URL.canParse(location)) throw new SpecDiffError("the URL cannot be read as one");
  const url = new URL(location);
  if (url.username !== "" || url.password !== "") {
    throw new SpecDiffError(
      `cannot get ${withoutSecrets(url)}: credentials in a URL are not sent; download the file instead`,
    );
  }
  return parseSpec(withoutSecrets(url), await fetchText(url, limits));
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxDocumentBytes)
      throw new SpecDiffError(`cannot read ${path}: it has more than ${maxDocumentBytes} bytes`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof SpecDiffError) throw error;
    throw new SpecDiffError(`cannot read ${path}: ${fileProblem(error)}`);
  }
}

function fileProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a directory",
    EACCES: "it may not be read",
  };
  return words[code] ?? code;
}

/**
 * The document in a text.
 * @param source what to call it in messages
 * @throws SpecDiffError with one line, where the text is no OpenAPI 3 document
 */
export function parseSpec(source: string, text: string): SpecDocument {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (content.trim() === "") throw new SpecDiffError(`${source} is empty`);
  if (content.trimStart().startsWith("<"))
    throw new SpecDiffError(`${source} is not an OpenAPI document: it looks like a web page`);
  const { root, lineOf } = content.trimStart().startsWith("{")
    ? parseJson(source, content)
    : parseYaml(source, content);
  if (!isRecord(root)) throw new SpecDiffError(`${source} is not an OpenAPI document: it holds no object`);
  if (root["swagger"] !== undefined)
    throw new SpecDiffError(`${source} is a Swagger ${String(root["swagger"])} document; OpenAPI 3 is needed`);
  if (!/^3(\.|$)/.test(String(root["openapi"] ?? ""))) {
    throw new SpecDiffError(
      `${source} is not an OpenAPI 3 document: its "openapi" is ${JSON.stringify(root["openapi"] ?? "missing")}`,
    );
  }
  if (!isRecord(root["paths"])) throw new SpecDiffError(`${source} is not an OpenAPI 3 document: it has no "paths"`);
  return new SpecDocument(source, root, lineOf);
}

interface Parsed {
  readonly root: unknown;
  readonly lineOf: LineOf;
}

function parseJson(source: string, text: string): Parsed {
  try {
    return { root: JSON.parse(text), lineOf: jsonLines(text) };
  } catch (error) {
    throw new SpecDiffError(`${source} is not JSON: ${firstLine(error)}`);
  }
}

function parseYaml(source: string, text: string): Parsed {
  const counter = new LineCounter();
  try {
    const yaml = parseDocument(text, { lineCounter: counter, logLevel: "silent" });
    const [problem] = yaml.errors;
    if (problem !== undefined) throw problem;
    const root: unknown = yaml.toJS();
    // An alias inside its own anchor makes a value that holds itself; JSON, which every difference is shown as, has none.
    JSON.stringify(root);
    return { root, lineOf: yamlLines(yaml, counter) };
  } catch (error) {
    throw new SpecDiffError(`${source} is not YAML: ${firstLine(error)}`);
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1).join("").replace(/:$/, "");
}
