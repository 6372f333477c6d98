/**
 * The operations of a document and their partners in another: matched by method and path, whatever the placeholders and
 * the operations are called, since both have changed upstream over time.
 */
import type { SpecDocument, SpecNode } from "./document.js";
import { basePathOf } from "./servers.js";

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

/** One operation with what its path adds to it. */
export interface Operation {
  readonly document: SpecDocument;
  /** operationId, or method and path where there is none. */
  readonly name: string;
  /** In capitals. */
  readonly method: string;
  /** The path template as it stands in the document. */
  readonly path: string;
  /** The names in braces, in order. */
  readonly placeholders: readonly string[];
  readonly pathItem: SpecNode;
  readonly node: SpecNode;
  /** What two operations have in common that are the same one. */
  readonly key: string;
}

/** All operations of a small document. */
export function operationsOf(document: SpecDocument): readonly Operation[] {
  const paths = document.root.get("paths");
  return (paths?.keys() ?? []).filter(isPath).flatMap((path) => {
    const pathItem = paths?.get(path);
    return methods.flatMap((method) => {
      const node = pathItem?.get(method);
      return pathItem === undefined || node === undefined ? [] : [operationOf(document, path, method, pathItem, node)];
    });
  });
}

function operationOf(
  document: SpecDocument,
  path: string,
  method: string,
  pathItem: SpecNode,
  node: SpecNode,
): Operation {
  const name = node.text("operationId") ?? `${method.toUpperCase()} ${path}`;
  const key = keyOf(document, path, method);
  return {
    document,
    name,
    method: method.toUpperCase(),
    path,
    placeholders: placeholdersOf(path),
    pathItem,
    node,
    key,
  };
}

/** Finds partners in a document of any size: only the paths that are asked for are looked into. */
export class OperationIndex {
  readonly #document: SpecDocument;
  readonly #paths = new Map<string, string[]>();

  constructor(document: SpecDocument) {
    this.#document = document;
    for (const path of document.root.get("paths")?.keys() ?? []) {
      if (!isPath(path)) continue;
      const key = keyOf(document, path, "");
      this.#paths.set(key, [...(this.#paths.get(key) ?? []), path]);
    }
  }

  /** How many paths the document has. */
  get paths(): number {
    return this.#document.root.get("paths")?.keys().filter(isPath).length ?? 0;
  }

  /** The path that an operation's partner would have, whether or not it has this method. */
  pathOf({ path, key, method }: Operation): string | undefined {
    const candidates = this.#paths.get(key.slice(method.length)) ?? [];
    return candidates.includes(path) ? path : candidates[0];
  }

  /** The operation with the same method and path. */
  partnerOf(operation: Operation): Operation | undefined {
    const path = this.pathOf(operation);
    const pathItem = path === undefined ? undefined : this.#document.root.get("paths")?.get(path);
    const method = operation.method.toLowerCase();
    const node = pathItem?.get(method);
    if (path === undefined || pathItem === undefined || node === undefined) return undefined;
    return operationOf(this.#document, path, method, pathItem, node);
  }
}

function isPath(key: string): boolean {
  return key.startsWith("/");
}

function placeholdersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? "");
}

/** A document can put the first part of its paths into the server's URL. */
function keyOf(document: SpecDocument, path: string, method: string): string {
  return `${method.toUpperCase()}${basePathOf(document)}${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
}
