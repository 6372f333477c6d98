/**
 * Compares what two security schemes are, and where they lead.
 */
import type { SpecNode } from "./document.js";
import { type Findings, missing, type Place, present } from "./findings.js";
import { pointerTo } from "./pointer.js";
import { plainText } from "./schema/canonical.js";
import { absoluteUrl } from "./servers.js";

/** What makes two schemes the same kind of thing, whatever their names and URLs. */
export function kindOfScheme(scheme: SpecNode): string {
  const flows = [...(scheme.get("flows")?.keys() ?? [])].sort();
  return plainText([...schemeMembers.map((key) => meaningOf(key, scheme.get(key))), flows]);
}

const schemeMembers = ["type", "scheme", "in", "name"];
const flowMembers = ["tokenUrl", "authorizationUrl", "refreshUrl"];

/** A relative URL means what it resolves to; the name of an HTTP scheme has no case. */
function meaningOf(key: string, node: SpecNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  const text = String(node.value);
  if (key.endsWith("Url")) return absoluteUrl(node.document, text);
  return key === "scheme" ? text.toLowerCase() : text;
}

/** Compares two schemes that are meant to be the same. */
export class SchemeComparison {
  readonly #findings: Findings;
  readonly #place: Place;
  readonly #name: string;

  /** @param name what the contract calls the scheme */
  constructor(findings: Findings, place: Place, name: string) {
    this.#findings = findings;
    this.#place = place;
    this.#name = name;
  }

  /** Compares everything but descriptions. */
  compare(ours: SpecNode, theirs: SpecNode): void {
    for (const key of [...schemeMembers, "openIdConnectUrl"]) this.#compareMember(ours, theirs, key);
    const [our, their] = [ours.get("flows"), theirs.get("flows")];
    if (our === undefined || their === undefined) return;
    for (const name of new Set([...our.keys(), ...their.keys()])) {
      const [ourFlow, theirFlow] = [our.get(name), their.get(name)];
      if (ourFlow === undefined || theirFlow === undefined) this.#report(our, their, name, ourFlow === undefined);
      else for (const key of flowMembers) this.#compareMember(ourFlow, theirFlow, key);
    }
  }

  #compareMember(ours: SpecNode, theirs: SpecNode, key: string): void {
    this.#findings.count();
    if (meaningOf(key, ours.get(key)) !== meaningOf(key, theirs.get(key))) this.#report(ours, theirs, key, false);
  }

  #report(ours: SpecNode, theirs: SpecNode, key: string, isExtra: boolean): void {
    const [our, their] = [ours.get(key), theirs.get(key)];
    this.#findings.add({
      place: this.#place,
      what: `${key} of security scheme ${this.#name}`,
      ours: our === undefined ? missing(pointerTo(ours.pointer, key)) : present(our),
      theirs: their === undefined ? missing(pointerTo(theirs.pointer, key)) : present(their),
      verdict: isExtra ? "compatible" : "breaking",
      why: isExtra
        ? "nobody is made to use it"
        : "a client signs in as the contract says, and they expect it otherwise",
    });
  }
}
