/**
 * The partner of an operation in another document: matched by method and path, whatever the placeholders and the
 * operations are called, since both have changed upstream over time.
 */
import type { ContractDocument } from "../../contract-tests/contract/document.js";
import { type Operation, operationOf } from "../../contract-tests/contract/operations.js";
import { basePathOf } from "./servers.js";

/** Finds partners in a document of any size: only the paths that are asked for are looked into. */
export class OperationIndex {
  readonly #document: ContractDocument;
  /** The path templates that mean the same. */
  readonly #paths = new Map<string, string[]>();
  /** How many paths the document has. */
  readonly paths: number;

  constructor(document: ContractDocument) {
    this.#document = document;
    const paths = (document.root.get("paths")?.keys() ?? []).filter((key) => key.startsWith("/"));
    this.paths = paths.length;
    for (const path of paths) {
      const key = keyOf(document, path);
      this.#paths.set(key, [...(this.#paths.get(key) ?? []), path]);
    }
  }

  /** The path that an operation's partner would have, whether or not it has this method. */
  pathOf({ path, at }: Operation): string | undefined {
    const candidates = this.#paths.get(keyOf(at.document, path)) ?? [];
    return candidates.includes(path) ? path : candidates[0];
  }

  /** The operation with the same method and path. */
  partnerOf(operation: Operation): Operation | undefined {
    const path = this.pathOf(operation);
    const pathItem = path === undefined ? undefined : this.#document.root.get("paths", path);
    const at = pathItem?.get(operation.method.toLowerCase());
    if (path === undefined || pathItem === undefined || at === undefined) return undefined;
    return operationOf(path, operation.method, pathItem, at);
  }
}

/** The names in braces, in order. */
export function placeholdersOf({ path }: Operation): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? "");
}

/** A document can put the first part of its paths into the server's URL. */
function keyOf(document: ContractDocument, path: string): string {
  return `${basePathOf(document)}${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
}
