/**
 * Reads an OpenAPI 3 document, JSON or YAML, and finds the line of what stands in it.
 */
import { readFile, stat } from "node:fs/promises";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { ContractDocument, ContractError, type LineOf } from "./document.js";
import { isObject } from "./json.js";

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
  if (start.startsWith("\u001f")) throw new ContractError(`${source} is compressed; unpack it first`);
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
    const yaml = parseDocument(text, { lineCounter: counter, merge: true, logLevel: "error" });
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
  return message
    .split("\n", 1)
    .join("")
    .replace(/; please use \S+|:$/g, "");
}

/** Line numbers of a YAML text, from the parser's own positions: of a member's name, or of an item. */
function yamlLines(yaml: Document.Parsed, counter: LineCounter): LineOf {
  return (keys) => {
    let node: unknown = yaml.contents;
    let offset = 0;
    for (const key of keys) {
      if (isAlias(node)) node = node.resolve(yaml);
      const items = isMap(node) ? node.items : [];
      const pair = items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      node = isSeq(node) ? node.items[Number(key)] : pair?.value;
      const named = pair?.key ?? node;
      if (named === undefined) break;
      if (isNode(named)) offset = named.range?.[0] ?? offset;
    }
    return counter.linePos(offset).line;
  };
}

/** A value in a JSON text. */
interface JsonNode {
  readonly line: number;
  /** What is in it, by name or position; absent if it can hold nothing. */
  readonly members?: Map<string, JsonNode>;
}

/** A line break, a string (with the colon after a name), a bracket, or another value. */
const JSON_TOKEN = /\n|"[^"\\]*(?:\\.[^"\\]*)*"(?=\s*(:)?)|[{}[\]]|[^\s"{}[\],:]+/g;

/** Line numbers of a text that `JSON.parse` accepts; the text is only looked through if a line is asked for. */
function jsonLines(text: string): LineOf {
  let root: JsonNode | undefined;
  return (keys) => {
    root ??= jsonNode(text);
    let node = root;
    for (const key of keys) {
      const inner = node.members?.get(key);
      if (inner === undefined) break;
      node = inner;
    }
    return node.line;
  };
}

function jsonNode(text: string): JsonNode {
  let line = 1;
  let name: string | undefined;
  const document = { line, members: new Map<string, JsonNode>() };
  const open = [document];
  for (const [token, colon] of text.matchAll(JSON_TOKEN)) {
    if (token === "\n") line++;
    else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) name = String(JSON.parse(token));
    else {
      const node = { line, members: new Map<string, JsonNode>() };
      const holder = open.at(-1)?.members;
      const isLeaf = token !== "{" && token !== "[";
      holder?.set(name ?? String(holder.size), isLeaf ? { line } : node);
      if (!isLeaf) open.push(node);
      name = undefined;
    }
  }
  return document.members.get("0") ?? document;
}
