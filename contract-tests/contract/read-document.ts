/** Reads an OpenAPI 3 document, JSON or YAML, and finds the line of what stands in it. */
import { readFile } from "node:fs/promises";
import { getSystemErrorMap } from "node:util";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { ContractDocument, ContractError, firstLineOf } from "./document.js";
import { isObject, keysOf, pointerTo } from "./json.js";

/** No OpenAPI document is larger; Atlas's own has 3 MB. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** @throws ContractError if the file cannot be read or is no OpenAPI 3 document. */
export async function readDocument(path: string): Promise<ContractDocument> {
  const text = await readFile(path, "utf8").catch(({ errno = 0, code }: NodeJS.ErrnoException) => {
    throw new ContractError(`cannot read ${path}: ${getSystemErrorMap().get(errno)?.[1] ?? code}`);
  });
  return parseDocumentText(path, text);
}

/**
 * @param source - What to call it in messages.
 * @throws ContractError if the text is no OpenAPI 3 document.
 */
export function parseDocumentText(source: string, text: string): ContractDocument {
  const refuseIf = (isSo: boolean, problem: string) => {
    if (isSo) throw new ContractError(`${source} ${problem}`);
  };
  const content = text.replace(/^\uFEFF/, "");
  const start = content.trimStart().charAt(0);
  refuseIf(text.length > MAX_DOCUMENT_BYTES, `has more than ${MAX_DOCUMENT_BYTES} bytes`);
  refuseIf(start === "", "is empty");
  refuseIf(start === "\u001f", "is compressed; unpack it first");
  refuseIf(start === "<", "is not an OpenAPI document: it looks like a web page");
  const { root, lineOf } = parse(source, content, start === "{");
  if (!isObject(root)) throw new ContractError(`${source} is not an OpenAPI document: it holds no object`);
  const { swagger, openapi: version = "missing", paths } = root;
  refuseIf(swagger !== undefined, `is a Swagger ${swagger} document; OpenAPI 3 is needed`);
  refuseIf(
    !/^3(\.|$)/.test(String(version)),
    `is not an OpenAPI 3 document: its "openapi" is ${JSON.stringify(version)}`,
  );
  refuseIf(!isObject(paths), 'is not an OpenAPI 3 document: it has no "paths"');
  return new ContractDocument(source, root, lineOf);
}

/** A document that is in memory already; its lines are those of its indented JSON. */
export function documentOf(value: unknown, source = "the contract"): ContractDocument {
  return parseDocumentText(source, JSON.stringify(value, undefined, 2));
}

function parse(source: string, text: string, isJson: boolean) {
  try {
    return isJson ? parseJson(text) : parseYaml(text);
  } catch (error) {
    const problem = firstLineOf(error).replace(/; please use \S+|:$/g, "");
    throw new ContractError(`${source} is not ${isJson ? "JSON" : "YAML"}: ${problem}`);
  }
}

/** Apart from YAML, which takes fifty times as long. */
function parseJson(text: string) {
  let lines: ReadonlyMap<string, number> | undefined;
  const lineOf = (pointer: string): number => {
    lines ??= jsonLines(text);
    return lines.get(pointer) ?? lineOf(pointer.slice(0, pointer.lastIndexOf("/")));
  };
  const root: unknown = JSON.parse(text);
  return { root, lineOf };
}

function parseYaml(text: string) {
  const counter = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: counter, merge: true, logLevel: "error" });
  const [problem] = yaml.errors;
  if (problem !== undefined) throw problem;
  const root: unknown = yaml.toJS();
  // An alias inside its own anchor makes a value that holds itself; JSON, which is what is sent and shown, has none.
  JSON.stringify(root);
  return { root, lineOf: (pointer: string) => counter.linePos(offsetIn(yaml, pointer)).line };
}

/** Where the name of a member, or an item, begins in a YAML text. */
function offsetIn(yaml: Document.Parsed, pointer: string): number {
  let node: unknown = yaml.contents;
  let offset = 0;
  for (const key of keysOf(pointer)) {
    if (isAlias(node)) node = node.resolve(yaml);
    const items = isMap(node) ? node.items : [];
    const pair = items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    node = isSeq(node) ? node.items[Number(key)] : pair?.value;
    const named = pair?.key ?? node;
    if (named === undefined) break;
    if (isNode(named)) offset = named.range?.[0] ?? offset;
  }
  return offset;
}

/** A line break, a string (with the colon after a name), a bracket, or another value. */
const JSON_TOKEN = /\n|"[^"\\]*(?:\\.[^"\\]*)*"(?=\s*(:)?)|[{}[\]]|[^\s"{}[\],:]+/g;

/** The line of each value in a text that `JSON.parse` accepts, by its pointer. */
function jsonLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map([["", 1]]);
  /** The objects and lists around a token, and how many values each has so far. */
  const around: { readonly pointer: string; size: number }[] = [];
  let line = 1;
  let name: string | undefined;
  for (const [token, colon] of text.matchAll(JSON_TOKEN)) {
    if (token === "\n") line++;
    else if (token === "}" || token === "]") around.pop();
    else if (colon !== undefined) name = JSON.parse(token);
    else {
      const holder = around.at(-1);
      const pointer = holder === undefined ? "#" : pointerTo(holder.pointer, name ?? holder.size++);
      lines.set(pointer, line);
      if (token === "{" || token === "[") around.push({ pointer, size: 0 });
      name = undefined;
    }
  }
  return lines;
}
