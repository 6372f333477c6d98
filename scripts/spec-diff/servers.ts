/**
 * The servers of a document: what its paths and relative URLs are relative to.
 */
import { isRecord, type SpecDocument, type SpecNode } from "./document.js";
import { type Findings, judgeMissing, missing, present } from "./findings.js";
import type { Judgement } from "./verdict.js";

/** Where an Atlas document that names no server, or a relative one, is at home. */
const atlas = "https://cloud.mongodb.com";

/** Compares the hosts under which the service is said to be reached; the paths of their URLs belong to the operations. */
export function compareServers(findings: Findings, ours: SpecDocument, theirs: SpecDocument): void {
  const [our, their] = [hostsOf(ours), hostsOf(theirs)];
  if (our.size === 0 || their.size === 0) return;
  const place = { operation: "all operations", part: "servers" };
  const [usual] = our.keys();
  for (const [host, server] of our) {
    findings.count();
    if (their.has(host)) continue;
    const otherwise: Judgement =
      host === usual
        ? { verdict: "breaking", why: "a client that is told nothing else sends its requests there" }
        : { verdict: "compatible", why: "a client goes there only if it is told to" };
    findings.add({
      place,
      what: `only ours: server ${host}`,
      ours: present(server, host),
      theirs: missing("#/servers"),
      ...judgeMissing(server, otherwise),
    });
  }
  for (const [host, server] of their) {
    if (our.has(host)) continue;
    findings.add({
      place,
      what: `only theirs: server ${host}`,
      ours: missing("#/servers"),
      theirs: present(server, host),
      verdict: "compatible",
      why: "nobody is made to use it",
    });
  }
}

/** The servers by scheme and host; a relative one is wherever the document is. */
function hostsOf(document: SpecDocument): ReadonlyMap<string, SpecNode> {
  const servers = document.root.get("servers")?.items() ?? [];
  return new Map(
    servers.filter((server) => URL.canParse(urlOf(server))).map((server) => [new URL(urlOf(server)).origin, server]),
  );
}

/** The path of the first server's URL, without a slash at its end. */
export function basePathOf(document: SpecDocument): string {
  return new URL(firstServer(document)).pathname.replace(/\/+$/, "");
}

/** A URL of the document in full, resolved against its first server. */
export function absoluteUrl(document: SpecDocument, url: string): string {
  const server = firstServer(document);
  return URL.canParse(url, server) ? new URL(url, server).href : url;
}

function firstServer(document: SpecDocument): string {
  const server = document.root.get("servers")?.items()[0];
  const url = server === undefined ? "/" : urlOf(server);
  return URL.canParse(url, atlas) ? new URL(url, atlas).href : atlas;
}

/** The server's URL with its variables' defaults. */
function urlOf(server: SpecNode): string {
  const variables = server.get("variables");
  return (server.text("url") ?? "/").replaceAll(/\{([^}]*)\}/g, (whole, name: string) => {
    const variable = variables?.get(name)?.value;
    return isRecord(variable) ? String(variable["default"]) : whole;
  });
}
