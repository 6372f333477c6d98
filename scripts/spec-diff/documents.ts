/**
 * What belongs to a document as a whole: its servers, its paths, and whether it is MongoDB's SDK document.
 */
import type { ContractDocument, Place } from "../../contract-tests/contract/document.js";
import { type Operation, operationOf } from "../../contract-tests/contract/operations.js";
import { breaking, type Context, compatible, matched, missing, present } from "./findings.js";

/** The server of an Atlas document that names none, or a relative one. */
const ATLAS = "https://cloud.mongodb.com";

export const NEED_NOT_USE = compatible("a client need not use it");

/** Compares the hosts that an operation is called at; what their URLs have beside belongs to its path. */
export function compareServers(context: Context, ours: Operation, theirs: Operation): void {
  const [ourOwner, theirOwner] = [serverOwner(ours), serverOwner(theirs)];
  const [our, their] = [hostsOf(ourOwner), hostsOf(theirOwner)];
  if (our.size === 0 || their.size === 0) return;
  const [usual] = our.keys();
  const { gone, added } = matched(our, their, ([host]) => host);
  for (const [host, server] of gone) {
    const otherwise =
      host === usual
        ? breaking("a client sends its requests there unless another host is set")
        : compatible("a client uses it only if it is set");
    context.noteOnlyOurs(`server ${host}`, present(server, host), missing(theirOwner, "servers"), [server], otherwise);
  }
  for (const [host, server] of added) {
    context.noteOnlyTheirs(`server ${host}`, missing(ourOwner, "servers"), present(server, host), NEED_NOT_USE);
  }
}

/** What has the servers that count: the operation, else its path, else the document. */
function serverOwner({ at, pathItem }: { readonly at?: Place | undefined; readonly pathItem: Place }): Place {
  return [at, pathItem].find((owner) => owner?.has("servers")) ?? pathItem.document.root;
}

/** The servers by scheme and host; a relative one is wherever the document is. */
function hostsOf(owner: Place): ReadonlyMap<string, Place> {
  const servers = owner.get("servers")?.items() ?? [];
  const absolute = servers.filter((server) => URL.canParse(urlOf(server)));
  return new Map(absolute.map((server) => [new URL(urlOf(server)).origin, server]));
}

/** A URL of the document in full, resolved against its first server. */
export function absoluteUrl({ root }: ContractDocument, url: string): string {
  const server = firstServer(root);
  return URL.canParse(url, server) ? new URL(url, server).href : url;
}

function firstServer(owner: Place): string {
  const server = owner.get("servers", "0");
  const url = server === undefined ? "/" : urlOf(server);
  return URL.canParse(url, ATLAS) ? new URL(url, ATLAS).href : ATLAS;
}

/** The server's URL with its variables' defaults. */
function urlOf(server: Place): string {
  return (server.get("url")?.text ?? "/").replaceAll(/\{([^}]*)\}/g, (whole, name: string) => {
    return String(server.get("variables", name, "default")?.value ?? whole);
  });
}

/**
 * Finds the path of a document that an operation's partner would have, whether or not it has the method, and the partner:
 * the operation with the same method and path. What placeholders and operations are called does not count, since both have
 * changed upstream over time. Of hundreds of operations only those that are asked for are looked into.
 */
export function partnersIn(document: ContractDocument): (operation: Operation) => readonly [string, Operation?] {
  const known = pathsOf(document);
  return (operation) => {
    const { path: ours, method } = operation;
    const wanted = withBase(serverOwner(operation), ours);
    const candidates = known
      .filter((path) => wanted.endsWith(nameless(path)) || nameless(path).endsWith(wanted))
      .flatMap((path) => {
        const pathItem = document.root.get("paths", path);
        const at = pathItem?.get(method.toLowerCase());
        const isPartner = pathItem && withBase(serverOwner({ at, pathItem }), path) === wanted;
        return isPartner ? [{ path, pathItem, at }] : [];
      });
    const { path, pathItem, at } = candidates.find(({ path }) => path === ours) ?? candidates[0] ?? { path: ours };
    return pathItem === undefined || at === undefined ? [path] : [path, operationOf(path, method, pathItem, at)];
  };
}

export function pathsOf({ root }: ContractDocument): readonly string[] {
  return (root.get("paths")?.keys() ?? []).filter((key) => key.startsWith("/"));
}

/** A document can put the first part of its paths into the server's URL. */
function withBase(owner: Place, path: string): string {
  return new URL(firstServer(owner)).pathname.replace(/\/+$/, "") + nameless(path);
}

function nameless(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, "{}");
}

/** The names in braces, in order. */
export function placeholdersOf({ path }: Operation): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? "");
}

/** The query parameters that MongoDB's SDK document leaves out: no SDK sends them. */
export const STRIPPED: readonly string[] = ["envelope", "pretty"];

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
