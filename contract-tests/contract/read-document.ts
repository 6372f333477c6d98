/**
 * Reads an OpenAPI 3 document, JSON or YAML.
 */
import { readFile, stat } from "node:fs/promises";
import { LineCounter, parseDocument } from "yaml";
import { ContractDocument, ContractError } from "./document.js";
import { isObject } from "./json.js";
import { jsonLines, type LineOf, yamlLines } from "./line-numbers.js";

/** No OpenAPI document is larger; Atlas's own has 3 MB. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/**
 * The document in a file.
 *
 * @throws ContractError if it cannot be read or is no OpenAPI 3 document.
 */
export async function readDocument(path: string): Promise<ContractDocument> {
  return parseDocumentText(path, await readText(path));
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_DOCUMENT_BYTES) {
      throw new ContractError(`cannot read ${path}: it has more than ${MAX_DOCUMENT_BYTES} bytes`);
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof ContractError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new ContractError(`cannot read ${path}: ${FILE_PROBLEMS[code] ?? code}`);
  }
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "it may not be read",
};

/**
 * The document in a text.
 *
 * @param source - What to call it in messages.
 * @throws ContractError if the text is no OpenAPI 3 document.
 */
export function parseDocumentText(source: string, text: string): ContractDocument {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const start = content.trimStart();
  if (start === "") throw new ContractError(`${source} is empty`);
  if (start.startsWith("<")) throw new ContractError(`${source} is not an OpenAPI document: it looks like a web page`);
  const { root, lineOf } = start.startsWith("{") ? parseJson(source, content) : parseYaml(source, content);
  if (!isObject(root)) throw new ContractError(`${source} is not an OpenAPI document: it holds no object`);
  if (root["swagger"] !== undefined)
    throw new ContractError(`${source} is a Swagger ${String(root["swagger"])} document; OpenAPI 3 is needed`);
  const version: unknown = root["openapi"] ?? "missing";
  if (!/^3(\.|$)/.test(String(version)))
    throw new ContractError(`${source} is not an OpenAPI 3 document: its "openapi" is ${JSON.stringify(version)}`);
  if (!isObject(root["paths"])) throw new ContractError(`${source} is not an OpenAPI 3 document: it has no "paths"`);
  return new ContractDocument(source, root, lineOf);
}

/** A document that is in memory already; its lines are those of its indented JSON. */
export function documentOf(value: unknown, source = "the contract"): ContractDocument {
  return parseDocumentText(source, JSON.stringify(value, undefined, 2));
}

interface Parsed {
  readonly root: unknown;
  readonly lineOf: LineOf;
}

/** Apart from YAML, which takes fifty times as long. */
function parseJson(source: string, text: string): Parsed {
  try {
    return { root: JSON.parse(text), lineOf: jsonLines(text) };
  } catch (error) {
    throw new ContractError(`${source} is not JSON: ${firstLine(error)}`);
  }
}

function parseYaml(source: string, text: string): Parsed {
  const counter = new LineCounter();
  try {
    const yaml = parseDocument(text, { lineCounter: counter, logLevel: "silent" });
    const [problem] = yaml.errors;
    if (problem !== undefined) throw problem;
    const root: unknown = yaml.toJS();
    // An alias inside its own anchor makes a value that holds itself; JSON, which is what is sent and shown, has none.
    JSON.stringify(root);
    return { root, lineOf: yamlLines(yaml, counter) };
  } catch (error) {
    throw new ContractError(`${source} is not YAML: ${firstLine(error)}`);
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1).join("").replace(/:$/, "");
}
