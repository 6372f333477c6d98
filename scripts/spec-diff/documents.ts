/**
 * What belongs to a document as a whole: its servers, its paths, and whether it is MongoDB's SDK document.
 */
import type { ContractDocument, Place } from "../../contract-tests/contract/document.js";
import { isObject } from "../../contract-tests/contract/json.js";
import { type Operation, operationOf } from "../../contract-tests/contract/operations.js";
import { Context, type Findings, matched, missing, present } from "./findings.js";
import { breaking, compatible, type Judgement, judgeMissing } from "./verdict.js";

/** The server of an Atlas document that names none, or a relative one. */
const ATLAS = "https://cloud.mongodb.com";

/** Compares the hosts under which the service is said to be reached; the paths of their URLs belong to the operations. */
export function compareServers(findings: Findings, ours: ContractDocument, theirs: ContractDocument): void {
  const [our, their] = [hostsOf(ours), hostsOf(theirs)];
  if (our.size === 0 || their.size === 0) return;
  const context = new Context(findings, { operation: "all operations", part: "servers" }, "request", "servers");
  const [usual] = our.keys();
  const { gone, added } = matched(our, their, ([host]) => host);
  for (const _ of our) context.count();
  for (const [host, server] of gone) {
    const isUsual = host === usual;
    const judgement = isUsual
      ? breaking("a client sends its requests there unless another host is set")
      : compatible("a client uses it only if it is set");
    const side = missing(theirs.root, "servers");
    context.report(`only ours: server ${host}`, present(server, host), side, judgeMissing(server, judgement));
  }
  for (const [host, server] of added) {
    const side = missing(ours.root, "servers");
    context.report(`only theirs: server ${host}`, side, present(server, host), compatible(NEED_NOT_USE));
  }
}

export const NEED_NOT_USE = "a client need not use it";

/** The servers by scheme and host; a relative one is wherever the document is. */
function hostsOf(document: ContractDocument): ReadonlyMap<string, Place> {
  const servers = document.root.get("servers")?.items() ?? [];
  const absolute = servers.filter((server) => URL.canParse(urlOf(server)));
  return new Map(absolute.map((server) => [new URL(urlOf(server)).origin, server]));
}

/** A URL of the document in full, resolved against its first server. */
export function absoluteUrl(document: ContractDocument, url: string): string {
  const server = firstServer(document);
  return URL.canParse(url, server) ? new URL(url, server).href : url;
}

function firstServer(document: ContractDocument): string {
  const server = document.root.get("servers")?.items()[0];
  const url = server === undefined ? "/" : urlOf(server);
  return URL.canParse(url, ATLAS) ? new URL(url, ATLAS).href : ATLAS;
}

/** The server's URL with its variables' defaults. */
function urlOf(server: Place): string {
  const variables = server.get("variables");
  return (server.get("url")?.text ?? "/").replaceAll(/\{([^}]*)\}/g, (whole, name: string) => {
    const variable = variables?.get(name)?.value;
    return isObject(variable) ? String(variable["default"]) : whole;
  });
}

/**
 * Finds the partner of an operation in a document of any size: only the paths that are asked for are looked into. It has the
 * same method and path, whatever the placeholders and the operations are called, since both have changed upstream over time.
 */
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
      const key = meaningOf(document, path);
      this.#paths.set(key, [...(this.#paths.get(key) ?? []), path]);
    }
  }

  /** The path that an operation's partner would have, whether or not it has this method. */
  pathOf({ path, at }: Operation): string | undefined {
    const candidates = this.#paths.get(meaningOf(at.document, path)) ?? [];
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

/** A document can put the first part of its paths into the server's URL. */
function meaningOf(document: ContractDocument, path: string): string {
  const base = new URL(firstServer(document)).pathname.replace(/\/+$/, "");
  return `${base}${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
}

/** The names in braces, in order. */
export function placeholdersOf({ path }: Operation): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? "");
}

/** The query parameters that MongoDB's SDK document leaves out: no SDK sends them. */
export const STRIPPED: readonly string[] = ["envelope", "pretty"];

export const STRIPPED_ON_PURPOSE: Judgement = {
  verdict: "explained",
  why: "MongoDB's SDK document leaves envelope and pretty out of its operations on purpose; Atlas takes them all the same.",
};

/**
 * Whether it is the document that MongoDB's Go SDK is generated from: the official one without references to some parameters
 * and with shorter operationIds. They are still described, but no operation refers to one of them.
 * See https://github.com/mongodb/atlas-sdk-go/blob/main/tools/transformer/src/atlasTransformations.js
 */
export function isSdkDocument({ root }: ContractDocument): boolean {
  const described = STRIPPED.every((name) => root.get("components", "parameters", name) !== undefined);
  if (!described) return false;
  // Searched as text: of hundreds of operations, many of no interest here, no reference has to be followed.
  const paths = JSON.stringify(root.get("paths")?.value);
  return !STRIPPED.some((name) => paths.includes(`"$ref":"#/components/parameters/${name}"`));
}
