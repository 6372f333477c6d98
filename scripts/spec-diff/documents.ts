/**
 * What an operation has from the document that it is in: its path among the others, servers and ways to sign in. And
 * whether that is MongoDB's SDK document.
 */
import type { ContractDocument, Place } from "../../contract-tests/contract/document.js";
import { type Operation, operationOf } from "../../contract-tests/contract/operations.js";
import { breaking, type Context, compatible, type Judgement, matched, missing, sideOf, used } from "./findings.js";
import { plainText } from "./schema/schema.js";

/** The server of an Atlas document that names none, or a relative one. */
const ATLAS = "https://cloud.mongodb.com";

const NEED_NOT_USE = compatible("a client need not use it");

/** Compares the hosts at which an operation is called; the paths in their URLs belong to its own. */
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
    context.noteOnlyOurs(`server ${host}`, server, missing(theirOwner, "servers"), otherwise, { value: host });
  }
  for (const [host, server] of added) {
    context.noteOnlyTheirs(`server ${host}`, missing(ourOwner, "servers"), server, NEED_NOT_USE, host);
  }
}

/** What has the servers that count: the operation, else its path, else the document. */
function serverOwner({ at, pathItem }: Pick<Operation, "at" | "pathItem">): Place {
  return [at, pathItem].find((owner) => owner.has("servers")) ?? pathItem.document.root;
}

/** The servers by scheme and host; a relative one is wherever the document is. */
function hostsOf(owner: Place): ReadonlyMap<string, Place> {
  const servers = owner.get("servers")?.items() ?? [];
  const absolute = servers.filter((server) => URL.canParse(urlOf(server)));
  return new Map(absolute.map((server) => [new URL(urlOf(server)).origin, server]));
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
 * The operation of a document with the same method and path. What placeholders and operations are called does not count,
 * since both have changed upstream over time. Of hundreds of operations only those that are asked for are looked into.
 */
export function partnerOf(operation: Operation, document: ContractDocument): Operation | undefined {
  const { path: ours, method } = operation;
  const wanted = withBase(serverOwner(operation), ours);
  const candidates = pathsOf(document).flatMap((path) => {
    const pathItem = wanted.endsWith(nameless(path)) ? document.root.get("paths", path) : undefined;
    const at = pathItem?.get(method.toLowerCase());
    const isPartner = pathItem && at && withBase(serverOwner({ at, pathItem }), path) === wanted;
    return isPartner ? [operationOf(path, method, pathItem, at)] : [];
  });
  return candidates.find(({ path }) => path === ours) ?? candidates[0];
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

export function placeholdersOf({ path }: Operation): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
}

/** The query parameters that MongoDB's SDK document leaves out, since no SDK sends them. */
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
  // Searched as text: of hundreds of operations, many of no interest here, no reference has to be followed.
  const paths = JSON.stringify(root.get("paths")?.value);
  return STRIPPED.every(
    (name) => root.get("components", "parameters", name) && !paths.includes(`"$ref":"#/components/parameters/${name}"`),
  );
}

/** Compares what an operation asks for, its own or the document's. */
export function compareSecurity(context: Context, ours: Place, theirs: Place): void {
  const [our, their] = [securityOf(ours), securityOf(theirs)];
  const { pairs, gone, added } = matched(our.alternatives, their.alternatives, labelOf(kindOf), byName);
  for (const [mine, other] of pairs) compareAlternative(context, mine, other);
  if (gone.length > 1 && their.alternatives.every(({ schemes }) => schemes.length === 0)) {
    const judgement = breaking("a client signs in, and they do not say how");
    context.note("only ours: security", our.side, their.side, judgement);
    return;
  }
  for (const alternative of gone) {
    const parts = alternative.schemes.map(({ at }) => at);
    const who =
      parts.length === 0 ? "refuse a client that does not sign in" : "may refuse a client that signs in like this";
    const side = { pointer: their.side.pointer };
    const of = { value: byName(alternative), parts };
    context.noteOnlyOurs(`signing in with ${byName(alternative)}`, alternative.at, side, breaking(`they ${who}`), of);
  }
  for (const alternative of added) {
    const what = `signing in with ${byName(alternative)}`;
    const side = { pointer: our.side.pointer };
    context.noteOnlyTheirs(what, side, alternative.at, NEED_NOT_USE, byName(alternative));
  }
}

function securityOf(operation: Place) {
  const { root } = operation.document;
  const security = operation.get("security") ?? root.get("security");
  // Schemes that are asked for together; if there is none, whoever does not sign in may call too.
  const alternatives = (security?.items() ?? []).map((at) => ({
    at,
    schemes: at.entries().map(([name, scopes]) => {
      // A name that stands for nothing has the kind of nothing.
      return { name, scopes, at: root.get("components", "securitySchemes", name) ?? at };
    }),
  }));
  if (alternatives.length === 0) alternatives.push({ at: security ?? operation, schemes: [] });
  return { side: sideOf(operation, "security", security), alternatives };
}

type Alternative = ReturnType<typeof securityOf>["alternatives"][number];
type Scheme = Alternative["schemes"][number];

function labelOf(label: (scheme: Scheme) => string): (alternative: Alternative) => string {
  return ({ schemes }) => schemes.map(label).sort().join(" and ") || "nothing";
}

const byName = labelOf(({ name }) => name);

const KIND_MEMBERS = ["type", "scheme", "in", "name"];
const FLOW_MEMBERS = ["tokenUrl", "authorizationUrl", "refreshUrl"];

/** What makes two schemes the same kind of thing, whatever their names and URLs. */
function kindOf({ at }: Scheme): string {
  const flows = [...(at.get("flows")?.keys() ?? [])].sort();
  return plainText([...KIND_MEMBERS.map((key) => meaningOf(at, key)), flows]);
}

/** A relative URL means what it resolves to; the name of an HTTP scheme has no case. */
function meaningOf(owner: Place, key: string): string | undefined {
  const text = owner.get(key)?.text;
  const server = firstServer(owner.document.root);
  if (text !== undefined && key.endsWith("Url") && URL.canParse(text, server)) return new URL(text, server).href;
  return key === "scheme" ? text?.toLowerCase() : text;
}

function compareAlternative(context: Context, ours: Alternative, theirs: Alternative): void {
  for (const [our, their] of matched(ours.schemes, theirs.schemes, kindOf, ({ name }) => name).pairs) {
    compareScheme(context.about(`security scheme ${our.name}`), our.at, their.at);
    const { gone, added } = matched(our.scopes.items(), their.scopes.items(), ({ value }) => String(value));
    let judgement = gone.length > 0 ? compatible("a client's token may do more than they ask for") : undefined;
    if (added.length > 0) judgement = breaking("they refuse a token without these scopes");
    context.note(`scopes of ${our.name}`, used(our.scopes), used(their.scopes), judgement);
  }
}

const OTHERWISE = breaking("a client signs in as the contract says, and they expect it otherwise");

/** Compares all of two schemes that are meant to be the same but their descriptions. */
function compareScheme(context: Context, ours: Place, theirs: Place): void {
  compareTexts(context, ours, theirs, [...KIND_MEMBERS, "openIdConnectUrl"]);
  const [our, their] = [ours.get("flows"), theirs.get("flows")];
  if (our === undefined || their === undefined) return;
  const { pairs, gone, added } = matched(our.entries(), their.entries(), ([name]) => name);
  for (const [[, flow], [, theirFlow]] of pairs) compareTexts(context, flow, theirFlow, FLOW_MEMBERS);
  for (const [name] of gone) context.noteMember(our, their, name, OTHERWISE);
  for (const [name] of added) context.noteMember(our, their, name, NEED_NOT_USE);
}

function compareTexts(context: Context, ours: Place, theirs: Place, keys: readonly string[]): void {
  for (const key of keys) {
    const isSame = meaningOf(ours, key) === meaningOf(theirs, key);
    context.noteMember(ours, theirs, key, isSame ? undefined : OTHERWISE);
  }
}
