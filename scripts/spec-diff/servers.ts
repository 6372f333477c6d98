/**
 * The servers of a document: what its paths and relative URLs are relative to.
 */
import type { ContractDocument, Place } from "../../contract-tests/contract/document.js";
import { isObject } from "../../contract-tests/contract/json.js";
import { type Findings, judgeMissing, missing, present } from "./findings.js";
import type { Judgement } from "./verdict.js";

/** The server of an Atlas document that names none, or a relative one. */
const ATLAS = "https://cloud.mongodb.com";

/** Compares the hosts under which the service is said to be reached; the paths of their URLs belong to the operations. */
export function compareServers(findings: Findings, ours: ContractDocument, theirs: ContractDocument): void {
  const [our, their] = [hostsOf(ours), hostsOf(theirs)];
  if (our.size === 0 || their.size === 0) return;
  const place = { operation: "all operations", part: "servers" };
  const [usual] = our.keys();
  for (const [host, server] of our) {
    findings.count();
    if (their.has(host)) continue;
    const otherwise: Judgement =
      host === usual
        ? { verdict: "breaking", why: "a client sends its requests there unless another host is set" }
        : { verdict: "compatible", why: "a client uses it only if it is set" };
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
      why: "a client need not use it",
    });
  }
}

/** The servers by scheme and host; a relative one is wherever the document is. */
function hostsOf(document: ContractDocument): ReadonlyMap<string, Place> {
  const servers = document.root.get("servers")?.items() ?? [];
  return new Map(
    servers.filter((server) => URL.canParse(urlOf(server))).map((server) => [new URL(urlOf(server)).origin, server]),
  );
}

/** The path of the first server's URL, without a slash at its end. */
export function basePathOf(document: ContractDocument): string {
  return new URL(firstServer(document)).pathname.replace(/\/+$/, "");
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
