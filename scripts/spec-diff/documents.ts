/** What an operation has from its document: its path among the others, servers and ways to sign in. */
import type { ContractDocument, Place } from "../../contract-tests/contract/document.js";
import { type Operation, operationOf, type Parameter } from "../../contract-tests/contract/operations.js";
import { breaking, compatible, type Judgement, MEANING, matched, type Pair, sideOf, used } from "./findings.js";
import { plainText } from "./schema/schema.js";

/** The server of an Atlas document that names none, or a relative one. */
const ATLAS = "https://cloud.mongodb.com";

/** Compares the hosts at which an operation is called; the paths in their URLs belong to its own. */
export function compareServers(operations: Pair<Operation>): void {
  const pair = operations.of(...operations.both((operation) => ({ at: serverOwner(operation) })));
  const [ours, theirs] = pair.both(hostsOf);
  if (ours.size === 0 || theirs.size === 0) return;
  const [usual] = ours.keys();
  const { gone, added } = matched(ours, theirs, ([host]) => host);
  for (const [host, server] of gone) {
    const otherwise = host === usual ? breaking("a client sends its requests there") : MEANING.dispensable;
    pair.noteOnlyOurs(`server ${host}`, server, ["servers"], otherwise, host);
  }
  for (const [host, at] of added) pair.noteOnlyTheirs(`server ${host}`, at, ["servers"], MEANING.optional, host);
}

/** What has the servers that count: the operation, else its path, else the document. */
function serverOwner({ at, pathItem }: Pick<Operation, "at" | "pathItem">): Place {
  return [at, pathItem].find((owner) => owner.has("servers")) ?? pathItem.document.root;
}

/** The servers by scheme and host; a relative one is wherever the document is. */
function hostsOf({ at }: { readonly at: Place }): ReadonlyMap<string, Place> {
  const absolute = at.items("servers").filter((server) => URL.canParse(urlOf(server)));
  return new Map(absolute.map((server) => [new URL(urlOf(server)).origin, server]));
}

function firstServer(owner: Place): string {
  const [url = "/"] = owner.items("servers").map(urlOf);
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

const nameless = (path: string) => path.replaceAll(/\{[^}]*\}/g, "{}");

/** The query parameters that MongoDB's SDK document leaves out, since no SDK sends them. */
const STRIPPED = ["envelope", "pretty"];

export function judgeStripped({ name, in: place }: Parameter, official: ContractDocument): Judgement | undefined {
  if (!STRIPPED.includes(name) || place !== "query" || !isSdkDocument(official)) return undefined;
  const why =
    "MongoDB's SDK document leaves envelope and pretty out of its operations on purpose; Atlas takes them all the same.";
  return { verdict: "explained", why };
}

/**
 * Whether it is the document that MongoDB's Go SDK is generated from: it describes some parameters, but no operation refers to
 * one of them. See https://github.com/mongodb/atlas-sdk-go/blob/main/tools/transformer/src/atlasTransformations.js
 */
export function isSdkDocument({ root }: ContractDocument): boolean {
  // Searched as text: of hundreds of operations, many of no interest here, no reference has to be followed.
  const paths = JSON.stringify(root.get("paths")?.value);
  return STRIPPED.every(
    (name) => root.get("components", "parameters", name) && !paths.includes(`"$ref":"#/components/parameters/${name}"`),
  );
}

/** Compares what an operation asks for, its own or the document's. */
export function compareSecurity(operations: Pair): void {
  const ownerOf = (at: Place) => [at, at.document.root].find((owner) => owner.get("security")) ?? at;
  const pair = operations.of(...operations.both(({ at }) => ({ at: ownerOf(at) })));
  const [ours, theirs] = pair.both(alternativesIn);
  const { pairs, gone, added } = matched(
    ours,
    theirs,
    ({ kind }) => kind,
    ({ name }) => name,
  );
  for (const [our, their] of pairs) compareAlternative(pair, our, their);
  if (gone.length > 1 && theirs.every(({ schemes }) => schemes.length === 0)) {
    const sides = pair.both((item) => sideOf(item, "security"));
    pair.note("only ours: security", sides, breaking("a client signs in, and they do not say how"));
    return;
  }
  for (const { at, name, schemes } of gone) {
    const parts = schemes.map((scheme) => scheme.at);
    const otherwise = breaking("they may refuse a client that signs in like this");
    pair.noteOnlyOurs(`signing in with ${name}`, at, ["security"], otherwise, name, parts);
  }
  for (const { at, name } of added) {
    pair.noteOnlyTheirs(`signing in with ${name}`, at, ["security"], MEANING.optional, name);
  }
}

/** Schemes that are asked for together; if there is none, whoever does not sign in may call too. */
type Alternative = ReturnType<typeof alternativeOf>;

function alternativesIn({ at: owner }: { readonly at: Place }): readonly Alternative[] {
  const alternatives = owner.items("security").map((at) => alternativeOf(at, at.entries()));
  return alternatives.length > 0 ? alternatives : [alternativeOf(owner.get("security") ?? owner, [])];
}

function alternativeOf(at: Place, entries: ReturnType<Place["entries"]>) {
  const schemes = entries.map(([name, scopes]) => {
    // A name that stands for nothing has the kind of nothing.
    return { name, scopes, at: at.document.root.get("components", "securitySchemes", name) ?? at };
  });
  const label = (texts: string[]) => texts.sort().join(" and ") || "nothing";
  return { at, schemes, kind: label(schemes.map(kindOf)), name: label(schemes.map(({ name }) => name)) };
}

const KIND_MEMBERS = ["type", "scheme", "in", "name"];

/** What makes two schemes the same kind of thing, whatever their names and URLs. */
function kindOf({ at }: { readonly at: Place }): string {
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

function compareAlternative(pair: Pair, ours: Alternative, theirs: Alternative): void {
  for (const [our, their] of matched(ours.schemes, theirs.schemes, kindOf, ({ name }) => name).pairs) {
    compareScheme(pair.of(our, their, `security scheme ${our.name}`));
    const { gone, added } = matched(our.scopes.items(), their.scopes.items(), ({ value }) => String(value));
    let judgement = gone.length > 0 ? compatible("a client's token may do more than they ask for") : undefined;
    if (added.length > 0) judgement = breaking("they refuse a token without these scopes");
    pair.note(`scopes of ${our.name}`, [used(our.scopes), used(their.scopes)], judgement);
  }
}

const OTHERWISE = breaking("a client signs in as the contract says, and they expect it otherwise");

/** Compares all of two schemes that are meant to be the same but their descriptions. */
function compareScheme(pair: Pair): void {
  compareTexts(pair, ...KIND_MEMBERS, "openIdConnectUrl");
  const [ours, theirs] = pair.members("flows");
  if (ours === undefined || theirs === undefined) return;
  const flows = pair.of({ at: ours }, { at: theirs });
  const { pairs, gone, added } = matched(ours.entries(), theirs.entries(), ([name]) => name);
  for (const [[, our], [, their]] of pairs) {
    compareTexts(pair.of({ at: our }, { at: their }), "tokenUrl", "authorizationUrl", "refreshUrl");
  }
  for (const [name] of gone) flows.noteMember(name, OTHERWISE);
  for (const [name] of added) flows.noteMember(name, MEANING.optional);
}

function compareTexts(pair: Pair, ...keys: readonly string[]): void {
  for (const key of keys) {
    const [ours, theirs] = pair.both(({ at }) => meaningOf(at, key));
    pair.noteMember(key, ours === theirs ? undefined : OTHERWISE);
  }
}
