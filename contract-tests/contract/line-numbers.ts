/**
 * Where in a text something stands: a pointer becomes a line number.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";

/** Finds the 1-based line of what stands under the keys, or of the deepest part of the way that is there. */
export type LineOf = (keys: readonly string[]) => number;

/** Line numbers of a YAML text, from the parser's own positions. */
export function yamlLines(yaml: Document.Parsed, counter: LineCounter): LineOf {
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
export function jsonLines(text: string): LineOf {
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
