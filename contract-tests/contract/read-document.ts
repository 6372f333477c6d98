/**
 * Reads an OpenAPI 3 document, JSON or YAML, and finds the line of what stands in it.
 */
import { readFile, stat } from "node:fs/promises";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
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

/** Line numbers of a YAML text, from the parser's own positions. */
function yamlLines(yaml: Document.Parsed, counter: LineCounter): LineOf {
  return (keys) => {
    let node: unknown = yaml.contents;
    let offset = 0;
    for (const key of keys) {
      if (isAlias(node)) node = node.resolve(yaml);
      const found = isMap(node) ? mapMember(node.items, key) : isSeq(node) ? seqItem(node.items, key) : undefined;
      if (found === undefined) break;
      offset = found.offset ?? offset;
      node = found.node;
    }
    return counter.linePos(offset).line;
  };
}

type Found = { readonly node: unknown; readonly offset: number | undefined };

function mapMember(items: readonly { key: unknown; value: unknown }[], name: string): Found | undefined {
  const pair = items.find(({ key }) => isScalar(key) && String(key.value) === name);
  return pair && { node: pair.value, offset: isScalar(pair.key) ? pair.key.range?.[0] : undefined };
}

function seqItem(items: readonly unknown[], index: string): Found | undefined {
  const node = items[Number(index)];
  return node === undefined ? undefined : { node, offset: isNode(node) ? node.range?.[0] : undefined };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

/** Line numbers of a text that `JSON.parse` accepts; a text on one line has none to speak of. */
function jsonLines(text: string): LineOf {
  return (keys) => {
    let offset = skipSpace(text, 0);
    for (const key of keys) {
      const next = text[offset] === "{" ? member(text, offset, key) : item(text, offset, key);
      if (next === undefined) break;
      offset = next;
    }
    return lineAt(text, offset);
  };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

function member(text: string, object: number, name: string): number | undefined {
  let at = skipSpace(text, object + 1);
  while (text[at] === '"') {
    const end = stringEnd(text, at);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (JSON.parse(text.slice(at, end)) === name) return value;
    at = skipSpace(text, valueEnd(text, value));
    if (text[at] !== ",") return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

function item(text: string, array: number, index: string): number | undefined {
  if (text[array] !== "[") return undefined;
  let at = skipSpace(text, array + 1);
  for (let position = 0; text[at] !== "]"; position++) {
    if (position === Number(index)) return at;
    at = skipSpace(text, valueEnd(text, at));
    if (text[at] !== ",") return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \n\r\t".includes(text.charAt(at))) at++;
  return at;
}

function stringEnd(text: string, quote: number): number {
  let at = quote + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function valueEnd(text: string, start: number): number {
  const bracketOrQuote = /["{}[\]]/g;
  if (text[start] === '"') return stringEnd(text, start);
  if (text[start] !== "{" && text[start] !== "[")
    return start + (/^[^,\]}\s]*/.exec(text.slice(start, start + 40))?.[0].length ?? 0);
  let depth = 0;
  for (let at = start; ; ) {
    bracketOrQuote.lastIndex = at;
    const found = bracketOrQuote.exec(text);
    if (found === null) return text.length;
    if (found[0] === '"') {
      at = stringEnd(text, found.index);
      continue;
    }
    depth += found[0] === "{" || found[0] === "[" ? 1 : -1;
    at = found.index + 1;
    if (depth === 0) return at;
  }
}
